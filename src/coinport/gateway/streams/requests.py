"""Requests over the socket: objects with `op` and, by which to know the answer, `id`.

The fields of an order's request are its body over HTTP, and it is the same code that reads them
and answers: an `Operation` names it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from coinport.gateway.errors import Text
from coinport.gateway.orders import (
    CancelAll,
    CancelOrders,
    Orders,
    SubmitOrders,
)
from coinport.gateway.requests import Permission
from coinport.gateway.routes import Endpoint, Handler, Nothing, Parameters, about
from coinport.gateway.streams.frames import Id, Joined
from coinport.gateway.wire import decoded, refuse_repeated_keys

CHANNELS_MAX: Final = 200
"""Channels of one connection; a request for more is refused, and nothing of it is done."""
ID_LENGTH_MAX: Final = 64

Given = Annotated[
    int | Annotated[str, Meta(max_length=ID_LENGTH_MAX)] | None,
    about("Comes back with the answer.", "随应答返回。"),
]
Channels = Annotated[
    list[str],
    Meta(min_length=1, max_length=CHANNELS_MAX, examples=[["depth.BTC-CNY", "trades.BTC-CNY"]]),
    about("Markets may be given in any case.", "频道名；市场ID不区分大小写。"),
]


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="op"):
    id: Given = None


class Subscribe(Asked, frozen=True, tag="subscribe"):
    channels: Channels


class Unsubscribe(Asked, frozen=True, tag="unsubscribe"):
    channels: Channels


class Ping(Asked, frozen=True, tag="ping"):
    pass


class Authenticate(Asked, frozen=True, kw_only=True, tag="authenticate"):
    """The headers of a `GET /api/v2/ws`, as fields."""

    authorization: Annotated[
        str | UnsetType,
        about("`Token base64(token:signature)`.", "`Token base64(token:signature)`。"),
    ] = UNSET
    key: Annotated[str | UnsetType, about("As `X-Coinport-Key`.", "同 X-Coinport-Key。")] = UNSET
    timestamp: Annotated[
        int | UnsetType, about("As `X-Coinport-Timestamp`, in ms.", "同 X-Coinport-Timestamp。")
    ] = UNSET
    window: Annotated[
        int | UnsetType, about("As `X-Coinport-Window`, in ms.", "同 X-Coinport-Window。")
    ] = UNSET
    signature: Annotated[
        str | UnsetType, about("As `X-Coinport-Signature`.", "同 X-Coinport-Signature。")
    ] = UNSET


class SubmitOrdersAsked(
    SubmitOrders, frozen=True, kw_only=True, tag_field="op", tag="submit_orders"
):
    id: Given = None


class CancelOrdersAsked(
    CancelOrders, frozen=True, kw_only=True, tag_field="op", tag="cancel_orders"
):
    id: Given = None


class CancelAllAsked(CancelAll, frozen=True, kw_only=True, tag_field="op", tag="cancel_all_orders"):
    id: Given = None


class Pong(Struct):
    time: Annotated[int, about("The server's, in ms.", "服务器时间，毫秒。")]


class Authenticated(Struct):
    uid: int


@dataclass(frozen=True, slots=True)
class Operation:
    asked: type[Struct]
    answer: Any
    summary: Text
    permission: Permission | None = None
    handler: Handler[Any, Any] | None = None
    """Of `Orders`, where an endpoint over HTTP does the same."""
    body: type[Parameters] = Nothing
    """Of that endpoint."""
    reads_late: bool = False

    @property
    def name(self) -> str:
        return str(self.asked.__struct_config__.tag)


def _as_over_http(asked: type[Struct], endpoint: Endpoint[Any, Any]) -> Operation:
    return Operation(
        asked,
        endpoint.answer,
        endpoint.summary,
        endpoint.permission,
        endpoint.handler,
        endpoint.parameters,
        endpoint.reads_late,
    )


OPERATIONS: Final = (
    Operation(Subscribe, Joined, Text("Join channels; again: a new snapshot", "订阅频道")),
    Operation(Unsubscribe, Joined, Text("Leave channels", "退订频道")),
    Operation(Ping, Pong, Text("Whether it answers", "心跳")),
    Operation(Authenticate, Authenticated, Text("Say who you are, by a token", "认证")),
    _as_over_http(SubmitOrdersAsked, Orders.submit_orders),
    _as_over_http(CancelOrdersAsked, Orders.cancel_orders),
    _as_over_http(CancelAllAsked, Orders.cancel_all_orders),
)


class Ordered(NamedTuple):
    """A request that is one over HTTP as well."""

    id: Id
    op: str
    body: bytes


_SUBMIT: Final = Orders.submit_orders.name


class UsualOrders(NamedTuple):
    """Orders that are read already; see `OrderTexts.asked`."""

    said: bytes
    id_text: bytes
    commands: list[bytes]

    @property
    def op(self) -> str:
        return _SUBMIT

    @property
    def id(self) -> Id:
        return id_of(self.said)


Request = Subscribe | Unsubscribe | Ping | Authenticate | Ordered

_ORDERED: Final = frozenset(each.name for each in OPERATIONS if each.handler)
_usual = re.compile(
    rb'\{"id":(0|[1-9][0-9]{0,14}),"op":"(%b)",(.+)\}' % "|".join(_ORDERED).encode(), re.DOTALL
).fullmatch
"""As most write it: what is left is the body, and whoever reads that sees whether it is one."""
_decode: Callable[[bytes], Subscribe | Unsubscribe | Ping | Authenticate]
_decode = msgspec.json.Decoder(Subscribe | Unsubscribe | Ping | Authenticate, strict=False).decode
_decode_members = msgspec.json.Decoder(dict[str, Raw]).decode


class _Head(Struct):
    id: Given = None
    op: str = ""


_decode_head = msgspec.json.Decoder(_Head).decode


def read_request(text: bytes) -> Request:
    """Raises ApiError for whatever is wrong."""
    if usual := _usual(text):
        return Ordered(int(usual[1]), usual[2].decode(), b"{%b}" % usual[3])
    head = decoded(_decode_head, text)
    refuse_repeated_keys(text)
    if head.op not in _ORDERED:
        return decoded(_decode, text)
    members = _decode_members(text)
    body = {name: value for name, value in members.items() if name not in ("id", "op")}
    return Ordered(head.id, head.op, msgspec.json.encode(body))


def id_of(text: bytes) -> Id:
    """Of a request that cannot be read otherwise."""
    try:
        return _decode_head(text).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
