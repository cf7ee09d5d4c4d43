import msgspec
from sqlalchemy import select

from coinport.model.events import OrderPlaced
from coinport.model.reasons import Reason
from coinport.model.records import decode_record
from coinport.model.trading import OrderType, SelfTradePrevention, Side, TimeInForce
from coinport.readmodels.orders import (
    Order,
    OrderStatus,
    orders,
    placed_order,
)
from coinport.readmodels.projector import Projector
from tests.readmodels.histories import lively
from tests.readmodels.stage import Stage, Tape, act, ask
from tests.readmodels.stories import RICH

OPEN, FILLED, PARTLY, CANCELED = OrderStatus


def listed(stage: Stage, who: str, **filters) -> list[Order]:
    filters.setdefault("limit", 200)
    page = ask(stage.orders.of(stage.world.accounts[who], **filters))
    assert not page.more
    return page.rows


def labeled(stage: Stage, orders: list[Order]) -> str:
    """The labels of `orders`, in their order."""
    names = {order: label for label, order in stage.world.labels.items()}
    return " ".join(names[order.id] for order in orders)


def order(stage: Stage, label: str) -> Order:
    number = stage.world.labels[label]
    account = stage.world.orders[number].account
    (found,) = ask(stage.orders.by_id(account, [number]))
    return found


def test_an_order_has_its_terms(database):
    stage = act(
        database,
        RICH
        + """
        later 5 seconds
        alice sells 2.5 at 10 stop 9 expire maker id my-order as A
        bob buys 1 at 9.5 post-only as B
        """,
    )
    now = stage.world.time
    assert order(stage, "A") == Order(
        id=stage.world.labels["A"],
        updated_ms=now,
        booked=False,
        triggered=False,
        executed=0,
        executed_value=0,
        fee=0,
        reason=0,
        account=stage.world.accounts["alice"],
        market=1,
        side=Side.SELL,
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        stop_price=900,
        self_trade_prevention=SelfTradePrevention.EXPIRE_MAKER,
        price=1000,
        quantity=25_000,
        value=0,
        client_order_id="my-order",
        created_ms=now,
    )
    assert order(stage, "A").status is OPEN
    assert order(stage, "B").post_only
    assert order(stage, "B").booked


def test_an_order_that_trades_has_what_it_traded_its_value_and_its_fee(database):
    stage = act(
        database,
        RICH
        + """
        admin charges makers 0.1% and takers 0.2% in BTC-USD
        alice sells 3 at 10 as A
        later 7 seconds
        bob buys 1 at 10 as B
        > bob buys 1 at 10 from alice, bob pays 0.002 BTC, alice pays 0.01 USD
        bob buys 1 at 11 as C
        > bob buys 1 at 10 from alice, bob pays 0.002 BTC, alice pays 0.01 USD
        """,
    )
    sale = order(stage, "A")
    assert (sale.executed, sale.leaves, sale.status) == (20_000, 10_000, PARTLY)
    assert sale.executed_value == 20 * 10**8
    assert sale.fee == 2 * 10**6
    assert sale.updated_ms == sale.created_ms + 7_000
    purchase = order(stage, "C")
    assert (purchase.executed, purchase.leaves, purchase.status) == (10_000, 0, FILLED)
    assert purchase.executed_value == 10 * 10**8
    assert purchase.fee == 2 * 10**5
    assert not purchase.booked


def test_how_orders_end(database):
    stage = act(
        database,
        RICH
        + """
        alice sells 1 at 10 as A
        alice sells 1 at 11 as B
        alice sells 1 at 12 as C
        bob buys 3 at 10 ioc as D
        > bob buys 1 at 10 from alice
        > bob's purchase of 2 at 10 canceled: immediate or cancel
        bob buys 0.5 at 11 as E
        > bob buys 0.5 at 11 from alice
        alice cancels B
        admin suspends alice
        > alice's sale of 1 at 12 canceled: suspended
        """,
    )
    ended = {label: order(stage, label) for label in "ABCDE"}
    statuses = [order.status for order in ended.values()]
    assert statuses == [FILLED, CANCELED, CANCELED, CANCELED, FILLED]
    reasons = [order.reason for order in ended.values()]
    assert reasons == [
        0,
        Reason.REQUESTED,
        Reason.SUSPENDED,
        Reason.IMMEDIATE_OR_CANCEL,
        0,
    ]
    assert (ended["B"].executed, ended["B"].leaves) == (5_000, 5_000)


def test_a_stop_order_is_open_while_it_waits(database):
    waiting = order(act(database, RICH + "bob buys 1 at 8 stop 9 as A"), "A")
    assert waiting.status is OPEN
    assert not waiting.triggered
    assert not waiting.booked


