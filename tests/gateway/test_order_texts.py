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
    text = bytearray(data.draw(st.sampled_from(sorted(USUAL.values()))))
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
    read = TEXTS.read(bytes(text), ACCOUNT)
    assert read is None or read == judged(bytes(text))


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
        assert told == msgspec.json.encode(OrderResults([shown, shown]))
    assert len(kinds) >= 5, "orders that rest, trade, end, trigger others"
