"""The laws: what holds for every history, whatever the rules say about one order.

Checked from outside, on the records of an engine and its snapshot: by every scenario of the
rulebook and every random history.
"""

from collections import Counter
from collections.abc import Sequence

from coinport.engine.accounting import (
    AVAILABLE,
    FROZEN,
    HELD,
    PENDING,
    SUSPENSE_POCKET,
    transfers,
)
from coinport.engine.seam import Engine
from coinport.engine.snapshot import Snapshot, read
from coinport.model import events as e
from coinport.model.commands import PlaceOrder
from coinport.model.listings import Listings, Market
from coinport.model.records import Record, decode_record, encode_command
from coinport.model.trading import Side
from coinport.model.transfers import DepositStage
from coinport.model.units import (
    CUSTODY_ACCOUNT,
    ORDER_FIRST,
    SUSPENSE_ACCOUNT,
    TRADE_FIRST,
    TRANSFER_FIRST,
)
from tests.engines import NewEngine

Pockets = dict[tuple[int, int], int]
"""(currency, pocket): what is in it, where that is not 0."""
Levels = dict[tuple[int, int, int], int]
"""(market, side, price): lots."""


def check(new_engine: NewEngine, engine: Engine, records: Sequence[bytes]) -> None:
    """All laws, for `engine` after it wrote `records`."""
    saved = engine.snapshot()
    history = [decode_record(data) for data in records]
    snapshot = read(saved)
    _ids_are_consecutive(history)
    _money_is_conserved(snapshot)
    _frozen_is_what_open_orders_hold(snapshot)
    _pending_is_what_open_withdrawals_ask_for(snapshot)
    _held_back_is_what_deposits_say(snapshot)
    _suspense_is_what_nobody_was_assigned(snapshot)
    _no_book_is_crossed(snapshot)
    _events_tell_the_balances(history, snapshot)
    _events_tell_the_books(history, snapshot)
    _replay_gives_the_same_state(new_engine, saved, records)
    _the_same_commands_give_the_same_records(new_engine, records, history)


def _ids_are_consecutive(history: list[Record]) -> None:
    events = [event for record in history for event in record.events]
    placed = [event.order for event in events if isinstance(event, e.OrderPlaced)]
    trades = [event.trade for event in events if isinstance(event, e.Traded)]
    begun = (e.DepositAnnounced, e.WithdrawalRequested)
    moved = [event.transfer for event in events if isinstance(event, begun)]
    assert placed == list(range(ORDER_FIRST, ORDER_FIRST + len(placed)))
    assert trades == list(range(TRADE_FIRST, TRADE_FIRST + len(trades)))
    assert moved == list(range(TRANSFER_FIRST, TRANSFER_FIRST + len(moved)))
    assert [record.sequence for record in history] == list(range(1, len(history) + 1))
    times = [record.time for record in history]
    assert times == sorted(times)


def _money_is_conserved(snapshot: Snapshot) -> None:
    total: Counter[int] = Counter()
    for currency, of, units in snapshot.balances:
        total[currency] += units
        assert units > 0 or of == CUSTODY_ACCOUNT * 4 + AVAILABLE, f"{units} in pocket {of}"
    assert not any(total.values()), f"money came from nowhere: {total}"


def _frozen_is_what_open_orders_hold(snapshot: Snapshot) -> None:
    markets = {market.market: market for market in snapshot.markets}
    holds: Counter[tuple[int, int]] = Counter()
    for order in snapshot.resting:
        market = markets[order.market]
        currency, hold = _hold(market, order.side, order.price, order.leaves)
        holds[currency, order.account * 4 + FROZEN] += hold
    for order in snapshot.waiting:
        terms = order.terms
        currency, hold = _hold(markets[terms.market], terms.side, terms.price, terms.quantity)
        holds[currency, terms.account * 4 + FROZEN] += hold
    assert _in_bucket(snapshot, FROZEN) == dict(holds)


def _pending_is_what_open_withdrawals_ask_for(snapshot: Snapshot) -> None:
    asked: Counter[tuple[int, int]] = Counter()
    for withdrawal in snapshot.withdrawals:
        asked[withdrawal.currency, withdrawal.account * 4 + PENDING] += withdrawal.amount
    assert _in_bucket(snapshot, PENDING) == dict(asked)


def _held_back_is_what_deposits_say(snapshot: Snapshot) -> None:
    held: Counter[tuple[int, int]] = Counter()
    for deposit in snapshot.deposits:
        assert 0 <= deposit.held <= deposit.amount
        held[deposit.currency, deposit.account * 4 + HELD] += deposit.held
    assert _in_bucket(snapshot, HELD) == dict(+held)


