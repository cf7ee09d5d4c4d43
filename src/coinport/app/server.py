"""The HTTP server: uvicorn, run from our own event loop and stopped by our own signals."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from coinport.app.config import ConfigError
from coinport.app.config import Server as ServerConfig
from coinport.app.connections import KEEP_ALIVE_SECONDS, Connection, sweep
from coinport.gateway.addresses import ClientAddresses, is_loopback

BACKLOG = 2048
"""Connections that the operating system holds until they are accepted."""


def take_port(config: ServerConfig) -> socket.socket:
    """For a `Server`. Raises ConfigError where that must not be, OSError where it cannot be."""
    _refuse_plain_http(config)
    family, _, _, _, address = socket.getaddrinfo(
        config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise OSError(
            f"cannot listen on {config.host} port {config.port}: {error.strerror}"
        ) from error
    return listener


class Server:
    def __init__(self, config: ServerConfig, port: socket.socket, app: ASGIApp) -> None:
        """Connections wait from now on until `run`. Raises ConfigError."""
        port.listen(BACKLOG)
        self._port = port
        self._uvicorn = _Uvicorn(_loaded(config, app))
        scheme = "https" if config.tls_cert else "http"
        host = f"[{config.host}]" if ":" in config.host else config.host
        self.address = f"{scheme}://{host}:{port.getsockname()[1]}"
        """As a URL, with the port that was chosen."""

    async def run(self) -> None:
        """Until `stop`, and until what was begun then is answered."""
        sweeping = asyncio.create_task(sweep(self._uvicorn.server_state.connections))
        try:
            await self._uvicorn.serve(sockets=[self._port])
        finally:
            sweeping.cancel()

    def stop(self) -> None:
        self._uvicorn.should_exit = True

    def hurry(self) -> None:
        """Wait for nobody any more."""
        self._uvicorn.force_exit = True


def _refuse_plain_http(config: ServerConfig) -> None:
    """Raises ConfigError where passwords would travel in the clear."""
    local = config.host == "localhost" or is_loopback(config.host)
    if local or config.tls_cert or config.trusted_proxies:
        return
    raise ConfigError(
        f"plain HTTP on {config.host} would show every password to the network: give --tls-cert "
        "and --tls-key, or name the reverse proxy in server.trusted_proxies, or use 127.0.0.1"
    )


def _loaded(config: ServerConfig, app: ASGIApp) -> uvicorn.Config:
    """Raises ConfigError."""
    connection: Any = partial(
        Connection, connections_max=config.connections_max, welcome=_welcome(config)
    )
    loaded = uvicorn.Config(
        app,
        http=connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the gateway reads them, and only from named proxies
        backlog=BACKLOG,
        ssl_certfile=config.tls_cert,
        ssl_keyfile=config.tls_key,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=config.stop_seconds,
    )
    try:
        loaded.load()
    except OSError as error:  # ssl.SSLError is one
        raise ConfigError(f"{config.tls_cert}, {config.tls_key}: {error}") from error
    return loaded


def _welcome(config: ServerConfig) -> Callable[[str], bool]:
    """Which peers may connect: over plain HTTP only loopback and the named proxies."""
    if config.tls_cert:
        return lambda _: True
    addresses = ClientAddresses(config.trusted_proxies)
    return lambda peer: is_loopback(peer) or addresses.is_proxy(peer)


class _Uvicorn(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves them to us."""
        yield
