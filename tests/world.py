"""A small exchange under test: an engine behind its seam, and names for its numbers."""

from decimal import Decimal
from typing import Any

from coinport.engine.snapshot import Snapshot, read
from coinport.model import commands as c
from coinport.model import events as e
from coinport.model.listings import Currency, CurrencyKind, Listings, Market
from coinport.model.reasons import Reason
from coinport.model.records import Record, decode_record, encode_command
from coinport.model.trading import MarketState, Side
from coinport.model.units import (
    CUSTODY_ACCOUNT,
    FEE_ACCOUNT,
    SUSPENSE_ACCOUNT,
    AccountId,
    MarketId,
    OrderId,
    TimeMs,
    TransferId,
)
from tests.engines import NewEngine

DEFAULT_MARKET = "BTC-USD"
UNLISTED: Any = 999
_NOWHERE = Market(
    market=UNLISTED,
    symbol="?",
    base=UNLISTED,
    quote=UNLISTED,
    price_decimals=2,
    amount_decimals=4,
    lot=UNLISTED,
    scale=UNLISTED,
    minimum_value=UNLISTED,
    reference=MarketId(0),
    maker_fee_ppm=0,
    taker_fee_ppm=0,
    band_ppm=0,
    state=MarketState.OPEN,
)


class World:
    def __init__(self, new_engine: NewEngine) -> None:
        self.engine = new_engine()
        self.records: list[bytes] = []
        self.time = TimeMs(1_400_000_000_000)
        self.listings = Listings([Currency(UNLISTED, "?", 8, CurrencyKind.CHAIN)], [_NOWHERE])
        self.accounts = {
            "nobody": AccountId(UNLISTED),
            "fees": FEE_ACCOUNT,
            "custody": CUSTODY_ACCOUNT,
            "suspense": SUSPENSE_ACCOUNT,
        }
        self.orders: dict[OrderId, c.PlaceOrder] = {}
        """The terms of all orders there ever were."""
        self.labels: dict[str, OrderId] = {}
        self.transfers: dict[str, TransferId] = {}
        """Of deposits and withdrawals, by their labels."""
        self.unsaid: list[str] = []
        """What came of the commands so far, as sentences, that a scenario has yet to say."""

    def tell(self, command: c.Command) -> Record:
        """Give `command` to the engine, and learn what came of it."""
        (data,) = self.engine.execute(self.time, [encode_command(command)])
        self.records.append(data)
        record = decode_record(data)
        for event in record.events:
            if sentence := self.sentence(event):
                self.unsaid.append(sentence)
            match event:
                case e.OrderPlaced():
                    assert isinstance(record.command, c.PlaceOrder)
                    self.orders[event.order] = record.command
                case e.CurrencyAdded():
                    self.listings.put_currency(event.currency)
                case e.MarketAdded():
                    self.listings.put_market(event.market)
        return record

    def look(self) -> Snapshot:
        """The whole state, as the engine itself has it."""
        return read(self.engine.snapshot())

    def account(self, name: str) -> AccountId:
        """Of `name`, who opens one when first mentioned."""
        if name not in self.accounts:
            (opened,) = self.tell(c.OpenAccount()).events
            assert isinstance(opened, e.AccountOpened)
            self.accounts[name] = opened.account
        return self.accounts[name]

    def name(self, account: AccountId) -> str:
        return next(name for name, number in self.accounts.items() if number == account)

    def currency(self, symbol: str) -> Currency:
        """Or one that is not listed."""
        number = self.listings.currency_of.get(symbol, UNLISTED)
        return self.listings.currencies[number]

    def market(self, symbol: str | None) -> Market:
        """Or one that is not listed; None is the market that scenarios do not name."""
        number = self.listings.market_of.get(symbol or DEFAULT_MARKET, UNLISTED)
        return self.listings.markets[number]

    def sentence(self, event: e.Event) -> str | None:
        """`event` as a line of a scenario; None where it goes without saying."""
        match event:
            case e.Traded():
                return f"> {self._trade(event)}"
            case e.OrderCanceled(reason=reason) if reason.name != "REQUESTED":
                return f"> {self._order(event)} canceled: {words(reason.name)}"
            case e.StopTriggered():
                terms = self.orders[event.order]
                stop = text(terms.stop_price, self.listings.markets[terms.market].price_decimals)
                return f"> {self.name(terms.account)}'s stop at {stop} triggered"
            case e.OrderRepeated():
                label = next((a for a, order in self.labels.items() if order == event.order), "?")
                return f"> the same order as {label}"
            case e.Refused():
                return f"! {words(event.reason.name)}"
        return None

    def _trade(self, trade: e.Traded) -> str:
        market = self.listings.markets[trade.market]
        taker, maker = self.name(trade.taker_account), self.name(trade.maker_account)
        quantity = text(trade.quantity, market.amount_decimals)
        price = text(trade.price, market.price_decimals)
        if trade.taker_side is Side.BUY:
            said = f"{taker} buys {quantity} at {price} from {maker}{_where(market)}"
            fees = (taker, trade.taker_fee, market.base), (maker, trade.maker_fee, market.quote)
        else:
            said = f"{taker} sells {quantity} at {price} to {maker}{_where(market)}"
            fees = (taker, trade.taker_fee, market.quote), (maker, trade.maker_fee, market.base)
        for who, fee, of in fees:
            if fee:
                currency = self.listings.currencies[of]
                said += f", {who} pays {text(fee, currency.decimals)} {currency.symbol}"
        return said

    def _order(self, canceled: e.OrderCanceled) -> str:
        market = self.listings.markets[canceled.market]
        side = "purchase" if canceled.side is Side.BUY else "sale"
        quantity = text(canceled.leaves, market.amount_decimals)
        price = text(canceled.price, market.price_decimals) if canceled.price else "market"
        return f"{self.name(canceled.account)}'s {side} of {quantity} at {price}{_where(market)}"


def answer(world: World, command: c.Command) -> Reason | None:
    """Why `command` is refused; None where it is not."""
    first = world.tell(command).events[0]
    return first.reason if isinstance(first, e.Refused) else None


def count(number: str, decimals: int) -> Any:
    """`number` in units of 10**-decimals. Raises ValueError where that is not a whole number."""
    units = Decimal(number).scaleb(decimals)
    if units != int(units):
        raise ValueError(f"{number} has more than {decimals} decimals")
    return int(units)


def text(units: int, decimals: int) -> str:
    return format(Decimal(units).scaleb(-decimals).normalize(), "f")


def words(name: str) -> str:
    return name.lower().replace("_", " ")


def _where(market: Market) -> str:
    return "" if market.symbol == DEFAULT_MARKET else f" in {market.symbol}"