def _suspense_is_what_nobody_was_assigned(snapshot: Snapshot) -> None:
    """So what is assigned is always there."""
    nobodys: Counter[tuple[int, int]] = Counter()
    for deposit in snapshot.deposits:
        if deposit.account == SUSPENSE_ACCOUNT and deposit.stage is DepositStage.CREDITED:
            nobodys[deposit.currency, SUSPENSE_POCKET] += deposit.amount
    pockets = _pockets(snapshot).items()
    assert {key: units for key, units in pockets if key[1] == SUSPENSE_POCKET} == dict(nobodys)


def _hold(market: Market, side: Side, price: int, leaves: int) -> tuple[int, int]:
    if side is Side.BUY:
        return market.quote, price * leaves * market.scale
    return market.base, leaves * market.lot


def _in_bucket(snapshot: Snapshot, bucket: int) -> Pockets:
    return {key: units for key, units in _pockets(snapshot).items() if key[1] % 4 == bucket}


def _pockets(snapshot: Snapshot) -> Pockets:
    return {(currency, of): units for currency, of, units in snapshot.balances}


def _no_book_is_crossed(snapshot: Snapshot) -> None:
    for market in snapshot.markets:
        orders = [order for order in snapshot.resting if order.market == market.market]
        bids = [order.price for order in orders if order.side is Side.BUY]
        asks = [order.price for order in orders if order.side is Side.SELL]
        assert not bids or not asks or max(bids) < min(asks), f"{market.symbol} is crossed"


def _events_tell_the_balances(history: list[Record], snapshot: Snapshot) -> None:
    """What a reader of the feed adds up is what the engine has."""
    listings = Listings()
    balances: Counter[tuple[int, int]] = Counter()
    for record in history:
        for event in record.events:
            if isinstance(event, e.CurrencyAdded):
                listings.put_currency(event.currency)
            elif isinstance(event, e.MarketAdded):
                listings.put_market(event.market)
            for currency, debit, credit, units in transfers(event, listings):
                assert units >= 0
                balances[currency, debit] -= units
                balances[currency, credit] += units
    assert {key: units for key, units in balances.items() if units} == _pockets(snapshot)


def _events_tell_the_books(history: list[Record], snapshot: Snapshot) -> None:
    """Depth that follows the events is the depth of the engine's books."""
    told: Counter[tuple[int, int, int]] = Counter()
    for record in history:
        for event in record.events:
            match event:
                case e.OrderBooked():
                    told[event.market, event.side, event.price] += event.leaves
                case e.Traded():
                    maker_side = Side.SELL if event.taker_side is Side.BUY else Side.BUY
                    told[event.market, maker_side, event.price] -= event.quantity
                case e.OrderCanceled(booked=True):
                    told[event.market, event.side, event.price] -= event.leaves
        assert all(lots >= 0 for lots in told.values())
    stands: Counter[tuple[int, int, int]] = Counter()
    for order in snapshot.resting:
        assert order.leaves > 0
        stands[order.market, order.side, order.price] += order.leaves
    assert +told == stands


def _replay_gives_the_same_state(
    new_engine: NewEngine, saved: bytes, records: Sequence[bytes]
) -> None:
    """From the start, and on from a snapshot half-way."""
    replayed, restored = new_engine(), new_engine()
    half = len(records) // 2
    replayed.replay(records[:half])
    restored.restore(replayed.snapshot())
    assert restored.snapshot() == replayed.snapshot()
    for engine in (replayed, restored):
        engine.replay(records[half:])
        assert engine.snapshot() == saved


def _the_same_commands_give_the_same_records(
    new_engine: NewEngine, records: Sequence[bytes], history: list[Record]
) -> None:
    """From the start, and on from a snapshot half-way."""
    again, restored = new_engine(), new_engine()
    half = len(records) // 2
    for number, (data, record) in enumerate(zip(records, history, strict=True)):
        if number == half:
            restored.restore(again.snapshot())
        command = encode_command(record.command)
        assert again.execute(record.time, [command]) == [data]
        if number >= half:
            assert restored.execute(record.time, [command]) == [data]


def reached(records: Sequence[bytes]) -> Counter[str]:
    """How often each kind of event and each reason came up, and how many orders there were."""
    seen: Counter[str] = Counter()
    for data in records:
        record = decode_record(data)
        seen["orders"] += isinstance(record.command, PlaceOrder)
        for event in record.events:
            seen[type(event).__name__] += 1
            if isinstance(event, e.OrderCanceled | e.Refused):
                seen[event.reason.name] += 1
    return seen
