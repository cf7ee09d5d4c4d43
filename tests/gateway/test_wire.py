"""Exact figures and strict JSON: whatever comes in, it is exact or refused, and at once."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from coinport.gateway.errors import ApiError, Code, Language
from coinport.gateway.wire import (
    FIGURE_LENGTH_MAX,
    PARAMETERS_MAX,
    converted,
    number_figure,
    read_integer,
    read_json,
    read_query,
    string_figure,
    units,
)
from coinport.model.units import AMOUNT_MAX


def refused(figure: str, decimals: int = 4) -> str:
    with pytest.raises(ApiError) as caught:
        units(Raw(figure), decimals, "price")
    assert (caught.value.code, caught.value.subject) == (Code.BAD_PARAMETER, "price")
    return caught.value.message(Language.EN)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1", 10_000),
        ('"1"', 10_000),
        ("0.0001", 1),
        ('"2010.3"', 20_103_000),
        ("2010.300000000", 20_103_000),
        ("1e3", 10_000_000),
        ("1.5E+1", 150_000),
        ("25e-4", 25),
        ("0.00000000001e9", 100),
    ],
)
def test_a_figure_is_read_exactly(text: str, count: int) -> None:
    assert units(Raw(text), 4, "price") == count


@pytest.mark.parametrize(
    "text",
    [
        *("-1", "-0.1", "+1", '"+1"', '"-1"'),
        *("NaN", '"NaN"', "Infinity", '"-Infinity"', '"inf"'),
        *("1_000", '"1_000"', '"１"', '"٣"', '" 1"', '"1 "', '"1\\n"', '"0x10"', '"1,5"'),
        *('""', '"', '"1', '1"', "01", ".5", "5.", "1e", "true", "null", "[1]", "{}"),
        *("1e999", "1e-999", "1e1000000", '"1e999999999"'),
        "1" * (FIGURE_LENGTH_MAX + 1),
    ],
)
def test_what_is_not_a_plain_number_is_refused(text: str) -> None:
    assert "not a positive decimal number" in refused(text)


@pytest.mark.parametrize("text", ["0", "0.0", '"0"', "0e5", "1e99", str(AMOUNT_MAX), "1e19"])
def test_what_is_out_of_range_is_refused(text: str) -> None:
    assert "out of range" in refused(text)


def test_the_largest_figure_is_the_largest_amount() -> None:
    assert units(Raw(str(AMOUNT_MAX)), 0, "price") == AMOUNT_MAX
    assert "out of range" in refused(str(AMOUNT_MAX + 1), 0)


@pytest.mark.parametrize("text", ["0.00001", "1.23456", "1e-5", "1e-99", "0." + "0" * 37 + "1"])
def test_nothing_is_rounded(text: str) -> None:
    assert "more than 4 decimals" in refused(text)


@given(st.integers(1, AMOUNT_MAX), st.integers(0, 12))
def test_a_figure_that_went_out_comes_in_the_same(count: int, decimals: int) -> None:
    for figure in (number_figure(count, decimals), string_figure(count, decimals)):
        assert units(figure, decimals, "price") == count


@pytest.mark.parametrize(
    ("count", "decimals", "text"),
    [
        (0, 8, "0"),
        (1, 8, "0.00000001"),
        (150, 2, "1.5"),
        (100, 2, "1"),
        (1_000, 0, "1000"),
        (AMOUNT_MAX, 8, "46116860184.27387904"),
    ],
)
def test_a_figure_goes_out_without_exponent_or_padding(
    count: int, decimals: int, text: str
) -> None:
    assert bytes(number_figure(count, decimals)).decode() == text
    assert bytes(string_figure(count, decimals)).decode() == f'"{text}"'


@pytest.mark.parametrize("text", ["", "-1", "1.0", "1_0", "１", " 1", "1" * 41, "0x1"])
def test_an_id_is_ascii_digits(text: str) -> None:
    assert read_integer("0010000000001", "ids") == 10_000_000_001
    with pytest.raises(ApiError):
        read_integer(text, "ids")


class Body(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    count: int = 1
    items: list[dict[str, int]] = []


decode = msgspec.json.Decoder(Body, strict=False).decode


@pytest.mark.parametrize(
    ("body", "code", "subject"),
    [
        (b"", Code.MISSING_PARAMETER, "name"),
        (b"{}", Code.MISSING_PARAMETER, "name"),
        (b'{"name":"a","other":1}', Code.BAD_PARAMETER, "other"),
        (b'{"name":1}', Code.BAD_PARAMETER, "name"),
        (b'{"name":null}', Code.BAD_PARAMETER, "name"),
        (b'{"name":"a","count":true}', Code.BAD_PARAMETER, "count"),
        (b'{"name":"a","count":1.5}', Code.BAD_PARAMETER, "count"),
        (b'{"name":"a","count":1e999}', Code.BAD_PARAMETER, "count"),
        (b'{"name":"a","items":[{"x":1},{"x":"y"}]}', Code.BAD_PARAMETER, "items[1][...]"),
        (b'{"name":"a","name":"b"}', Code.BAD_PARAMETER, "name"),
        (b'{"name":"a","items":[{"x":1},{"x":1,"y":2,"x":3}]}', Code.BAD_PARAMETER, "x"),
        (b'{"name":"a:b","name":"c"}', Code.BAD_PARAMETER, "name"),
        (b'{"name":"a","n\\u0061me":"b"}', Code.BAD_PARAMETER, "name"),
        (b"[]", Code.BAD_PARAMETER, "body"),
        (b"null", Code.BAD_PARAMETER, "body"),
        (b'{"name":', Code.BAD_PARAMETER, "body"),
        (b'{"name":"a"} x', Code.BAD_PARAMETER, "body"),
        (b'{"name":"\xff"}', Code.BAD_PARAMETER, "body"),
        (b'{"name":"a","count":NaN}', Code.BAD_PARAMETER, "body"),
        (b'{"name":"a","count":Infinity}', Code.BAD_PARAMETER, "body"),
        (b"\xef\xbb\xbf{}", Code.BAD_PARAMETER, "body"),
        (b"\x1f\x8b\x08\x00", Code.BAD_PARAMETER, "body"),
        (b"[" * 60_000, Code.BAD_PARAMETER, "body"),
        (b'{"a":' * 13_000, Code.BAD_PARAMETER, "a"),
        (b'{"name":"a","other":' + b"[" * 30_000 + b"]" * 30_000 + b"}", Code.BAD_PARAMETER, ""),
    ],
)
def test_a_body_that_is_wrong_names_what_is_wrong(body: bytes, code: Code, subject: str) -> None:
    with pytest.raises(ApiError) as caught:
        read_json(decode, body)
    assert caught.value.code == code
    assert subject in caught.value.subject
    assert caught.value.message(Language.EN) != caught.value.message(Language.ZH)


@pytest.mark.parametrize(
    "body",
    [
        b'{"name":"a"}',
        b'{"name":"a:b\\":c","items":[]}',
        b'{"name":"","count":"12"}',
        b' {"name" : "a" , "items" : [ { "x" : 1 } , { "x" : 2 } ] } ',
    ],
)
def test_a_good_body_is_read_whatever_colons_stand_in_it(body: bytes) -> None:
    assert read_json(decode, body) == decode(body)


keys = st.sampled_from(["a", "b", "c:", 'd"', "e\\", "ключ"])
trees: Any = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(keys, inner), max_size=3),
    max_leaves=12,
)


@given(st.lists(st.tuples(keys, trees), max_size=4))
def test_a_key_given_twice_is_always_seen(members: list[tuple[str, Any]]) -> None:
    body, repeated = text_of(members)
    try:
        read_json(msgspec.json.Decoder().decode, body.encode())
    except ApiError as error:
        assert repeated
        assert error.message(Language.EN).endswith("(given twice)")
    else:
        assert not repeated


def text_of(value: Any) -> tuple[str, bool]:
    """`value` as JSON, pairs being members; and whether some object has a key twice."""
    if not isinstance(value, list):
        return json.dumps(value), False
    if value and all(isinstance(item, tuple) for item in value):
        texts = [(json.dumps(key), *text_of(item)) for key, item in value]
        body = ", ".join(f"{key}: {text}" for key, text, _ in texts)
        names = [key for key, _ in value]
        return "{" + body + "}", len(set(names)) < len(names) or any(each[2] for each in texts)
    parts = [text_of(item) for item in value]
    return f"[{', '.join(part for part, _ in parts)}]", any(part[1] for part in parts)


@pytest.mark.parametrize(
    ("query", "subject"),
    [
        (b"a=1&a=2", "a"),
        (b"a=1&%61=2", "a"),
        (b"a=%ff", "query"),
        (b"a=\xff", "query"),
        (b"&".join(b"p%d=1" % number for number in range(PARAMETERS_MAX + 1)), "query"),
    ],
)
def test_a_query_is_read_strictly(query: bytes, subject: str) -> None:
    with pytest.raises(ApiError) as caught:
        read_query(query)
    assert (caught.value.code, caught.value.subject) == (Code.BAD_PARAMETER, subject)


def test_a_query_is_decoded() -> None:
    assert read_query(b"ids=1%2C2&market=btc-cny&empty=") == {
        "ids": "1,2",
        "market": "btc-cny",
        "empty": "",
    }


@pytest.mark.parametrize("text", ["1_0", "１", " 1", "+1", "", "1.5", "x", "1e999"])
def test_a_number_in_a_query_is_plain(text: str) -> None:
    assert converted({"name": "a", "count": "12"}, Body).count == 12
    with pytest.raises(ApiError) as caught:
        converted({"name": "a", "count": text}, Body)
    assert caught.value.subject == "count"


def test_a_name_of_the_callers_is_repeated_only_in_part() -> None:
    with pytest.raises(ApiError) as caught:
        read_json(decode, b'{"name":"a","' + b"x" * 10_000 + b'":1}')
    assert len(caught.value.message(Language.EN)) < 200
