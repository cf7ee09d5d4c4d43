"""Random histories: an engine and the oracle agree on every record, and the laws hold.

The same histories are played every time. COINPORT_HISTORIES=5000 plays that many new ones instead;
COINPORT_SHRINK=0 reports a failure as it was found, at once.
"""

import os
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from coinport.engine.snapshot import Snapshot, read
from coinport.model.records import decode_record, encode_command
from coinport.model.units import SUSPENSE_ACCOUNT
from tests import laws
from tests.engines import NewEngine, every_engine
from tests.properties.histories import Step, histories, tell, wild_histories
from tests.properties.oracle import Oracle
from tests.properties.oracle.transfers import forgotten

LONG = os.environ.get("COINPORT_HISTORIES")
SHRINK = os.environ.get("COINPORT_SHRINK") != "0"

FLOORS = {
    "OrderBooked": 800,
    "Traded": 400,
    "OrderCanceled": 600,
    "StopTriggered": 150,
    "OrderRepeated": 12,
    "AccountSuspended": 15,
    "AccountResumed": 3,
    "Debited": 50,
    "MarketStateSet": 50,
    "MarketFeesSet": 20,
    "PriceBandSet": 20,
    "REQUESTED": 300,
    "IMMEDIATE_OR_CANCEL": 100,
    "SELF_TRADE": 40,
    "SUSPENDED": 10,
    "ACCOUNT_SUSPENDED": 30,
    "UNKNOWN_ORDER": 80,
    "MARKET_CLOSED": 35,
    "INSUFFICIENT_BALANCE": 60,
    "BELOW_MINIMUM_VALUE": 80,
    "OUTSIDE_PRICE_BAND": 8,
    "POST_ONLY_WOULD_MATCH": 9,
    "NOT_FILLABLE": 100,
    "NO_LIQUIDITY": 100,
    "CLIENT_ORDER_ID_REUSED": 18,
    "DUPLICATE": 20,
    "UNCHANGED": 50,
    "DepositCredited": 90,
    "DepositDropped": 12,
    "DepositHeld": 20,
    "DepositReleased": 4,
    "DepositWrittenOff": 4,
    "DepositAssigned": 2,
    "WithdrawalRequested": 120,
    "WithdrawalCanceled": 10,
    "WithdrawalApproved": 80,
    "WithdrawalFailed": 35,
    "WithdrawalSent": 40,
    "WithdrawalSettled": 30,
    "SAME_ACTOR": 6,
    "UNKNOWN_TRANSFER": 70,
    "WRONG_STATUS": 15,
}
"""What 100 histories must reach at least: a third or a half of what they do."""

WILD_FLOORS = {
    "Traded": 100,
    "StopTriggered": 25,
    "INVALID_AMOUNT": 2,
    "INVALID_LISTING": 80,
    "INVALID_ORDER": 100,
    "INVALID_PRICE": 5,
    "INVALID_QUANTITY": 15,
    "INVALID_TEXT": 80,
    "TOO_LARGE": 20,
    "UNKNOWN_ACCOUNT": 80,
    "UNKNOWN_CURRENCY": 50,
    "UNKNOWN_MARKET": 80,
    "UNKNOWN_TRANSFER": 150,
    "WRONG_STATUS": 20,
}


@every_engine
def test_an_engine_agrees_with_the_oracle_on_every_record(new_engine: NewEngine) -> None:
    count = int(LONG or 100)
    seen = play(new_engine, histories, count)
    assert seen["OrderPlaced"] > 0.42 * seen["orders"], "too few orders are accepted"
    assert_reached(seen, FLOORS, count)


@every_engine
def test_an_engine_agrees_with_the_oracle_whatever_it_is_told(new_engine: NewEngine) -> None:
    count = int(LONG or 50)
    assert_reached(play(new_engine, wild_histories, count), WILD_FLOORS, count)


def play(new_engine: NewEngine, of: SearchStrategy[Sequence[Step]], count: int) -> Counter[str]:
    """Play `count` histories. Returns how often what was reached."""
    seen: Counter[str] = Counter()

    @settings(
        max_examples=count,
        derandomize=LONG is None,
        database=None,
        deadline=None,
        phases=[Phase.generate, *([Phase.shrink] if SHRINK else [])],
        suppress_health_check=list(HealthCheck),
    )
    @given(of)
    def agree(steps: Sequence[Step]) -> None:
        oracle, engine = Oracle(), new_engine()
        told = tell(oracle, steps)
        records = []
        for time, batch in groupby(told, lambda one: one.time):
            records += engine.execute(time, [encode_command(one.command) for one in batch])
        for one, data in zip(told, records, strict=True):
            assert decode_record(data).events == one.events, one.command
        assert_same_state(read(engine.snapshot()), oracle)
        laws.check(new_engine, engine, records)
        seen.update(laws.reached(records))

    agree()
    print(sorted((k, round(v * 100 / count)) for k, v in seen.items()))
    return seen


def assert_reached(seen: Counter[str], floors: dict[str, int], count: int) -> None:
    missed = {
        name: seen[name] for name, floor in floors.items() if seen[name] < floor * count / 100
    }
    assert not missed, f"too rare to prove anything: {missed}"


def assert_same_state(has: Snapshot, oracle: Oracle) -> None:
    x = oracle.exchange
    balances = {
        (of, owner * 4 + bucket): amount
        for bucket, money in enumerate((x.free, x.held, x.pending, x.back))
        for (of, owner), amount in money.items()
        if amount
    }
    custody = 2 * 4
    assert {(c, of): units for c, of, units in has.balances if of != custody} == balances
    booked = sorted((order for order in x.open if order.booked), key=lambda order: order.booked)
    booked.sort(
        key=lambda o: (o.terms.market, o.terms.side, -o.terms.price * (3 - 2 * o.terms.side))
    )
    assert [(o.order, o.leaves) for o in has.resting] == [(o.number, o.left) for o in booked]
    assert [o.order for o in has.waiting] == [o.number for o in x.open if o.waits]
    assert has.suspended == sorted(x.suspended)
    assert has.markets == x.markets
    assert has.last_prices == [x.last[market.market] for market in x.markets]
    assert has.keys == sorted(x.keys - {""})
    assert_same_transfers(has, oracle)


def assert_same_transfers(has: Snapshot, oracle: Oracle) -> None:
    """Deposits that the rules have forgotten may still be there, until another is credited."""
    x = oracle.exchange
    still = [of for of in x.transfers if of.status != "over"]
    gone = {of.number for of in still if forgotten(x, of)}
    deposits = [of for of in still if of.key and of.number not in gone]
    assert [
        (row.transfer, row.account, row.stage.name.lower(), row.held)
        for row in has.deposits
        if row.transfer not in gone
    ] == [(of.number, of.account, of.status, of.back) for of in deposits]
    assert {of: since for of, since in has.credited if of not in gone} == {
        of.number: of.since
        for of in deposits
        if of.status == "credited" and of.account != SUSPENSE_ACCOUNT
    }
    withdrawals = [(row.transfer, row.account, row.status.name.lower()) for row in has.withdrawals]
    assert withdrawals == [(of.number, of.account, of.status) for of in still if not of.key]
