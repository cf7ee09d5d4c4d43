"""Orders, as the pages of the rulebook have them."""

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from coinport.model import units
from coinport.model.commands import CancelAllOrders, CancelOrder, PlaceOrder
from coinport.model.events import OrderBooked, OrderPlaced, OrderRepeated, StopTriggered, Traded
from coinport.model.listings import Market
from coinport.model.reasons import Reason
from coinport.model.trading import MarketState, OrderType, SelfTradePrevention, Side, TimeInForce
from tests.properties.oracle.exchange import Exchange, Objections, Open

DAY_MS = 24 * 60 * 60 * 1000
EXPIRES_TAKER = (SelfTradePrevention.EXPIRE_TAKER, SelfTradePrevention.EXPIRE_BOTH)
EXPIRES_MAKER = (SelfTradePrevention.EXPIRE_MAKER, SelfTradePrevention.EXPIRE_BOTH)


def against_place(x: Exchange, o: PlaceOrder) -> Objections:
    yield o.account not in x.accounts, Reason.UNKNOWN_ACCOUNT
    if first := _first_of_that_name(x, o):
        yield first[2] != o, Reason.CLIENT_ORDER_ID_REUSED
        return
    yield not 0 < o.market <= len(x.markets), Reason.UNKNOWN_MARKET
    market = x.market(o.market)
    yield o.account in x.suspended, Reason.ACCOUNT_SUSPENDED
    yield market.state is not MarketState.OPEN, Reason.MARKET_CLOSED
    own = [order for order in x.open if order.terms.account == o.account]
    yield len(own) >= units.OPEN_ORDERS_MAX, Reason.TOO_MANY_OPEN_ORDERS
    waiting = sum(order.waits for order in own)
    yield o.stop_price != 0 and waiting >= units.STOP_ORDERS_MAX, Reason.TOO_MANY_OPEN_ORDERS
    yield from _against_words(o)
    yield from _against_sums(x, market, o)


def _against_words(o: PlaceOrder) -> Objections:
    yield len(o.client_order_id) > units.CLIENT_ORDER_ID_LENGTH_MAX, Reason.INVALID_TEXT
    yield o.stop_price < 0, Reason.INVALID_PRICE
    if o.order_type is OrderType.LIMIT:
        yield o.value != 0, Reason.INVALID_ORDER
        yield o.post_only and o.time_in_force is not TimeInForce.GTC, Reason.INVALID_ORDER
        yield o.price <= 0, Reason.INVALID_PRICE
        yield o.quantity <= 0, Reason.INVALID_QUANTITY
    else:
        yield bool(o.price or o.post_only or o.stop_price), Reason.INVALID_ORDER
        yield o.value != 0 and o.quantity != 0, Reason.INVALID_ORDER
        yield o.value != 0 and o.side is Side.SELL, Reason.INVALID_ORDER
        yield o.quantity < 0 or o.value < 0 or o.quantity == o.value, Reason.INVALID_QUANTITY


def _against_sums(x: Exchange, market: Market, o: PlaceOrder) -> Objections:
    most = units.AMOUNT_MAX
    worth, amount = x.cost(market, o.price, o.quantity), x.amount(market, o.quantity)
    yield max(worth, amount, o.value, o.stop_price) > most, Reason.TOO_LARGE
    funds = x.free[market.quote if o.side is Side.BUY else market.base, o.account]
    yield o.value > funds, Reason.INSUFFICIENT_BALANCE
    if o.order_type is OrderType.MARKET:
        now = _outcome(x, o, o.quantity, o.value)
        yield now.lots == 0 and now.satisfied, Reason.BELOW_MINIMUM_VALUE
        yield now.lots == 0, Reason.NO_LIQUIDITY
        yield now.cost > most, Reason.TOO_LARGE
        worth = now.cost
    yield worth < _least_value(x, market), Reason.BELOW_MINIMUM_VALUE
    last = x.last[o.market]
    if o.order_type is OrderType.LIMIT and market.band_ppm and last:
        away = Fraction(abs(o.price - last), last)
        yield away > Fraction(market.band_ppm, units.PPM), Reason.OUTSIDE_PRICE_BAND
    obstacle = None if o.stop_price else _obstacle(x, o)
    if obstacle:
        yield True, obstacle
    yield _hold(x, o) > funds, Reason.INSUFFICIENT_BALANCE


