from msgspec.structs import replace

from coinport.model.commands import Credit, Debit
from coinport.model.units import AccountId, Amount, CurrencyId
from coinport.readmodels.moves import Moves
from tests.readmodels.stage import act, ask

CREDIT = Credit(AccountId(0), CurrencyId(1), Amount(5), "invoice 7", "ann", "a gift")


def test_a_move_is_known_whoever_makes_it_again_and_another_with_its_key_is_not(database):
    stage = act(database, "alice cancels all\nbob cancels all")
    alice, bob = stage.world.accounts["alice"], stage.world.accounts["bob"]
    credit = replace(CREDIT, account=alice)
    stage.tell(credit)
    moves = Moves(database)
    assert ask(moves.made(replace(credit, actor="bert")))
    for other in (
        replace(credit, account=bob),
        replace(credit, amount=Amount(6)),
        replace(credit, currency=CurrencyId(2)),
        replace(credit, note="another gift"),
        replace(credit, key="invoice 8"),
        Debit(alice, CurrencyId(1), Amount(5), "invoice 7", "ann", "a gift"),
    ):
        assert not ask(moves.made(other))


def test_what_was_refused_and_what_has_no_key_was_not_made(database):
    stage = act(database, "alice cancels all")
    alice = stage.world.accounts["alice"]
    without_key = replace(CREDIT, account=alice, key="")
    refused = Debit(alice, CurrencyId(1), Amount(6), "invoice 7", "ann", "more than she has")
    stage.tell(without_key, refused)
    for command in (without_key, refused):
        assert not ask(Moves(database).made(command))
