"""Users: money in and out by hand, suspensions, and what there is to see of them."""

from typing import Any, assert_never

from coinport.app.admin.desk import Desk, NotDone, accepted, amount_of, not_own
from coinport.app.admin.shown import ROWS_MAX, Shown
from coinport.identity.people import Profile
from coinport.model.commands import Credit, Debit, ResumeAccount, SuspendAccount
from coinport.model.decimals import decimal_text
from coinport.model.listings import Currency
from coinport.model.reasons import Reason
from coinport.model.units import AccountId
from coinport.operations.actors import Actor
from coinport.operations.requests import (
    EndSessions,
    FindUsers,
    Move,
    Resume,
    ShowUser,
    Suspend,
    UserRequest,
)
from coinport.readmodels.accounts import Accounts
from coinport.readmodels.balances import Balance, Balances
from coinport.readmodels.moves import Moves
from coinport.readmodels.orders import Orders, OrderStatus


class Users:
    def __init__(self, desk: Desk, shown: Shown) -> None:
        self._desk = desk
        self._shown = shown
        self._accounts = Accounts(desk.services)
        self._balances = Balances(desk.services)
        self._moves = Moves(desk.services)
        self._orders = Orders(desk.services)

    async def act(self, request: UserRequest, actor: Actor) -> dict[str, Any]:
        match request:
            case Move():
                return await self._move(request, actor.name)
            case Suspend():
                return await self._suspend(request, actor)
            case Resume():
                return await self._resume(request, actor)
            case EndSessions():
                return await self._end_sessions(request)
            case ShowUser(user):
                return await self._show(await self._desk.person(user))
            case FindUsers():
                return await self._find(request)
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

    async def _suspend(self, request: Suspend, actor: Actor) -> dict[str, Any]:
        profile = await self._desk.person(request.user)
        not_own(actor, profile.account, "the account", "该帐户")
        command = SuspendAccount(profile.account, actor.name, request.reason)
        record = await self._desk.submit(command)
        await self._desk.services.sessions.end_all(profile.account)
        return {
            "uid": profile.account,
            "email": profile.email,
            "suspended": True,
            "canceled_orders": len(record.events) - 1,
        }

    async def _resume(self, request: Resume, actor: Actor) -> dict[str, Any]:
        """What an operator may do again, no other operator decides: only the exchange's machine."""
        profile = await self._desk.person(request.user)
        if actor.via == "console" and await self._desk.services.operators.has(profile.account):
            raise NotDone(
                f"{profile.email} is an operator, whom only `coinport admin resume` resumes",
                zh=f"{profile.email} 是操作员，只能通过 `coinport admin resume` 恢复",
            )
        await self._desk.submit(ResumeAccount(profile.account, actor.name, request.reason))
        return {"uid": profile.account, "email": profile.email, "suspended": False}

    async def _end_sessions(self, request: EndSessions) -> dict[str, Any]:
        profile, sessions = await self._desk.person(request.user), self._desk.services.sessions
        if request.session:
            if not await sessions.end_named(profile.account, request.session):
                raise NotDone(f"there is no session {request.session}", zh="没有此会话")
            ended = 1
        else:
            ended = await sessions.end_others(profile.account, "")
        return {"uid": profile.account, "email": profile.email, "ended": ended}

    async def _find(self, request: FindUsers) -> dict[str, Any]:
        suspended = self._desk.services.live.suspended
        people, more = await self._desk.services.people.search(
            request.text, after=request.after, limit=request.limit
        )
        rows = [
            {
                "uid": profile.account,
                "email": profile.email,
                "name": profile.name,
                "one_time_codes": profile.totp_enabled,
                "registered_ms": profile.created_ms,
                "suspended": suspended(profile.account),
            }
            for profile in people
        ]
        return {"users": rows, "more": more}

    async def _open_orders(self, account: AccountId) -> list[dict[str, Any]]:
        listings, found = self._desk.listings, []
        for status in (OrderStatus.OPEN, OrderStatus.PARTLY_FILLED):
            page = await self._orders.of(account, status=status, limit=ROWS_MAX)
            found += page.rows
        return [
            {
                "id": order.id,
                "market": (market := listings.markets[order.market]).symbol,
                "type": order.side.name.lower(),
                "price": decimal_text(order.price, market.price_decimals),
                "amount": decimal_text(order.quantity, market.amount_decimals),
                "executed": decimal_text(order.executed, market.amount_decimals),
                "created_ms": order.created_ms,
            }
            for order in found
        ]

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
            "operator": await self._desk.services.operators.has(profile.account),
            "balances": {
                currencies[currency].symbol: _figures(balance, currencies[currency])
                for currency, balance in balances.items()
            },
            "open_orders": await self._open_orders(profile.account),
            **await self._shown.open_of(profile.account),
            "sessions": [
                {
                    "session": row.name,
                    "created_ms": row.created_ms,
                    "last_used_ms": row.seen_ms,
                    "address": row.address,
                    "user_agent": row.user_agent,
                }
                for row in await self._desk.services.sessions.of(profile.account)
            ],
        }


def _figures(balance: Balance, currency: Currency) -> dict[str, str]:
    return {
        name: decimal_text(getattr(balance, name), currency.decimals)
        for name in ("available", "frozen", "pending", "held", "total")
    }
