"""Deposits by hand take two persons; what the wallets cannot decide of theirs, somebody does."""

from pathlib import Path
from typing import Any

import pytest

from coinport.app.admin import deposits
from coinport.model.commands import AnnounceDeposit, CreditDeposit, HoldDeposit
from coinport.model.events import DepositAnnounced
from coinport.model.units import SUSPENSE_ACCOUNT, AccountId, Amount, TransferId
from coinport.operations.requests import (
    Assign,
    DepositStep,
    ListDeposits,
    ProposeDeposit,
    ShowUser,
)
from tests.app.administering import ALICE, WithAlice, credit, done, recorded, refused
from tests.app.exchanges import Running

COIN = 10**8


def wire(reference: str = "wire-1", currency: str = "CNY", amount: str = "100") -> ProposeDeposit:
    return ProposeDeposit(ALICE, currency, amount, reference, "seen at the bank")


def step(name: Any, transfer: int, reason: str = "looked at") -> DepositStep:
    return DepositStep(name, transfer, reason)


async def listed(
    exchange: Running, status: Any = "", currency: str = "", user: str = ""
) -> dict[int, str]:
    answer = await done(exchange, ListDeposits(status, currency, user))
    assert not answer["more"]
    return {row["id"]: row["status"] for row in answer["deposits"]}


async def on_chain(
    exchange: Running, account: AccountId, key: str = "BTC:tx:0", *, held: bool = False
) -> TransferId:
    """One that the wallets have credited."""
    submit = exchange.services.sequencer.submit
    btc = exchange.services.live.listings.listings.currency_of["BTC"]
    seen = AnnounceDeposit(account, btc, Amount(COIN), key, "1Alice", "wallets", "seen")
    event = (await submit(seen)).events[0]
    assert isinstance(event, DepositAnnounced)
    await submit(CreditDeposit(event.transfer, "wallets", "final"))
    if held:
        await submit(HoldDeposit(event.transfer, "wallets", "its block is gone"))
    return event.transfer


async def balance(exchange: Running, currency: str) -> Any:
    return (await done(exchange, ShowUser(ALICE)))["balances"].get(currency)


def test_one_person_proposes_a_deposit_and_another_confirms_it(
    with_alice: WithAlice, tmp_path: Path
) -> None:
    async def test(exchange: Running) -> None:
        proposed = await done(exchange, wire(), "ann")
        assert (proposed["status"], proposed["user"], proposed["amount"]) == ("open", ALICE, "100")
        assert proposed["reference"] == "wire-1"
        assert (await balance(exchange, "CNY")) is None
        code, message = await refused(exchange, step("confirm", proposed["id"]), "ann")
        assert (code, "second person" in message) == (1007, True)
        confirmed = await done(exchange, step("confirm", proposed["id"]), "bob")
        assert confirmed["status"] == "succeeded"
        assert (await balance(exchange, "CNY"))["available"] == "100"

    with_alice(test)
    announced, credited = (record.command for record in (recorded(tmp_path)[at] for at in (-3, -1)))
    assert isinstance(announced, AnnounceDeposit)
    assert isinstance(credited, CreditDeposit)
    assert (announced.actor, announced.note) == ("ann", "seen at the bank")
    assert (credited.actor, credited.note) == ("bob", "looked at")


def test_the_one_who_proposed_it_may_take_it_back(with_alice: WithAlice) -> None:
    async def test(exchange: Running) -> None:
        transfer = (await done(exchange, wire()))["id"]
        dropped = await done(exchange, step("drop", transfer, "a mistake"))
        assert (dropped["status"], dropped["note"]) == ("failed", "a mistake")
        _, message = await refused(exchange, step("confirm", transfer), "bob")
        assert message == f"cannot confirm deposit {transfer}: it is failed"

    with_alice(test)


def test_a_reference_is_used_once_whatever_blanks_are_around_it(with_alice: WithAlice) -> None:
    async def test(exchange: Running) -> None:
        await done(exchange, wire())
        for again in (wire(), wire(" wire-1 "), wire(amount="7")):
            code, message = await refused(exchange, again)
            assert (code, "wire-1 was used before" in message) == (1007, True)
        await done(exchange, credit("1", key="invoice 7"))
        _, message = await refused(exchange, wire("invoice 7"))
        assert "was used before" in message
        for nothing in ("", "  "):
            _, message = await refused(exchange, wire(nothing))
            assert "1 to 200 characters" in message

    with_alice(test)


def test_what_is_on_a_chain_is_neither_proposed_nor_confirmed_by_hand(
    with_alice: WithAlice,
) -> None:
    async def test(exchange: Running) -> None:
        code, message = await refused(exchange, wire(currency="btc"))
        assert (code, "`credit`" in message) == (1007, True)
        alice = (await done(exchange, ShowUser(ALICE)))["uid"]
        transfer = await on_chain(exchange, alice)
        _, message = await refused(exchange, step("confirm", transfer))
        assert "`wallet alarms`" in message
        await done(exchange, wire(currency="gooc"))

    with_alice(test)


@pytest.mark.parametrize(
    ("decided", "status", "available"),
    [("release", "succeeded", "1"), ("write_off", "failed", "0")],
)
def test_somebody_decides_on_what_left_its_chain(
    with_alice: WithAlice, decided: str, status: str, available: str
) -> None:
    async def test(exchange: Running) -> None:
        alice = (await done(exchange, ShowUser(ALICE)))["uid"]
        transfer = await on_chain(exchange, alice, held=True)
        answer = await done(exchange, ListDeposits("held", ""))
        (row,) = answer["deposits"]
        assert (row["held"], row["note"], row["txid"]) == ("1", "its block is gone", "tx")
        assert (await balance(exchange, "BTC"))["held"] == "1"
        assert (await done(exchange, step(decided, transfer)))["status"] == status
        assert (await balance(exchange, "BTC"))["available"] == available
        said = decided.replace("_", " ")
        _, message = await refused(exchange, step(decided, transfer))
        assert message == f"cannot {said} deposit {transfer}: it is {status}"

    with_alice(test)