def place(x: Exchange, o: PlaceOrder) -> None:
    if first := _first_of_that_name(x, o):
        x.events.append(OrderRepeated(first[1]))
        return
    market, hold = x.market(o.market), int(_hold(x, o))
    quantity = o.quantity or _outcome(x, o, 0, o.value).lots
    order = Open(units.ORDER_FIRST + x.placed, o, quantity, hold, waits=o.stop_price != 0)
    x.placed += 1
    x.open.append(order)
    currency = market.quote if order.buys else market.base
    x.free[currency, o.account] -= hold
    x.held[currency, o.account] += hold
    if o.client_order_id:
        x.named[o.account, o.client_order_id] = (x.time, order.number, o)
    x.events.append(OrderPlaced(order.number, o.account, currency, hold, quantity))
    prices = {x.last[o.market]} - {0}
    if not order.waits:
        prices |= _match(x, order)
    _set_off_stops(x, o.market, prices)


def against_cancel(x: Exchange, command: CancelOrder) -> Objections:
    found = [o for o in x.open if (o.number, o.terms.account) == (command.order, command.account)]
    yield not found, Reason.UNKNOWN_ORDER
    yield x.market(found[0].terms.market).state is MarketState.HALTED, Reason.MARKET_CLOSED


def cancel(x: Exchange, command: CancelOrder) -> None:
    (order,) = (order for order in x.open if order.number == command.order)
    x.end(order, Reason.REQUESTED)


def against_cancel_all(x: Exchange, command: CancelAllOrders) -> Objections:
    yield command.account not in x.accounts, Reason.UNKNOWN_ACCOUNT
    if command.market:
        yield not 0 < command.market <= len(x.markets), Reason.UNKNOWN_MARKET
        yield x.market(command.market).state is MarketState.HALTED, Reason.MARKET_CLOSED


def cancel_all(x: Exchange, command: CancelAllOrders) -> None:
    for order in list(x.open):
        market = x.market(order.terms.market)
        meant = command.market in (0, market.market) and order.terms.account == command.account
        if meant and market.state is not MarketState.HALTED:
            x.end(order, Reason.REQUESTED)


def _first_of_that_name(x: Exchange, o: PlaceOrder) -> tuple[int, int, PlaceOrder] | None:
    first = x.named.get((o.account, o.client_order_id))
    return first if first and x.time - first[0] < DAY_MS else None


def _hold(x: Exchange, o: PlaceOrder) -> Fraction:
    market = x.market(o.market)
    if o.side is Side.SELL:
        return x.amount(market, o.quantity)
    if o.order_type is OrderType.LIMIT:
        return x.cost(market, o.price, o.quantity)
    return _outcome(x, o, o.quantity, o.value).cost


def _least_value(x: Exchange, market: Market) -> Fraction:
    """In quote units of `market`."""
    if not market.reference or not x.last[market.reference]:
        return Fraction(market.minimum_value)
    reference = x.market(market.reference)
    least = Fraction(reference.minimum_value, 10 ** x.currency(reference.quote).decimals)
    price = Fraction(x.last[market.reference], 10**reference.price_decimals)
    return least / price * 10 ** x.currency(market.quote).decimals


def _obstacle(x: Exchange, o: PlaceOrder) -> Reason | None:
    """What keeps an order from being matched now, though it may be placed."""
    if o.post_only and _offers(x, o):
        return Reason.POST_ONLY_WOULD_MATCH
    if o.time_in_force is TimeInForce.FOK and not _outcome(x, o, o.quantity, o.value).satisfied:
        return Reason.NOT_FILLABLE
    return None


def _offers(x: Exchange, o: PlaceOrder) -> list[Open]:
    """What it could trade with: the best price first, then the first in the book."""
    sign = 1 if o.side is Side.BUY else -1
    found = [
        order
        for order in x.open
        if order.booked and order.terms.market == o.market and order.terms.side is not o.side
        if o.order_type is OrderType.MARKET or sign * order.terms.price <= sign * o.price
    ]
    return sorted(found, key=lambda order: (sign * order.terms.price, order.booked))


@dataclass
class _Outcome:
    """What would come of an order if it were matched now."""

    fills: list[tuple[Open, int]] = field(default_factory=list)
    """(maker, lots); 0 lots: the maker expires."""
    ended: Reason | None = None
    cost: Fraction = Fraction(0)
    lots: int = 0
    satisfied: bool = False
    """It got all the lots it wanted, or all that its value can pay."""


