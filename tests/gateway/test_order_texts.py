"""What is compiled reads orders exactly as `orders.py` does, or leaves them to it; and answers with
the same text."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coinport.app import genesis
from coinport.engine.compiled import compiled
from coinport.engine.rulebook import Rulebook
from coinport.gateway.errors import ApiError
from coinport.gateway.order_info import order_info
from coinport.gateway.order_items import OrderItem, place_order
from coinport.gateway.order_texts import OrderTexts
from coinport.gateway.orders import OrderResult, OrderResults, SubmitOrders
from coinport.gateway.streams.frames import answer_frame
from coinport.gateway.streams.requests import Ordered, read_request
from coinport.gateway.wire import number_figure, read_json
from coinport.model.commands import PlaceOrder
from coinport.model.events import OrderPlaced
from coinport.model.records import decode_record, encode_command
from coinport.model.trading import SelfTradePrevention
from coinport.model.units import ACCOUNT_FIRST, AccountId, TimeMs
from coinport.readmodels.orders import placed_order
from tests.readmodels.histories import lively

pytestmark = pytest.mark.skipif(compiled is None, reason="nothing is compiled here")

ACCOUNT = AccountId(ACCOUNT_FIRST)
PREVENTION = SelfTradePrevention.EXPIRE_TAKER


def _listings():
    engine = Rulebook()
    engine.execute(TimeMs(1), [encode_command(each) for each in genesis.commands()])
    return engine.state.listings


LISTINGS = _listings()
TEXTS = OrderTexts(LISTINGS, PREVENTION)
_decode = msgspec.json.Decoder(SubmitOrders, strict=False).decode


def judged(body: bytes) -> list[bytes] | None:
    """By `orders.py`; None where anything is wrong."""
    try:
        items = read_json(_decode, body).orders
        return [encode_command(place_order(item, ACCOUNT, LISTINGS, PREVENTION)) for item in items]
    except ApiError:
        return None


def order(**changed: str) -> bytes:
    """An order as text; a value "" is left out."""
    members = {"market": '"btc-cny"', "type": '"buy"', "price": "2010.3", "amount": "0.25"}
    members |= changed
    return ",".join(f'"{key}":{text}' for key, text in members.items() if text).encode()


def body(*orders: bytes) -> bytes:
    return b'{"orders":[%b]}' % b",".join(b"{%b}" % each for each in orders)


USUAL = {
    "plain": body(order()),
    "ten": body(*[order(amount=f"0.{each}1") for each in range(10)]),
    "figures as text": body(order(price='"2010.30"', amount='"1"')),
    "needless zeros": body(order(price="2010.3000000", amount="1.0")),
    "whole numbers": body(order(price="2010", amount="3")),
    "every word": body(
        order(
            order_type='"limit"',
            time_in_force='"ioc"',
            post_only="false",
            client_order_id='"a.B_9:/-"',
        )
    ),
    "operation": body(order(type="", operation='"sell"')),
    "capitals": body(order(market='"BTC-cny"')),
    "an alias": body(order(market='"bc-btc"', price="0.00001", amount="7")),
    "spaces": b' {\n"orders" : [ {"market":"btc-cny" ,\t"type":"buy", "price": 1,"amount":\r1}]} ',
    "post only": body(order(post_only="true", time_in_force='"gtc"')),
}


@pytest.mark.parametrize("text", USUAL.values(), ids=USUAL)
def test_usual_orders_are_read_as_the_judge_reads_them(text):
    read = TEXTS.read(text, ACCOUNT)
    assert read is not None
    assert read == judged(text)


UNUSUAL = {
    "nothing": b"",
    "no orders": body(),
    "eleven": body(*[order()] * 11),
    "a market order": body(order(order_type='"market"', price="")),
    "a stop": body(order(stop_price="2000")),
    "an exponent": body(order(price="2e3")),
    "an escape": body(order(market='"btc\\u002dcny"')),
    "a key twice": body(order() + b',"price":2011'),
    "a key of nobody": body(order(colour='"red"')),
    "orders twice": b'{"orders":[{%b}],"orders":[{%b}]}' % (order(), order()),
    "another key": b'{"orders":[{%b}],"more":1}' % order(),
    "type and operation": body(order(operation='"buy"')),
    "no price": body(order(price="")),
    "no market": body(order(market="")),
    "too many decimals": body(order(price="1.00001")),
    "zero": body(order(amount="0")),
    "negative": body(order(amount="-1")),
    "leading zeros": body(order(amount="01")),
    "no digit": body(order(amount=".5")),
    "no fraction": body(order(amount="5.")),
    "half a text": body(order(amount='"5')),
    "too large": body(order(amount="999999999999999")),
    "twenty digits": body(order(amount="10000000000000000000")),
    "an unknown market": body(order(market='"btc-usd"')),
    "an unknown side": body(order(type='"hold"')),
    "null": body(order(post_only="null")),
    "a name too long": body(order(client_order_id=f'"{"x" * 37}"')),
    "a name of other letters": body(order(client_order_id='"ü"')),
    "an empty name": body(order(client_order_id='""')),
    "something behind it": body(order()) + b"x",
    "cut off": body(order())[:-1],
    "a comma too many": b'{"orders":[{%b},]}' % order(),
    "no JSON": b"{orders:[]}",
    "broken UTF-8": body(order(market='"btc\xff-cny"'.encode("latin-1").decode("latin-1"))),
}


@pytest.mark.parametrize("text", UNUSUAL.values(), ids=UNUSUAL)
def test_what_is_unusual_or_wrong_is_left_to_the_judge(text):
    assert TEXTS.read(text, ACCOUNT) is None


WORDS = ["btc-cny", "BC-CNY", "doge-btc", "buy", "BUY", "gtc", "limit", "market", "a-1", "", "7"]
NUMBERS = ["1", "12.3400", "1e3", "-1", "0", "4611686018427387904", "1.00000000000000001"]
VALUES = st.sampled_from([f'"{word}"' for word in WORDS] + [*NUMBERS, "true", "null", "[]"])
KEYS = st.sampled_from([*OrderItem.__struct_fields__, "other"])


@given(st.lists(st.lists(st.tuples(KEYS, VALUES), max_size=4), min_size=1, max_size=3))
def test_whatever_the_members_both_read_the_same(changes):
    orders = []
    for members in changes:
        extra = ",".join(f'"{key}":{value}' for key, value in members)
        changed = {key: "" for key, _ in members}
        orders.append(order(**changed) + f",{extra}".encode() if extra else order())
    text = body(*[each.removeprefix(b",") for each in orders])
    read = TEXTS.read(text, ACCOUNT)
    assert read is None or read == judged(text)


@given(st.data())
def test_whatever_the_bytes_both_read_the_same(data):
    text = mutated(data, data.draw(st.sampled_from(sorted(USUAL.values()))))
    read = TEXTS.read(text, ACCOUNT)
    assert read is None or read == judged(text)


def mutated(data: st.DataObject, usual: bytes) -> bytes:
    text = bytearray(usual)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text) - 1))
        replacement = data.draw(st.sampled_from(b'{}[]",:.0159eE+-\\ btz\x00\x1f\x7f\xc3'))
        match data.draw(st.sampled_from(["replace", "insert", "delete"])):
            case "replace":
                text[at] = replacement
            case "insert":
                text.insert(at, replacement)
            case _ if len(text) > 1:
                del text[at]
    return bytes(text)


IDS = {
    "zero": b"0",
    "a number": b"71",
    "fifteen digits": b"9" * 15,
    "text": b'"a-1 /"',
    "no text": b'""',
    "64 letters": b'"%b"' % (b"x" * 64),
}
UNUSUAL_IDS = {
    "leading zeros": b"01",
    "sixteen digits": b"9" * 16,
    "negative": b"-1",
    "a fraction": b"1.0",
    "null": b"null",
    "nothing": b"",
    "65 letters": b'"%b"' % (b"x" * 65),
    "an escape": b'"\\u0041"',
    "half a text": b'"a',
}


def asked(id: bytes, op: bytes, orders: bytes) -> bytes:
    """A request over the socket."""
    return b'{"id":%b,"op":"%b",%b' % (id, op, orders.lstrip()[1:])


def judged_over_the_socket(text: bytes) -> tuple[object, list[bytes] | None] | None:
    """Its id and its commands; None where it does not ask for orders."""
    try:
        request = read_request(text)
    except ApiError:
        return None
    if not isinstance(request, Ordered) or request.op != "submit_orders":
        return None
    return request.id, judged(request.body)


@pytest.mark.parametrize("orders", USUAL.values(), ids=USUAL)
@pytest.mark.parametrize("id", IDS.values(), ids=IDS)
def test_over_the_socket_usual_orders_are_read_as_the_judge_reads_them(id, orders):
    text = asked(id, b"submit_orders", orders)
    read = TEXTS.asked(text, ACCOUNT)
    assert read is not None
    assert (msgspec.json.decode(read[0]), read[1]) == judged_over_the_socket(text)


@pytest.mark.parametrize("orders", UNUSUAL.values(), ids=UNUSUAL)
def test_over_the_socket_what_is_unusual_is_left_to_the_judge(orders):
    assert TEXTS.asked(asked(b"1", b"submit_orders", orders), ACCOUNT) is None


@pytest.mark.parametrize("id", UNUSUAL_IDS.values(), ids=UNUSUAL_IDS)
def test_over_the_socket_an_unusual_id_is_left_to_the_judge(id):
    assert TEXTS.asked(asked(id, b"submit_orders", body(order())), ACCOUNT) is None


@pytest.mark.parametrize(
    "beginning",
    [
        b'{"op":"submit_orders",',
        b'{"op":"submit_orders","id":1,',
        b' { "id": "1", "op":\t"submit_orders", ',
    ],
    ids=["without an id", "the id behind", "with spaces"],
)
def test_over_the_socket_members_may_stand_where_they_like(beginning):
    text = beginning + body(order())[1:]
    read = TEXTS.asked(text, ACCOUNT)
    assert read is not None
    assert (msgspec.json.decode(read[0]), read[1]) == judged_over_the_socket(text)


@pytest.mark.parametrize(
    "text",
    [
        asked(b"1", b"cancel_orders", body(order())),
        asked(b"1", b"", body(order())),
        asked(b'1,"id":2', b"submit_orders", body(order())),
        asked(b'1,"op":"submit_orders"', b"submit_orders", body(order())),
        body(order())[:-1] + b',"op":"submit_orders"}',
        body(order()),
        b'{"id":1,"op":"submit_orders"}',
    ],
    ids=["cancels", "no op", "two ids", "two ops", "op behind", "no op at all", "no orders"],
)
def test_over_the_socket_other_requests_are_left_to_the_judge(text):
    assert TEXTS.asked(text, ACCOUNT) is None


@given(st.data())
def test_over_the_socket_whatever_the_bytes_both_read_the_same(data):
    usual = asked(b"71", b"submit_orders", data.draw(st.sampled_from(sorted(USUAL.values()))))
    text = mutated(data, usual)
    read = TEXTS.asked(text, ACCOUNT)
    if read is not None:
        assert (msgspec.json.decode(read[0]), read[1]) == judged_over_the_socket(text)


def test_a_market_that_is_added_later_is_known():
    listings = _listings()
    fewer = type(listings)(listings.currencies.values(), list(listings.markets.values())[:-1])
    texts = OrderTexts(fewer, PREVENTION)
    last = list(listings.markets.values())[-1]
    text = body(order(market=f'"{last.symbol}"', price="1", amount="1"))
    assert texts.read(text, ACCOUNT) is None
    fewer.put_market(last)
    assert texts.read(text, ACCOUNT) == judged(text)


def test_answers_are_the_same_text_whatever_became_of_an_order():
    world = lively()
    texts = OrderTexts(world.listings, PREVENTION)
    texts.read(b"", ACCOUNT)  # learns the markets
    kinds = set()
    for data in world.records:
        record = decode_record(data)
        if not isinstance(record.command, PlaceOrder):
            continue
        told = texts.write([data] * 4, 1, 3)
        if not isinstance(record.events[0], OrderPlaced):
            assert told is None
            continue
        kinds.update(type(event) for event in record.events)
        placed = placed_order(record, world.listings)
        assert placed is not None
        shown = OrderResult(placed.id, order_info(placed, world.listings, number_figure))
        results = OrderResults([shown, shown])
        assert told == msgspec.json.encode(results)
        assert texts.frame([data] * 4, 1, 3, b'"a"') == answer_frame("a", results)
    assert len(kinds) >= 5, "orders that rest, trade, end, trigger others"


@pytest.mark.parametrize("count", [1, 2, 10, 150])
def test_a_frame_tells_its_length_as_any_other(count):
    """Of few bytes, of many and of very many."""
    world = lively()
    texts = OrderTexts(world.listings, PREVENTION)
    texts.asked(b"", ACCOUNT)  # learns the markets
    placed = next(each for each in world.records if texts.write([each], 0, 1) is not None)
    records = [placed] * count
    text = texts.write(records, 0, count)
    assert texts.frame(records, 0, count, b"1") == answer_frame(1, msgspec.Raw(text))
    assert texts.frame(records, 0, 0, b"1") == answer_frame(1, msgspec.Raw(b'{"results":[]}'))
