"""NXT by a node's HTTP API. All users share one account, told apart by the message they send.

An account of NXT has no sequence: what keeps a payment from happening twice is that the same bytes
are one transaction. So every payment gets bytes of its own, and is known by them: its id depends
on the signature too, and another signature of the same bytes would be another transaction.
The shapes are those of the node's documentation and source; no real node was at hand.
"""

from collections import deque
from collections.abc import Collection, Sequence
from typing import Final

from msgspec.structs import replace

from coinport.model.units import Amount
from coinport.wallets import nxt_accounts, nxt_payments
from coinport.wallets.addresses import InvalidAddress, memo_in, parse
from coinport.wallets.chain import (
    GONE,
    Balances,
    Block,
    BroadcastRefused,
    ChainUnavailable,
    InsufficientFunds,
    Payment,
    Payout,
    Scan,
    Signed,
    State,
    Status,
    UnknownBlock,
    Unpayable,
    Unsigned,
    payment_key,
)
from coinport.wallets.nxt_answers import Row
from coinport.wallets.nxt_node import NxtNode
from coinport.wallets.nxt_payments import EPOCH_SECONDS, NQT_MAX, NxtPayment
from coinport.wallets.rpc import Rpc, RpcError

ROLLBACK_BLOCKS_MAX: Final = 720
"""No node gives up more blocks than these for another branch."""
FEE_MIN, FEE_MAX = Amount(10**8), Amount(10 * 10**8)
DEADLINES: Final = range(1440, 1380, -1)
"""Minutes that a payment has; others than the first only where it would be another's twin."""
CLOCKS_DIFFER_SECONDS: Final = 60
"""A block may be a little older than what is in it."""


