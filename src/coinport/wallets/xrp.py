"""The XRP ledger by a rippled's JSON-RPC. All users share one account, told apart by their tags.

Only what the ledger has validated counts, and that is final: there are no re-orgs. What a payment
delivered stands in its metadata; `Amount` is what it might have delivered, and is never looked at.
The shapes are those of rippled's documentation; no real one was at hand.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from coinport.model.units import Amount
from coinport.wallets.addresses import InvalidAddress, parse
from coinport.wallets.chain import (
    GONE,
    Balances,
    Block,
    BroadcastRefused,
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
from coinport.wallets.rpc import Rpc
from coinport.wallets.xrp_answers import Account, Drops, Entry, Found, History, Ledger
from coinport.wallets.xrp_payments import DROPS_MAX, XrpPayment

RESERVE: Final = Amount(10_000_000)
"""Drops that an account must keep."""
FEE_MIN, FEE_MAX = Amount(10), Amount(10_000)
"""Drops."""
LEDGERS_MAX: Final = 75
"""A payment that is not included within so many ledgers (five minutes) never is."""
PAGE: Final = 200
HASHES_REMEMBERED_MAX: Final = 1_000

_SUCCESS = "tesSUCCESS"
_TAKEN = ("tes", "ter", "tec", "tefALREADY")
"""The node has it now; what became of it says `status`."""


class _Refused(Exception):
    def __init__(self, error: str, answer: dict[str, Any]) -> None:
        super().__init__(f"{error}: {answer.get('error_message', '')}")
        self.answer = answer


class XrpChain:
    currency: Final = "XRP"
    simulated: Final = False

    def __init__(self, rpc: Rpc, account: str) -> None:
        """`account`: ours. It should demand tags (RequireDest)."""
        self._rpc = rpc
        self._account = account
        self._hashes: dict[int, str] = {}

    async def tip(self) -> Block:
        try:
            return await self._ledger("validated")
        except _Refused as error:
            raise self._rpc.unavailable(f"has no validated ledger yet: {error}") from error

    async def block(self, height: int) -> Block:
        try:
            return await self._ledger(height)
        except _Refused as error:
            raise UnknownBlock(f"XRP: no ledger {height}: {error}") from error

    async def watch(self, addresses: Sequence[str], *, rescan: bool = False) -> None:
        """Nothing to do: a node has every account's history."""

    async def incoming(self, since: Block | None) -> Scan:
        if since and await self.block(since.height) != since:
            raise UnknownBlock(f"XRP: ledger {since.height} is another one here")
        tip = await self.tip()
        found: list[Payment] = []
        marker = None
        while since is None or since.height < tip.height:
            page = await self._page(since, tip, marker)
            for entry in page.transactions:
                if payment := await self._payment(entry, tip):
                    found.append(payment)
            marker = page.marker
            if marker is None:
                break
        return Scan(tuple(found), tip, forked=False)

    async def recheck(self, payments: Sequence[Payment]) -> list[Payment]:
        tip = await self.tip()
        return [await self._now(payment, tip) for payment in payments]

    async def build(
        self,
        payouts: Sequence[Payout],
        *,
        sources: Sequence[str],
        change: str,
        exclude: Collection[str] = (),
        confirmations: int = 1,
    ) -> Unsigned:
        if len(payouts) != 1 or list(sources) != [self._account]:
            raise Unpayable("XRP: one payment at a time, from the exchange's account")
        payout, tip = payouts[0], await self.tip()
        fee = await self._fee()
        account = await self._of(self._account, tip)
        if account is None or self._drops(account.Balance) < payout.amount + fee + RESERVE:
            raise InsufficientFunds(f"XRP: {payout.amount} drops, the fee and the reserve")
        sequence = account.Sequence
        while self._input(sequence) in exclude:
            sequence += 1
        last = tip.height + LEDGERS_MAX
        payment = self._checked(payout, fee, sequence, last)
        return Unsigned(
            currency=self.currency,
            payouts=(payout,),
            inputs=(self._input(sequence),),
            fee=fee,
            blob=msgspec.json.encode(payment).decode(),
            context=(),
            since=tip,
            expires=last,
        )

    async def sweep(
        self, sources: Sequence[str], to: str, *, exclude: Collection[str] = ()
    ) -> Unsigned:
        raise Unpayable("XRP: all users share one account, there is nothing to sweep")

    async def broadcast(self, signed: Signed) -> None:
        try:
            answer = await self._ask("submit", "invalidTransaction", tx_blob=signed.blob)
        except _Refused as error:
            raise BroadcastRefused(f"XRP {signed.txid}: {error}") from error
        result = str(answer.get("engine_result"))
        if result.startswith(_TAKEN):
            return
        if (await self.status(signed)).state is not State.CONFIRMED:
            raise BroadcastRefused(f"XRP {signed.txid}: {result}")

    async def status(self, signed: Signed) -> Status:
        tip = await self.tip()
        first, last = signed.since.height, signed.expires or tip.height
        try:
            found = await self._tx(signed.txid, first, last)
        except _Refused as error:
            final = tip.height > last and error.answer.get("searched_all") is True
            return Status(State.EXPIRED if final else State.UNSEEN)
        if not found.validated or found.meta is None:
            return Status(State.WAITING, found.hash)
        paid = found.meta.TransactionResult == _SUCCESS
        depth = tip.height - found.ledger_index + 1
        return Status(State.CONFIRMED if paid else State.CONFLICTED, found.hash, depth)

    async def balances(self, addresses: Sequence[str]) -> Balances:
        tip, amounts = await self.tip(), {}
        for address in addresses:
            account = await self._of(address, tip)
            amounts[address] = self._drops(account.Balance) if account else Amount(0)
        return Balances(tip, amounts)

    async def _page(self, since: Block | None, tip: Block, marker: Any) -> History:
        first = since.height + 1 if since else -1
        more = {"marker": marker} if marker is not None else {}
        answer = await self._ask(
            "account_tx",
            account=self._account,
            ledger_index_min=first,
            ledger_index_max=tip.height,
            forward=True,
            limit=PAGE,
            **more,
        )
        page = self._rpc.read(answer, History)
        if since and page.ledger_index_min > first:
            raise self._rpc.unavailable(f"lacks the ledgers from {first} on: let it catch up")
        return page

    async def _payment(self, entry: Entry, tip: Block) -> Payment | None:
        """None: not a payment of XRP to us, or not one that has happened."""
        tx, meta = entry.tx, entry.meta
        if (
            not entry.validated
            or meta.TransactionResult != _SUCCESS
            or tx.TransactionType != "Payment"
            or tx.Destination != self._account
            or not isinstance(meta.delivered_amount, str)
            or not meta.delivered_amount.isdecimal()
        ):
            return None
        return Payment(
            key=payment_key(self.currency, tx.hash),
            txid=tx.hash,
            address=self._account,
            memo="" if tx.DestinationTag is None else str(tx.DestinationTag),
            amount=self._drops(meta.delivered_amount),
            confirmations=tip.height - tx.ledger_index + 1,
            block=await self._known(tx.ledger_index),
        )

    async def _now(self, payment: Payment, tip: Block) -> Payment:
        gone = replace(payment, confirmations=GONE, block=None)
        height = payment.block.height if payment.block else tip.height
        try:
            found = await self._tx(payment.txid, height, height)
        except _Refused as error:
            if error.answer.get("searched_all") is not True:
                raise self._rpc.unavailable(f"lacks ledger {height}: let it catch up") from error
            return gone
        if not found.validated:
            return gone
        block = await self._known(found.ledger_index)
        return replace(payment, confirmations=tip.height - block.height + 1, block=block)

    def _checked(self, payout: Payout, fee: Amount, sequence: int, last: int) -> XrpPayment:
        try:
            to = parse(self.currency, payout.address, payout.memo)
        except InvalidAddress as error:
            raise Unpayable(f"XRP {payout.address}: {error}") from error
        if not 0 < payout.amount <= DROPS_MAX or to.text == self._account:
            raise Unpayable(f"XRP: {payout.amount} drops cannot be paid to {to.text}")
        tag = int(to.memo) if to.memo else None
        return XrpPayment(self._account, to.text, tag, payout.amount, fee, sequence, last)

    async def _fee(self) -> Amount:
        answer = await self._ask("fee")
        drops = self._drops(self._rpc.read(answer.get("drops"), Drops).open_ledger_fee)
        return min(max(drops, FEE_MIN), FEE_MAX)

    async def _of(self, account: str, at: Block) -> Account | None:
        try:
            answer = await self._ask(
                "account_info", "actNotFound", account=account, ledger_index=at.height
            )
        except _Refused:
            return None
        return self._rpc.read(answer.get("account_data"), Account)

    async def _tx(self, txid: str, first: int, last: int) -> Found:
        """Raises _Refused: not found, and whether these ledgers were all looked at."""
        answer = await self._ask(
            "tx", "txnNotFound", transaction=txid, min_ledger=first, max_ledger=last
        )
        return self._rpc.read(answer, Found)

    async def _ledger(self, index: int | str) -> Block:
        ledger = self._rpc.read(
            await self._ask("ledger", "lgrNotFound", ledger_index=index), Ledger
        )
        if not ledger.validated:
            raise _Refused("lgrNotFound", {"error_message": "not validated yet"})
        return Block(ledger.ledger_index, ledger.ledger_hash)

    async def _known(self, index: int) -> Block:
        if index not in self._hashes:
            if len(self._hashes) >= HASHES_REMEMBERED_MAX:
                self._hashes.clear()
            self._hashes[index] = (await self.block(index)).hash
        return Block(index, self._hashes[index])

    async def _ask(self, method: str, refusal: str = "", **params: Any) -> dict[str, Any]:
        """The result. Raises _Refused for the one error named, ChainUnavailable for any other."""
        answer = await self._rpc.post("/", {"method": method, "params": [params]})
        result = answer.get("result") if isinstance(answer, dict) else None
        if not isinstance(result, dict):
            raise self._rpc.unavailable(f"answered something else to {method}")
        if result.get("status") == "success":
            return result
        error = str(result.get("error"))
        if error == refusal:
            raise _Refused(error, result)
        raise self._rpc.unavailable(f"cannot answer {method} now: {error}")

    def _drops(self, text: str) -> Amount:
        if not (text.isascii() and text.isdecimal() and int(text) <= DROPS_MAX):
            raise self._rpc.unavailable(f"answered an amount that is none: {text[:50]}")
        return Amount(int(text))

    def _input(self, sequence: int) -> str:
        return f"{self._account}:{sequence}"
