"""The gateway as one ASGI application."""

from functools import partial
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from coinport.gateway.account import Account
from coinport.gateway.address_book import AddressBook
from coinport.gateway.announcements import Announcements
from coinport.gateway.answers import HEADERS, failure
from coinport.gateway.api_tokens import ApiTokens
from coinport.gateway.deposit_addresses import DepositAddresses
from coinport.gateway.docs_page import documentation
from coinport.gateway.errors import ApiError, Code
from coinport.gateway.exchange import Exchange
from coinport.gateway.google_auth import GoogleAuth
from coinport.gateway.market import MarketData
from coinport.gateway.openapi import document
from coinport.gateway.operator_audit import OperatorAudit
from coinport.gateway.operator_deposits import OperatorDeposits
from coinport.gateway.operator_markets import OperatorMarkets
from coinport.gateway.operator_overview import OperatorOverview
from coinport.gateway.operator_users import OperatorUsers
from coinport.gateway.operator_withdrawals import OperatorWithdrawals
from coinport.gateway.order_entry import OrderEntry
from coinport.gateway.orders import Orders
from coinport.gateway.own_password import OwnPassword
from coinport.gateway.own_sessions import OwnSessions
from coinport.gateway.own_trades import OwnTrades
from coinport.gateway.page_files import page
from coinport.gateway.published_files import PublishedFiles, downloads
from coinport.gateway.requests import Request, language_of
from coinport.gateway.reserves import Reserves
from coinport.gateway.routes import PREFIX, Endpoint, Feature, declared
from coinport.gateway.services import Services
from coinport.gateway.serving import Respond, Served
from coinport.gateway.sparklines import Sparklines
from coinport.gateway.statement import AccountStatement
from coinport.gateway.streams import asyncapi
from coinport.gateway.streams.proof import PATH as STREAMS_PATH
from coinport.gateway.streams.streams import Streams
from coinport.gateway.transfers import Transfers
from coinport.gateway.withdrawals import Withdrawals

FEATURES: Final[tuple[type[Feature], ...]] = (
    MarketData,
    Sparklines,
    Account,
    OwnPassword,
    OwnSessions,
    Orders,
    OwnTrades,
    AccountStatement,
    ApiTokens,
    GoogleAuth,
    DepositAddresses,
    Transfers,
    Withdrawals,
    AddressBook,
    Reserves,
    PublishedFiles,
    Exchange,
    Announcements,
    OperatorOverview,
    OperatorUsers,
    OperatorMarkets,
    OperatorWithdrawals,
    OperatorDeposits,
    OperatorAudit,
)
"""In the order of the documentation."""


class Gateway:
    """An ASGI application that answers most requests without a task of their own, if it is asked
    `at_once` before."""

    def __init__(self, app: ASGIApp, shortcut: "Shortcut", entry: OrderEntry) -> None:
        self._app = app
        self._shortcut = shortcut
        self.entry = entry
        """Asked before all else."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def at_once(self, request: Request, respond: Respond) -> bool:
        """Whether `request`, whole as it is, was or will be answered by `respond`. If not, nothing
        has happened, and the application must be called."""
        found = self._shortcut.find(request.method, request.path.decode("ascii", "replace"))
        return found is not None and found[0].at_once(request, found[1], respond)


def create_app(services: Services, streams: Streams) -> Gateway:
    features = [kind(services) for kind in FEATURES]
    endpoints: list[tuple[Endpoint[Any, Any], Served]] = [
        (endpoint, Served(endpoint, feature, services))
        for feature in features
        for endpoint in declared(type(feature))
    ]
    orders = next(feature for feature in features if isinstance(feature, Orders))
    entry = OrderEntry(services, orders, dict(endpoints)[Orders.submit_orders])
    # The plain paths first: "/user/trades" is not the market "user".
    endpoints.sort(key=lambda each: len(each[0].in_path))
    routes: list[BaseRoute] = [
        Route(PREFIX + endpoint.path, served, methods=[endpoint.method], name=endpoint.name)
        for endpoint, served in endpoints
    ]
    unserved = Unserved(services)
    starlette = Starlette(
        routes=[
            *routes,
            downloads(services),
            *documentation(partial(document, FEATURES), asyncapi.document),
            *page(),
        ],
        exception_handlers={HTTPException: unserved.no_such_url},
    )
    starlette.router.redirect_slashes = False
    shortcut = Shortcut(endpoints, streams, starlette)
    return Gateway(ServerErrorMiddleware(shortcut, unserved.internal), shortcut, entry)


class Shortcut:
    """Finds an endpoint by a look-up or two. Starlette, with its regular expressions one after the
    other, takes 10 to 30 us longer; it serves the rest: what is unusual, or wrong."""

    def __init__(
        self,
        endpoints: list[tuple[Endpoint[Any, Any], Served]],
        streams: Streams,
        rest: ASGIApp,
    ) -> None:
        self._rest = rest
        self._streams = streams
        self._plain: dict[tuple[str, str], Served] = {}
        self._named: dict[tuple[str, str], tuple[str, Served]] = {}
        """By method and last segment, where all before it is one parameter."""
        for endpoint, served in endpoints:
            first, _, last = endpoint.path.removeprefix("/").partition("/")
            if not endpoint.in_path:
                self._plain[endpoint.method, PREFIX + endpoint.path] = served
            elif endpoint.in_path == {first.strip("{}")}:
                self._named[endpoint.method, last] = (first.strip("{}"), served)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._rest
        found = scope["type"] == "http" and self.find(scope["method"], scope["path"])
        if found:
            app, scope["path_params"] = found
        elif scope["type"] == "websocket" and scope["path"] == STREAMS_PATH:
            app = self._streams
        await app(scope, receive, send)

    def find(self, method: str, path: str) -> tuple[Served, dict[str, str]] | None:
        """The endpoint, and the parameters in its path."""
        if served := self._plain.get((method, path)):
            return served, {}
        if found := self._named.get((method, path.rpartition("/")[2])):
            name, served = found
            value = path.removeprefix(f"{PREFIX}/").rpartition("/")[0]
            if value and not {"/", "%"} & set(value):
                return served, {name: value}
        return None


class Unserved:
    """What is answered where no endpoint answers."""

    def __init__(self, services: Services) -> None:
        self._clock = services.clock
        self._answered = services.answered

    async def no_such_url(self, request: HttpRequest, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        refusal = ApiError(Code.UNKNOWN_PATH, status=error.status_code)
        return self._answer(request, refusal, error.headers)

    async def internal(self, request: HttpRequest, _error: Exception) -> Response:
        """The error itself goes on to the server, which logs it."""
        return self._answer(request, ApiError(Code.INTERNAL_ERROR))

    def _answer(self, request: HttpRequest, error: ApiError, headers: Any = None) -> Response:
        self._answered("", error.code)
        language = language_of(dict(request.headers.raw))
        body = failure(error, language, self._clock())
        fixed = {name.decode(): value.decode() for name, value in HEADERS}
        return Response(body, error.status, {**fixed, **(headers or {})})