class NxtChain:
    currency: Final = "NXT"
    simulated: Final = False

    def __init__(self, rpc: Rpc, public_key: bytes) -> None:
        """`public_key`: of our account."""
        self._node = NxtNode(rpc)
        self._key = public_key
        self._account = nxt_payments.account_of(public_key)
        self._address = nxt_accounts.address(self._account)
        self._made: deque[str] = deque(maxlen=len(DEADLINES))

    async def tip(self) -> Block:
        return await self._node.tip()

    async def block(self, height: int) -> Block:
        found = await self._node.block(height)
        return Block(found.height, found.block)

    async def watch(self, addresses: Sequence[str], *, rescan: bool = False) -> None:
        """Nothing to do: a node has every account's history."""

    async def incoming(self, since: Block | None) -> Scan:
        """A node forgets the blocks of a branch that lost: they are unknown, never `forked`."""
        height, second = await self._start(since) if since else (-1, 0)
        tip = await self.tip()
        rows = [
            row
            for row in await self._node.payments(self._account, second)
            if height < row.height <= tip.height
        ]
        rows += await self._node.waiting(self._account)
        await self._unchanged(tip)
        found = [self._payment(row, tip) for row in rows if self._brings_money(row)]
        return Scan(tuple(found), tip, forked=False)

    async def recheck(self, payments: Sequence[Payment]) -> list[Payment]:
        rows = [await self._node.transaction(payment.txid) for payment in payments]
        tip = await self.tip()
        return [
            replace(
                payment,
                confirmations=_depth(row, tip) if row else GONE,
                block=_block(row) if row else None,
            )
            for payment, row in zip(payments, rows, strict=True)
        ]

    async def build(
        self,
        payouts: Sequence[Payout],
        *,
        sources: Sequence[str],
        change: str,
        exclude: Collection[str] = (),
        confirmations: int = 1,
    ) -> Unsigned:
        if len(payouts) != 1 or list(sources) != [self._address]:
            raise Unpayable("NXT: one payment at a time, from the exchange's account")
        [payout] = payouts
        recipient, tip = self._recipient(payout), await self.tip()
        balance = await self._node.balance(self._account)
        if self._node.nqt(balance.unconfirmedBalanceNQT) < payout.amount + FEE_MIN:
            raise InsufficientFunds(f"NXT: {payout.amount} NQT and the fee")
        for deadline in DEADLINES:
            data, payment = await self._made_by_node(payout, recipient, deadline)
            name = nxt_payments.name(data)
            if name in exclude or name in self._made:
                continue
            self._made.append(name)
            return Unsigned(
                currency=self.currency,
                payouts=(payout,),
                inputs=(name,),
                fee=payment.fee,
                blob=data.hex(),
                context=(),
                since=tip,
                expires=payment.expires,
            )
        raise ChainUnavailable("NXT: too many equal payments in one second: ask again")

    async def sweep(
        self, sources: Sequence[str], to: str, *, exclude: Collection[str] = ()
    ) -> Unsigned:
        raise Unpayable("NXT: all users share one account, there is nothing to sweep")

    async def broadcast(self, signed: Signed) -> None:
        """Not where a copy with another signature has paid: this one would pay once more."""
        status = await self.status(signed)
        if status.txid not in ("", signed.txid):
            raise BroadcastRefused(f"NXT {signed.txid} has another signature: {status.txid}")
        if status.state is State.CONFIRMED:
            return
        try:
            await self._node.broadcast(signed.blob)
        except RpcError as error:
            raise BroadcastRefused(f"NXT {signed.txid}: {error}") from error

    async def status(self, signed: Signed) -> Status:
        payment, tip = nxt_payments.decode(bytes.fromhex(signed.blob)), await self.tip()
        row = await self._node.transaction(signed.txid) or await self._copy(payment)
        if row is None:
            past = await self._is_past(payment.expires, tip)
            return Status(State.EXPIRED if past else State.UNSEEN)
        if not row.block:
            return Status(State.WAITING, row.fullHash)
        return Status(State.CONFIRMED, row.fullHash, _depth(row, tip))

    async def balances(self, addresses: Sequence[str]) -> Balances:
        while True:  # until no block comes in between
            tip, amounts = await self.tip(), {}
            for address in addresses:
                balance = await self._node.balance(nxt_accounts.account(address))
                amounts[address] = self._node.nqt(balance.balanceNQT)
            if await self.tip() == tip:
                return Balances(tip, amounts)

    async def _start(self, since: Block) -> tuple[int, int]:
        """Height and second (of NXT's clock) of `since`. Raises UnknownBlock."""
        found = await self._node.block(since.height)
        if found.block != since.hash:
            raise UnknownBlock(f"NXT: block {since.height} is another one now")
        return found.height, found.timestamp

    async def _unchanged(self, tip: Block) -> None:
        """Nothing was missed: what was listed page by page is of the branch of `tip`."""
        try:
            same = await self.block(tip.height) == tip
        except UnknownBlock:
            same = False
        if not same:
            raise ChainUnavailable("NXT: the chain changed while it was read: ask again")

    def _brings_money(self, row: Row) -> bool:
        return (
            (row.type, row.subtype) == (0, 0)
            and row.recipient == str(self._account) != row.sender
            and not row.phased
            and self._node.nqt(row.amountNQT) > 0
        )

    def _payment(self, row: Row, tip: Block) -> Payment:
        return Payment(
            key=payment_key(self.currency, row.fullHash),
            txid=row.fullHash,
            address=self._address,
            memo=memo_in(_message(row)),
            amount=self._node.nqt(row.amountNQT),
            confirmations=_depth(row, tip),
            block=_block(row),
        )

    def _recipient(self, payout: Payout) -> int:
        try:
            to = parse(self.currency, payout.address, payout.memo)
        except InvalidAddress as error:
            raise Unpayable(f"NXT {payout.address}: {error}") from error
        if (to.text, to.memo) != (payout.address, payout.memo) or to.text == self._address:
            raise Unpayable(f"NXT: nothing is paid to {payout.address}")
        if not 0 < payout.amount <= NQT_MAX:
            raise Unpayable(f"NXT: {payout.amount} NQT cannot be paid")
        return nxt_accounts.account(to.text)

    async def _made_by_node(
        self, payout: Payout, recipient: int, deadline: int
    ) -> tuple[bytes, NxtPayment]:
        message = {"message": payout.memo, "messageIsText": "true"} if payout.memo else {}
        data = await self._node.make(
            recipient=recipient,
            amountNQT=payout.amount,
            deadline=deadline,
            publicKey=self._key.hex(),
            **message,
        )
        try:
            made = nxt_payments.decode(data)
        except ValueError as error:
            raise ChainUnavailable(f"the NXT node made something else: {error}") from error
        asked = (self._key, recipient, payout.amount, deadline, payout.memo)
        if (made.sender_key, made.recipient, made.amount, made.deadline, made.message) != asked:
            raise ChainUnavailable("the NXT node made another payment than it was asked for")
        if made.fee > FEE_MAX:
            raise ChainUnavailable(f"the NXT node asks for a fee of {made.fee} NQT: too much")
        return data, made

    async def _copy(self, payment: NxtPayment) -> Row | None:
        """The same payment with another signature."""
        since = payment.timestamp - CLOCKS_DIFFER_SECONDS
        rows = await self._node.payments(self._account, since)
        rows += await self._node.waiting(self._account)
        return next((row for row in rows if _is_of(row, payment)), None)

    async def _is_past(self, expires: int, tip: Block) -> bool:
        """No block that could still be replaced is early enough."""
        if tip.height < ROLLBACK_BLOCKS_MAX:
            return False
        final = await self._node.block(tip.height - ROLLBACK_BLOCKS_MAX)
        return EPOCH_SECONDS + final.timestamp > expires


def _depth(row: Row, tip: Block) -> int:
    """The node's own count begins with 0. (And the tip may be older than the row.)"""
    return max(tip.height - row.height + 1, 1) if row.block else 0


def _block(row: Row) -> Block | None:
    return Block(row.height, row.block) if row.block else None


def _message(row: Row) -> str:
    """Empty where it is not plain text."""
    text = row.attachment.get("message", "")
    is_text = row.attachment.get("messageIsText", True) is True
    return text if is_text and isinstance(text, str) else ""


def _is_of(row: Row, payment: NxtPayment) -> bool:
    parties = (str(payment.sender), str(payment.recipient))
    amounts = (str(payment.amount), str(payment.fee))
    return (
        (row.sender, row.recipient) == parties
        and (row.amountNQT, row.feeNQT) == amounts
        and (row.timestamp, row.deadline) == (payment.timestamp, payment.deadline)
        and _message(row) == payment.message
    )
