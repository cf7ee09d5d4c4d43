"""The scenario language: what people do on an exchange and what must come of it, line by line.

    carol sells 5 at 10                      # a sentence: a command, told to the engine
    bob buys 8 at 11 ioc
    > bob buys 5 at 10 from carol            # all that came of it, in order, the taker first
    > bob's purchase of 3 at 11 canceled: immediate or cancel
    bob buys 8 at 11
    ! insufficient balance                   # it was refused, and why
    = bob BTC 5                              # a balance, and nothing put aside of it
    = book 9: 2 | 10: 5, 11: 1               # the whole book, the best prices at the bar

That an order rests in the book, or is canceled as its owner asked, goes without saying. Everything
else must be said. docs/rulebook/README.md explains all sentences.
"""

import re
from collections import defaultdict
from decimal import Decimal
from itertools import groupby
from typing import Any

from coinport.model import commands as c
from coinport.model.events import OrderPlaced
from coinport.model.listings import CurrencyKind
from coinport.model.trading import MarketState, OrderType, SelfTradePrevention, Side, TimeInForce
from coinport.model.units import PPM
from tests import transfer_sentences  # noqa: F401, because its sentences count as well
from tests.engines import NewEngine
from tests.sentences import AMOUNT, MARKET, NUMBER, SENTENCES, WHO, WHY, sentence, signed
from tests.world import World, count, text

PRELUDE = """
admin lists BTC with 8 decimals
admin lists USD with 8 decimals
admin lists BTC-USD with prices to 0.01 and amounts to 0.0001
"""
MILLISECONDS = {"millisecond": 1, "second": 1_000, "minute": 60_000, "hour": 3_600_000}


class NotASentence(Exception):
    pass


def play(scenario: str, new_engine: NewEngine) -> World:
    """Act `scenario` out in a new world that has the market BTC-USD.

    Raises AssertionError where it does not come true, NotASentence where it means nothing.
    """
    world = World(new_engine)
    for number, line in enumerate((PRELUDE + scenario).splitlines(), -PRELUDE.count("\n") + 1):
        try:
            _act(world, " ".join(re.sub(r"(^|\s)#.*", "", line).split()))
        except Exception as error:
            error.add_note(f"line {number} of the scenario: {line.strip()}")
            raise
    assert not world.unsaid, f"at the end, {world.unsaid} happened"
    return world


def _act(world: World, line: str) -> None:
    if line.startswith((">", "!")):
        assert [line] == world.unsaid[:1], f"{world.unsaid[:1] or 'nothing more'} happened"
        del world.unsaid[0]
    elif line:
        assert not world.unsaid, f"before this, {world.unsaid} happened"
        repeated = re.fullmatch(r"(\d+) times: (.*)", line)
        times, line = (int(repeated[1]), repeated[2]) if repeated else (1, line)
        for _ in range(times):
            _mean(world, line)
        runs = ((said, sum(1 for _ in same)) for said, same in groupby(world.unsaid))
        world.unsaid = [said if n == 1 else f"{said}, {n} times" for said, n in runs]


def _mean(world: World, line: str) -> None:
    for pattern, act in SENTENCES:
        if found := pattern.fullmatch(line):
            return act(world, **found.groupdict())
    raise NotASentence(line)


# What traders do. What they do with deposits and withdrawals stands in `transfer_sentences`.


