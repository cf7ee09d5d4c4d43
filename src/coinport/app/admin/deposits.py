"""Deposits: of money that is on no chain, and what the wallets cannot decide of the others.

Money that is on no chain takes two persons always; of what is on one, what is large.
"""

from collections.abc import Callable
from typing import Any, Final, Literal, assert_never

from coinport.app.admin.desk import Desk, NotDone, accepted, amount_of, not_own, on_chain
from coinport.app.admin.shown import OVER, ROWS_MAX, Shown, not_now, status_of
from coinport.model.commands import (
    AnnounceDeposit,
    AssignDeposit,
    Command,
    CreditDeposit,
    DropDeposit,
    ReleaseDeposit,
    WriteOffDeposit,
)
from coinport.model.events import DepositAnnounced
from coinport.model.reasons import Reason
from coinport.model.transfers import TransferKind, TransferStatus
from coinport.model.units import TransferId
from coinport.operations.actors import Actor
from coinport.operations.requests import (
    Assign,
    DepositRequest,
    DepositStep,
    ListDeposits,
    ProposeDeposit,
)
from coinport.readmodels.paging import Page
from coinport.readmodels.transfers import Transfer

CONFIRM: Final = "confirm"
"""Whoever proposes a deposit has said so much for it."""

_STATUSES: Final = {CONFIRM: "open", "drop": "open", "release": "held", "write_off": "held"}
"""In which each step can be taken."""
_LISTED: Final[dict[str, tuple[tuple[TransferStatus, ...], bool | None, bool | None]]] = {
    "open": ((TransferStatus.CONFIRMING,), False, None),
    "held": ((TransferStatus.CONFIRMING,), True, None),
    "suspense": ((TransferStatus.SUCCEEDED,), None, True),
    "over": (OVER, None, False),
}
"""Statuses, whether the exchange owes it, whether nobody knows whose it is."""
_LISTS: Final = ("open", "held", "suspense")
"""With what somebody may have to do something about."""
_STEPS: Final[dict[str, Callable[[TransferId, str, str], Command]]] = {
    CONFIRM: CreditDeposit,
    "drop": DropDeposit,
    "release": ReleaseDeposit,
    "write_off": WriteOffDeposit,
}


