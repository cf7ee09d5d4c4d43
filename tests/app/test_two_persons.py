"""What is large takes two persons, who say just the same, and who may both say it still."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from coinport.app.config import Config
from coinport.app.config_currencies import Currency
from coinport.gateway.errors import Code
from coinport.identity.tables import one_time_codes
from coinport.model.commands import (
    AnnounceDeposit,
    AssignDeposit,
    CreditDeposit,
    FailWithdrawal,
    HoldDeposit,
    ReleaseDeposit,
    RequestWithdrawal,
    SendWithdrawal,
    SettleWithdrawal,
    WriteOffDeposit,
)
from coinport.model.events import DepositAnnounced, WithdrawalRequested
from coinport.model.units import SUSPENSE_ACCOUNT, AccountId, Amount, TransferId
from coinport.operations.actors import Actor
from coinport.operations.house_requests import Revoke
from coinport.operations.requests import Approve, Move, Resume
from tests.app.administering import recorded
from tests.app.consoles import WHY, House, asked, done, house
from tests.app.exchanges import QUICK

OLGA, OTTO, ODIN, USER = (f"{name}@example.com" for name in ("olga", "otto", "odin", "ursula"))
COIN = 10**8
LARGE, SMALL = 50, 49
LIMITS = Config(
    passwords=QUICK.passwords,
    currencies={"LTC": Currency(two_persons_from="50"), "CNY": Currency(two_persons_from="50")},
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path, settings=LIMITS) as exchange:
        await exchange.user(USER)
        yield exchange


async def account(exchange: House, email: str = USER) -> AccountId:
    profile = await exchange.services.people.find(email)
    assert profile
    return profile.account


def currency(exchange: House, symbol: str) -> Any:
    return exchange.services.live.listings.listings.currency_of[symbol]


async def perform(exchange: House, *requests: Any, actor: str = "root") -> None:
    for request in requests:
        await exchange.running.administration.perform(request, Actor(actor))


async def withdrawal(exchange: House, coins: int, symbol: str = "LTC") -> TransferId:
    """One that was approved by two; of LTC, it was sent."""
    await perform(exchange, Move("credit", USER, symbol, str(coins), "a gift", ""))
    wanted = RequestWithdrawal(
        await account(exchange),
        currency(exchange, symbol),
        Amount(coins * COIN),
        Amount(1),
        "L",
        "",
    )
    submit = exchange.services.sequencer.submit
    event = (await submit(wanted)).events[0]
    assert isinstance(event, WithdrawalRequested)
    number, take = event.transfer, symbol == "CNY"
    await perform(exchange, Approve(number, "ok", take), actor="ann")
    if coins >= LARGE:
        await perform(exchange, Approve(number, "ok", take), actor="bob")
    if not take:
        await submit(SendWithdrawal(number, "abcd", "wallets"))
    return number


async def deposit(exchange: House, coins: int, *, held: bool = False) -> TransferId:
    """Held; or of nobody knows whom."""
    submit = exchange.services.sequencer.submit
    whose = await account(exchange) if held else SUSPENSE_ACCOUNT
    seen = AnnounceDeposit(
        whose, currency(exchange, "LTC"), Amount(coins * COIN), f"{held}", "L", "wallets", "seen"
    )
    event = (await submit(seen)).events[0]
    assert isinstance(event, DepositAnnounced)
    await submit(CreditDeposit(event.transfer, "wallets", "final"))
    if held:
        await submit(HoldDeposit(event.transfer, "wallets", "gone"))
    return event.transfer


async def by_two(exchange: House, path: str, body: dict[str, Any]) -> None:
    """The first changes nothing, may not be the second too, and another is."""
    olga, otto = await exchange.operator(OLGA), await exchange.operator(OTTO)
    first = await done(olga, path, body)
    me = f"operator {await account(exchange, OLGA)}"
    assert (first["two_persons"], first["endorsements"][-1]["by"]) == (True, me)
    again = await asked(olga, path, body)
    assert (again.code, "two persons" in again.message) == (Code.BAD_PARAMETER, True)
    assert (await done(otto, path, body))["status"] != first["status"]


async def by_one(exchange: House, path: str, body: dict[str, Any]) -> None:
    olga = await exchange.operator(OLGA)
    answer = await done(olga, path, body)
    assert (answer["two_persons"], answer["endorsements"]) == (False, [])
    assert answer["status"] in ("succeeded", "failed")


def actors(directory: Path, kind: type) -> list[str]:
    return [one.command.actor for one in recorded(directory) if isinstance(one.command, kind)]


async def test_that_a_withdrawal_never_arrives_is_said_by_two(
    exchange: House, tmp_path: Path
) -> None:
    never = {"never_arrives": True, **WHY}
    await by_two(exchange, "reject_withdrawal", {"id": await withdrawal(exchange, LARGE), **never})
    (actor,) = actors(tmp_path, FailWithdrawal)
    assert actor.count("operator ") == len(actor.split(" and ")) == 2


async def test_of_a_small_one_one_says_it(exchange: House) -> None:
    never = {"never_arrives": True, **WHY}
    await by_one(exchange, "reject_withdrawal", {"id": await withdrawal(exchange, SMALL), **never})


async def test_that_a_withdrawal_was_paid_by_hand_is_said_by_two(
    exchange: House, tmp_path: Path
) -> None:
    body = {"id": await withdrawal(exchange, LARGE), "txid": "ef", "by_hand": True, **WHY}
    await by_two(exchange, "complete_withdrawal", body)
    assert " and " in actors(tmp_path, SettleWithdrawal)[0]


async def test_that_a_small_one_was_paid_by_hand_is_said_by_one(exchange: House) -> None:
    body = {"id": await withdrawal(exchange, SMALL), "txid": "ef", "by_hand": True, **WHY}
    await by_one(exchange, "complete_withdrawal", body)


async def test_what_somebody_took_to_pay_it_is_given_back_by_two(exchange: House) -> None:
    """He may have paid it."""
    body = {"id": await withdrawal(exchange, LARGE, "CNY"), **WHY}
    await by_two(exchange, "reject_withdrawal", body)


async def test_what_waits_for_approval_is_rejected_by_one(exchange: House) -> None:
    await perform(exchange, Move("credit", USER, "LTC", "50", "a gift", ""))
    wanted = RequestWithdrawal(
        await account(exchange), currency(exchange, "LTC"), Amount(50 * COIN), Amount(1), "L", ""
    )
    event = (await exchange.services.sequencer.submit(wanted)).events[0]
    assert isinstance(event, WithdrawalRequested)
    olga = await exchange.operator(OLGA)
    rejected = await done(olga, "reject_withdrawal", {"id": event.transfer, **WHY})
    assert rejected["status"] == "failed"


async def test_two_who_say_different_things_have_not_agreed(exchange: House) -> None:
    number = await withdrawal(exchange, LARGE)
    olga, otto = await exchange.operator(OLGA), await exchange.operator(OTTO)
    body = {"id": number, "txid": "one", "by_hand": True, **WHY}
    await done(olga, "complete_withdrawal", body)
    other = await done(otto, "complete_withdrawal", body | {"txid": "another"})
    assert other["status"] == "confirming"
    assert [each["decision"] for each in other["endorsements"]] == [
        "approve",
        "complete one",
        "complete another",
    ]
    refuses = {"id": number, "never_arrives": True, **WHY}
    assert (await done(otto, "reject_withdrawal", refuses))["status"] == "confirming"
    assert (await done(otto, "complete_withdrawal", body))["status"] == "succeeded"


@pytest.mark.parametrize(
    ("step", "kind"), [("release", ReleaseDeposit), ("write_off", WriteOffDeposit)]
)
async def test_what_left_its_chain_is_decided_on_by_two(
    exchange: House, tmp_path: Path, step: str, kind: type
) -> None:
    body = {"id": await deposit(exchange, LARGE, held=True), **WHY}
    await by_two(exchange, f"{step}_deposit", body)
    assert " and " in actors(tmp_path, kind)[0]


@pytest.mark.parametrize("step", ["release", "write_off"])
async def test_a_small_one_that_left_its_chain_by_one(exchange: House, step: str) -> None:
    body = {"id": await deposit(exchange, SMALL, held=True), **WHY}
    await by_one(exchange, f"{step}_deposit", body)


async def test_whose_a_deposit_is_two_say(exchange: House, tmp_path: Path) -> None:
    number = await deposit(exchange, LARGE)
    await by_two(exchange, "assign_deposit", {"id": number, "user": USER, **WHY})
    assert " and " in actors(tmp_path, AssignDeposit)[0]


async def test_two_who_name_different_users_have_not_agreed(exchange: House) -> None:
    number = await deposit(exchange, LARGE)
    olga, otto = await exchange.operator(OLGA), await exchange.operator(OTTO)
    await exchange.user("friend@example.com")
    await done(olga, "assign_deposit", {"id": number, "user": "friend@example.com", **WHY})
    other = await done(otto, "assign_deposit", {"id": number, "user": USER, **WHY})
    assert other["status"] == "suspense"


async def test_what_a_chain_has_shown_is_given_up_by_two(exchange: House) -> None:
    seen = AnnounceDeposit(
        await account(exchange), currency(exchange, "LTC"), Amount(50 * COIN), "k", "L", "w", "seen"
    )
    event = (await exchange.services.sequencer.submit(seen)).events[0]
    assert isinstance(event, DepositAnnounced)
    await by_two(exchange, "drop_deposit", {"id": event.transfer, **WHY})


async def end(exchange: House, how: str) -> None:
    """Olga is no operator any more."""
    olga = await account(exchange, OLGA)
    match how:
        case "revoked":
            await perform(exchange, Revoke(OLGA, "has left"))
        case "granted anew":
            await perform(exchange, Revoke(OLGA, "has left"))
            await exchange.grant(OLGA)
        case "suspended":
            otto = await exchange.promoted(OTTO)
            await done(otto, "suspend", {"user": OLGA, **WHY})
            await perform(exchange, Revoke(OTTO, "enough"))
        case "without codes":
            gone = one_time_codes.delete().where(one_time_codes.c.account == olga)
            database = exchange.services.people._database
            await database.write(lambda on: on.execute(gone))


ENDS = ["revoked", "granted anew", "suspended", "without codes"]


@pytest.mark.parametrize("how", ENDS)
async def test_the_word_of_who_may_not_say_it_any_more_counts_for_nothing(
    exchange: House, how: str
) -> None:
    number = await withdrawal(exchange, LARGE)
    olga, odin = await exchange.operator(OLGA), await exchange.operator(ODIN)
    await exchange.user(OTTO)
    body = {"id": number, "never_arrives": True, **WHY}
    await done(olga, "reject_withdrawal", body)
    await end(exchange, how)
    first = await done(odin, "reject_withdrawal", body)
    said = [each["by"] for each in first["endorsements"] if each["decision"] == "reject"]
    assert (first["status"], said) == ("confirming", [f"operator {await account(exchange, ODIN)}"])


@pytest.mark.parametrize("how", ENDS)
async def test_nor_is_what_he_proposed_confirmed(exchange: House, how: str) -> None:
    olga, odin = await exchange.operator(OLGA), await exchange.operator(ODIN)
    await exchange.user(OTTO)
    proposal = {"user": USER, "currency": "CNY", "amount": "70", "reference": "b-1", **WHY}
    number = (await done(olga, "propose_deposit", proposal))["id"]
    await end(exchange, how)
    answer = await asked(odin, "confirm_deposit", {"id": number, **WHY})
    assert (answer.code, "no operator any more" in answer.message) == (Code.BAD_PARAMETER, True)
    await done(odin, "drop_deposit", {"id": number, **WHY})
    assert (await done(odin, "propose_deposit", proposal))["status"] == "open"


async def test_who_was_suspended_and_resumed_may_say_it_again(exchange: House) -> None:
    number = await withdrawal(exchange, LARGE)
    olga, odin = await exchange.operator(OLGA), await exchange.operator(ODIN)
    body: dict[str, Any] = {"id": number, "never_arrives": True, **WHY}
    await done(olga, "reject_withdrawal", body)
    await done(odin, "suspend", {"user": OLGA, **WHY})
    await perform(exchange, Resume(OLGA, "all is well"))
    assert (await done(odin, "reject_withdrawal", body))["status"] == "failed"
