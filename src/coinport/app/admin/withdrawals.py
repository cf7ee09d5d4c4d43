"""Withdrawals: whoever approves one has the wallets pay it; off the chains, takes it to pay it
himself.

Of a large one two persons say that it may go, and also what would let it be paid twice: that what
has left never arrives, or that it was paid by hand.
"""

from typing import Any, Final, Literal, assert_never

from coinport.app.admin.desk import Desk, NotDone, accepted, check_text, not_own, on_chain
from coinport.app.admin.shown import OPEN, OVER, ROWS_MAX, Shown, not_now
from coinport.model.commands import ApproveWithdrawal, Command, FailWithdrawal, SettleWithdrawal
from coinport.model.listings import Currency
from coinport.model.reasons import Reason
from coinport.model.transfers import TransferKind, TransferStatus
from coinport.operations.actors import Actor
from coinport.operations.requests import (
    Approve,
    Complete,
    ListWithdrawals,
    Reject,
    SetPaused,
    WithdrawalRequest,
)
from coinport.readmodels.transfers import Transfer
from coinport.wallets.approvals import Approvals

_STATUSES: Final = {
    "": OPEN,
    "pending": (TransferStatus.PENDING,),
    "processing": (TransferStatus.PROCESSING,),
    "confirming": (TransferStatus.CONFIRMING,),
    "over": OVER,
}


