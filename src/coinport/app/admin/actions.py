"""What an operator can have done. Every change is a command in the journal, with actor and
reason."""

from typing import Any, assert_never

import msgspec
import structlog
from msgspec import Raw

from coinport.app.admin.requests import (
    AdminAnswer,
    AdminRequest,
    Done,
    Failed,
    Move,
    NewCurrency,
    NewMarket,
    Resume,
    SetBand,
    SetFees,
    SetState,
    ShowUser,
    Suspend,
)
from coinport.app.config import Trading
from coinport.database import Busy
from coinport.gateway.errors import REFUSALS, ApiError, Code, Language
from coinport.gateway.names import currency_named, market_named
from coinport.gateway.services import Services
from coinport.gateway.wire import units
from coinport.identity.people import Profile
from coinport.journal.sequencer import Overloaded, Stopping
from coinport.model.commands import (
    AddCurrency,
    AddMarket,
    Command,
    Credit,
    Debit,
    ResumeAccount,
    SetMarketFees,
    SetMarketState,
    SetPriceBand,
    SuspendAccount,
)
from coinport.model.decimals import decimal_text
from coinport.model.events import Refused
from coinport.model.listings import Currency, CurrencyKind, Listings, Market
from coinport.model.reasons import Reason
from coinport.model.records import Record
from coinport.model.trading import MarketState
from coinport.model.units import Amount, MarketId
from coinport.readmodels.accounts import Accounts
from coinport.readmodels.balances import Balance, Balances
from coinport.readmodels.moves import Moves

_log = structlog.get_logger(__name__)


class Administration:
    def __init__(self, services: Services, defaults: Trading) -> None:
        """`defaults` of a new market."""
        self._services = services
        self._defaults = defaults
        self._accounts = Accounts(services)
        self._balances = Balances(services)
        self._moves = Moves(services)

    async def act(self, request: AdminRequest, actor: str) -> AdminAnswer:
        try:
            result = await self._done(request, actor)
        except ApiError as error:
            return Failed(error.code, error.message(Language.EN))
        except (Overloaded, Stopping, Busy, TimeoutError) as error:
            return Failed(Code.INTERNAL_ERROR, f"the exchange is too busy: {error!r}")
        except OverflowError as error:
            return Failed(Code.BAD_PARAMETER, f"a number is too large: {error}")
        _log.info("administration", action=type(request).__name__, actor=actor)
        return Done(result)

    async def _done(self, request: AdminRequest, actor: str) -> dict[str, Any]:
        match request:
            case Move():
                return await self._move(request, actor)
            case Suspend():
                return await self._suspend(request, actor)
            case Resume(user, reason):
                profile = await self._person(user)
                await self._submit(ResumeAccount(profile.account, actor, reason))
                return {"uid": profile.account, "email": profile.email, "suspended": False}
            case ShowUser(user):
                return await self._show(await self._person(user))
            case NewCurrency(symbol, decimals, kind, reason):
                of_kind = CurrencyKind[kind.upper()]
                await self._submit(AddCurrency(symbol.upper(), decimals, of_kind, actor, reason))
                return {"currency": symbol.upper()}
            case NewMarket():
                return await self._list(request, actor)
            case SetState(name, state, reason):
                market = self._market(name)
                new_state = MarketState[state.upper()]
                await self._submit(SetMarketState(market.market, new_state, actor, reason))
                return {"market": market.symbol, "state": state}
            case SetFees(name, maker, taker, reason):
                market = self._market(name)
                await self._submit(SetMarketFees(market.market, maker, taker, actor, reason))
                return {"market": market.symbol, "maker_fee_ppm": maker, "taker_fee_ppm": taker}
            case SetBand(name, band_ppm, reason):
                market = self._market(name)
                await self._submit(SetPriceBand(market.market, band_ppm, actor, reason))
                return {"market": market.symbol, "band_ppm": band_ppm}
            case _:
                assert_never(request)

    async def _move(self, request: Move, actor: str) -> dict[str, Any]:
        profile = await self._person(request.user)
        currency = currency_named(self._listings, request.currency)
        amount = Amount(_units(request.amount, currency, "amount"))
        kind = Credit if request.direction == "credit" else Debit
        command = kind(
            profile.account, currency.currency, amount, request.key, actor, request.reason
        )
        record = await self._services.sequencer.submit(command)
        done_before = _refusal(record) is Reason.DUPLICATE and await self._moves.made(command)
        if not done_before:
            _accepted(record)
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
        profile = await self._person(request.user)
        record = await self._submit(SuspendAccount(profile.account, actor, request.reason))
        await self._services.sessions.end_all(profile.account)
        return {
            "uid": profile.account,
            "email": profile.email,
            "suspended": True,
            "canceled_orders": len(record.events) - 1,
        }

    async def _show(self, profile: Profile) -> dict[str, Any]:
        account = await self._accounts.find(profile.account)
        balances = await self._balances.of(profile.account)
        currencies = self._listings.currencies
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
        }

    async def _list(self, request: NewMarket, actor: str) -> dict[str, Any]:
        base_name, _, quote_name = request.symbol.partition("-")
        listings, defaults = self._listings, self._defaults
        base, quote = currency_named(listings, base_name), currency_named(listings, quote_name)
        minimums = {"CNY": defaults.minimum_cny, "BTC": defaults.minimum_btc}
        minimum = request.minimum or minimums.get(quote.symbol)
        if minimum is None:
            raise ApiError(Code.MISSING_PARAMETER, "minimum")
        # Worth the same as the minimum of BTC-CNY, unless the operator says what it is to be.
        reference = listings.market_of.get(f"{quote.symbol}-CNY", 0) if not request.minimum else 0
        maker, taker = request.maker_fee_ppm, request.taker_fee_ppm
        await self._submit(
            AddMarket(
                base=base.currency,
                quote=quote.currency,
                price_decimals=request.price_decimals,
                amount_decimals=request.amount_decimals,
                minimum_value=Amount(_units(minimum, quote, "minimum")),
                reference=MarketId(reference),
                maker_fee_ppm=defaults.maker_fee_ppm if maker is None else maker,
                taker_fee_ppm=defaults.taker_fee_ppm if taker is None else taker,
                state=MarketState.HALTED,
                actor=actor,
                note=request.reason,
            )
        )
        return {"market": f"{base.symbol}-{quote.symbol}", "state": "halted"}

    @property
    def _listings(self) -> Listings:
        return self._services.live.listings.listings

    def _market(self, name: str) -> Market:
        return market_named(self._listings, name)

    async def _person(self, user: str) -> Profile:
        """Raises ApiError (1004)."""
        profile = await self._services.people.find(user)
        if profile is None:
            raise ApiError(Code.UNKNOWN_USER, user)
        return profile

    async def _submit(self, command: Command) -> Record:
        """Raises ApiError where the rules say no."""
        return _accepted(await self._services.sequencer.submit(command))


def _accepted(record: Record) -> Record:
    """Raises ApiError where the rules said no."""
    if reason := _refusal(record):
        raise ApiError(*REFUSALS[reason])
    return record


def _refusal(record: Record) -> Reason | None:
    first = record.events[0]
    return first.reason if isinstance(first, Refused) else None


def _units(text: str, currency: Currency, name: str) -> int:
    """Raises ApiError."""
    return units(Raw(msgspec.json.encode(text)), currency.decimals, name)


def _figures(balance: Balance, currency: Currency) -> dict[str, str]:
    return {
        name: decimal_text(getattr(balance, name), currency.decimals)
        for name in ("available", "frozen", "pending", "held", "total")
    }
