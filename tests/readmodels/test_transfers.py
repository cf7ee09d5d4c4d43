from coinport.model.transfers import TransferKind, TransferStatus
from coinport.model.units import SUSPENSE_ACCOUNT
from coinport.readmodels.transfers import Transfer
from tests.readmodels.stage import Stage, act, ask

DEPOSIT, WITHDRAWAL = TransferKind
BTC, EUR = 1, 3
UNIT = 10**8


def transfer(stage: Stage, label: str) -> Transfer:
    found = ask(stage.transfers.find(stage.world.transfers[label]))
    assert found is not None
    return found


def labeled(stage: Stage, transfers: list[Transfer]) -> str:
    """The labels of `transfers`, in their order."""
    names = {transfer: label for label, transfer in stage.world.transfers.items()}
    return " ".join(names[transfer.id] for transfer in transfers)


def test_a_deposit_has_its_terms(database):
    stage = act(
        database,
        """
        alice cancels all
        later 5 seconds
        admin announces 2.5 BTC for alice key BTC:abcd:7 at 1Alice as A
        """,
    )
    now, last = stage.world.time, len(stage.world.records)
    assert transfer(stage, "A") == Transfer(
        id=stage.world.transfers["A"],
        kind=DEPOSIT,
        account=stage.world.accounts["alice"],
        currency=BTC,
        amount=2_5000_0000,
        fee=0,
        status=TransferStatus.CONFIRMING,
        address="1Alice",
        memo="",
        key="BTC:abcd:7",
        txid="abcd",
        held=0,
        note="",
        created_ms=now,
        updated_ms=now,
        sequence=last,
        booked=0,
    )


def test_a_withdrawal_has_its_terms(database):
    stage = act(
        database,
        """
        alice deposits 10 BTC
        later 5 seconds
        alice withdraws 2.5 BTC for a fee of 0.1 to 1Friend memo 1234 as A
        """,
    )
    now, last = stage.world.time, len(stage.world.records)
    assert transfer(stage, "A") == Transfer(
        id=stage.world.transfers["A"],
        kind=WITHDRAWAL,
        account=stage.world.accounts["alice"],
        currency=BTC,
        amount=2_5000_0000,
        fee=1000_0000,
        status=TransferStatus.PENDING,
        address="1Friend",
        memo="1234",
        key="",
        txid="",
        held=0,
        note="",
        created_ms=now,
        updated_ms=now,
        sequence=last,
        booked=0,
    )


def test_only_on_a_chain_the_key_of_a_deposit_tells_its_transaction(database):
    stage = act(
        database,
        """
        admin lists EUR with 2 decimals, fiat
        admin announces 5 EUR for alice key bank:2014:7 as A
        admin announces 5 BTC for alice key by-hand as B
        """,
    )
    assert [transfer(stage, label).txid for label in "AB"] == ["", ""]


def history(database, begins: str, *steps: str) -> list[Transfer]:
    """The transfer A after each step, every one of which comes in a batch of its own."""
    found = []
    for n in range(len(steps)):
        stage = act(database, "\n".join([begins, *steps[: n + 1]]))
        found.append(transfer(stage, "A"))
        assert found[-1].sequence == len(stage.world.records)
        assert found[-1].updated_ms == stage.world.time
    return found


ANNOUNCED = "admin announces 5 BTC for alice key BTC:abcd:7 at 1Alice as A"
REQUESTED = "alice deposits 10 BTC\nalice withdraws 5 BTC for a fee of 1 to 1Friend as A"


def test_a_deposit_that_leaves_its_chain_and_comes_back(database):
    announced, credited, held, released = history(
        database,
        "alice deposits 1 BTC",
        ANNOUNCED,
        "later 1 hour\nadmin credits A",
        'admin debits alice 2 BTC\nlater 1 hour\nadmin holds A because "the block is gone"',
        "later 1 hour\nadmin releases A",
    )
    assert (credited.status, credited.held, credited.note) == (TransferStatus.SUCCEEDED, 0, "")
    assert credited.booked == credited.sequence
    assert (held.status, held.held) == (TransferStatus.CONFIRMING, 4 * UNIT)
    assert held.note == "the block is gone"
    assert (released.status, released.held, released.note) == (TransferStatus.SUCCEEDED, 0, "")
    assert held.booked == released.booked == credited.booked
    for later in (credited, held, released):
        assert later.created_ms == announced.created_ms
        assert (later.key, later.txid, later.address) == ("BTC:abcd:7", "abcd", "1Alice")


