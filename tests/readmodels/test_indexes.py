"""No question looks at more rows than it must."""

import pytest
from sqlalchemy import event

from coinport.model.transfers import TransferKind, TransferStatus
from coinport.readmodels.orders import OrderStatus
from coinport.readmodels.statement import Position, Wanted
from tests.readmodels.stage import act, ask, live_views

DEPOSIT = TransferKind.DEPOSIT
STATEMENT = ("trades_of_taker", "trades_of_maker", "movements_of_account")
STORY = """
alice deposits 10 BTC
bob deposits 100 USD
alice sells 2 at 10
bob buys 1 at 10
> bob buys 1 at 10 from alice
"""


def plans(database, question) -> list[str]:
    """How SQLite goes about every query of `question`."""
    asked = []

    def note(connection, cursor, statement, parameters, context, many):
        asked.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    question()
    event.remove(database.engine, "before_cursor_execute", note)
    return [
        step.detail
        for statement, parameters in asked
        if statement.startswith("SELECT")
        for step in database.write_now(
            lambda c, s=statement, p=parameters: c.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {s}", p
            ).all()
        )
    ]


def searches(found: list[str]) -> list[str]:
    """The indexes that are used; fails for anything but a search in one."""
    assert all(step.startswith("SEARCH") for step in found), found
    used = [step.partition("USING ")[2] or "one end" for step in found]
    return [index.removeprefix("INDEX ").split()[0] for index in used]


@pytest.mark.parametrize(
    ("question", "indexes"),
    [
        (lambda s: s.orders.of(account=5, limit=9), ["orders_of_account"]),
        (lambda s: s.orders.of(account=5, limit=9, market=1), ["orders_of_account"]),
        (
            lambda s: s.orders.of(account=5, limit=9, status=OrderStatus.OPEN),
            ["open_orders_of_account"],
        ),
        (
            lambda s: s.orders.of(account=5, limit=9, cursor=7, status=OrderStatus.PARTLY_FILLED),
            ["open_orders_of_account"],
        ),
        (
            lambda s: s.orders.of(account=5, limit=9, status=OrderStatus.CANCELED),
            ["orders_of_account"],
        ),
        (lambda s: s.orders.by_id(account=5, ids=[1, 2]), ["INTEGER"]),
        (lambda s: s.trades.of_market(market=1, limit=9), ["trades_of_market"]),
        (lambda s: s.trades.of_account(account=5, limit=9), ["trades_of_taker", "trades_of_maker"]),
        (lambda s: s.trades.by_id(account=5, ids=[1, 2]), ["INTEGER", "INTEGER"]),
        (lambda s: s.balances.of(account=5), ["PRIMARY"]),
        (lambda s: s.balances.liabilities(currency=1), ["balances_of_currency"]),
        (lambda s: s.transfers.of(5, DEPOSIT, limit=9), ["transfers_of_account"]),
        (lambda s: s.transfers.of(5, DEPOSIT, limit=9, currency=1), ["transfers_of_account"]),
        (lambda s: s.transfers.of(5, DEPOSIT, limit=9, cursor=7), ["transfers_of_account"]),
        (lambda s: s.transfers.by_id(5, DEPOSIT, ids=[1, 2]), ["INTEGER"]),
        (lambda s: s.transfers.find(7), ["INTEGER"]),
        (
            lambda s: s.transfers.with_status(DEPOSIT, TransferStatus.CONFIRMING, limit=9),
            ["transfers_with_status"],
        ),
        (
            lambda s: s.transfers.with_status(DEPOSIT, *TransferStatus, account=5, limit=9),
            ["transfers_of_account"],
        ),
        (lambda s: s.transfers.booked(1, after=7, until=9), ["booked_transfers"]),
        (lambda s: s.transfers.written_off(1, after=7, until=9), ["written_off_transfers"]),
        (
            lambda s: s.candles.of(
                market=1, interval_s=60, after_ms=0, until_ms=10**12, now_ms=10**13
            ),
            ["PRIMARY", "PRIMARY"],
        ),
        (lambda s: s.accounts.find(account=5), ["INTEGER"]),
        (
            lambda s: s.statements.part(Wanted(5, 1)),
            [*STATEMENT, "PRIMARY"],
        ),
        (
            lambda s: s.statements.part(Wanted(5, 1, below=Position(7, 3), until_ms=10**13)),
            [*STATEMENT, "PRIMARY", *STATEMENT],
        ),
    ],
)
def test_a_question_uses_an_index(database, question, indexes):
    stage = act(database, STORY)
    assert searches(plans(database, lambda: ask(question(stage)))) == indexes


def test_a_start_does_not_look_at_orders_that_ended_or_trades_that_are_old(database):
    stage = act(database, STORY)
    found = plans(database, lambda: live_views(database, stage.world.time))
    orders = [step for step in found if "orders" in step]
    assert orders == ["SCAN orders USING INDEX open_orders_of_account"]
    assert set(searches([step for step in found if "trades" in step])) == {
        "trades_of_market",
        "INTEGER",
        "one",
    }
