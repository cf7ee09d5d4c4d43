"""What operators do from the console is done by the rules of `coinport admin`, and is noted."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from coinport.app.config import Config
from coinport.app.config_currencies import Currency
from coinport.app.engines import engine_class
from coinport.gateway.errors import Code
from coinport.model.commands import ApproveWithdrawal, SetMarketState, SuspendAccount
from coinport.operations.actors import Actor
from coinport.operations.requests import Move
from tests.api import Api
from tests.app.administering import recorded
from tests.app.consoles import WHY, House, asked, done, house
from tests.app.exchanges import QUICK

OLGA, OTTO, USER = "olga@example.com", "otto@example.com", "ursula@example.com"
BANK = "Bank of Somewhere, 6222 0000 1111"
TWO_PERSONS = Config(passwords=QUICK.passwords, currencies={"CNY": Currency(two_persons_from="50")})

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def with_money(exchange: House, email: str, amount: str = "1000") -> Api:
    browser = await exchange.user(email)
    await give(exchange, email, amount)
    return browser


async def give(exchange: House, email: str, amount: str = "1000") -> None:
    request = Move("credit", email, "CNY", amount, "a gift", "")
    await exchange.running.administration.perform(request, Actor("root"))


async def withdrawal(browser: Api, amount: int = 100) -> int:
    body = {"currency": "CNY", "address": BANK, "amount": amount}
    answer = await browser.post("user/submit_withdrawal", body)
    assert answer.code == 0, answer.message
    return int(answer.data["transfer_id"])


async def test_a_withdrawal_is_taken_and_completed_and_the_journal_names_no_person(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as exchange:
        olga = await exchange.operator(OLGA)
        number = await withdrawal(await with_money(exchange, USER))
        (waiting,) = (await done(olga, "withdrawals?status=pending"))["withdrawals"]
        assert (waiting["id"], waiting["user"], waiting["address"]) == (number, USER, BANK)
        taken = await done(olga, "take_withdrawal", {"id": number, **WHY})
        assert taken["status"] == "processing"
        body = {"id": number, "txid": "bank-7", **WHY}
        assert (await done(olga, "complete_withdrawal", body))["status"] == "succeeded"
        me = (await done(olga, "myself"))["uid"]
    (approved,) = [
        record.command
        for record in recorded(tmp_path)
        if isinstance(record.command, ApproveWithdrawal)
    ]
    assert (approved.actor, approved.note) == (f"operator {me}", "because")


async def test_a_large_withdrawal_takes_two_and_never_the_same_twice(tmp_path: Path) -> None:
    async with house(tmp_path, settings=TWO_PERSONS) as exchange:
        olga, otto = await exchange.operator(OLGA), await exchange.operator(OTTO)
        browser = await with_money(exchange, USER)
        number, small = await withdrawal(browser), await withdrawal(browser, 10)
        first = await done(olga, "take_withdrawal", {"id": number, **WHY})
        me = (await done(olga, "myself"))["uid"]
        assert (first["status"], first["two_persons"]) == ("pending", True)
        assert first["endorsements"] == [{"decision": "approve", "by": f"operator {me}"}]
        again = await asked(olga, "take_withdrawal", {"id": number, **WHY})
        assert (again.code, "two persons" in again.message) == (Code.BAD_PARAMETER, True)
        second = await done(otto, "take_withdrawal", {"id": number, **WHY})
        assert second["status"] == "processing"
        assert (await done(olga, "take_withdrawal", {"id": small, **WHY}))["status"] == "processing"
    actors = [
        record.command.actor
        for record in recorded(tmp_path)
        if isinstance(record.command, ApproveWithdrawal)
    ]
    assert " and " in actors[0]
    assert " and " not in actors[1]


async def test_a_refusal_is_said_in_the_language_of_who_asked(tmp_path: Path) -> None:
    async with house(tmp_path) as exchange:
        olga = await exchange.operator(OLGA)
        number = await withdrawal(await with_money(exchange, USER))
        olga.http.headers["accept-language"] = "zh-CN"
        for path, body, said in [
            ("complete_withdrawal", {"id": number, "txid": "b"}, "当前状态为“待审核”"),
            ("approve_withdrawal", {"id": number}, "CNY 不在区块链上，钱包不会支付"),
            ("take_withdrawal", {"id": number + 1}, f"没有提现 {number + 1}"),
            ("pause_withdrawals", {"currency": "CNY"}, "CNY 不在区块链上，不会自动付款"),
        ]:
            answer = await asked(olga, path, body | WHY)
            assert (answer.code, said in answer.message) == (Code.BAD_PARAMETER, True), path


async def test_nobody_decides_on_his_own_money(tmp_path: Path) -> None:
    async with house(tmp_path) as exchange:
        number = await withdrawal(await with_money(exchange, OLGA))
        olga, otto = await exchange.promoted(OLGA), await exchange.operator(OTTO)
        own = {"id": number, **WHY}
        for path, body in [
            ("take_withdrawal", own),
            ("approve_withdrawal", own | {"id": number}),
            ("reject_withdrawal", own),
            ("complete_withdrawal", own | {"txid": "bank-1"}),
            (
                "propose_deposit",
                {"user": OLGA, "currency": "CNY", "amount": "5", "reference": "b1", **WHY},
            ),
            ("suspend", {"user": OLGA, **WHY}),
        ]:
            answer = await asked(olga, path, body)
            assert answer.code == Code.BAD_PARAMETER, path
        assert (await done(otto, "take_withdrawal", own))["status"] == "processing"


async def test_a_deposit_off_the_chains_takes_two(tmp_path: Path) -> None:
    async with house(tmp_path) as exchange:
        olga, otto = await exchange.operator(OLGA), await exchange.operator(OTTO)
        await exchange.user(USER)
        body = {"user": USER, "currency": "CNY", "amount": "70.5", "reference": "bank-1", **WHY}
        proposed = await done(olga, "propose_deposit", body)
        confirm = {"id": proposed["id"], **WHY}
        own = await asked(olga, "confirm_deposit", confirm)
        assert (own.code, "second person" in own.message) == (Code.BAD_PARAMETER, True)
        assert (await done(otto, "confirm_deposit", confirm))["status"] == "succeeded"
        user = await done(olga, f"user?user={USER}")
        assert user["balances"]["CNY"]["available"] == "70.5"


async def test_a_user_is_found_suspended_and_resumed_and_his_sessions_end(tmp_path: Path) -> None:
    async with house(tmp_path) as exchange:
        olga, ursula = await exchange.operator(OLGA), await exchange.user(USER)
        found = await done(olga, "users?search=ursula")
        assert [row["email"] for row in found["users"]] == [USER]
        uid = found["users"][0]["uid"]
        by_uid = await done(olga, f"users?search={uid}")
        assert [row["uid"] for row in by_uid["users"]] == [uid]
        everybody = await done(olga, "users?limit=1")
        rest = await done(olga, f"users?after={everybody['users'][0]['uid']}")
        assert (everybody["more"], rest["more"]) == (True, False)
        assert (await ursula.get("user/profile")).code == 0
        (session,) = (await done(olga, f"user?user={USER}"))["sessions"]
        ended = {"user": USER, "session": session["session"], **WHY}
        assert (await done(olga, "end_sessions", ended))["ended"] == 1
        assert (await ursula.get("user/profile")).code == Code.NOT_AUTHENTICATED
        assert (await done(olga, "suspend", {"user": USER, **WHY}))["suspended"] is True
        assert (await done(olga, "users?search=ursula"))["users"][0]["suspended"] is True
        assert (await done(olga, "resume", {"user": USER, **WHY}))["suspended"] is False
        unknown = await asked(olga, "suspend", {"user": "nobody@example.com", **WHY})
        assert unknown.code == Code.UNKNOWN_USER
    assert any(isinstance(record.command, SuspendAccount) for record in recorded(tmp_path))


async def test_markets_are_halted_and_get_new_fees_and_bands(tmp_path: Path) -> None:
    async with house(tmp_path) as exchange:
        olga = await exchange.operator(OLGA)
        await done(olga, "set_market_state", {"market": "btc-cny", "state": "halted", **WHY})
        fees = {"market": "BTC-CNY", "maker_fee_ppm": 500, "taker_fee_ppm": 1500, **WHY}
        await done(olga, "set_market_fees", fees)
        await done(olga, "set_price_band", {"market": "BTC-CNY", "band_ppm": 100_000, **WHY})
        market = (await olga.get("exchange_info")).data["markets"]["BTC-CNY"]
        assert (market["state"], market["price_band"]) == ("halted", 0.1)
        assert (market["maker_fee"], market["taker_fee"]) == (0.0005, 0.0015)
        unknown = {"market": "XXX-CNY", "state": "halted", **WHY}
        assert (await asked(olga, "set_market_state", unknown)).code == Code.UNKNOWN_MARKET
    assert any(isinstance(record.command, SetMarketState) for record in recorded(tmp_path))


async def test_what_is_announced_is_shown_to_everybody_in_its_time(tmp_path: Path) -> None:
    async with house(tmp_path) as exchange:
        olga, anybody = await exchange.operator(OLGA), exchange.browser()
        said = {"title_en": "Soon", "text_en": "A pause", "title_zh": "即将", "text_zh": "暂停"}
        now = exchange.services.clock()
        shown = await done(olga, "announce", said | WHY)
        later = await done(olga, "announce", said | WHY | {"from_ms": now + 3_600_000})
        (public,) = (await anybody.get("announcements")).data["announcements"]
        assert {name: public[name] for name in said} == said
        assert public["until_ms"] is None
        listed = (await done(olga, "announcements"))["announcements"]
        assert [row["shown"] for row in listed] == [False, True]
        await done(olga, "end_announcement", {"announcement": shown["announcement"], **WHY})
        assert (await anybody.get("announcements")).data == {"announcements": []}
        again = {"announcement": shown["announcement"], **WHY}
        assert (await asked(olga, "end_announcement", again)).code == Code.BAD_PARAMETER
        over = said | WHY | {"until_ms": 1}
        assert (await asked(olga, "announce", over)).code == Code.BAD_PARAMETER
        assert later["shown"] is False


async def test_the_dashboard_and_the_wallets_say_how_things_are(tmp_path: Path) -> None:
    async with house(tmp_path) as exchange:
        olga = await exchange.operator(OLGA)
        board = await done(olga, "dashboard")
        assert (board["ready"], board["engine"]) == (True, engine_class("auto")().name)
        assert board["sequence"] == exchange.services.feed.last
        for figure in ("commands_per_second", "sync_ms_median", "command_ms_median"):
            assert float(board[figure]) > 0, figure
        assert float(board["command_ms_p99"]) >= float(board["command_ms_median"])
        wallets = (await done(olga, "wallets"))["wallets"]
        assert len(wallets) == 10
        pause = {"currency": "LTC", **WHY}
        assert (await done(olga, "pause_withdrawals", pause))["withdrawals_paused"] is True
        assert (await done(olga, "resume_withdrawals", pause))["withdrawals_paused"] is False
        published = await done(olga, "publish", WHY)
        assert all("/" not in name for name in published["files"])


async def test_nothing_is_done_without_a_reason(tmp_path: Path) -> None:
    async with house(tmp_path) as exchange:
        olga = await exchange.operator(OLGA)
        answer = await asked(olga, "publish", {})
        assert (answer.code, "reason" in answer.message) == (Code.MISSING_PARAMETER, True)
        for reason in ("", "x" * 201):
            answer = await asked(olga, "publish", {"reason": reason})
            assert (answer.code, "reason" in answer.message) == (Code.BAD_PARAMETER, True)


async def test_everything_is_noted_with_who_from_where_why_and_what_came_of_it(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as exchange:
        olga = await exchange.operator(OLGA, "198.51.100.7")
        me = (await done(olga, "myself"))["uid"]
        await exchange.user(USER)
        await done(olga, "suspend", {"user": USER, "reason": "asked for by telephone"})
        await asked(olga, "suspend", {"user": USER, "reason": "once more"})
        await asked(olga, "set_market_state", {"market": "NO-SUCH", "state": "open", **WHY})
        unknown, again, first, grant = (await done(olga, "audit"))["actions"]
        assert (first["actor"], first["via"]) == (f"operator {me}", "console")
        assert (first["address"], first["action"]) == ("198.51.100.7", "suspend")
        assert (first["reason"], first["outcome"]) == ("asked for by telephone", "done")
        assert json.loads(first["parameters"]) == {"user": USER}
        assert again["outcome"].startswith("refused: ")
        assert unknown["outcome"].startswith("refused: Unknown market")
        assert (grant["actor"], grant["via"], grant["action"]) == (
            "root",
            "socket",
            "grant operator",
        )
        only = await done(olga, f"audit?actor=operator+{me}&action=suspend&limit=1")
        assert [row["number"] for row in only["actions"]] == [again["number"]]
        assert only["more"] is True
        rest = await done(olga, f"audit?below={again['number']}&action=suspend")
        assert [row["number"] for row in rest["actions"]] == [first["number"]]


async def test_the_log_is_taken_along_and_its_hashes_can_be_checked_by_anybody(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as exchange:
        olga = await exchange.operator(OLGA)
        for _ in range(3):
            await done(olga, "announce", _announcement())
        rows: list[dict[str, Any]] = []
        more = True
        while more:
            page = await done(olga, f"audit_rows?after={len(rows)}&limit=3")
            rows += page["rows"]
            more = page["more"]
        previous = "0" * 64
        for number, row in enumerate(rows, 1):
            hashed = [value for name, value in row.items() if name != "hash"]
            compact = json.dumps(hashed, ensure_ascii=False, separators=(",", ":"))
            assert row["hash"] == hashlib.sha256(compact.encode()).hexdigest()
            assert (row["number"], row["previous"]) == (number, previous)
            previous = row["hash"]
        verified = await done(olga, "verify_audit")
        assert verified == {"rows": len(rows), "hash": previous}
        known = await done(olga, f"verify_audit?number=3&hash={rows[2]['hash']}")
        assert known == verified
        strange = await asked(olga, f"verify_audit?number=3&hash={rows[1]['hash']}")
        assert strange.code == Code.BAD_PARAMETER


async def test_where_the_log_cannot_be_written_nothing_is_done(tmp_path: Path) -> None:
    async with house(tmp_path) as exchange:
        olga = await exchange.operator(OLGA)
        await exchange.user(USER)
        identity = exchange.services.people._database
        await identity.write(lambda on: on.execute(text("DROP TRIGGER audit_no_delete")))
        await identity.write(lambda on: on.execute(text("DELETE FROM audit WHERE number = 2")))
        answer = await asked(olga, "suspend", {"user": USER, **WHY})
        assert (answer.code, answer.status) == (Code.INTERNAL_ERROR, 500)
        assert (await done(olga, f"user?user={USER}"))["suspended"] is False


async def test_no_secret_is_in_any_answer_or_in_the_log(tmp_path: Path) -> None:
    async with house(tmp_path) as exchange:
        olga, ursula = await exchange.operator(OLGA), await exchange.user(USER)
        token = (await ursula.post("user/add_api_token", {})).data
        await done(olga, "suspend", {"user": USER, **WHY})
        identity = exchange.services.people._database
        hashes = await identity.read(
            lambda on: [row.password for row in on.execute(text("SELECT password FROM people"))]
        )
        cookies = [value for each in (olga, ursula) for value in dict(each.http.cookies).values()]
        secrets = [token["secret"], *hashes, *cookies]
        for path in ("users", f"user?user={USER}", "audit", "audit_rows", "dashboard", "wallets"):
            answer = await asked(olga, path)
            assert answer.code == 0
            assert not [secret for secret in secrets if secret in answer.text], path


def _announcement() -> dict[str, str]:
    texts = {"title_en": "a", "text_en": "b", "title_zh": "甲", "text_zh": "乙"}
    return texts | WHY