class Withdrawals:
    def __init__(self, desk: Desk, shown: Shown, approvals: Approvals) -> None:
        self._desk = desk
        self._shown = shown
        self._approvals = approvals

    async def act(self, request: WithdrawalRequest, actor: Actor) -> dict[str, Any]:
        match request:
            case Approve() | Reject() | Complete():
                async with self._desk.deciding:
                    return await self._decide(request, actor)
            case ListWithdrawals(status, symbol, user, below):
                page = await self._shown.transfers.with_status(
                    TransferKind.WITHDRAWAL,
                    *_STATUSES[status],
                    account=(await self._desk.person(user)).account if user else None,
                    currency=self._desk.currency(symbol).currency if symbol else None,
                    cursor=below or None,
                    limit=ROWS_MAX,
                )
                return await self._shown.page("withdrawals", page)
            case SetPaused():
                return await self._set_paused(request, actor)
            case _:
                assert_never(request)

    async def _decide(self, request: Approve | Reject | Complete, actor: Actor) -> dict[str, Any]:
        match request:
            case Approve():
                return await self._approve(request, actor)
            case Reject():
                return await self._reject(request, actor)
            case Complete():
                return await self._complete(request, actor)

    async def _approve(self, request: Approve, actor: Actor) -> dict[str, Any]:
        withdrawal, currency = await self._find(request.transfer)
        if request.take and on_chain(currency):
            raise NotDone(
                f"the wallets pay {currency.symbol}: `withdrawal approve` has them do it",
                zh=f"{currency.symbol} 由钱包支付，请批准（`withdrawal approve`）",
            )
        if not request.take and not on_chain(currency):
            raise NotDone(
                f"{currency.symbol} is on no chain, so the wallets do not pay it: `withdrawal take`"
                " it, pay it, then `withdrawal complete` it",
                zh=f"{currency.symbol} 不在区块链上，钱包不会支付：请受理（`withdrawal take`）、"
                "付款，再完成（`withdrawal complete`）",
            )
        not_own(actor, withdrawal.account, *_named(withdrawal))
        # Only while it waits for approval: whatever comes later is refused by the rules.
        alone = withdrawal.status is not TransferStatus.PENDING
        by = await self._by(withdrawal, "approve", request.reason, actor, alone=alone)
        command = by and ApproveWithdrawal(withdrawal.id, by, request.reason)
        return await self._do(withdrawal, command, "take" if request.take else "approve")

    async def _reject(self, request: Reject, actor: Actor) -> dict[str, Any]:
        withdrawal, currency = await self._find(request.transfer)
        not_own(actor, withdrawal.account, *_named(withdrawal))
        sent = withdrawal.status is TransferStatus.CONFIRMING
        if sent and not request.never_arrives:
            raise NotDone(
                f"withdrawal {withdrawal.id} was sent{await self._seen(withdrawal)}: if it arrives "
                "nevertheless, it is paid twice. If you know that it never will, say "
                "--never-arrives",
                zh=f"提现 {withdrawal.id} 已发出{await self._seen(withdrawal)}："
                "若仍到账即重复支付。确定不会到账时，请勾选（--never-arrives）",
            )
        taken = withdrawal.status is TransferStatus.PROCESSING and not on_chain(currency)
        alone = not (sent or taken)  # else it may have been paid
        by = await self._by(withdrawal, "reject", request.reason, actor, alone=alone)
        # Of what is sent meanwhile nobody has said that it never arrives: the rules refuse it.
        command = by and FailWithdrawal(withdrawal.id, sent, by, request.reason)
        return await self._do(withdrawal, command, "reject")

    async def _complete(self, request: Complete, actor: Actor) -> dict[str, Any]:
        withdrawal, currency = await self._find(request.transfer)
        not_own(actor, withdrawal.account, *_named(withdrawal))
        check_text(request.txid, "--txid", zh="交易号")
        wallets = on_chain(currency) and withdrawal.status in OPEN
        if wallets and withdrawal.status is TransferStatus.PENDING:
            raise not_now("complete", withdrawal)
        if wallets and not request.by_hand:
            raise NotDone(
                f"the wallets pay {currency.symbol} and see for themselves when it has arrived"
                f"{await self._seen(withdrawal)}: only if somebody else has paid it, say --by-hand",
                zh=f"{currency.symbol} 由钱包支付并自行确认到账{await self._seen(withdrawal)}："
                "仅在由他人付款时勾选（--by-hand）",
            )
        decision = f"complete {request.txid}"
        by = await self._by(withdrawal, decision, request.reason, actor, alone=not wallets)
        command = by and SettleWithdrawal(withdrawal.id, request.txid, by, request.reason)
        return await self._do(withdrawal, command, "complete")

    async def _set_paused(self, request: SetPaused, actor: Actor) -> dict[str, Any]:
        currency = self._desk.currency(request.currency)
        if not on_chain(currency):
            raise NotDone(
                f"{currency.symbol} is on no chain: nothing of it leaves by itself",
                zh=f"{currency.symbol} 不在区块链上，不会自动付款",
            )
        check_text(request.reason, "--reason", zh="原因")
        change = self._approvals.pause if request.paused else self._approvals.resume
        await change(currency.symbol, actor.name, request.reason)
        return {"currency": currency.symbol, "withdrawals_paused": request.paused}

    async def _by(
        self, withdrawal: Transfer, decision: str, note: str, actor: Actor, *, alone: bool
    ) -> str:
        """Who decides: one where he may do it `alone`. Empty, or NotDone: it takes another too."""
        if alone:
            return actor.name
        return await self._shown.two_persons.by(withdrawal, decision, actor, note)

    async def _do(
        self, withdrawal: Transfer, command: Command | Literal[""], step: str
    ) -> dict[str, Any]:
        """Empty: nothing yet."""
        if command:
            _, reason = await self._desk.try_to(command)
            if reason in (Reason.WRONG_STATUS, Reason.UNKNOWN_TRANSFER):
                now, _ = await self._find(withdrawal.id)
                raise not_now(step, now)
            accepted(reason)
        return await self._shown.one(withdrawal.id)

    async def _find(self, transfer: int) -> tuple[Transfer, Currency]:
        """Raises NotDone."""
        found = await self._shown.find(transfer, TransferKind.WITHDRAWAL)
        return found, self._desk.listings.currencies[found.currency]

    async def _seen(self, withdrawal: Transfer) -> str:
        """What its chain shows of it."""
        progress = await self._desk.services.wallets.progress([withdrawal.id])
        seen = progress.get(withdrawal.id)
        if seen is None:
            return ""
        return f" (in {seen.txid}, {max(seen.confirmations, 0)} confirmations)"


def _named(withdrawal: Transfer) -> tuple[str, str]:
    return f"withdrawal {withdrawal.id}", f"提现 {withdrawal.id} "
