"""Withdrawals: the wallets pay what is approved; a person pays what goes to no chain."""

from pathlib import Path
from typing import Any

import pytest

from coinport.model.commands import (
    ApproveWithdrawal,
    FailWithdrawal,
    RequestWithdrawal,
    SendWithdrawal,
    SettleWithdrawal,
)
from coinport.model.events import WithdrawalRequested
from coinport.model.units import Amount, TransferId
from coinport.operations.requests import (
    Approve,
    Complete,
    ListWithdrawals,
    Reject,
    SetPaused,
    ShowUser,
)
from tests.app.administering import ALICE, WithAlice, credit, done, recorded, refused
from tests.app.exchanges import Running

COIN = 10**8
BANK = "Bank of Somewhere, 6222 0000 1111"


def approve(transfer: int) -> Approve:
    return Approve(transfer, "looked at", take=False)


def take(transfer: int) -> Approve:
    return Approve(transfer, "mine", take=True)


def reject(transfer: int, *, never_arrives: bool = False) -> Reject:
    return Reject(transfer, "no such account", never_arrives)


def complete(transfer: int, txid: str = "bank-9", *, by_hand: bool = False) -> Complete:
    return Complete(transfer, txid, "paid", by_hand)


async def asked(exchange: Running, currency: str = "CNY", address: str = "") -> TransferId:
    """Of Alice, who had 100 and asks for 10 of them, for a fee of 2."""
    services = exchange.services
    await done(exchange, credit("100", currency))
    alice = (await done(exchange, ShowUser(ALICE)))["uid"]
    if not address:
        address, _ = await services.destinations.name(alice, currency, BANK)
    listed = services.live.listings.listings.currency_of[currency]
    wanted = RequestWithdrawal(alice, listed, Amount(10 * COIN), Amount(2 * COIN), address, "")
    event = (await services.sequencer.submit(wanted)).events[0]
    assert isinstance(event, WithdrawalRequested)
    return event.transfer


async def balance(exchange: Running, currency: str) -> tuple[str, str]:
    figures = (await done(exchange, ShowUser(ALICE)))["balances"][currency]
    return figures["available"], figures["pending"]


def test_somebody_takes_a_withdrawal_of_fiat_pays_it_and_says_so(
    with_alice: WithAlice, tmp_path: Path
) -> None:
    async def test(exchange: Running) -> None:
        transfer = await asked(exchange)
        taken = await done(exchange, take(transfer), "ann")
        assert (taken["status"], taken["address"]) == ("processing", BANK)
        assert (taken["amount"], taken["fee"], taken["pays"]) == ("10", "2", "8")
        assert await balance(exchange, "CNY") == ("90", "10")
        over = await done(exchange, complete(transfer), "ann")
        assert (over["status"], over["txid"]) == ("succeeded", "bank-9")
        assert await balance(exchange, "CNY") == ("90", "0")

    with_alice(test)
    taken, completed = (record.command for record in recorded(tmp_path)[-2:])
    assert isinstance(taken, ApproveWithdrawal)
    assert isinstance(completed, SettleWithdrawal)
    assert (taken.actor, taken.note) == ("ann", "mine")
    assert (completed.actor, completed.note) == ("ann", "paid")


def test_a_rejected_withdrawal_comes_back_whole(with_alice: WithAlice, tmp_path: Path) -> None:
    async def test(exchange: Running) -> None:
        transfer = await asked(exchange)
        rejected = await done(exchange, reject(transfer))
        assert (rejected["status"], rejected["note"]) == ("failed", "no such account")
        assert await balance(exchange, "CNY") == ("100", "0")
        _, message = await refused(exchange, take(transfer))
        assert message == f"cannot take withdrawal {transfer}: it is failed"

    with_alice(test)
    command = recorded(tmp_path)[-2].command
    assert isinstance(command, FailWithdrawal)
    assert (command.actor, command.note) == ("operator", "no such account")


def test_the_order_is_kept(with_alice: WithAlice) -> None:
    async def test(exchange: Running) -> None:
        transfer = await asked(exchange)
        _, message = await refused(exchange, complete(transfer))
        assert message == f"cannot complete withdrawal {transfer}: it is pending"
        await done(exchange, take(transfer))
        _, message = await refused(exchange, take(transfer))
        assert message == f"cannot take withdrawal {transfer}: it is processing"
        _, message = await refused(exchange, complete(transfer, ""))
        assert message == "--txid must have 1 to 200 characters"
        _, message = await refused(exchange, take(transfer + 1))
        assert message == f"there is no withdrawal {transfer + 1}"

    with_alice(test)


