"""/metrics on the exchange's own port: for clients on this machine only."""

import asyncio
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from coinport.app.telemetry import Telemetry
from coinport.gateway.addresses import is_loopback

PATH: Final = "/metrics"


class WithMetrics:
    """`app`, and besides it the page of `telemetry`."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or not _is_local(scope):
            await self._app(scope, receive, send)
            return
        text = await asyncio.to_thread(self._telemetry.text)
        headers = [(b"content-type", b"text/plain; version=0.0.4; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": text})


def _is_local(scope: Scope) -> bool:
    """A reverse proxy on this machine is no client on this machine."""
    forwarded = any(name in (b"x-forwarded-for", b"forwarded") for name, _ in scope["headers"])
    return not forwarded and is_loopback(scope["client"][0])