def _outcome(x: Exchange, o: PlaceOrder, quantity: int, value: int) -> _Outcome:
    out, trades = _Outcome(), 0
    for maker in _offers(x, o):
        if o.self_trade_prevention and maker.terms.account == o.account:
            if o.self_trade_prevention in EXPIRES_MAKER:
                out.fills.append((maker, 0))
            if o.self_trade_prevention in EXPIRES_TAKER:
                out.ended = Reason.SELF_TRADE
                break
            continue
        if trades == units.TRADES_MAX:
            out.ended = Reason.TRADES_MAX
            break
        each = x.cost(x.market(o.market), maker.terms.price, 1)
        wanted = quantity - out.lots if quantity else int((value - out.cost) / each)
        lots = min(wanted, maker.left)
        if lots:
            out.fills.append((maker, lots))
        trades += 1
        out.lots += lots
        out.cost += lots * each
        if lots == wanted:
            out.satisfied = True
            break
    return out


def _match(x: Exchange, order: Open) -> set[int]:
    """Returns the prices it traded at."""
    o = order.terms
    prices: set[int] = set()
    outcome = _outcome(x, o, order.left, 0)
    for maker, lots in outcome.fills:
        if lots:
            prices.add(maker.terms.price)
            _trade(x, order, maker, lots)
        else:
            x.end(maker, Reason.SELF_TRADE)
    if not order.left:
        return prices
    if outcome.ended:
        x.end(order, outcome.ended)
    elif o.order_type is OrderType.MARKET:
        x.end(order, Reason.NO_LIQUIDITY)
    elif o.time_in_force is not TimeInForce.GTC:
        x.end(order, Reason.IMMEDIATE_OR_CANCEL)
    else:
        x.booked += 1
        order.booked = x.booked
        x.events.append(OrderBooked(order.number, o.market, o.side, o.price, order.left))
    return prices


def _trade(x: Exchange, taker: Open, maker: Open, lots: int) -> None:
    market, price = x.market(taker.terms.market), maker.terms.price
    cost, amount = int(x.cost(market, price, lots)), int(x.amount(market, lots))
    released = 0
    if taker.buys and taker.terms.price:
        released = int(x.cost(market, taker.terms.price, lots)) - cost
    fees = []
    for order, ppm in ((taker, market.taker_fee_ppm), (maker, market.maker_fee_ppm)):
        owner = order.terms.account
        paid, received = (cost, amount) if order.buys else (amount, cost)
        pays, gets = (market.quote, market.base) if order.buys else (market.base, market.quote)
        fee = ceil(Fraction(received * ppm, units.PPM))
        back = released if order is taker else 0
        x.pay(order, pays, paid + back)
        x.free[pays, owner] += back
        x.free[gets, owner] += received - fee
        x.free[gets, units.FEE_ACCOUNT] += fee
        fees.append(fee)
        order.left -= lots
        if not order.left:
            assert order.held == 0
            x.open.remove(order)
    x.last[market.market] = price
    x.events.append(
        Traded(
            trade=units.TRADE_FIRST + x.traded,
            market=market.market,
            taker_side=taker.terms.side,
            price=price,
            quantity=lots,
            taker_order=taker.number,
            taker_account=taker.terms.account,
            taker_fee=fees[0],
            maker_order=maker.number,
            maker_account=maker.terms.account,
            maker_fee=fees[1],
            released=released,
        )
    )
    x.traded += 1


def _set_off_stops(x: Exchange, market: int, prices: set[int]) -> None:
    """`prices` are all that were traded at in this command, and the last one before it."""
    while True:
        waiting = [order for order in x.open if order.waits and order.terms.market == market]
        buys = [o for o in waiting if o.buys and any(p >= o.terms.stop_price for p in prices)]
        sells = [o for o in waiting if not o.buys and any(p <= o.terms.stop_price for p in prices)]
        buys.sort(key=lambda order: (order.terms.stop_price, order.number))
        sells.sort(key=lambda order: (-order.terms.stop_price, order.number))
        if not buys and not sells:
            return
        order = min(buys[:1] + sells[:1], key=lambda order: order.number)
        order.waits = False
        x.events.append(StopTriggered(order.number))
        if obstacle := _obstacle(x, order.terms):
            x.end(order, obstacle)
        else:
            prices |= _match(x, order)
