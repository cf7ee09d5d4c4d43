from coinport.model.commands import ResumeAccount, SuspendAccount
from coinport.readmodels.accounts import Account
from tests.readmodels.stage import act, ask, live_views


def test_an_account_tells_when_it_was_opened_and_whether_it_is_suspended(database):
    stage = act(
        database,
        """
        alice cancels all
        later 5 seconds
        bob cancels all
        later 5 seconds
        admin suspends alice
        admin suspends bob
        later 5 seconds
        admin resumes bob
        """,
    )
    now, accounts = stage.world.time, stage.world.accounts
    alice, bob = accounts["alice"], accounts["bob"]
    assert ask(stage.accounts.find(alice)) == Account(alice, now - 15_000, True, now - 5_000)
    assert ask(stage.accounts.find(bob)) == Account(bob, now - 10_000, False, now)
    assert ask(stage.accounts.find(12)) is None


def test_a_suspension_holds_at_once_and_after_a_restart(database):
    stage = act(database, "admin suspends alice\nbob cancels all")
    live, alice = stage.live, stage.world.accounts["alice"]
    assert live.suspended(alice)
    assert not live.suspended(stage.world.accounts["bob"])
    stage.live.apply([stage.world.tell(ResumeAccount(alice, "admin", "why"))])
    assert not live.suspended(alice)
    assert live_views(database, 0).suspended(alice)
    stage.live.apply([stage.world.tell(SuspendAccount(alice, "admin", "why"))])
    assert live.suspended(alice)
