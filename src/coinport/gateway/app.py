"""The gateway as one ASGI application."""

from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from coinport.gateway.account import Account
from coinport.gateway.answers import HEADERS, failure
from coinport.gateway.api_tokens import ApiTokens
from coinport.gateway.docs_page import documentation
from coinport.gateway.errors import ApiError, Code
from coinport.gateway.exchange import Exchange
from coinport.gateway.google_auth import GoogleAuth
from coinport.gateway.market import MarketData
from coinport.gateway.openapi import document
from coinport.gateway.orders import Orders
from coinport.gateway.own_trades import OwnTrades
from coinport.gateway.requests import language_of
from coinport.gateway.routes import PREFIX, Endpoint, Feature, declared
from coinport.gateway.services import Services
from coinport.gateway.serving import Served

FEATURES: Final[tuple[type[Feature], ...]] = (
    MarketData,
    Account,
    Orders,
    OwnTrades,
    ApiTokens,
    GoogleAuth,
    Exchange,
)
"""In the order of the documentation."""


def create_app(services: Services) -> ASGIApp:
    endpoints: list[tuple[Endpoint[Any, Any], Served]] = [
        (endpoint, Served(endpoint, feature, services))
        for feature in (kind(services) for kind in FEATURES)
        for endpoint in declared(type(feature))
    ]
    # The plain paths first: "/user/trades" is not the market "user".
    endpoints.sort(key=lambda each: len(each[0].in_path))
    routes: list[BaseRoute] = [
        Route(PREFIX + endpoint.path, served, methods=[endpoint.method], name=endpoint.name)
        for endpoint, served in endpoints
    ]
    errors = Errors(services)
    starlette = Starlette(
        routes=routes + documentation(document(FEATURES)),
        exception_handlers={HTTPException: errors.no_such_url, Exception: errors.internal},
    )
    starlette.router.redirect_slashes = False
    return starlette


class Errors:
    """What is answered where no endpoint answers."""

    def __init__(self, services: Services) -> None:
        self._clock = services.clock

    async def no_such_url(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        refusal = ApiError(Code.UNKNOWN_PATH, status=error.status_code)
        return self._answer(request, refusal, error.headers)

    async def internal(self, request: Request, _error: Exception) -> Response:
        """The error itself goes on to the server, which logs it."""
        return self._answer(request, ApiError(Code.INTERNAL_ERROR))

    def _answer(self, request: Request, error: ApiError, headers: Any = None) -> Response:
        language = language_of(dict(request.headers.raw))
        body = failure(error, language, self._clock())
        fixed = {name.decode(): value.decode() for name, value in HEADERS}
        return Response(body, error.status, {**fixed, **(headers or {})})