@sentence(
    rf"{WHO} (?P<side>buys|sells) "
    rf"(?:for (?P<value>{NUMBER})|(?P<quantity>{NUMBER}) at (?:market|(?P<price>{NUMBER})))"
    rf"(?P<terms>(?: in {MARKET}| stop (?P<stop>{NUMBER})| (?P<time>ioc|fok)| (?P<post>post-only)"
    r"| expire (?P<prevention>taker|maker|both)| id (?P<client>\S+)| as (?P<label>\w+))*)"
)
def place(world: World, who: str, label: str | None, **said: Any) -> None:
    market = world.market(said["market"])
    at_market = said["price"] is None
    command = c.PlaceOrder(
        account=world.account(who),
        market=market.market,
        side=Side.BUY if said["side"] == "buys" else Side.SELL,
        order_type=OrderType.MARKET if at_market else OrderType.LIMIT,
        price=count(said["price"] or "0", market.price_decimals),
        quantity=count(said["quantity"] or "0", market.amount_decimals),
        value=count(said["value"] or "0", world.listings.currencies[market.quote].decimals),
        time_in_force=TimeInForce[(said["time"] or "gtc").upper()],
        post_only=bool(said["post"]),
        stop_price=count(said["stop"] or "0", market.price_decimals),
        self_trade_prevention=SelfTradePrevention[
            f"EXPIRE_{said['prevention'].upper()}" if said["prevention"] else "NONE"
        ],
        client_order_id=said["client"] or "",
    )
    first = world.tell(command).events[0]
    if label and isinstance(first, OrderPlaced):
        world.labels[label] = first.order


@sentence(rf"{WHO} cancels (?P<label>[A-Z]\w*)")
def cancel(world: World, who: str, label: str) -> None:
    world.tell(c.CancelOrder(world.account(who), world.labels[label]))


@sentence(rf"{WHO} cancels all(?: in {MARKET})?")
def cancel_all(world: World, who: str, market: str | None) -> None:
    everywhere: Any = 0
    where = world.market(market).market if market else everywhere
    world.tell(c.CancelAllOrders(world.account(who), where))


@sentence(rf"{WHO} deposits {AMOUNT}")
def deposit(world: World, who: str, amount: str, currency: str) -> None:
    move(world, "credits", who, amount, currency, key=None, note=None)


# What the administrator does, and time.


@sentence(rf"admin (?P<way>credits|debits) {WHO} {AMOUNT}(?: key (?P<key>\S+))?{WHY}")
def move(
    world: World, way: str, who: str, amount: str, currency: str, key: str | None, note: str | None
) -> None:
    listed = world.currency(currency)
    command = c.Credit if way == "credits" else c.Debit
    units = count(amount, listed.decimals)
    account = world.account(who)
    world.tell(command(account, listed.currency, units, key or "", *signed(note)))


@sentence(rf"admin (?P<way>suspends|resumes) {WHO}{WHY}")
def suspend(world: World, way: str, who: str, note: str | None) -> None:
    command = c.SuspendAccount if way == "suspends" else c.ResumeAccount
    world.tell(command(world.account(who), *signed(note)))


@sentence(
    r"admin lists (?P<symbol>\w+) with (?P<decimals>\d+) decimals"
    rf"(?:, (?P<kind>fiat|off chain))?{WHY}"
)
def list_currency(
    world: World, symbol: str, decimals: str, kind: str | None, note: str | None
) -> None:
    of = CurrencyKind[(kind or "chain").replace(" ", "_").upper()]
    world.tell(c.AddCurrency(symbol, int(decimals), of, *signed(note)))


@sentence(
    r"admin lists (?P<base>[A-Z]+)-(?P<quote>[A-Z]+)"
    r" with prices to (?P<tick>[\d.]+) and amounts to (?P<lot>[\d.]+)"
    rf"(?:, minimum (?P<minimum>{NUMBER}))?(?: or that of {MARKET})?(?P<halted>, halted)?{WHY}"
)
def list_market(world: World, base: str, quote: str, note: str | None, **said: str | None) -> None:
    paid = world.currency(quote)
    command = c.AddMarket(
        base=world.currency(base).currency,
        quote=paid.currency,
        price_decimals=_decimals(said["tick"]),
        amount_decimals=_decimals(said["lot"]),
        minimum_value=count(said["minimum"] or "0", paid.decimals),
        reference=world.market(said["market"]).market if said["market"] else count("0", 0),
        maker_fee_ppm=0,
        taker_fee_ppm=0,
        state=MarketState.HALTED if said["halted"] else MarketState.OPEN,
        actor="admin",
        note=signed(note)[1],
    )
    world.tell(command)


@sentence(rf"admin (?P<state>opens|halts|restricts) {MARKET}{WHY}")
def set_state(world: World, state: str, market: str, note: str | None) -> None:
    states = {"opens": MarketState.OPEN, "halts": MarketState.HALTED}
    to = states.get(state, MarketState.CANCEL_ONLY)
    world.tell(c.SetMarketState(world.market(market).market, to, *signed(note)))


