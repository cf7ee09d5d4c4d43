"""A statement adds up to the balance, entry by entry, whatever page or time it is asked for."""

import pytest

from coinport.readmodels import movements
from coinport.readmodels.statement import NEWEST, TRADE, Wanted
from tests.readmodels.histories import lively
from tests.readmodels.stage import Stage, act, ask, rows

BTC, USD = 1, 2
UNIT = 10**8

STORY = """
admin charges makers 0.1% and takers 0.2% in BTC-USD
alice deposits 10 BTC
bob deposits 100 USD
alice sells 3 at 10
bob buys 1 at 10
> bob buys 1 at 10 from alice, bob pays 0.002 BTC, alice pays 0.01 USD
admin debits bob 2 USD
bob buys 1 at 10
> bob buys 1 at 10 from alice, bob pays 0.002 BTC, alice pays 0.01 USD
admin announces 5 BTC for alice key k as A
admin credits A
alice withdraws 3 BTC to 1Friend as W
admin approves W
admin settles W in tx1
"""


def whole(stage, name, currency, **terms):
    account = stage.world.accounts.get(name, name)
    return ask(stage.statements.part(Wanted(account, currency, limit=1000, **terms))).rows


def test_each_entry_says_what_it_changed_and_what_there_was_then(database):
    stage = act(database, STORY)
    bob = whole(stage, "bob", USD)
    assert [(entry.kind, entry.change, entry.balance) for entry in bob] == [
        (TRADE, -10 * UNIT, 78 * UNIT),
        (movements.DEBIT, -2 * UNIT, 88 * UNIT),
        (TRADE, -10 * UNIT, 90 * UNIT),
        (movements.CREDIT, 100 * UNIT, 100 * UNIT),
    ]
    bought = whole(stage, "bob", BTC)
    assert [(entry.change, entry.fee) for entry in bought] == [(99_800_000, 200_000)] * 2
    sold = whole(stage, "alice", USD)
    assert [(entry.change, entry.fee) for entry in sold] == [(9_99_000_000, 1_000_000)] * 2


def test_a_withdrawal_stands_there_once_it_has_arrived_with_its_fee_in_it(database):
    stage = act(database, STORY)
    entries = whole(stage, "alice", BTC)
    kinds = [movements.WITHDRAWAL, movements.DEPOSIT, TRADE, TRADE, movements.CREDIT]
    assert [entry.kind for entry in entries] == kinds
    assert entries[0].change == -3 * UNIT
    assert entries[0].transfer > 0
    assert entries[0].balance == 10 * UNIT


@pytest.mark.parametrize(("limit", "people"), [(1, 1), (2, 1), (3, 1), (1000, 100)])
def test_of_any_history_every_statement_is_without_gaps_however_it_is_paged(
    database, limit, people
):
    stage = Stage(database, lively())
    accounts = {account for account, *_ in rows(database)["balances"]} - {1, 2, 3}

    async def read(account, currency):
        below, entries, more = NEWEST, [], True
        while more:
            wanted = Wanted(account, currency, below=below, limit=limit)
            part = await stage.statements.part(wanted)
            entries += part.rows
            more = part.more
            below = part.rows[-1].position if part.rows else below
        return entries

    async def read_all():
        for account in sorted(accounts)[:people]:
            for currency, balance in (await stage.balances.of(account)).items():
                entries = await read(account, currency)
                assert (entries[0].balance if entries else 0) == balance.total
                then = [entry.balance for entry in entries[1:]] + [0]
                assert [entry.balance - entry.change for entry in entries] == then
                positions = [entry.position for entry in entries]
                assert positions == sorted(set(positions), reverse=True)

    ask(read_all())


def test_a_time_cuts_out_a_part_whose_balances_are_those_of_the_whole(database):
    stage = Stage(database, lively())
    account = max(account for account, *_ in rows(database)["balances"])
    entries = whole(stage, account, BTC)
    times = sorted({entry.time_ms for entry in entries})
    since, until = times[len(times) // 4], times[-len(times) // 4]
    part = whole(stage, account, BTC, since_ms=since, until_ms=until)
    assert part == [entry for entry in entries if since <= entry.time_ms <= until]
    assert part


def test_a_trade_with_oneself_is_one_entry_of_its_fees(database):
    stage = act(
        database,
        """
        admin charges makers 0.1% and takers 0.2% in BTC-USD
        alice deposits 10 BTC
        alice deposits 100 USD
        alice sells 1 at 10
        alice buys 1 at 10
        > alice buys 1 at 10 from alice, alice pays 0.002 BTC, alice pays 0.01 USD
        """,
    )
    newest = whole(stage, "alice", BTC)[0]
    assert (newest.change, newest.fee) == (-200_000, 200_000)
    newest = whole(stage, "alice", USD)[0]
    assert (newest.change, newest.fee) == (-1_000_000, 1_000_000)
