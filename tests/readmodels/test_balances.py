from coinport.engine.accounting import transfers
from coinport.model.units import FEE_ACCOUNT, SUSPENSE_ACCOUNT
from coinport.readmodels.balances import Balance, BalancesProjection, owed
from tests.readmodels.histories import lively
from tests.readmodels.stage import act, ask, decoded

BTC, USD = 1, 2
UNIT = 10**8


def test_a_balance_is_what_is_available_and_what_is_held_for_orders(database):
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
        BTC: Balance(7 * UNIT, 2 * UNIT, 0, 0),
        USD: Balance(9_99 * UNIT // 100, 0, 0, 0),
    }
    bob = ask(stage.balances.of(accounts["bob"]))
    assert bob == {
        BTC: Balance(998 * UNIT // 1000, 0, 0, 0),
        USD: Balance(70 * UNIT, 18 * UNIT, 0, 0),
    }
    assert bob[USD].total == 88 * UNIT
    assert ask(stage.balances.of(FEE_ACCOUNT)) == {
        BTC: Balance(UNIT // 500, 0, 0, 0),
        USD: Balance(UNIT // 100, 0, 0, 0),
    }


def test_a_balance_has_what_is_pending_for_withdrawals_and_held_back_of_deposits(database):
    stage = act(
        database,
        """
        alice deposits 10 BTC
        admin announces 5 BTC for alice key k as A
        admin credits A
        alice withdraws 3 BTC to 1Friend
        alice sells 1 at 10
        admin holds A
        """,
    )
    (balance,) = ask(stage.balances.of(stage.world.accounts["alice"])).values()
    assert balance == Balance(available=6 * UNIT, frozen=UNIT, pending=3 * UNIT, held=5 * UNIT)
    assert balance.total == 15 * UNIT


def test_what_is_owed_to_whom_is_all_that_users_have_known_or_not(database):
    stage = act(
        database,
        """
        admin charges makers 1% and takers 1% in BTC-USD
        alice deposits 10 BTC
        bob   deposits 100 USD
        carol deposits 1 BTC
        admin announces 4 BTC for suspense key k as A
        admin credits A
        alice sells 2 at 10
        bob   buys 1 at 10
        > bob buys 1 at 10 from alice, bob pays 0.01 BTC, alice pays 0.1 USD
        alice withdraws 3 BTC to 1Friend
        admin debits carol 1 BTC
        """,
    )
    alice, bob = stage.world.accounts["alice"], stage.world.accounts["bob"]
    assert ask(stage.balances.liabilities(BTC)) == [
        (SUSPENSE_ACCOUNT, 4 * UNIT),
        (alice, 9 * UNIT),
        (bob, 99 * UNIT // 100),
    ]
    assert ask(stage.balances.liabilities(USD)) == [(alice, 990 * UNIT // 100), (bob, 90 * UNIT)]
    assert ask(stage.balances.liabilities(7)) == []
    assert ask(database.read(owed)) == {
        BTC: 4 * UNIT + 9 * UNIT + 99 * UNIT // 100,
        USD: 990 * UNIT // 100 + 90 * UNIT,
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