@sentence(
    rf"admin charges makers (?P<maker>{NUMBER})% and takers (?P<taker>{NUMBER})%"
    rf" in {MARKET}{WHY}"
)
def set_fees(world: World, maker: str, taker: str, market: str, note: str | None) -> None:
    where = world.market(market).market
    world.tell(c.SetMarketFees(where, _ppm(maker), _ppm(taker), *signed(note)))


@sentence(rf"admin allows prices within (?P<band>{NUMBER})% in {MARKET}{WHY}")
def set_band(world: World, band: str, market: str, note: str | None) -> None:
    world.tell(c.SetPriceBand(world.market(market).market, _ppm(band), *signed(note)))


@sentence(rf"(?P<way>later|earlier) (?P<amount>\d+) (?P<unit>{'|'.join(MILLISECONDS)})s?")
def pass_time(world: World, way: str, amount: str, unit: str) -> None:
    world.time += int(amount) * MILLISECONDS[unit] * (1 if way == "later" else -1)  # type: ignore[assignment]


def _ppm(percent: str) -> int:
    return int(Decimal(percent) * PPM / 100)


def _decimals(step: str | None) -> int:
    return -int(Decimal(step or "1").as_tuple().exponent)


# How things stand.


@sentence(
    rf"= {WHO} (?P<currency>[A-Z]+) (?P<free>{NUMBER})(?: held (?P<held>{NUMBER}))?"
    rf"(?: pending (?P<pending>{NUMBER}))?(?: held back (?P<back>{NUMBER}))?"
)
def expect_balance(world: World, who: str, currency: str, free: str, **said: str | None) -> None:
    listed = world.currency(currency)
    first = world.account(who) * 4
    balances = {of: units for owned, of, units in world.look().balances if owned == listed.currency}
    has = [text(balances.get(first + bucket, 0), listed.decimals) for bucket in range(4)]
    expected = [free, said["held"] or "0", said["pending"] or "0", said["back"] or "0"]
    assert has == expected, f"{who} has {has[0]}, and {', '.join(has[1:])} put aside"


@sentence(rf"= book(?: in {MARKET})?(?P<bids>[^|]*)\|(?P<asks>.*)")
def expect_book(world: World, market: str | None, bids: str, asks: str) -> None:
    listed = world.market(market)
    levels: dict[Side, dict[int, int]] = {Side.BUY: defaultdict(int), Side.SELL: defaultdict(int)}
    for order in world.look().resting:
        if order.market == listed.market:
            levels[order.side][order.price] += order.leaves
    both = []
    for side in (Side.BUY, Side.SELL):
        row = [
            f"{text(price, listed.price_decimals)}: {text(lots, listed.amount_decimals)}"
            for price, lots in sorted(levels[side].items())
        ]
        both.append(", ".join(row))
    stands = " | ".join(both)
    assert (bids.strip(), asks.strip()) == tuple(both), f"the book is: {stands}"


@sentence(rf"= {WHO} has (?:no open orders|(?P<labels>.*) open)")
def expect_open(world: World, who: str, labels: str | None) -> None:
    """The labels of all open orders of an account, the oldest first."""
    snapshot = world.look()
    account = world.account(who)
    owned = [order.order for order in snapshot.resting if order.account == account]
    owned += [order.order for order in snapshot.waiting if order.terms.account == account]
    named = {order: label for label, order in world.labels.items()}
    stand = ", ".join(named.get(order, "?") for order in sorted(owned))
    assert stand == (labels or ""), f"open are: {stand}"


@sentence(rf"= last price(?: in {MARKET})? (?P<price>{NUMBER})")
def expect_last_price(world: World, market: str | None, price: str) -> None:
    listed = world.market(market)
    snapshot = world.look()
    last = snapshot.last_prices[[row.market for row in snapshot.markets].index(listed.market)]
    assert text(last, listed.price_decimals) == price, f"it is {last} ticks"