def test_nobody_takes_what_the_wallets_pay_or_approves_what_they_do_not(
    with_alice: WithAlice,
) -> None:
    async def test(exchange: Running) -> None:
        fiat, coins = await asked(exchange), await asked(exchange, "LTC", "LFriend")
        _, message = await refused(exchange, approve(fiat))
        assert "`withdrawal take`" in message
        _, message = await refused(exchange, take(coins))
        assert "`withdrawal approve`" in message
        assert (await done(exchange, approve(coins)))["status"] == "processing"

    with_alice(test)


def test_what_the_wallets_pay_is_completed_by_hand_only_where_that_is_said(
    with_alice: WithAlice,
) -> None:
    async def test(exchange: Running) -> None:
        transfer = await asked(exchange, "LTC", "LFriend")
        await done(exchange, approve(transfer))
        _, message = await refused(exchange, complete(transfer, "abcd"))
        assert "--by-hand" in message
        over = await done(exchange, complete(transfer, "abcd", by_hand=True))
        assert (over["status"], over["txid"]) == ("succeeded", "abcd")
        _, message = await refused(exchange, complete(transfer, "abcd"))
        assert message == f"cannot complete withdrawal {transfer}: it is succeeded"

    with_alice(test)


def test_what_was_sent_is_rejected_only_by_who_knows_that_it_never_arrives(
    with_alice: WithAlice,
) -> None:
    async def test(exchange: Running) -> None:
        transfer = await asked(exchange, "LTC", "LFriend")
        await done(exchange, approve(transfer))
        await exchange.services.sequencer.submit(SendWithdrawal(transfer, "abcd", "wallets"))
        _, message = await refused(exchange, reject(transfer))
        assert "--never-arrives" in message
        assert (await done(exchange, reject(transfer, never_arrives=True)))["status"] == "failed"
        assert await balance(exchange, "LTC") == ("100", "0")

    with_alice(test)


def test_the_list_has_all_that_is_not_over_and_on_demand_what_is(with_alice: WithAlice) -> None:
    async def listed(
        exchange: Running, status: Any = "", currency: str = "", user: str = ""
    ) -> dict[int, str]:
        answer = await done(exchange, ListWithdrawals(status, currency, user))
        assert not answer["more"]
        return {row["id"]: row["status"] for row in answer["withdrawals"]}

    async def test(exchange: Running) -> None:
        rejected = await asked(exchange)
        await done(exchange, reject(rejected))
        pending, processing = await asked(exchange), await asked(exchange)
        sent = await asked(exchange, "LTC", "LFriend")
        await done(exchange, take(processing))
        await done(exchange, approve(sent))
        await exchange.services.sequencer.submit(SendWithdrawal(sent, "abcd", "wallets"))
        everything = {pending: "pending", processing: "processing", sent: "confirming"}
        assert await listed(exchange) == everything
        for transfer, status in everything.items():
            assert await listed(exchange, status) == {transfer: status}
        assert await listed(exchange, currency="ltc") == {sent: "confirming"}
        assert await listed(exchange, "pending", "ltc") == {}
        assert await listed(exchange, "over") == {rejected: "failed"}
        assert await listed(exchange, user=ALICE) == everything
        await exchange.register("bob@example.com")
        for status in ("", "over"):
            assert await listed(exchange, status, user="bob@example.com") == {}
        code, _ = await refused(exchange, ListWithdrawals("", "", "nobody@example.com"))
        assert code == 1004
        shown = await done(exchange, ShowUser(ALICE))
        assert {row["id"]: row["status"] for row in shown["open_withdrawals"]} == everything

    with_alice(test)


def test_payments_of_a_currency_are_paused_and_resumed(with_alice: WithAlice) -> None:
    async def test(exchange: Running) -> None:
        paused = exchange.exchange.money.wallets.approvals.paused
        answer = await done(exchange, SetPaused("ltc", True, "incident 3"))
        assert answer == {"currency": "LTC", "withdrawals_paused": True}
        assert (await paused("LTC"), await paused("BTC")) == (True, False)
        await done(exchange, SetPaused("LTC", False, "all is well"))
        assert not await paused("LTC")

    with_alice(test)


@pytest.mark.parametrize(
    ("request_", "what"),
    [
        (SetPaused("CNY", True, "incident 3"), "on no chain"),
        (SetPaused("EUR", True, "incident 3"), "Unknown currency"),
        (SetPaused("LTC", True, ""), "1 to 200 characters"),
    ],
)
def test_what_cannot_be_paused_is_refused(
    with_alice: WithAlice, request_: SetPaused, what: str
) -> None:
    async def test(exchange: Running) -> None:
        _, message = await refused(exchange, request_)
        assert what in message

    with_alice(test)
