"""What is large takes two persons, who say just the same, and who may both say it still."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from coinport.app.admin.two_persons import TwoPersons
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
from coinport.operations.endorsements import Endorsement
from coinport.operations.house_requests import Revoke
from coinport.operations.requests import Approve, Move, Resume
from coinport.readmodels.transfers import Transfer
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


async def requested(exchange: House, coins: int, symbol: str = "LTC") -> TransferId:
    """One that nobody has decided on yet."""
    await perform(exchange, Move("credit", USER, symbol, str(coins), "a gift", ""))
    wanted = RequestWithdrawal(
        await account(exchange),
        currency(exchange, symbol),
        Amount(coins * COIN),
        Amount(1),
        "L",
        "",
    )
    event = (await exchange.services.sequencer.submit(wanted)).events[0]
    assert isinstance(event, WithdrawalRequested)
    return event.transfer


async def withdrawal(exchange: House, coins: int, symbol: str = "LTC") -> TransferId:
    """One that was approved by two; of LTC, it was sent."""
    number, take = await requested(exchange, coins, symbol), symbol == "CNY"
    await perform(exchange, Approve(number, "ok", take), actor="ann")
    if coins >= LARGE:
        await perform(exchange, Approve(number, "ok", take), actor="bob")
    if not take:
        await exchange.services.sequencer.submit(SendWithdrawal(number, "abcd", "wallets"))
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
    olga = await exchange.operator(OLGA)
    number = await requested(exchange, LARGE)
    rejected = await done(olga, "reject_withdrawal", {"id": number, **WHY})
    assert rejected["status"] == "failed"


async def test_two_who_say_different_things_have_not_agreed(exchange: House) -> None:
    number = await withdrawal(exchange, LARGE)
    olga, otto = await exchange.operator(OLGA), await exchange.operator(OTTO)
    body = {"id": number, "txid": "one", "by_hand": True, **WHY}
    await done(olga, "complete_withdrawal", body)
    other = await done(otto, "complete_withdrawal", body | {"txid": "another"})
    assert other["status"] == "confirming"
    said = [each["decision"] for each in other["endorsements"]]
    assert said == ["complete one", "complete another"]
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


@pytest.mark.parametrize("how", ENDS)
async def test_nor_by_way_of_another_decision_on_it(exchange: House, how: str) -> None:
    olga, odin = await exchange.operator(OLGA), await exchange.operator(ODIN)
    await exchange.user(OTTO)
    proposal = {"user": USER, "currency": "CNY", "amount": "70", "reference": "b-1", **WHY}
    number = (await done(olga, "propose_deposit", proposal))["id"]
    await end(exchange, how)
    for step in ("release", "write_off"):
        early = await asked(odin, f"{step}_deposit", {"id": number, **WHY})
        assert (early.code, "it is open" in early.message) == (Code.BAD_PARAMETER, True)
    assert (await asked(odin, "confirm_deposit", {"id": number, **WHY})).code != 0


@pytest.mark.parametrize("step", ["release", "write_off"])
async def test_a_word_counts_for_the_state_in_which_it_was_said(exchange: House, step: str) -> None:
    """The wallets release it by themselves; later it is gone again, and decided on anew."""
    submit = exchange.services.sequencer.submit
    number = await deposit(exchange, LARGE, held=True)
    olga, otto = await exchange.operator(OLGA), await exchange.operator(OTTO)
    assert (await done(olga, f"{step}_deposit", {"id": number, **WHY}))["status"] == "held"
    await submit(ReleaseDeposit(number, "wallets", "there again"))
    await submit(HoldDeposit(number, "wallets", "gone again"))
    again = await done(otto, f"{step}_deposit", {"id": number, **WHY})
    me = f"operator {await account(exchange, OTTO)}"
    assert (again["status"], [each["by"] for each in again["endorsements"]]) == ("held", [me])
    assert (await done(olga, f"{step}_deposit", {"id": number, **WHY}))["status"] != "held"


async def test_nothing_is_said_in_advance(exchange: House) -> None:
    submit = exchange.services.sequencer.submit
    olga = await exchange.operator(OLGA)
    number = await deposit(exchange, LARGE)
    for step, body in (("write_off", {}), ("release", {}), ("drop", {})):
        early = await asked(olga, f"{step}_deposit", {"id": number, **body, **WHY})
        assert (early.code, "it is suspense" in early.message) == (Code.BAD_PARAMETER, True)
    held = await deposit(exchange, LARGE, held=True)
    early = await asked(olga, "assign_deposit", {"id": held, "user": USER, **WHY})
    assert (early.code, "it is held" in early.message) == (Code.BAD_PARAMETER, True)
    pending = await requested(exchange, LARGE)
    by_hand = {"id": pending, "txid": "ef", "by_hand": True, **WHY}
    early = await asked(olga, "complete_withdrawal", by_hand)
    assert (early.code, "it is pending" in early.message) == (Code.BAD_PARAMETER, True)
    await submit(ReleaseDeposit(held, "wallets", "there again"))


async def test_nobody_completes_by_hand_alone_what_is_just_being_approved(exchange: House) -> None:
    number = await requested(exchange, LARGE)
    olga, otto = await exchange.operator(OLGA), await exchange.operator(OTTO)
    await done(olga, "approve_withdrawal", {"id": number, **WHY})
    by_hand = {"id": number, "txid": "ff", "by_hand": True, **WHY}
    answers = await asyncio.gather(
        *(asked(olga, "complete_withdrawal", by_hand) for _ in range(5)),
        asked(otto, "approve_withdrawal", {"id": number, **WHY}),
        *(asked(olga, "complete_withdrawal", by_hand) for _ in range(5)),
    )
    assert answers[5].data["status"] == "processing"
    assert {answer.data["status"] for answer in answers if answer.code == 0} == {"processing"}


async def test_two_first_words_at_once_are_a_first_and_a_second(
    exchange: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, said = await requested(exchange, LARGE), TwoPersons.said
    olga, otto = await exchange.operator(OLGA), await exchange.operator(OTTO)

    async def slowly(self: TwoPersons, transfer: Transfer, decision: str) -> Endorsement | None:
        found = await said(self, transfer, decision)
        for _ in range(1_000):
            await asyncio.sleep(0)  # the other has every occasion to look as well
        return found

    monkeypatch.setattr(TwoPersons, "said", slowly)
    answers = await asyncio.gather(
        *(asked(each, "approve_withdrawal", {"id": number, **WHY}) for each in (olga, otto))
    )
    assert sorted(each.data["status"] for each in answers) == ["pending", "processing"]


async def test_that_it_never_arrives_is_not_said_of_what_was_not_sent(
    exchange: House, tmp_path: Path
) -> None:
    """It may be sent while it is being rejected: then the rules say no."""
    number = await requested(exchange, SMALL)
    olga = await exchange.operator(OLGA)
    never = {"id": number, "never_arrives": True, **WHY}
    assert (await done(olga, "reject_withdrawal", never))["status"] == "failed"
    (rejected,) = [
        one.command for one in recorded(tmp_path) if isinstance(one.command, FailWithdrawal)
    ]
    assert not rejected.never_arrives


async def test_who_was_suspended_and_resumed_may_say_it_again(exchange: House) -> None:
    number = await withdrawal(exchange, LARGE)
    olga, odin = await exchange.operator(OLGA), await exchange.operator(ODIN)
    body: dict[str, Any] = {"id": number, "never_arrives": True, **WHY}
    await done(olga, "reject_withdrawal", body)
    await done(odin, "suspend", {"user": OLGA, **WHY})
    await perform(exchange, Resume(OLGA, "all is well"))
    assert (await done(odin, "reject_withdrawal", body))["status"] == "failed"
