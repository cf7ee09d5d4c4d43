"""The AsyncAPI 3 document of the streams, made from the declarations that the code runs by.

Every message has the name by which a frame is known: that of its channel's kind, of its notice, of
its request (`subscribe`), or of the answer to that (`subscribe.answer`, and `failed` to any).
"""

from typing import Any, Final

import coinport
from coinport.gateway.errors import Text
from coinport.gateway.openapi import SECURITY_SCHEMES, bilingual
from coinport.gateway.schemas import Json, schemas_of
from coinport.gateway.streams.frames import Closing, Ended, Id, Refusal, Resync
from coinport.gateway.streams.kinds import KINDS, Kind
from coinport.gateway.streams.proof import PATH
from coinport.gateway.streams.requests import OPERATIONS, Operation

_CHANNEL: Final = {"$ref": "#/channels/stream"}
_NOTICES: Final = {"resync": Resync, "ended": Ended, "closing": Closing}


def document() -> Json:
    data = [kind.data for kind in KINDS]
    answers = [operation.answer for operation in OPERATIONS]
    requests = [operation.asked for operation in OPERATIONS]
    types: list[Any] = [Id, Refusal, *_NOTICES.values(), *requests]
    types += [kind for kind in (*data, *answers) if kind not in types]
    schemas, components = schemas_of(types)
    of = {repr(kind): schema for kind, schema in zip(types, schemas, strict=True)}
    messages: dict[str, Json] = {"failed": _message(of[repr(Refusal)], _FAILED)}
    operations: dict[str, Json] = {}
    for operation in OPERATIONS:
        messages[operation.name] = _message(of[repr(operation.asked)], operation.summary)
        messages[f"{operation.name}.answer"] = _message(
            _answer(of[repr(operation.answer)], of[repr(Id)]), operation.summary
        )
        operations[operation.name] = _asked(operation)
    for kind in KINDS:
        messages[kind.name] = _message(_data(kind, of[repr(kind.data)]), kind.summary)
        operations[kind.name] = _told(kind.name, kind.summary)
    for name, notice in _NOTICES.items():
        summary = _MEANING[name]
        messages[name] = _message(of[repr(notice)], summary)
        operations[name] = _told(name, summary)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "coinport streams", "version": coinport.__version__, **bilingual(_ABOUT)},
        "defaultContentType": "application/json",
        "channels": {
            "stream": {
                "address": PATH,
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
                "bindings": {"ws": {"query": _QUERY}},
            }
        },
        "operations": operations,
        "components": {
            "messages": messages,
            "schemas": components,
            "securitySchemes": {
                name: {**_SECURITY[name], "description": SECURITY_SCHEMES[name]["description"]}
                for name in _SECURITY
            },
        },
        "x-channels": [_listed(kind) for kind in KINDS],
    }


def _message(payload: Json, summary: Text) -> Json:
    return {"summary": summary.en, "x-zh": summary.zh, "payload": payload}


def _answer(data: Json, id: Json) -> Json:
    return {
        "type": "object",
        "required": ["id", "code", "data"],
        "properties": {"id": id, "code": {"const": 0}, "data": data},
        "additionalProperties": False,
    }


def _data(kind: Kind, data: Json) -> Json:
    pattern = "".join(rf"\.{_PATTERNS[part]}" for part in kind.parts)
    return {
        "type": "object",
        "required": ["channel", "type", "data"],
        "properties": {
            "channel": {"type": "string", "pattern": f"^{kind.name}{pattern}$"},
            "type": {"enum": ["snapshot", "update"]},
            "data": data,
        },
        "additionalProperties": False,
    }


def _asked(operation: Operation) -> Json:
    asked: Json = {
        "action": "receive",
        "channel": _CHANNEL,
        "summary": operation.summary.en,
        "x-zh": operation.summary.zh,
        "messages": [_of_channel(operation.name)],
        "reply": {
            "channel": _CHANNEL,
            "messages": [_of_channel(f"{operation.name}.answer"), _of_channel("failed")],
        },
    }
    return asked | ({"x-permission": operation.permission} if operation.permission else {})


def _told(message: str, summary: Text) -> Json:
    return {
        "action": "send",
        "channel": _CHANNEL,
        "summary": summary.en,
        "x-zh": summary.zh,
        "messages": [_of_channel(message)],
    }


def _of_channel(message: str) -> Json:
    return {"$ref": f"#/channels/stream/messages/{message}"}


def _listed(kind: Kind) -> Json:
    return {
        "name": kind.address,
        "private": kind.private,
        "paced": kind.paced,
        "en": kind.summary.en,
        "zh": kind.summary.zh,
    }


_PATTERNS: Final = {"market": "[A-Z0-9]+-[A-Z0-9]+", "interval": "[0-9]+[mhdw]"}

_SECURITY: Final[dict[str, Json]] = {
    "token": {"type": "httpApiKey", "in": "header", "name": "Authorization"},
    "hmac": {"type": "httpApiKey", "in": "header", "name": "X-Coinport-Signature"},
    "cookie": {"type": "httpApiKey", "in": "cookie", "name": SECURITY_SCHEMES["cookie"]["name"]},
}

_QUERY: Final = {
    "type": "object",
    "properties": {
        "numbers": {
            "enum": ["number", "string"],
            **bilingual(
                Text(
                    "`string`: exact decimals come as JSON strings.",
                    "`string`：小数以 JSON 字符串返回。",
                )
            ),
        }
    },
}

_FAILED: Final = Text(
    "Instead of any answer: what is wrong, with the codes of REST", "任何请求失败时的应答"
)
_MEANING: Final = {
    "resync": Text(
        "The client fell behind and is dropped from the channel: subscribe again",
        "客户端接收过慢，已被移出该频道：请重新订阅",
    ),
    "ended": Text(
        "A private channel ends: the session, the token or the account is no longer good",
        "私有频道终止：会话、令牌或帐号已失效",
    ),
    "closing": Text(
        "The exchange stops: connect again in a few seconds", "服务即将停止：请稍后重连"
    ),
}
_ABOUT: Final = Text(
    "One WebSocket for all that moves. Requests are JSON objects with `op`, and `id` by which to "
    "know the answer; everything else that comes is of a channel (`snapshot`, then `update`s) or "
    "a notice. Who is to be told what is private says who he is at the upgrade, by the cookie of "
    "a session (same origin), by the headers of a token or of HMAC for `GET /api/v2/ws`; or later, "
    "by `authenticate` with the same as fields. How to follow a book is told in `docs/streams.md`.",
    "一个 WebSocket 推送全部实时数据。请求为含 `op` 的 JSON 对象，`id` 随应答返回；其余消息为"
    "频道数据（先 `snapshot` 后 `update`）或通知。私有频道需认证：握手时使用同源 Cookie、"
    "Token 或 HMAC 请求头（对 `GET /api/v2/ws` 签名），或之后以 `authenticate` 提交同样的字段。",
)
