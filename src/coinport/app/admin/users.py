"""Users: money in and out by hand, suspensions, and what there is to see of them."""

from typing import Any, assert_never

from coinport.app.admin.desk import Desk, accepted, amount_of
from coinport.app.admin.requests import Move, Resume, ShowUser, Suspend, UserRequest
from coinport.app.admin.shown import Shown
from coinport.identity.people import Profile
from coinport.model.commands import Credit, Debit, ResumeAccount, SuspendAccount
from coinport.model.decimals import decimal_text
from coinport.model.listings import Currency
from coinport.model.reasons import Reason
from coinport.readmodels.accounts import Accounts
from coinport.readmodels.balances import Balance, Balances
from coinport.readmodels.moves import Moves


class Users:
    def __init__(self, desk: Desk, shown: Shown) -> None:
        self._desk = desk
        self._shown = shown
        self._accounts = Accounts(desk.services)
        self._balances = Balances(desk.services)
        self._moves = Moves(desk.services)

    async def act(self, request: UserRequest, actor: str) -> dict[str, Any]:
        match request:
            case Move():
                return await self._move(request, actor)
            case Suspend():
                return await self._suspend(request, actor)
            case Resume(user, reason):
                profile = await self._desk.person(user)
                await self._desk.submit(ResumeAccount(profile.account, actor, reason))
                return {"uid": profile.account, "email": profile.email, "suspended": False}
            case ShowUser(user):
                return await self._show(await self._desk.person(user))
            case _:
                assert_never(request)

    async def _move(self, request: Move, actor: str) -> dict[str, Any]:
        profile = await self._desk.person(request.user)
        currency = self._desk.currency(request.currency)
        amount = amount_of(request.amount, currency, "amount")
        kind = Credit if request.direction == "credit" else Debit
        command = kind(
            profile.account, currency.currency, amount, request.key, actor, request.reason
        )
        _, reason = await self._desk.try_to(command)
        done_before = reason is Reason.DUPLICATE and await self._moves.made(command)
        if not done_before:
            accepted(reason)
        balances = await self._balances.of(profile.account)
        return {
            "uid": profile.account,
            "email": profile.email,
            "currency": currency.symbol,
            "amount": decimal_text(amount, currency.decimals),
            "available": _figures(balances[currency.currency], currency)["available"],
            "done_before": done_before,
        }

    async def _suspend(self, request: Suspend, actor: str) -> dict[str, Any]:
        profile = await self._desk.person(request.user)
        record = await self._desk.submit(SuspendAccount(profile.account, actor, request.reason))
        await self._desk.services.sessions.end_all(profile.account)
        return {
            "uid": profile.account,
            "email": profile.email,
            "suspended": True,
            "canceled_orders": len(record.events) - 1,
        }

    async def _show(self, profile: Profile) -> dict[str, Any]:
        account = await self._accounts.find(profile.account)
        balances = await self._balances.of(profile.account)
        currencies = self._desk.listings.currencies
        return {
            "uid": profile.account,
            "email": profile.email,
            "name": profile.name,
            "one_time_codes": profile.totp_enabled,
            "registered_ms": profile.created_ms,
            "suspended": account is not None and account.suspended,
            "balances": {
                currencies[currency].symbol: _figures(balance, currencies[currency])
                for currency, balance in balances.items()
            },
            **await self._shown.open_of(profile.account),
        }


def _figures(balance: Balance, currency: Currency) -> dict[str, str]:
    return {
        name: decimal_text(getattr(balance, name), currency.decimals)
        for name in ("available", "frozen", "pending", "held", "total")
    }