class Deposits:
    def __init__(self, desk: Desk, shown: Shown) -> None:
        self._desk = desk
        self._shown = shown
        self._endorsements = desk.services.operations.endorsements

    async def act(self, request: DepositRequest, actor: Actor) -> dict[str, Any]:
        if isinstance(request, ListDeposits):
            return await self._list(request)
        async with self._desk.deciding:
            match request:
                case ProposeDeposit():
                    return await self._propose(request, actor)
                case DepositStep():
                    return await self._step(request, actor)
                case Assign():
                    return await self._assign(request, actor)
                case _:
                    assert_never(request)

    async def _propose(self, request: ProposeDeposit, actor: Actor) -> dict[str, Any]:
        account = (await self._desk.person(request.user)).account
        not_own(actor, account, "the deposit", "该充值")
        currency = self._desk.currency(request.currency)
        if on_chain(currency):
            raise NotDone(
                f"{currency.symbol} comes in on its chain, and is credited when it is final: the "
                "user needs a deposit address (to move money by hand there is `credit`)",
                zh=f"{currency.symbol} 由链上充值并自动入账，用户须使用充值地址"
                "（人工入账请用 `credit`）",
            )
        amount = amount_of(request.amount, currency, "amount")
        reference = request.reference.strip()
        symbol, colon, _ = reference.partition(":")
        listed = self._desk.listings.currency_of.get(symbol) if colon else None
        if listed is not None and on_chain(self._desk.listings.currencies[listed]):
            raise NotDone(
                f"the reference {reference} begins as those of payments on chains do",
                zh=f"流水号 {reference} 与链上交易标识的格式相同",
            )
        record, reason = await self._desk.try_to(
            AnnounceDeposit(
                account, currency.currency, amount, reference, "", actor.name, request.reason
            )
        )
        if reason is Reason.DUPLICATE:
            raise NotDone(
                f"the reference {reference} was used before, for a deposit, a credit or a debit",
                zh=f"流水号 {reference} 已用于其他充值、入账或扣账",
            )
        accepted(reason)
        announced = record.events[0]
        assert isinstance(announced, DepositAnnounced)
        await self._endorsements.note(
            announced.transfer, CONFIRM, record.sequence, actor, request.reason
        )
        return await self._shown.one(announced.transfer)

    async def _step(self, request: DepositStep, actor: Actor) -> dict[str, Any]:
        deposit, step = await self._find(request.transfer), request.step
        not_own(actor, deposit.account, f"deposit {deposit.id}", f"充值 {deposit.id} ")
        chain = on_chain(self._desk.listings.currencies[deposit.currency])
        said = step.replace("_", " ")
        if step == CONFIRM and chain:
            raise NotDone(
                "what is on a chain is confirmed there, and credited by the wallets when it is "
                "final: `wallet alarms` says whether something keeps them from it",
                zh="链上充值由钱包在最终确认后自动入账；`wallet alarms` 可查看是否受阻",
            )
        if status_of(deposit) != _STATUSES[step]:
            raise not_now(said, deposit)
        if step == CONFIRM:
            await self._check_proposal(deposit)
            by = actor.name
        elif step == "drop" and not chain:  # what nobody has seen yet
            by = actor.name
        else:
            by = await self._shown.two_persons.by(deposit, said, actor, request.reason)
        command = by and _STEPS[step](deposit.id, by, request.reason)
        return await self._do(deposit, command, said)

    async def _assign(self, request: Assign, actor: Actor) -> dict[str, Any]:
        deposit = await self._find(request.transfer)
        account = (await self._desk.person(request.user)).account
        not_own(actor, account, f"deposit {deposit.id}", f"充值 {deposit.id} ")
        if status_of(deposit) != "suspense":
            raise not_now("assign", deposit)
        decision = f"assign {account}"
        by = await self._shown.two_persons.by(deposit, decision, actor, request.reason)
        command = by and AssignDeposit(deposit.id, account, by, request.reason)
        return await self._do(deposit, command, "assign")

    async def _check_proposal(self, deposit: Transfer) -> None:
        """Raises NotDone: who has proposed it is not to be asked any more."""
        if not await self._shown.two_persons.said(deposit, CONFIRM):
            raise NotDone(
                f"who proposed deposit {deposit.id} is no operator any more: `deposit drop` it, "
                "and propose it anew",
                zh=f"提出充值 {deposit.id} 的人已不是操作员：请作废后重新提出",
            )

    async def _do(
        self, deposit: Transfer, command: Command | Literal[""], step: str
    ) -> dict[str, Any]:
        """Empty: nothing yet."""
        if not command:
            return await self._shown.one(deposit.id)
        _, reason = await self._desk.try_to(command)
        match reason:
            case Reason.SAME_ACTOR:
                raise NotDone(
                    f"deposit {deposit.id} was proposed by you: it takes a second person to "
                    "confirm it, who has logged in under another name",
                    zh=f"充值 {deposit.id} 由您提出，须由第二人确认",
                )
            case Reason.WRONG_STATUS | Reason.UNKNOWN_TRANSFER:
                now = await self._find(deposit.id)
                raise not_now(step, now)
        accepted(reason)
        return await self._shown.one(deposit.id)

    async def _list(self, request: ListDeposits) -> dict[str, Any]:
        wanted = _LISTS if request.status == "" else (request.status,)
        currency = self._desk.currency(request.currency).currency if request.currency else None
        account = (await self._desk.person(request.user)).account if request.user else None
        found: list[Transfer] = []
        more = False
        for name in wanted:
            statuses, booked, suspense = _LISTED[name]
            page = await self._shown.transfers.with_status(
                TransferKind.DEPOSIT,
                *statuses,
                booked=booked,
                suspense=suspense,
                account=account,
                currency=currency,
                cursor=request.below or None,
                limit=ROWS_MAX,
            )
            found += page.rows
            more = more or page.more
        # What went on between two looks is as it was seen last.
        newest = {deposit.id: deposit for deposit in found}
        found = sorted(newest.values(), key=lambda deposit: deposit.id, reverse=True)
        page = Page(found[:ROWS_MAX], more or len(found) > ROWS_MAX)
        return await self._shown.page("deposits", page)

    async def _find(self, transfer: int) -> Transfer:
        return await self._shown.find(transfer, TransferKind.DEPOSIT)