def test_a_deposit_that_is_written_off_still_says_what_was_held(database):
    *_, lost = history(
        database,
        ANNOUNCED,
        "admin credits A",
        "admin debits alice 2 BTC\nadmin holds A",
        'admin writes off A because "spent twice"',
    )
    assert (lost.status, lost.held, lost.note) == (TransferStatus.FAILED, 3 * UNIT, "spent twice")


def test_a_deposit_that_is_dropped_was_never_booked(database):
    *_, dropped = history(database, ANNOUNCED, 'admin drops A because "replaced"')
    assert (dropped.status, dropped.note) == (TransferStatus.FAILED, "replaced")
    assert dropped.booked == 0


def test_a_deposit_of_nobody_knows_whose_it_is_when_it_is_assigned(database):
    nobodys, assigned = history(
        database,
        "alice cancels all\nadmin announces 5 BTC for suspense key k as A",
        "admin credits A",
        "admin assigns A to alice",
    )
    assert nobodys.account == SUSPENSE_ACCOUNT
    assert assigned.account != SUSPENSE_ACCOUNT
    assert assigned.status is TransferStatus.SUCCEEDED
    assert assigned.booked == nobodys.booked == nobodys.sequence


def test_a_withdrawal_on_its_way(database):
    approved, sent, again, settled = history(
        database,
        REQUESTED,
        "admin approves A",
        "admin sends A in tx1",
        "admin sends A in tx2",
        "admin settles A in tx3",
    )
    assert (approved.status, approved.txid) == (TransferStatus.PROCESSING, "")
    assert (sent.status, sent.txid) == (TransferStatus.CONFIRMING, "tx1")
    assert (again.status, again.txid) == (TransferStatus.CONFIRMING, "tx2")
    assert (settled.status, settled.txid) == (TransferStatus.SUCCEEDED, "tx3")
    assert (again.booked, settled.booked) == (0, settled.sequence)
    assert (settled.amount, settled.fee, settled.address) == (5 * UNIT, UNIT, "1Friend")


def test_a_withdrawal_that_is_canceled_or_fails(database, new_database):
    (canceled,) = history(database, REQUESTED, "alice cancels withdrawal A")
    assert (canceled.status, canceled.note, canceled.booked) == (TransferStatus.CANCELED, "", 0)
    (failed,) = history(new_database(), REQUESTED, 'admin fails A because "no such address"')
    assert (failed.status, failed.note) == (TransferStatus.FAILED, "no such address")


MANY = """
admin lists EUR with 2 decimals
alice deposits 10 BTC
alice deposits 10 EUR
bob   deposits 10 BTC
admin announces 1 BTC for alice key a as A
admin announces 1 EUR for alice key b as B
alice withdraws 1 BTC to 1Friend as C
bob   withdraws 1 BTC to 1Friend as D
admin announces 1 BTC for bob key e as E
admin announces 1 BTC for alice key f as F
alice withdraws 1 EUR to her-bank as G
alice withdraws 2 BTC to 1Friend as H
"""


def test_the_deposits_or_withdrawals_of_an_account_newest_first(database):
    stage = act(database, MANY)
    alice, ids = stage.world.accounts["alice"], stage.world.transfers

    def listed(kind, **filters) -> tuple[str, bool]:
        page = ask(stage.transfers.of(alice, kind, **{"limit": 200, **filters}))
        return labeled(stage, page.rows), page.more

    assert listed(DEPOSIT) == ("F B A", False)
    assert listed(WITHDRAWAL) == ("H G C", False)
    assert listed(DEPOSIT, currency=BTC) == ("F A", False)
    assert listed(WITHDRAWAL, currency=EUR) == ("G", False)
    assert listed(DEPOSIT, limit=2) == ("F B", True)
    assert listed(DEPOSIT, limit=2, cursor=ids["B"]) == ("A", False)
    assert listed(DEPOSIT, limit=3) == ("F B A", False)
    assert listed(DEPOSIT, cursor=2**70) == ("F B A", False)
    assert listed(DEPOSIT, cursor=0) == ("", False)


