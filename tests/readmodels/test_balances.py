from coinport.engine.accounting import transfers
from coinport.model.units import FEE_ACCOUNT
from coinport.readmodels.balances import Balance, BalancesProjection
from tests.readmodels.histories import lively
from tests.readmodels.stage import act, ask, decoded

BTC, USD = 1, 2
UNIT = 10**8


def test_a_balance_is_what_is_available_frozen_and_pending(database):
    stage = act(
        database,
        """
        admin charges makers 0.1% and takers 0.2% in BTC-USD
        alice deposits 10 BTC
        bob deposits 100 USD
        alice sells 3 at 10
        bob buys 1 at 10
        > bob buys 1 at 10 from alice, bob pays 0.002 BTC, alice pays 0.01 USD
        bob buys 2 at 9
        admin debits bob 2 USD
        """,
    )
    accounts = stage.world.accounts
    assert ask(stage.balances.of(accounts["alice"])) == {
        BTC: Balance(7 * UNIT, 2 * UNIT, 0),
        USD: Balance(9_99 * UNIT // 100, 0, 0),
    }
    bob = ask(stage.balances.of(accounts["bob"]))
    assert bob == {BTC: Balance(998 * UNIT // 1000, 0, 0), USD: Balance(70 * UNIT, 18 * UNIT, 0)}
    assert bob[USD].total == 88 * UNIT
    assert ask(stage.balances.of(FEE_ACCOUNT)) == {
        BTC: Balance(UNIT // 500, 0, 0),
        USD: Balance(UNIT // 100, 0, 0),
    }


def test_an_account_that_never_had_anything_has_no_balances(database):
    stage = act(database, "bob cancels all")
    assert ask(stage.balances.of(stage.world.accounts["bob"])) == {}


def test_every_kind_of_event_that_moves_money_is_followed():
    world = lively()
    moving = {
        type(event)
        for record in decoded(world.records)
        for event in record.events
        if transfers(event, world.listings)
    }
    assert moving == set(BalancesProjection(world.listings).handlers())
