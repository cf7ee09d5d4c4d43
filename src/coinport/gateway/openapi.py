"""The OpenAPI 3.1 document, made from the declarations of the endpoints.

Chinese stands beside the English: `x-zh` beside a summary or description, `x-zh-description`
beside a summary that has a longer text too.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import coinport
from coinport.gateway.answers import Failure
from coinport.gateway.cookies import SESSION_SECURE
from coinport.gateway.errors import STATUS, TEXTS, Code, Text
from coinport.gateway.requests import Permission
from coinport.gateway.routes import PREFIX, Endpoint, Feature, declared
from coinport.gateway.schemas import REFERENCE, Json, schemas_of


def document(features: Sequence[type[Feature]]) -> Json:
    endpoints = [(feature, endpoint) for feature in features for endpoint in declared(feature)]
    schemas, components = _schemas(endpoint for _, endpoint in endpoints)
    paths: dict[str, Json] = {}
    for feature, endpoint in endpoints:
        operation = _operation(endpoint, feature.title, schemas, components)
        paths.setdefault(PREFIX + endpoint.path, {})[endpoint.method.lower()] = operation
    for endpoint in (endpoint for _, endpoint in endpoints if _outside_a_body(endpoint)):
        components.pop(endpoint.parameters.__name__, None)
    return {
        "openapi": "3.1.0",
        "info": {"title": "coinport API", "version": coinport.__version__, **bilingual(_ABOUT)},
        "servers": [{"url": "/"}],
        "tags": [{"name": feature.title.en, "x-zh": feature.title.zh} for feature in features],
        "paths": paths,
        "components": {
            "schemas": components,
            "parameters": {"numberFormat": _NUMBER_FORMAT, "language": _LANGUAGE},
            "securitySchemes": SECURITY_SCHEMES,
        },
        "x-codes": [
            {"code": code, "status": STATUS.get(code, 200), "en": text.en, "zh": text.zh}
            for code, text in TEXTS.items()
        ],
    }


def _schemas(endpoints: Iterable[Endpoint[Any, Any]]) -> tuple[dict[Any, Json], dict[str, Json]]:
    """The schema of each type in the declarations, and the components they refer to."""
    types: list[Any] = [Failure]
    for endpoint in endpoints:
        types += [kind for kind in (endpoint.parameters, endpoint.answer) if kind not in types]
    schemas, components = schemas_of(types)
    for kind in components.values():
        for field in kind.get("properties", {}).values():
            if field.get("uniqueItems") and "default" in field:
                field["default"].sort()  # that of a set has another order at each start
    components["Code"] = {"title": "Code", "enum": list(Code), **bilingual(_CODES)}
    return {repr(kind): schema for kind, schema in zip(types, schemas, strict=True)}, components


def _operation(
    endpoint: Endpoint[Any, Any],
    tag: Text,
    schemas: dict[Any, Json],
    components: dict[str, Json],
) -> Json:
    operation: Json = {
        "operationId": endpoint.name,
        "tags": [tag.en],
        "summary": endpoint.summary.en,
        "x-zh": endpoint.summary.zh,
        "parameters": [
            {"$ref": "#/components/parameters/numberFormat"},
            {"$ref": "#/components/parameters/language"},
        ],
        "responses": _responses(endpoint, schemas[repr(endpoint.answer)]),
    }
    if endpoint.description:
        operation["description"] = endpoint.description.en
        operation["x-zh-description"] = endpoint.description.zh
    if endpoint.permission:
        schemes = _SCHEMES.get(endpoint.permission, SECURITY_SCHEMES)
        operation["security"] = [{scheme: []} for scheme in schemes]
        operation["x-permission"] = endpoint.permission
    if _outside_a_body(endpoint):
        fields = components[endpoint.parameters.__name__]
        operation["parameters"] = _parameters(endpoint, fields) + operation["parameters"]
    elif endpoint.parameters.__struct_fields__:
        schema = schemas[repr(endpoint.parameters)]
        operation["requestBody"] = {"required": True, "content": {_JSON: {"schema": schema}}}
    return operation


def _outside_a_body(endpoint: Endpoint[Any, Any]) -> bool:
    """Its parameters stand in the query or the path."""
    return endpoint.method == "GET" or bool(endpoint.in_path)


def _parameters(endpoint: Endpoint[Any, Any], fields: Json) -> list[Json]:
    return [
        {
            "name": name,
            "in": "path" if name in endpoint.in_path else "query",
            "required": name in fields["required"],
            "description": schema.get("description", ""),
            "x-zh": schema.get("x-zh", ""),
            "schema": {
                key: value for key, value in schema.items() if key not in ("description", "x-zh")
            },
        }
        for name, schema in fields["properties"].items()
    ]


def _responses(endpoint: Endpoint[Any, Any], answer: Json) -> Json:
    by_status: dict[int, list[Code]] = {}
    for code in sorted(endpoint.codes):
        by_status.setdefault(STATUS.get(code, 200), []).append(code)
    if endpoint.method == "POST":
        by_status[413] = [Code.BAD_PARAMETER]
    by_status[503] = [Code.INTERNAL_ERROR]
    responses: Json = {
        str(status): _response(_MEANING[status], _failure(codes, endpoint.failed_data))
        for status, codes in sorted(by_status.items())
    }
    either = {"oneOf": [_success(answer), _failure(by_status[200], endpoint.failed_data)]}
    return responses | {"200": _response(_MEANING[200], either)}


def _response(meaning: str, schema: Json) -> Json:
    return {"description": meaning, "content": {_JSON: {"schema": schema}}}


def _success(answer: Json) -> Json:
    return {
        "title": "Success",
        "type": "object",
        "required": ["code", "time", "data"],
        "properties": {
            "code": {"const": 0},
            "time": {"type": "integer", "description": "The server's, in ms.", "x-zh": "毫秒"},
            "data": answer,
        },
    }


def _failure(codes: list[Code], data: str | None) -> Json:
    return {
        "allOf": [
            {"$ref": REFERENCE.format(name="Failure")},
            {"properties": {"code": {"enum": codes}, "data": {"const": data}}},
        ]
    }


def bilingual(text: Text) -> Json:
    return {"description": text.en, "x-zh": text.zh}


_JSON: Final = "application/json"

_MEANING: Final = {
    200: "Done, or refused: look at `code`.",
    413: "The body is too long.",
    429: "Over the rate limit; `Retry-After` says for how long.",
    500: "A fault of the exchange.",
    503: "Too busy, or not ready: try again.",
}

_ABOUT: Final = Text(
    "The API of a spot exchange. Every answer, errors included, is an object of `code` (0: no "
    "error), `time` and `data`. Currency and market ids may be given in any case. Amounts and "
    "prices are exact decimals; they may be given as numbers or strings. How much may be asked is "
    "in `exchange_info` and in the `X-RateLimit-*` headers of each answer.",
    "现货交易所 API。所有返回（包括错误）都是含 `code`（0 表示无错误）、`time` 和 `data` 的对象。"
    "币种和市场 ID 不区分大小写。数量和价格是精确小数，可以用数字或字符串提交。"
    "流量上限见 `exchange_info` 及每个返回的 `X-RateLimit-*` 响应头。",
)
_CODES: Final = Text("The error codes, see `x-codes`.", "错误代码，见 `x-codes`。")

_NUMBER_FORMAT: Final = {
    "name": "X-Number-Format",
    "in": "header",
    "schema": {"enum": ["number", "string"], "default": "number"},
    **bilingual(
        Text("`string`: exact decimals come as JSON strings.", "`string`：小数以 JSON 字符串返回。")
    ),
}
_LANGUAGE: Final = {
    "name": "Accept-Language",
    "in": "header",
    "schema": {"type": "string", "default": "en"},
    **bilingual(Text("Of `message`: `en` or `zh`.", "`message` 的语言：`en` 或 `zh`。")),
}
_SCHEMES: Final = {Permission.OWNER: ("basic", "cookie"), Permission.OPERATOR: ("cookie",)}
"""Which can have these permissions; others can be had by all."""
SECURITY_SCHEMES: Final = {
    "basic": {
        "type": "http",
        "scheme": "basic",
        **bilingual(
            Text(
                "E-mail or uid, and the password or what was registered as `pwdhash`; a one-time "
                "code in `X-Coinport-OTP` where the account has them switched on.",
                "邮箱或 uid，加密码（或注册时的 `pwdhash`）；若已绑定谷歌验证，另在 "
                "`X-Coinport-OTP` 中提供验证码。",
            )
        ),
    },
    "token": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        **bilingual(
            Text(
                "`Token base64(token:signature)`. The signature is the lower-case hex MD5 of: the "
                "parameters of a GET sorted by name, or the body of a POST, then `&secret=SECRET`. "
                "It does not stop a replay: prefer `hmac`.",
                "`Token base64(token:signature)`。签名：GET 为按名称排序的参数，POST 为请求体，"
                "后接 `&secret=SECRET`，取小写十六进制 MD5。无法防止重放，推荐使用 `hmac`。",
            )
        ),
    },
    "hmac": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Coinport-Signature",
        **bilingual(
            Text(
                "With `X-Coinport-Key` (the token), `X-Coinport-Timestamp` (ms) and, if wanted, "
                "`X-Coinport-Window` (ms, default 5000, at most 60000: how old it may be; ahead of "
                "the server it may be 1 s). The signature is the lower-case hex HMAC-SHA256, by "
                "the secret, of timestamp, method, path with query as sent and body, joined by "
                "line feeds. It is accepted once.",
                "另需 `X-Coinport-Key`（令牌）、`X-Coinport-Timestamp`（毫秒），可选 "
                "`X-Coinport-Window`（毫秒，默认 5000，最大 60000）。签名：以密钥对时间戳、方法、"
                "带查询的路径、请求体（以换行连接）计算 HMAC-SHA256 的小写十六进制；只接受一次。",
            )
        ),
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_SECURE,
        **bilingual(
            Text(
                "Set by `login`. A POST also needs the `X-XSRF-TOKEN` header, with the value of "
                "the cookie `XSRF-TOKEN`, or must come from the same origin.",
                "由 `login` 设置。POST 还需 `X-XSRF-TOKEN` 请求头（值为 `XSRF-TOKEN` cookie），"
                "或来自同源页面。",
            )
        ),
    },
}
