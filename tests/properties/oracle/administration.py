"""Accounts, money and listings, as the pages of the rulebook have them."""

from msgspec.structs import replace

from coinport.model import commands as c
from coinport.model import events as e
from coinport.model import units
from coinport.model.listings import Currency, Market
from coinport.model.reasons import Reason
from tests.properties.oracle.exchange import Exchange, Objections


def against_nothing(x: Exchange, command: c.OpenAccount) -> Objections:
    yield False, Reason.UNCHANGED


def open_account(x: Exchange, command: c.OpenAccount) -> None:
    x.accounts.append(units.ACCOUNT_FIRST + len(x.accounts))
    x.events.append(e.AccountOpened(x.accounts[-1]))


def against_suspend(x: Exchange, command: c.SuspendAccount) -> Objections:
    yield from against_signature(command.actor, command.note)
    yield command.account not in x.accounts, Reason.UNKNOWN_ACCOUNT
    yield command.account in x.suspended, Reason.UNCHANGED


def suspend(x: Exchange, command: c.SuspendAccount) -> None:
    x.suspended.add(command.account)
    x.events.append(e.AccountSuspended(command.account))
    for order in list(x.open):
        if order.terms.account == command.account:
            x.end(order, Reason.SUSPENDED)


def against_resume(x: Exchange, command: c.ResumeAccount) -> Objections:
    yield from against_signature(command.actor, command.note)
    yield command.account not in x.accounts, Reason.UNKNOWN_ACCOUNT
    yield command.account not in x.suspended, Reason.UNCHANGED


def resume(x: Exchange, command: c.ResumeAccount) -> None:
    x.suspended.remove(command.account)
    x.events.append(e.AccountResumed(command.account))


def against_credit(x: Exchange, command: c.Credit) -> Objections:
    yield from _against_moving(x, command)
    yield x.inside(command.currency) + command.amount > units.AMOUNT_MAX, Reason.TOO_LARGE


def credit(x: Exchange, command: c.Credit) -> None:
    x.keys.add(command.key)
    x.free[command.currency, command.account] += command.amount
    x.events.append(e.Credited(command.account, command.currency, command.amount))


def against_debit(x: Exchange, command: c.Debit) -> Objections:
    yield from _against_moving(x, command)
    funds = x.free[command.currency, command.account]
    yield command.amount > funds, Reason.INSUFFICIENT_BALANCE


def debit(x: Exchange, command: c.Debit) -> None:
    x.keys.add(command.key)
    x.free[command.currency, command.account] -= command.amount
    x.events.append(e.Debited(command.account, command.currency, command.amount))


def _against_moving(x: Exchange, command: c.Credit | c.Debit) -> Objections:
    yield from against_signature(command.actor, command.note)
    yield len(command.key) > units.TEXT_LENGTH_MAX, Reason.INVALID_TEXT
    yield command.account not in x.accounts, Reason.UNKNOWN_ACCOUNT
    yield not 0 < command.currency <= len(x.currencies), Reason.UNKNOWN_CURRENCY
    yield command.amount <= 0, Reason.INVALID_AMOUNT
    yield command.amount > units.AMOUNT_MAX, Reason.TOO_LARGE
    yield command.key != "" and command.key in x.keys, Reason.DUPLICATE


def against_add_currency(x: Exchange, command: c.AddCurrency) -> Objections:
    yield from against_signature(command.actor, command.note)
    capitals = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    used = set(command.symbol)
    yield not used <= capitals | set("0123456789"), Reason.INVALID_LISTING
    yield not used & capitals or len(command.symbol) > 10, Reason.INVALID_LISTING
    yield not 0 <= command.decimals <= 9, Reason.INVALID_LISTING
    yield command.symbol in [currency.symbol for currency in x.currencies], Reason.DUPLICATE


def add_currency(x: Exchange, command: c.AddCurrency) -> None:
    number = len(x.currencies) + 1
    x.currencies.append(Currency(number, command.symbol, command.decimals, command.kind))
    x.events.append(e.CurrencyAdded(x.currencies[-1]))