def test_some_by_their_ids_but_not_those_of_others(database):
    stage = act(database, MANY)
    alice, ids = stage.world.accounts["alice"], stage.world.transfers
    everything = [*ids.values(), 0, -1, 2**70]
    for kind, expected in ((DEPOSIT, "F B A"), (WITHDRAWAL, "H G C")):
        assert labeled(stage, ask(stage.transfers.by_id(alice, kind, everything))) == expected
    some = [ids["A"], ids["E"], ids["C"]]
    assert labeled(stage, ask(stage.transfers.by_id(alice, DEPOSIT, some))) == "A"
    assert ask(stage.transfers.by_id(alice, DEPOSIT, [])) == []


def test_one_by_its_id_whosesoever_it_is(database):
    stage = act(database, MANY)
    assert transfer(stage, "D").account == stage.world.accounts["bob"]
    for number in (0, -1, stage.world.transfers["H"] + 1, 2**70):
        assert ask(stage.transfers.find(number)) is None


def test_what_waits_for_an_administrator(database):
    stage = act(database, MANY + "admin approves D\nadmin approves G\nadmin sends G in tx1")
    alice = stage.world.accounts["alice"]
    pending, processing, confirming = list(TransferStatus)[:3]

    def waiting(kind, *statuses, **filters) -> tuple[str, bool]:
        page = ask(stage.transfers.with_status(kind, *statuses, **{"limit": 200, **filters}))
        return labeled(stage, page.rows), page.more

    assert waiting(WITHDRAWAL, pending) == ("H C", False)
    assert waiting(WITHDRAWAL, processing) == ("D", False)
    assert waiting(WITHDRAWAL, confirming) == ("G", False)
    assert waiting(WITHDRAWAL, pending, processing, confirming) == ("H G D C", False)
    assert waiting(WITHDRAWAL, pending, processing, account=alice) == ("H C", False)
    assert waiting(WITHDRAWAL, processing, confirming, currency=EUR) == ("G", False)
    assert waiting(DEPOSIT, confirming) == ("F E B A", False)
    assert waiting(DEPOSIT, confirming, limit=1) == ("F", True)
    assert waiting(DEPOSIT, confirming, cursor=stage.world.transfers["E"]) == ("B A", False)


def test_deposits_that_left_their_chain_apart_from_those_that_are_not_final(database):
    stage = act(database, MANY + "admin credits A\nadmin credits E\nadmin holds A")

    def confirming(booked: bool | None) -> str:
        question = stage.transfers.with_status(
            DEPOSIT, TransferStatus.CONFIRMING, booked=booked, limit=200
        )
        return labeled(stage, ask(question).rows)

    assert (confirming(None), confirming(True), confirming(False)) == ("F B A", "A", "F B")


def test_what_changed_the_debts_of_the_exchange_between_two_records(database):
    stage = act(
        database,
        MANY
        + """
        admin approves H
        admin settles H in tx1
        admin credits B
        admin approves C
        admin settles C in tx2
        admin drops E
        alice cancels withdrawal G
        admin credits A
        admin credits F
        admin holds F
        """,
    )
    h, c, a, f = (transfer(stage, label).booked for label in "HCAF")

    def booked(after, until) -> str:
        return labeled(stage, ask(stage.transfers.booked(BTC, after, until)))

    assert booked(0, len(stage.world.records)) == "H C A F"
    assert booked(h, a) == "C A"
    assert booked(h - 1, c) == "H C"
    assert booked(f, f + 100) == ""
    assert labeled(stage, ask(stage.transfers.booked(EUR, 0, f))) == "B"


def test_what_was_written_off_between_two_records(database):
    stage = act(
        database,
        MANY
        + """
        admin credits A
        admin credits E
        admin credits B
        admin drops F
        admin holds E
        admin holds A
        admin holds B
        admin writes off E
        admin writes off A
        admin writes off B
        """,
    )
    e, a = (transfer(stage, label).sequence for label in "EA")

    def written_off(after, until) -> str:
        return labeled(stage, ask(stage.transfers.written_off(BTC, after, until)))

    assert written_off(0, a + 1) == "E A"
    assert written_off(e, a) == "A"
    assert written_off(e - 1, e) == "E"
