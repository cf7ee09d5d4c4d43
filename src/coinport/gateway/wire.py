"""The wire: exact decimal text to integers and back, and JSON and queries read strictly.

No float and no Decimal: a figure's text becomes a whole number of units, within bounds that are
checked before any arithmetic, so no exponent can cost time.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta, Raw

from coinport.gateway.errors import ApiError, Code, Text
from coinport.model.decimals import decimal_text
from coinport.model.units import AMOUNT_MAX

FIGURE_LENGTH_MAX: Final = 40
"""Characters of a figure; a longer one is refused unread."""
PARAMETERS_MAX: Final = 30
"""Parameters of a query."""
NAME_LENGTH_MAX: Final = 60
"""Characters of a name or value of the caller's that a message repeats."""
_REMEMBERED: Final = 1 << 15
"""Figures whose text is remembered each way: prices and sizes come again and again."""

T = TypeVar("T")

FIGURE_SCHEMA: Final = {
    "type": ["number", "string"],
    "pattern": r"^(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$",
    "description": "An exact decimal: a JSON number, or a string where asked for by header.",
    "x-zh": "精确小数：JSON 数字；按请求头可为字符串。",
}

Figure = Annotated[Raw, Meta(extra_json_schema=FIGURE_SCHEMA)]
"""A figure on its way out: JSON text, made by a `FigureOf`."""

SignedFigure = Annotated[
    Raw,
    Meta(extra_json_schema={**FIGURE_SCHEMA, "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$"}),
]
"""One that may be below zero: made by `signed`."""

FigureIn = Annotated[Raw, Meta(extra_json_schema={"type": ["number", "string"]})]
"""A figure on its way in: JSON text, read by `units`."""

FigureOf = Callable[[int, int], Raw]
"""`figure(units, decimals)`: units of 10**-decimals, not negative, as JSON text."""


@lru_cache(_REMEMBERED)
def number_figure(units: int, decimals: int) -> Raw:
    """number_figure(1500, 3) is `1.5`: no exponent, no needless zero."""
    return Raw(decimal_text(units, decimals))


@lru_cache(_REMEMBERED)
def string_figure(units: int, decimals: int) -> Raw:
    return Raw(f'"{decimal_text(units, decimals)}"')


def signed(figure: FigureOf, units: int, decimals: int) -> Raw:
    """As `figure`, of units that may be negative."""
    if units >= 0:
        return figure(units, decimals)
    text = bytes(figure(-units, decimals))
    return Raw(b'"-' + text[1:] if text.startswith(b'"') else b"-" + text)


def units(figure: Raw, decimals: int, name: str) -> int:
    """`figure` as a count of 10**-decimals, above 0 and at most AMOUNT_MAX.

    Raises ApiError naming the parameter where it is not such a count: nothing is ever rounded.
    """
    return _units(bytes(figure), decimals, name)


@lru_cache(_REMEMBERED)
def _units(text: bytes, decimals: int, name: str) -> int:
    match = _NUMBER(text) if len(text) <= FIGURE_LENGTH_MAX else None
    if match is None:
        raise ApiError(Code.BAD_PARAMETER, name, NOT_A_NUMBER)
    quote, whole, fraction, exponent = match.groups(b"")
    if bool(quote) != text.endswith(b'"'):
        raise ApiError(Code.BAD_PARAMETER, name, NOT_A_NUMBER)
    count: int = int(whole + fraction)
    shift = decimals - len(fraction) + int(exponent or 0)
    if shift < 0:
        count, rest = divmod(count, 10**-shift)
        if rest:
            detail = Text(f"more than {decimals} decimals", f"小数位数超过 {decimals}")
            raise ApiError(Code.BAD_PARAMETER, name, detail)
    else:
        count *= 10**shift
    if not 0 < count <= AMOUNT_MAX:
        raise ApiError(Code.BAD_PARAMETER, name, OUT_OF_RANGE)
    return count


_NUMBER = re.compile(rb'("?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,2}))?"?').fullmatch
"""A JSON number without a sign, or a string of one; its exponent has at most two digits."""

NOT_A_NUMBER: Final = Text("not a positive decimal number", "不是正的十进制数")
OUT_OF_RANGE: Final = Text("out of range", "超出范围")


