"""BitShares (2.x, the chain that BTSX became) by a cli_wallet. All users share one account, told
apart by the memo they send.

Only what stands in irreversible blocks counts: there are no re-orgs of those. The shapes are those
of the wallet's documentation and source; no real one was at hand.
"""

from collections import deque
from collections.abc import Collection, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from coinport.wallets import btsx_transfers
from coinport.wallets.addresses import InvalidAddress, memo_in, parse
from coinport.wallets.btsx_answers import Account, BlockFound, Operation
from coinport.wallets.btsx_transfers import ASSET, UNITS, UNITS_MAX, Transfer, exchange_units
from coinport.wallets.btsx_wallet import BtsxWallet
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
from coinport.wallets.rpc import Rpc, RpcError

FEE_MAX: Final = 10 * 10**5
"""In the chain's units."""
LIFETIME_SECONDS: Final = 12 * 60 * 60
"""A transfer that is not included by then never is. The chain allows a day."""
TWINS_MAX: Final = 60
"""Transfers that are equal and made at once: each expires a second earlier than the last."""
BLOCKS_KEPT_MAX: Final = 1_000


class BtsxChain:
    currency: Final = "BTSX"
    simulated: Final = False

    def __init__(self, rpc: Rpc, account: str) -> None:
        """`rpc`: to a cli_wallet, of version 2.0. `account`: the name of ours."""
        self._wallet = BtsxWallet(rpc)
        self._name = account
        self._found: Account | None = None
        self._blocks: dict[int, BlockFound] = {}
        self._made: deque[str] = deque(maxlen=TWINS_MAX)

    async def tip(self) -> Block:
        return await self._known(await self._wallet.irreversible())

    async def block(self, height: int) -> Block:
        if not 0 < height <= await self._wallet.irreversible():
            raise UnknownBlock(f"BTSX: no irreversible block {height}")
        return await self._known(height)

    async def watch(self, addresses: Sequence[str], *, rescan: bool = False) -> None:
        """Nothing to do: a node has the history of the accounts that it was told to track."""

    async def incoming(self, since: Block | None) -> Scan:
        if since and await self.block(since.height) != since:
            raise UnknownBlock(f"BTSX: block {since.height} is another one here")
        after, tip = since.height if since else -1, await self.tip()
        found = [
            payment
            for payment in await self._payments(after, tip)
            if payment.block is not None and payment.block.height > after
        ]
        return Scan(tuple(found), tip, forked=False)

    async def recheck(self, payments: Sequence[Payment]) -> list[Payment]:
        heights = [payment.block.height if payment.block else 0 for payment in payments]
        after, tip = min(heights, default=0) - 1, await self.tip()
        now = {payment.key: payment for payment in await self._payments(after, tip)}
        gone = [replace(payment, confirmations=GONE, block=None) for payment in payments]
        return [
            replace(payment, confirmations=there.confirmations, block=there.block)
            if (there := now.get(payment.key))
            else lost
            for payment, lost in zip(payments, gone, strict=True)
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
        if len(payouts) != 1 or list(sources) != [self._name]:
            raise Unpayable("BTSX: one payment at a time, from the exchange's account")
        [payout] = payouts
        tip = await self.tip()
        transfer = await self._transfer(payout, tip)
        if await self._wallet.balance(self._name) < transfer.amount + transfer.fee:
            raise InsufficientFunds(f"BTSX: {payout.amount} units and the fee")
        for earlier in range(TWINS_MAX):
            one = replace(transfer, expires=transfer.expires - earlier)
            txid = btsx_transfers.txid(one)
            if txid in exclude or txid in self._made:
                continue
            self._made.append(txid)
            return Unsigned(
                currency=self.currency,
                payouts=(payout,),
                inputs=(txid,),
                fee=exchange_units(one.fee),
                blob=msgspec.json.encode(one).decode(),
                context=(),
                since=tip,
                expires=one.expires,
            )
        raise ChainUnavailable("BTSX: too many equal transfers at once: ask again")

    async def sweep(
        self, sources: Sequence[str], to: str, *, exclude: Collection[str] = ()
    ) -> Unsigned:
        raise Unpayable("BTSX: all users share one account, there is nothing to sweep")

    async def broadcast(self, signed: Signed) -> None:
        """A node refuses what it knows already: that is no refusal here."""
        transaction = btsx_transfers.as_json(btsx_transfers.decode_signed(signed.blob))
        try:
            await self._wallet.broadcast(transaction)
        except RpcError as error:
            if (await self.status(signed)).state not in (State.WAITING, State.CONFIRMED):
                raise BroadcastRefused(f"BTSX {signed.txid}: {error}") from error

    async def status(self, signed: Signed) -> Status:
        transfer = btsx_transfers.decode_signed(signed.blob).transfer
        tip, me = await self.tip(), await self._me()
        state = State.UNSEEN
        for operation in await self._wallet.history(me, signed.since.height):
            if not self._is_of(operation, transfer):
                continue
            block = await self._wallet.block(operation.op.block_num)
            if block is None:
                state = State.WAITING
            elif signed.txid in block.transaction_ids:
                depth = tip.height - operation.op.block_num + 1
                if depth > 0:
                    return Status(State.CONFIRMED, signed.txid, depth)
                state = State.WAITING
        if state is State.WAITING:
            return Status(state, signed.txid)
        past = self._wallet.seconds((await self._block(tip.height)).timestamp) > transfer.expires
        return Status(State.EXPIRED if past else State.UNSEEN)

    async def balances(self, addresses: Sequence[str]) -> Balances:
        """After the newest block, and what waits for the next: the chain keeps no older ones."""
        while True:  # until no block comes in between
            head, amounts = await self._wallet.head(), {}
            for address in addresses:
                known = await self._wallet.account_id(address) is not None
                units = await self._wallet.balance(address) if known else 0
                amounts[address] = exchange_units(units)
            if await self._wallet.head() == head:
                return Balances(head, amounts)

    async def _payments(self, after: int, tip: Block) -> list[Payment]:
        """In blocks above `after` up to `tip`, and perhaps older ones; oldest first."""
        me = await self._me()
        operations = [
            operation
            for operation in reversed(await self._wallet.history(me, after))
            if operation.op.block_num <= tip.height
        ]
        found = [await self._payment(operation, me, tip) for operation in operations]
        return [payment for payment in found if payment]

    async def _payment(self, operation: Operation, me: Account, tip: Block) -> Payment | None:
        """None: it brought us no BTSX."""
        made = self._wallet.transfer(operation)
        if made is None or made.recipient != me.id or made.sender == me.id:
            return None
        if made.amount.asset_id != ASSET or not self._wallet.units(made.amount):
            return None
        if made.memo and not operation.memo and await self._wallet.is_locked():
            raise ChainUnavailable("the BTSX wallet is locked and reads no memos: unlock it")
        height = operation.op.block_num
        return Payment(
            key=payment_key(self.currency, operation.op.id),
            txid=operation.op.id,
            address=self._name,
            memo=memo_in(operation.memo),
            amount=exchange_units(self._wallet.units(made.amount)),
            confirmations=tip.height - height + 1,
            block=await self._known(height),
        )

    def _is_of(self, operation: Operation, transfer: Transfer) -> bool:
        made = self._wallet.transfer(operation)
        if made is None or (made.fee.asset_id, made.amount.asset_id) != (ASSET, ASSET):
            return False
        return transfer == replace(
            transfer,
            fee=self._wallet.units(made.fee),
            sender=self._wallet.instance(made.sender),
            recipient=self._wallet.instance(made.recipient),
            amount=self._wallet.units(made.amount),
            memo=self._wallet.memo(made.memo),
        )

    async def _transfer(self, payout: Payout, tip: Block) -> Transfer:
        """As the wallet makes it, but for when it expires. Raises Unpayable."""
        recipient, amount = await self._checked(payout)
        me = await self._me()
        made = await self._wallet.make(me.name, payout.address, amount, payout.memo)
        asked = (me.id, btsx_transfers.account_id(recipient), amount, bool(payout.memo))
        if asked != (made.sender, made.recipient, self._wallet.units(made.amount), bool(made.memo)):
            raise ChainUnavailable("the BTSX wallet made another transfer than it was asked for")
        fee = self._wallet.units(made.fee)
        if fee > FEE_MAX:
            raise ChainUnavailable(f"the BTSX wallet asks for a fee of {fee} units: too much")
        transfer = Transfer(
            ref_block=tip.height & 0xFFFF,
            ref_prefix=_prefix(tip),
            expires=self._wallet.seconds((await self._block(tip.height)).timestamp)
            + LIFETIME_SECONDS,
            fee=fee,
            sender=self._wallet.instance(made.sender),
            recipient=recipient,
            amount=amount,
            memo=self._wallet.memo(made.memo),
        )
        try:
            btsx_transfers.encode(transfer)
        except ValueError as error:
            raise ChainUnavailable(f"the BTSX wallet made something else: {error}") from error
        return transfer

    async def _checked(self, payout: Payout) -> tuple[int, int]:
        """Instance of the recipient, and the amount in the chain's units. Raises Unpayable."""
        try:
            to = parse(self.currency, payout.address, payout.memo)
        except InvalidAddress as error:
            raise Unpayable(f"BTSX {payout.address}: {error}") from error
        amount, rest = divmod(payout.amount, UNITS)
        if rest or not 0 < amount <= UNITS_MAX:
            raise Unpayable(f"BTSX: {payout.amount} units cannot be paid: it has 5 decimals")
        if (to.text, to.memo) != (payout.address, payout.memo) or to.text == self._name:
            raise Unpayable(f"BTSX: nothing is paid to {payout.address}")
        recipient = await self._wallet.account_id(to.text)
        if recipient is None:
            raise Unpayable(f"BTSX: there is no account {to.text}")
        return recipient, amount

    async def _me(self) -> Account:
        if self._found is None:
            self._found = await self._wallet.account(self._name)
        return self._found

    async def _known(self, height: int) -> Block:
        return Block(height, (await self._block(height)).block_id)

    async def _block(self, height: int) -> BlockFound:
        """An irreversible one."""
        if height not in self._blocks:
            found = await self._wallet.block(height)
            if found is None:
                raise ChainUnavailable(f"the BTSX node lacks block {height}: let it catch up")
            if len(self._blocks) >= BLOCKS_KEPT_MAX:
                self._blocks.clear()
            self._blocks[height] = found
        return self._blocks[height]


def _prefix(block: Block) -> int:
    """What a transfer says of the block that must be in the chain."""
    try:
        return int.from_bytes(bytes.fromhex(block.hash)[4:8], "little")
    except ValueError as error:
        raise ChainUnavailable("the BTSX node answered a block without an id") from error