def against_add_market(x: Exchange, command: c.AddMarket) -> Objections:
    yield from against_signature(command.actor, command.note)
    for currency in (command.base, command.quote):
        yield not 0 < currency <= len(x.currencies), Reason.UNKNOWN_CURRENCY
    yield command.base == command.quote, Reason.INVALID_LISTING
    price, amount = command.price_decimals, command.amount_decimals
    yield price < 0 or amount < 0, Reason.INVALID_LISTING
    yield amount > x.currency(command.base).decimals, Reason.INVALID_LISTING
    yield price + amount > x.currency(command.quote).decimals, Reason.INVALID_LISTING
    yield from _against_ppm(command.maker_fee_ppm, command.taker_fee_ppm)
    yield not 0 <= command.minimum_value <= units.AMOUNT_MAX, Reason.INVALID_LISTING
    if command.reference:
        yield not 0 < command.reference <= len(x.markets), Reason.UNKNOWN_MARKET
        yield x.market(command.reference).base != command.quote, Reason.UNKNOWN_MARKET
    listed = [(market.base, market.quote) for market in x.markets]
    yield (command.base, command.quote) in listed, Reason.DUPLICATE


def add_market(x: Exchange, command: c.AddMarket) -> None:
    base, quote = x.currency(command.base), x.currency(command.quote)
    price, amount = command.price_decimals, command.amount_decimals
    market = Market(
        market=len(x.markets) + 1,
        symbol=base.symbol + "-" + quote.symbol,
        base=command.base,
        quote=command.quote,
        price_decimals=price,
        amount_decimals=amount,
        lot=10**base.decimals // 10**amount,
        scale=10**quote.decimals // 10 ** (price + amount),
        minimum_value=command.minimum_value,
        reference=command.reference,
        maker_fee_ppm=command.maker_fee_ppm,
        taker_fee_ppm=command.taker_fee_ppm,
        band_ppm=0,
        state=command.state,
    )
    x.markets.append(market)
    x.events.append(e.MarketAdded(market))


def against_change(
    x: Exchange, command: c.SetMarketState | c.SetMarketFees | c.SetPriceBand
) -> Objections:
    yield from against_signature(command.actor, command.note)
    yield not 0 < command.market <= len(x.markets), Reason.UNKNOWN_MARKET


def set_state(x: Exchange, command: c.SetMarketState) -> None:
    _relist(x, replace(x.market(command.market), state=command.state))
    x.events.append(e.MarketStateSet(command.market, command.state))


def against_fees(x: Exchange, command: c.SetMarketFees) -> Objections:
    yield from against_change(x, command)
    yield from _against_ppm(command.maker_fee_ppm, command.taker_fee_ppm)


def set_fees(x: Exchange, command: c.SetMarketFees) -> None:
    maker, taker = command.maker_fee_ppm, command.taker_fee_ppm
    listed = x.market(command.market)
    _relist(x, replace(listed, maker_fee_ppm=maker, taker_fee_ppm=taker))
    x.events.append(e.MarketFeesSet(command.market, maker, taker))


def against_band(x: Exchange, command: c.SetPriceBand) -> Objections:
    yield from against_change(x, command)
    yield not 0 <= command.band_ppm <= 1000 * units.PPM, Reason.INVALID_LISTING


def set_band(x: Exchange, command: c.SetPriceBand) -> None:
    _relist(x, replace(x.market(command.market), band_ppm=command.band_ppm))
    x.events.append(e.PriceBandSet(command.market, command.band_ppm))


def _relist(x: Exchange, market: Market) -> None:
    x.markets[market.market - 1] = market


def against_signature(actor: str, note: str) -> Objections:
    for said in (actor, note):
        yield not 1 <= len(said) <= units.TEXT_LENGTH_MAX, Reason.INVALID_TEXT


def _against_ppm(*fees: int) -> Objections:
    for fee in fees:
        yield not 0 <= fee < units.PPM, Reason.INVALID_LISTING
