"""The page for people: the OpenAPI document as HTML, in English or Chinese. No script, nothing from
elsewhere."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from html import escape
from importlib import resources
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from coinport.gateway.errors import Language, Text
from coinport.gateway.requests import language_of
from coinport.gateway.routes import PREFIX
from coinport.gateway.sample import sample
from coinport.gateway.schemas import Json

PAGE: Final = f"{PREFIX}/docs"
DOCUMENT: Final = f"{PREFIX}/openapi.json"
STREAMS: Final = f"{PREFIX}/asyncapi.json"
STYLE: Final = f"{PREFIX}/docs.css"

_encode: Final = msgspec.json.encode
_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}


def documentation(document: Callable[[], Json], streams: Callable[[], Json]) -> list[BaseRoute]:
    """The documents themselves (OpenAPI, AsyncAPI), the page, and its style. They are made when
    somebody asks first: no start waits for them. Starlette runs what is no coroutine in a thread,
    so nor does any order."""
    document, streams = cache(document), cache(streams)
    css = (resources.files("coinport.gateway") / "docs.css").read_bytes()

    @cache
    def html(language: Language) -> str:
        return Page(document(), streams(), language).html()

    def openapi(request: Request) -> Response:
        return Response(_encode(document()), media_type="application/json", headers=_HEADERS)

    def asyncapi(request: Request) -> Response:
        return Response(_encode(streams()), media_type="application/json", headers=_HEADERS)

    async def style(request: Request) -> Response:
        return Response(css, media_type="text/css", headers=_HEADERS)

    def page(request: Request) -> Response:
        wanted = request.query_params.get("lang") or language_of(dict(request.headers.raw))
        language = Language.ZH if wanted.lower().startswith("zh") else Language.EN
        return HTMLResponse(html(language), headers=_HEADERS | {"content-language": language})

    return [
        Route(DOCUMENT, openapi),
        Route(STREAMS, asyncapi),
        Route(PAGE, page),
        Route(STYLE, style),
    ]


class Page:
    def __init__(self, document: Json, streams: Json, language: Language) -> None:
        self._document = document
        self._streams = streams
        self._language = language

    def html(self) -> str:
        title = self._said(Text("coinport API", "coinport 接口文档"))
        other, name = ("zh", "中文") if self._language is Language.EN else ("en", "English")
        return "".join(
            (
                f'<!doctype html><html lang="{self._language}"><head><meta charset="utf-8">',
                '<meta name="viewport" content="width=device-width, initial-scale=1">',
                '<link rel="icon" type="image/svg+xml" href="/favicon.svg">',
                f'<title>{title}</title><link rel="stylesheet" href="{STYLE}"></head><body>',
                f"<header><h1>{title} <small>{self._document['info']['version']}</small></h1>",
                f'<nav><a href="{DOCUMENT}">OpenAPI</a> <a href="{STREAMS}">AsyncAPI</a> ',
                f'<a href="?lang={other}" hreflang="{other}">{name}</a></nav></header>',
                f'<div class="columns"><nav class="contents">{self._contents()}</nav><main>',
                f"<p>{self._text(self._document['info'])}</p>",
                self._authentication(),
                *(self._chapter(tag) for tag in self._document["tags"]),
                self._channels(),
                self._codes(),
                "</main></div></body></html>",
            )
        )

    def _said(self, text: Text) -> str:
        return text.said(self._language)

    def _text(self, holder: Json, english: str = "description", chinese: str = "x-zh") -> str:
        """The description of a part of the document; `code` in back quotes."""
        said = holder.get(chinese) if self._language is Language.ZH else None
        parts = escape(said or holder.get(english) or "").split("`")
        return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))

    def _operations(self, tag: Json) -> Iterator[tuple[str, str, Json]]:
        """Method, path, operation."""
        for path, methods in self._document["paths"].items():
            for method, operation in methods.items():
                if tag["name"] in operation["tags"]:
                    yield method.upper(), path, operation

    def _contents(self) -> str:
        chapters = (
            f"<li>{self._text(tag, 'name')}<ul>"
            + "".join(
                f'<li><a href="#{operation["operationId"]}">'
                f"{_badge(method)} {self._short(path)}</a></li>"
                for method, path, operation in self._operations(tag)
            )
            + "</ul></li>"
            for tag in self._document["tags"]
        )
        links = (
            f'<li><a href="#authentication">{self._said(_AUTHENTICATION)}</a></li>',
            *chapters,
            f'<li><a href="#streams">{self._said(_STREAMS)}</a></li>',
            f'<li><a href="#codes">{self._said(_CODES)}</a></li>',
        )
        return f"<ul>{''.join(links)}</ul>"

    def _short(self, path: str) -> str:
        return escape(path.removeprefix(f"{PREFIX}/"))

    def _authentication(self) -> str:
        schemes = self._document["components"]["securitySchemes"]
        rows = [(f"<code>{name}</code>", self._text(scheme)) for name, scheme in schemes.items()]
        return _section("authentication", self._said(_AUTHENTICATION), _table(rows))

    def _channels(self) -> str:
        rows = [
            (f"<code>{each['name']}</code>", escape(each[self._language]))
            for each in self._streams["x-channels"]
        ]
        text = f"<p>{self._text(self._streams['info'])}</p>"
        return _section("streams", self._said(_STREAMS), text + _table(rows))

    def _chapter(self, tag: Json) -> str:
        operations = (self._operation(*each) for each in self._operations(tag))
        return f"<h2>{self._text(tag, 'name')}</h2>{''.join(operations)}"

    def _operation(self, method: str, path: str, operation: Json) -> str:
        permission = operation.get("x-permission")
        badge = f'<span class="badge">{escape(permission)}</span>' if permission else ""
        url = escape(path).replace("{", "<var>{").replace("}", "}</var>")
        return (
            f'<article id="{operation["operationId"]}">'
            f"<h3>{_badge(method)} <code>{url}</code> {badge}</h3>"
            f"<p>{self._text(operation, 'summary')}</p>"
            f"<p>{self._text(operation, 'description', 'x-zh-description')}</p>"
            f"{self._parameters(operation)}{self._body(operation)}{self._answer(operation)}"
            "</article>"
        )

    def _parameters(self, operation: Json) -> str:
        rows = [
            (
                f"<code>{escape(parameter['name'])}</code>",
                self._kind(parameter["schema"]),
                self._said(_REQUIRED) if parameter["required"] else _default(parameter["schema"]),
                self._text(parameter),
            )
            for parameter in operation["parameters"]
            if "$ref" not in parameter
        ]
        return _titled(self._said(_PARAMETERS), _table(rows)) if rows else ""

    def _body(self, operation: Json) -> str:
        if "requestBody" not in operation:
            return ""
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        return _titled(self._said(_BODY), self._fields(schema) + self._sample(schema, operation))

    def _answer(self, operation: Json) -> str:
        content = operation["responses"]["200"]["content"]["application/json"]
        success, failure = content["schema"]["oneOf"]
        schema = success["properties"]["data"]
        codes = ", ".join(
            f'<a href="#code-{code}">{code}</a>'
            for code in failure["allOf"][1]["properties"]["code"]["enum"]
        )
        errors = f"<p>{self._said(_ERRORS)}: {codes}</p>"
        title = self._said(_ANSWER)
        return _titled(title, self._fields(schema) + self._sample(schema, operation)) + errors

    def _fields(self, schema: Json) -> str:
        return _table(list(self._rows(schema, "")))

    def _rows(self, schema: Json, prefix: str) -> Iterator[tuple[str, ...]]:
        """One for each field, those of objects within it after it."""
        schema = self._resolved(schema)
        required = schema.get("required", ())
        for name, field in schema.get("properties", {}).items():
            told = self._resolved(field)
            text = self._text(field) or self._text(told)
            needed = "" if name in required else _default(field) or self._said(_OPTIONAL)
            yield f"<code>{escape(prefix + name)}</code>", self._kind(field), needed, text
            yield from self._rows_within(told, f"{prefix}{name}")
        if not prefix:
            yield from self._rows_within(schema, "")

    def _rows_within(self, schema: Json, name: str) -> Iterator[tuple[str, ...]]:
        if isinstance(schema.get("additionalProperties"), dict):
            yield from self._element(schema["additionalProperties"], f"{name}{{}}")
        elif schema.get("items"):
            yield from self._element(schema["items"], f"{name}[]")
        elif name and "properties" in schema:
            yield from self._rows(schema, f"{name}.")

    def _element(self, schema: Json, name: str) -> Iterator[tuple[str, ...]]:
        if "prefixItems" in schema:
            yield f"<code>{escape(name)}</code>", self._kind(schema), "", self._text(schema)
        yield from self._rows(schema, f"{name}.")

    def _kind(self, schema: Json) -> str:
        schema = self._resolved(schema)
        if "enum" in schema:
            return " | ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
        kind = schema.get("type", "")
        return "decimal" if isinstance(kind, list) else escape(kind)

    def _resolved(self, schema: Json) -> Json:
        reference = schema.get("$ref")
        if reference is None:
            return schema
        found: Json = self._document["components"]["schemas"][reference.rpartition("/")[2]]
        return found

    def _sample(self, schema: Json, operation: Json) -> str:
        schemas = self._document["components"]["schemas"]
        value = sample(schema, schemas, operation["operationId"])
        return f"<pre>{escape(_FLAT.sub(_on_one_line, json.dumps(value, indent=2)))}</pre>"

    def _codes(self) -> str:
        rows = [
            (
                f'<span id="code-{row["code"]}">{row["code"]}</span>',
                str(row["status"]),
                escape(row[self._language]),
            )
            for row in self._document["x-codes"]
        ]
        return _section("codes", self._said(_CODES), _table(rows))


_FLAT: Final = re.compile(r"\[[^\[\]{}]*\]")
"""An array of plain values."""


def _on_one_line(array: re.Match[str]) -> str:
    return " ".join(array[0].split()).replace("[ ", "[").replace(" ]", "]")


def _badge(method: str) -> str:
    return f'<span class="{method.lower()}">{method}</span>'


def _section(name: str, title: str, content: str) -> str:
    return f'<section id="{name}"><h2>{title}</h2>{content}</section>'


def _titled(title: str, content: str) -> str:
    return f"<h4>{title}</h4>{content}"


def _table(rows: Iterable[Iterable[str]]) -> str:
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>{body}</table>" if body else ""


def _default(schema: Json) -> str:
    value: Any = schema.get("default", "")
    if value == "":
        return ""
    return f"<code>{escape(msgspec.json.encode(value, order='sorted').decode())}</code>"


_AUTHENTICATION: Final = Text("Authentication", "认证授权")
_STREAMS: Final = Text("Streams", "实时推送")
_CODES: Final = Text("Error codes", "错误代码")
_PARAMETERS: Final = Text("Parameters", "URL 参数")
_BODY: Final = Text("Body", "POST 数据（JSON）")
_ANSWER: Final = Text("Data", "返回值（data）")
_ERRORS: Final = Text("Error codes", "错误代码")
_REQUIRED: Final = Text("required", "必填")
_OPTIONAL: Final = Text("optional", "可选")
