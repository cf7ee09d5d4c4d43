"""The order entry answers usual orders exactly as `serving.py` does, and leaves it whatever is not
usual, or would be refused, with nothing done to it."""

import asyncio
import hashlib
import hmac
from typing import Any

import msgspec
import pytest

from coinport.engine.compiled import compiled
from coinport.gateway.answers import Answer
from coinport.gateway.credentials import AHEAD_MAX_MS, WINDOW_MAX_MS, WINDOW_MS
from coinport.gateway.errors import Code
from coinport.gateway.order_entry import PATH
from coinport.gateway.ratelimit import Limit, Limits
from coinport.gateway.requests import Request
from coinport.identity.tokens import NewToken
from coinport.model.commands import SuspendAccount
from tests.api import Key
from tests.gateway.callers import ADDRESS
from tests.gateway.conftest import Running
from tests.gateway.exchange import Exchange, Person

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(compiled is None, reason="nothing is compiled here"),
]

BUY = {"market": "btc-cny", "type": "buy", "price": 2000, "amount": 1}


def body(*orders: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"orders": orders or [BUY]})


def signed(
    key: Key, now_ms: int, content: bytes, *, path: str = PATH, **changed: str | None
) -> bytes:
    """A request as it comes; `changed` headers, None leaves one out."""
    text = b"%d\nPOST\n%b\n%b" % (now_ms, PATH.encode(), content)
    headers: dict[str, str | None] = {
        "host": "coinport.example",
        "x-coinport-key": key.token,
        "x-coinport-timestamp": str(now_ms),
        "x-coinport-signature": hmac.new(key.secret.encode(), text, hashlib.sha256).hexdigest(),
        "content-length": str(len(content)),
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    lines = [f"{name}: {value}\r\n" for name, value in headers.items() if value is not None]
    return f"POST {path} HTTP/1.1\r\n{''.join(lines)}\r\n".encode() + content


class Connection:
    """An `Asker` that keeps what it is told."""

    def __init__(self) -> None:
        self.heard: asyncio.Future[bytes | Answer | None] = asyncio.Future()
        """The whole answer, one to be written, or None where it was declined."""

    def head(self) -> bytes | None:
        return b"HTTP/1.1 200 OK\r\n"

    def send(self, answer: bytes) -> None:
        self.heard.set_result(answer)

    def respond(self, answer: Answer) -> None:
        self.heard.set_result(answer)

    def declined(self, data: bytes) -> None:
        self.heard.set_result(None)

    def abort(self) -> None:
        self.heard.set_exception(ConnectionAbortedError())

    def request(self, data: bytes) -> Request:
        assert compiled is not None
        return Request(*compiled.RequestTexts().read(data), ADDRESS, True)


class Counter:
    """The exchange's order entry, with one caller in front of it."""

    def __init__(self, exchange: Exchange, person: Person) -> None:
        self.exchange = exchange
        self.person = person
        self.app: Any = exchange.app
        self._now = exchange.clock

    async def known(self) -> None:
        """As after one order: the token is remembered, and the markets are."""
        await self.person.submit(BUY)

    def request(self, content: bytes = body(), **changed: Any) -> bytes:
        """Signed now, which is always a little later."""
        self._now.now_ms += 1
        return signed(self.person.key, self._now(), content, **changed)

    async def heard(self, data: bytes) -> bytes | Answer | None:
        connection = Connection()
        if not self.app.entry.put(data, connection):
            return None
        return await connection.heard

    async def code(self, data: bytes) -> int:
        """How `serving.py` answers it."""
        answered: asyncio.Future[Answer] = asyncio.Future()
        assert self.app.at_once(Connection().request(data), answered.set_result)
        return int(msgspec.json.decode((await answered).body)["code"])


@pytest.fixture
async def counter(exchange: Exchange, alice: Person) -> Counter:
    counter = Counter(exchange, alice)
    await counter.known()
    return counter


def read(answer: bytes | Answer | None) -> tuple[bytes, Any]:
    """Head, and what is behind it."""
    assert isinstance(answer, bytes)
    head, _, content = answer.partition(b"\r\n\r\n")
    assert head.endswith(b"content-length: %d" % len(content))
    return head, msgspec.json.decode(content)


def results(said: Any) -> list[dict[str, Any]]:
    """Without what no two orders have in common."""
    orders = [each["order"] for each in said["data"]["results"]]
    own = {"order_id", "created_ms", "last_updated_ms", "created", "last_updated"}
    return [{name: value for name, value in each.items() if name not in own} for each in orders]


@pytest.mark.parametrize(
    "orders",
    [
        [BUY],
        [BUY | {"amount": "0.25"}] * 10,
        [BUY | {"price": "2010.30", "client_order_id": "mine"}],
        [BUY, BUY | {"type": "sell"}],
        [BUY | {"time_in_force": "ioc"}, BUY | {"post_only": True}],
    ],
)
async def test_usual_orders_are_answered_as_they_are_elsewhere(
    exchange: Exchange, counter: Counter, orders: list[dict[str, Any]]
) -> None:
    bob = await exchange.person("bob", CNY=1_000_000, BTC=1_000)
    head, said = read(await counter.heard(counter.request(body(*orders))))
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert said["code"] == 0
    assert abs(said["time"] - exchange.clock()) <= 1
    await counter.person.api.post("user/cancel_all_orders", {})
    elsewhere = await bob.api.post("user/submit_orders", {"orders": orders})
    assert results(said) == results({"data": elsewhere.data})


async def test_what_comes_together_is_answered_to_whom_it_came_from(counter: Counter) -> None:
    prices = [1990 + number for number in range(9)]
    asked = [counter.request(body(BUY | {"price": price})) for price in prices]
    answers = await asyncio.gather(*map(counter.heard, asked))
    assert [read(each)[1]["data"]["results"][0]["order"]["price"] for each in answers] == prices


async def test_what_comes_together_is_decided_in_the_order_in_which_it_came(
    counter: Counter,
) -> None:
    """However many there are, and whoever of them is refused or is not for here."""
    far = body(BUY | {"amount": 1_000_000})
    tens = [body(*[BUY | {"price": price}] * 10) for price in range(1900, 1912)]
    asked = [
        *map(counter.request, tens[:6]),
        counter.request(far),
        counter.request(x_number_format="string"),
        *map(counter.request, tens[6:]),
    ]
    answers = await asyncio.gather(*map(counter.heard, asked))
    assert answers[7] is None
    assert isinstance(answers[6], Answer)
    said = [read(each)[1] for each in (*answers[:6], *answers[8:])]
    orders = [each["order"] for one in said for each in one["data"]["results"]]
    assert [order["price"] for order in orders] == [n for n in range(1900, 1912) for _ in range(10)]
    ids = [order["order_id"] for order in orders]
    assert ids == sorted(ids)
    (refused,) = msgspec.json.decode(answers[6].body)["data"]["results"]
    assert refused["code"] == Code.INSUFFICIENT_BALANCE


async def test_who_is_declined_overtakes_nobody(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """He is looked at elsewhere at once, where his orders may be submitted."""
    sequencer = counter.exchange.services.sequencer
    waiting: list[int] = []
    sound = Connection.declined

    def declined(connection: Connection, data: bytes) -> None:
        waiting.append(sequencer.waiting)
        sound(connection, data)

    monkeypatch.setattr(Connection, "declined", declined)
    asked = [
        counter.request(),
        counter.request(body(BUY, BUY)),
        counter.request(x_number_format="string"),
    ]
    await asyncio.gather(*map(counter.heard, asked))
    assert waiting == [3]


async def test_an_order_that_the_rules_refuse_is_answered_as_elsewhere(counter: Counter) -> None:
    answer = await counter.heard(counter.request(body(BUY, BUY | {"amount": 1_000_000})))
    assert isinstance(answer, Answer)
    first, second = msgspec.json.decode(answer.body)["data"]["results"]
    assert first["order_id"] > 0
    assert (second["order_id"], second["code"]) == (0, Code.INSUFFICIENT_BALANCE)


UNUSUAL: dict[str, dict[str, Any]] = {
    "a query": {"path": PATH + "?a=1"},
    "another path": {"path": PATH + "x"},
    "another way to say who it is": {"authorization": "Token eDp5"},
    "figures as text": {"x_number_format": "string"},
    "no signature": {"x_coinport_signature": None},
    "no key": {"x_coinport_key": None},
    "no time": {"x_coinport_timestamp": None},
    "a key of nobody": {"x_coinport_key": "0" * 32},
    "a signature in capitals": {"x_coinport_signature": "A" * 64},
    "a wrong signature": {"x_coinport_signature": "0" * 64},
    "a short signature": {"x_coinport_signature": "0" * 62},
    "another time": {"x_coinport_timestamp": "1790000000001"},
    "a time with a sign": {"x_coinport_timestamp": "+1790000000000"},
    "too long a window": {"x_coinport_window": str(WINDOW_MAX_MS + 1)},
    "no window": {"x_coinport_window": "0"},
    "a wrong order": {"content": body(BUY | {"price": -1})},
    "an unusual order": {"content": body(BUY | {"stop_price": 2000})},
    "another body": {"content": body(), "content_length": str(len(body()) - 1)},
}


@pytest.mark.parametrize("changed", UNUSUAL.values(), ids=UNUSUAL)
async def test_what_is_unusual_or_wrong_is_declined(
    exchange: Exchange, counter: Counter, changed: dict[str, Any]
) -> None:
    before = exchange.services.feed.last
    assert await counter.heard(counter.request(**changed)) is None
    assert exchange.services.feed.last == before
    assert await counter.heard(counter.request()) is not None


async def test_a_signature_counts_as_long_as_its_window(counter: Counter) -> None:
    clock = counter.exchange.clock
    late, wide, ahead = (
        counter.request(),
        counter.request(x_coinport_window=str(WINDOW_MS + 2)),
        signed(counter.person.key, clock() + WINDOW_MS + AHEAD_MAX_MS + 2, body()),
    )
    clock.now_ms += WINDOW_MS + 1
    assert await counter.heard(late) is None
    assert await counter.heard(wide) is not None
    assert await counter.heard(ahead) is None
    clock.now_ms += 1
    assert await counter.heard(ahead) is not None


async def test_a_signature_counts_once_whichever_way_it_comes(counter: Counter) -> None:
    here_first, there_first = counter.request(), counter.request()
    assert await counter.heard(here_first) is not None
    assert await counter.heard(here_first) is None
    assert await counter.code(here_first) == Code.WRONG_SIGNATURE
    assert await counter.code(there_first) == 0
    assert await counter.heard(there_first) is None


async def test_what_was_declined_counts_elsewhere(counter: Counter) -> None:
    unusual = counter.request(x_number_format="string")
    assert await counter.heard(unusual) is None
    assert await counter.code(unusual) == 0


async def with_token(counter: Counter, **terms: Any) -> NewToken:
    """The caller has another token, which is remembered."""
    token = await counter.exchange.house.token(counter.person.account, **terms)
    assert await counter.exchange.services.tokens.find(token.token) is not None
    counter.person.key = Key(token.token, token.secret)
    return token


async def test_a_token_that_is_not_remembered_is_declined(counter: Counter) -> None:
    token = await counter.exchange.house.token(counter.person.account)
    counter.person.key = Key(token.token, token.secret)
    assert await counter.heard(counter.request()) is None


@pytest.mark.parametrize(
    "terms",
    [{"permissions": {"read", "withdraw"}}, {"ip_allow": [ADDRESS]}],
    ids=["read only", "from one address"],
)
async def test_a_token_that_may_not_trade_from_everywhere_is_declined(
    counter: Counter, terms: dict[str, Any]
) -> None:
    await with_token(counter, **terms)
    assert await counter.heard(counter.request()) is None


async def test_a_token_is_good_for_nothing_once_it_is_deleted(counter: Counter) -> None:
    token = await with_token(counter)
    assert await counter.heard(counter.request()) is not None
    await counter.exchange.services.tokens.delete(counter.person.account, token.token)
    assert await counter.heard(counter.request()) is None


async def test_a_suspended_account_is_declined(counter: Counter) -> None:
    await counter.exchange.tell(SuspendAccount(counter.person.account, "operator", "test"))
    request = counter.request()
    assert await counter.heard(request) is None
    assert await counter.code(request) == Code.ACCOUNT_UNAVAILABLE


async def test_one_request_too_many_is_declined_and_refused_elsewhere(
    run_exchange: Running,
) -> None:
    limits = Limits(public=None, private=Limit(per_second=0.001, burst=3))
    async with run_exchange(limits=limits) as exchange:
        counter = Counter(exchange, await exchange.person("alice", CNY=1_000_000))
        await counter.known()
        head, _ = read(await counter.heard(counter.request()))
        assert b"\r\nx-ratelimit-limit: 3\r\nx-ratelimit-remaining: 1\r\n" in head
        assert read(await counter.heard(counter.request()))[1]["code"] == 0
        refused = counter.request()
        assert await counter.heard(refused) is None
        assert await counter.code(refused) == Code.RATE_LIMITED


async def test_where_no_command_fits_in_any_more_it_is_declined(run_exchange: Running) -> None:
    async with run_exchange(queue_max=9) as exchange:
        counter = Counter(exchange, await exchange.person("alice", CNY=1_000_000))
        await counter.known()
        full = body(*[BUY] * 10)
        assert await counter.heard(counter.request(full)) is None
        assert await counter.heard(counter.request()) is not None


async def test_a_mistake_with_one_request_is_not_that_of_those_behind_it(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = Connection.send

    def send(connection: Connection, answer: bytes) -> None:
        if b'"price":1999,' in answer:
            raise RuntimeError("a mistake of ours")
        sound(connection, answer)

    def decline(_connection: Connection, _data: bytes) -> None:
        raise RuntimeError("another")

    def respond(_connection: Connection, _answer: Answer) -> None:
        raise RuntimeError("a third one")

    monkeypatch.setattr(Connection, "send", send)
    monkeypatch.setattr(Connection, "declined", decline)
    monkeypatch.setattr(Connection, "respond", respond)
    asked = [
        counter.request(body(BUY | {"price": 1999})),
        counter.request(x_number_format="string"),
        counter.request(body(BUY | {"amount": 1_000_000})),
        counter.request(),
    ]
    answers = await asyncio.gather(*map(counter.heard, asked), return_exceptions=True)
    assert [type(each) for each in answers] == [ConnectionAbortedError] * 3 + [bytes]