def test_what_nobody_claimed_is_assigned_when_somebody_does(with_alice: WithAlice) -> None:
    async def test(exchange: Running) -> None:
        transfer = await on_chain(exchange, SUSPENSE_ACCOUNT)
        (row,) = (await done(exchange, ListDeposits("suspense", "")))["deposits"]
        assert (row["id"], row["uid"], row["user"]) == (transfer, SUSPENSE_ACCOUNT, "")
        code, _ = await refused(exchange, Assign(transfer, "nobody@example.com", "his"))
        assert code == 1004
        assigned = await done(exchange, Assign(transfer, ALICE, "she showed the payment"))
        assert (assigned["status"], assigned["user"]) == ("succeeded", ALICE)
        assert (await balance(exchange, "BTC"))["available"] == "1"
        _, message = await refused(exchange, Assign(transfer, ALICE, "again"))
        assert message == f"cannot assign deposit {transfer}: it is succeeded"

    with_alice(test)


def test_the_list_has_what_somebody_may_have_to_look_at_and_on_demand_what_is_over(
    with_alice: WithAlice,
) -> None:
    async def test(exchange: Running) -> None:
        alice = (await done(exchange, ShowUser(ALICE)))["uid"]
        proposed = (await done(exchange, wire()))["id"]
        credited = await on_chain(exchange, alice, "BTC:over:0")
        held = await on_chain(exchange, alice, "BTC:gone:0", held=True)
        nobodys = await on_chain(exchange, SUSPENSE_ACCOUNT, "BTC:whose:0")
        everything = {proposed: "open", held: "held", nobodys: "suspense"}
        assert await listed(exchange) == everything
        for transfer, status in everything.items():
            assert await listed(exchange, status) == {transfer: status}
        assert await listed(exchange, currency="cny") == {proposed: "open"}
        assert await listed(exchange, "held", "cny") == {}
        assert await listed(exchange, "over") == {credited: "succeeded"}
        assert await listed(exchange, user=ALICE) == {proposed: "open", held: "held"}
        await exchange.register("bob@example.com")
        for status in ("", "over"):
            assert await listed(exchange, status, user="bob@example.com") == {}
        await done(exchange, step("drop", proposed, "a mistake"))
        assert await listed(exchange, "over") == {credited: "succeeded", proposed: "failed"}
        lost = await on_chain(exchange, SUSPENSE_ACCOUNT, "BTC:lost:0", held=True)
        await done(exchange, step("write_off", lost))
        over = await listed(exchange, "over")
        assert over == {credited: "succeeded", proposed: "failed", lost: "failed"}


def test_however_many_there_are_each_is_on_a_page(
    with_alice: WithAlice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deposits, "ROWS_MAX", 2)

    async def pages(exchange: Running, status: Any) -> list[list[int]]:
        found, below, more = [], 0, True
        while more:
            answer = await done(exchange, ListDeposits(status, "", below=below))
            found.append([row["id"] for row in answer["deposits"]])
            below, more = found[-1][-1], answer["more"]
        return found

    async def test(exchange: Running) -> None:
        alice = (await done(exchange, ShowUser(ALICE)))["uid"]
        over = await on_chain(exchange, alice, "BTC:over:0")
        ids = [
            await on_chain(exchange, account, f"BTC:{n}:0", held=held)
            for n, (account, held) in enumerate(
                [(alice, True), (SUSPENSE_ACCOUNT, False), (alice, True), (SUSPENSE_ACCOUNT, False)]
            )
        ]
        ids.append((await done(exchange, wire()))["id"])
        one, two, three, four, five = ids
        assert await pages(exchange, "") == [[five, four], [three, two], [one]]
        assert await pages(exchange, "suspense") == [[four, two]]
        assert await pages(exchange, "over") == [[over]]

    with_alice(test)


def test_a_reference_is_not_that_of_a_payment_on_a_chain(with_alice: WithAlice) -> None:
    async def test(exchange: Running) -> None:
        _, message = await refused(exchange, wire("BTC:4711:0"))
        assert "payments on chains" in message
        assert (await done(exchange, wire("invoice: 7")))["status"] == "open"

    with_alice(test)


def test_a_user_is_shown_with_what_is_open(with_alice: WithAlice) -> None:
    async def test(exchange: Running) -> None:
        shown = await done(exchange, ShowUser(ALICE))
        assert (shown["open_deposits"], shown["open_withdrawals"]) == ([], [])
        transfer = (await done(exchange, wire()))["id"]
        shown = await done(exchange, ShowUser(ALICE))
        assert [row["id"] for row in shown["open_deposits"]] == [transfer]
        await done(exchange, step("drop", transfer))
        assert (await done(exchange, ShowUser(ALICE)))["open_deposits"] == []

    with_alice(test)


@pytest.mark.parametrize("transfer", [0, -1, 1_000_000_000_001, 2**80])
def test_a_deposit_that_there_is_not_is_said_to_be_none(
    with_alice: WithAlice, transfer: int
) -> None:
    async def test(exchange: Running) -> None:
        _, message = await refused(exchange, step("drop", transfer))
        assert message == f"there is no deposit {transfer}"

    with_alice(test)