def test_a_triggered_stop_order_keeps_its_terms(database):
    stage = act(
        database,
        RICH
        + """
        bob buys 1 at 8 stop 9 as A
        alice sells 1 at 9
        later 1 hour
        bob buys 1 at 9
        > bob buys 1 at 9 from alice
        > bob's stop at 9 triggered
        """,
    )
    triggered = order(stage, "A")
    assert triggered.triggered
    assert triggered.booked
    assert triggered.updated_ms == triggered.created_ms + 3_600_000
    assert triggered.price == 800
    assert triggered.status is OPEN


def test_a_refused_order_leaves_no_row_and_a_repeated_one_no_second(database):
    stage = act(
        database,
        RICH
        + """
        alice sells 1 at 10 id once as A
        later 1 minute
        alice sells 1 at 10 id once
        > the same order as A
        alice sells 1 at 11 id once
        ! client order id reused
        """,
    )
    assert labeled(stage, listed(stage, "alice")) == "A"
    assert order(stage, "A").updated_ms == order(stage, "A").created_ms


def test_a_market_buy_by_value_has_the_quantity_its_value_buys(database):
    stage = act(
        database,
        RICH
        + """
        alice sells 4 at 10
        bob buys for 25 as A
        > bob buys 2.5 at 10 from alice
        """,
    )
    bought = order(stage, "A")
    assert (bought.value, bought.quantity, bought.price) == (25 * 10**8, 25_000, 0)
    assert bought.status is FILLED


MANY = RICH + "".join(
    f"""
    alice sells 1 at 10 as A{number}
    bob buys 1 at 10 as B{number}
    > bob buys 1 at 10 from alice
    bob buys 1 at 9 as C{number}
    alice sells 2 at 11 as D{number}
    """
    for number in range(3)
)


def test_orders_are_listed_newest_first_page_by_page(database):
    stage = act(database, MANY + "bob cancels C1")
    bob = stage.world.accounts["bob"]
    first = ask(stage.orders.of(bob, limit=4))
    assert labeled(stage, first.rows) == "C2 B2 C1 B1"
    assert first.more
    second = ask(stage.orders.of(bob, cursor=first.rows[-1].id, limit=2))
    assert labeled(stage, second.rows) == "C0 B0"
    assert not second.more
    assert ask(stage.orders.of(bob, cursor=0, limit=2)).rows == []
    assert len(ask(stage.orders.of(bob, cursor=10**30, limit=200)).rows) == 6


def test_orders_are_filtered_by_status_and_market(database):
    stage = act(
        database,
        """
        admin lists LTC with 8 decimals
        admin lists LTC-BTC with prices to 0.01 and amounts to 0.0001
        """
        + MANY
        + """
        bob cancels C1
        alice sells 1 at 12 in LTC-BTC
        ! insufficient balance
        alice buys 5 at 2 in LTC-BTC as L
        bob buys 1 at 11 as E
        > bob buys 1 at 11 from alice
        """,
    )
    assert labeled(stage, listed(stage, "bob", status=OPEN)) == "C2 C0"
    assert labeled(stage, listed(stage, "bob", status=FILLED)) == "E B2 B1 B0"
    assert labeled(stage, listed(stage, "bob", status=CANCELED)) == "C1"
    assert labeled(stage, listed(stage, "alice", status=PARTLY)) == "D0"
    assert labeled(stage, listed(stage, "alice", status=OPEN)) == "L D2 D1"
    assert labeled(stage, listed(stage, "alice", status=OPEN, market=1)) == "D2 D1"
    assert labeled(stage, listed(stage, "alice", market=2)) == "L"


def test_orders_by_id_are_only_ones_own_and_known_ones(database):
    stage = act(database, MANY)
    labels = stage.world.labels
    wanted = [labels["B0"], labels["A0"], labels["C2"], 5, -1, 10**40, labels["B0"]]
    found = ask(stage.orders.by_id(stage.world.accounts["bob"], wanted))
    assert labeled(stage, found) == "C2 B0"


def test_the_record_alone_tells_the_order_it_placed(database):
    world = lively()
    tape = Tape()
    projector = Projector(database, tape)
    placed = 0
    for data in world.records[:600]:
        tape.records.append(data)
        projector.project()
        record = decode_record(data)
        order = placed_order(record, world.listings)
        if order is not None:
            assert stored(database, order.id) == order
            placed += 1
        else:
            assert not any(isinstance(event, OrderPlaced) for event in record.events)
    assert placed > 200


def stored(database, order):
    row = database.write_now(lambda c: c.execute(select(orders).where(orders.c.id == order)).one())
    return msgspec.convert(tuple(row), Order, strict=False)