def read_integer(text: str, name: str) -> int:
    """A number of ASCII digits, of any size up to FIGURE_LENGTH_MAX. Raises ApiError."""
    if not (text.isascii() and text.isdigit() and len(text) <= FIGURE_LENGTH_MAX):
        raise ApiError(Code.BAD_PARAMETER, name, Text("not a number", "不是数字"))
    return int(text)


def chosen(choices: Mapping[Any, T], text: str, name: str) -> T:
    """What `text` stands for. Raises ApiError naming what there is."""
    choice = choices.get(text)
    if choice is None:
        one_of = ", ".join(choices)
        detail = Text(f"one of: {one_of}", f"可选值：{one_of}")
        raise ApiError(Code.BAD_PARAMETER, name, detail)
    return choice


def read_json(decode: Callable[[bytes], T], body: bytes) -> T:
    """`decode(body)`; an empty body is an empty object. Raises ApiError for whatever is wrong."""
    value = decoded(decode, body or b"{}")
    if not _certainly_without_repeated_keys(body):
        refuse_repeated_keys(body)
    return value


def decoded(decode: Callable[[bytes], T], body: bytes | Raw) -> T:
    """Does not see a key given twice. Raises ApiError."""
    try:
        return decode(body)
    except msgspec.ValidationError as error:
        raise blamed(error) from None
    except RecursionError:
        raise ApiError(Code.BAD_PARAMETER, "body", TOO_DEEP) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        detail = Text(f"not JSON: {error}", "不是有效的 JSON")
        raise ApiError(Code.BAD_PARAMETER, "body", detail) from None


def _certainly_without_repeated_keys(body: bytes) -> bool:
    """msgspec lets the last of two equal keys win. In the shape that many orders come in, there
    were none if no colon is left over after one for each key; otherwise it takes a closer look."""
    try:
        lists = _decode_lists(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    keys = len(lists) + sum(len(members) for items in lists.values() for members in items)
    return keys == body.count(b":")


_decode_lists = msgspec.json.Decoder(dict[str, list[dict[str, Raw]]]).decode


def refuse_repeated_keys(body: bytes) -> None:
    """`body` is known to be JSON. Raises ApiError naming the key. Slow: 2 us for each member."""
    if not body:
        return
    try:
        _STRICT.decode(body.decode())
    except RecursionError:
        raise ApiError(Code.BAD_PARAMETER, "body", TOO_DEEP) from None
    except UnicodeDecodeError:
        raise ApiError(Code.BAD_PARAMETER, "body", Text("not UTF-8", "不是 UTF-8")) from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ApiError(Code.BAD_PARAMETER, repeated[:NAME_LENGTH_MAX], REPEATED)
    return members


# Numbers stay text: nothing is computed from them here.
_STRICT: Final = json.JSONDecoder(object_pairs_hook=_members, parse_int=str, parse_float=str)


def read_query(query: bytes) -> dict[str, str]:
    """Raises ApiError for a repeated parameter, and for what is not UTF-8."""
    try:
        pairs = parse_qsl(
            query.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=PARAMETERS_MAX,
        )
    except ValueError:
        detail = Text("unreadable, or too many parameters", "无法解析，或参数过多")
        raise ApiError(Code.BAD_PARAMETER, "query", detail) from None
    return _members(pairs)


def converted(values: Mapping[str, str], kind: type[T]) -> T:
    """Text values as `kind` wants them. Raises ApiError."""
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise blamed(error) from None


def blamed(error: msgspec.ValidationError) -> ApiError:
    """What msgspec says of a value, as an error that names the parameter."""
    text = str(error)
    if match := _MISSING.search(text):
        return ApiError(Code.MISSING_PARAMETER, match[1])
    if match := _UNKNOWN.search(text):
        return ApiError(Code.BAD_PARAMETER, match[1][:NAME_LENGTH_MAX], SUPERFLUOUS)
    said, _, where = text.partition(" - at `$")
    subject = where.strip(".`") or "body"
    return ApiError(Code.BAD_PARAMETER, subject, Text(said.replace("`", ""), "类型或取值不正确"))


_MISSING = re.compile("missing required field `(.+?)`")
_UNKNOWN = re.compile("unknown field `(.+)`", re.DOTALL)

SUPERFLUOUS: Final = Text("unknown here", "多余的参数")
REPEATED: Final = Text("given twice", "重复")
TOO_DEEP: Final = Text("nested too deeply", "嵌套过深")
