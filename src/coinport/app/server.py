"""The HTTP server: uvicorn, run from our own event loop and stopped by our own signals."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp

from coinport.app.config import ConfigError
from coinport.app.config import Server as ServerConfig
from coinport.app.connections import KEEP_ALIVE_SECONDS, Connection, sweep
from coinport.app.surroundings import why
from coinport.app.websockets import PING_SECONDS, PONG_SECONDS_MAX, Socket
from coinport.app.whole_requests import AtOnce, Entry, Short
from coinport.gateway.addresses import ClientAddresses, is_loopback

BACKLOG = 2048
"""Connections that the operating system holds until they are accepted."""


_LISTENING: Final = {
    errno.EADDRINUSE: "another program does: name another port by {port}",
    errno.EACCES: "this user may not: name a port from 1024 on by {port}",
    errno.EADDRNOTAVAIL: "this machine has no such address: name another by {host}",
}


def take_port(config: ServerConfig) -> socket.socket:
    """For a `Server`, and to be taken before anything is written: a certificate that cannot be used
    is noticed too. Raises ConfigError where that must not be, OSError where it cannot be."""
    _refuse_plain_http(config)
    _refuse_bad_certificate(config)
    try:
        family, _, _, _, address = socket.getaddrinfo(
            config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError):
        raise ConfigError(
            f"--host (server.host) {config.host}: nobody knows this name: give an address"
        ) from None
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise OSError(cannot_listen(config.host, config.port, error)) from error
    return listener


def cannot_listen(
    host: str,
    port: int,
    error: OSError,
    host_option: str = "--host (server.host)",
    port_option: str = "--port (server.port)",
) -> str:
    told = _LISTENING.get(error.errno or 0) or why(error)
    remedy = told.format(host=host_option, port=port_option)
    return f"cannot listen on {host} port {port}: {remedy}"


class Server:
    def __init__(
        self, config: ServerConfig, port: socket.socket, app: ASGIApp, entry: Entry, at_once: AtOnce
    ) -> None:
        """`entry` is asked first whether it answers a request, then `at_once`. Connections wait
        from now on until `run`."""
        port.listen(BACKLOG)
        self._port = port
        self._uvicorn = _Uvicorn(_loaded(config, app, entry, at_once))
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


def _refuse_bad_certificate(config: ServerConfig) -> None:
    """Raises ConfigError."""
    certificate, key = config.tls_cert, config.tls_key
    if certificate is None or key is None:
        return
    named = {"--tls-cert (server.tls_cert)": certificate, "--tls-key (server.tls_key)": key}
    for option, path in named.items():
        try:
            Path(path).read_bytes()
        except OSError as error:
            raise ConfigError(f"{option} {path}: {why(error)}") from error
    try:
        # Without a passphrase to give, OpenSSL would ask at the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, lambda: "")
    except ssl.SSLError as error:
        raise ConfigError(
            f"--tls-cert {certificate} and --tls-key {key} do not go together: give a certificate "
            "chain and its private key, PEM both, the key without a passphrase"
        ) from error


def _loaded(config: ServerConfig, app: ASGIApp, entry: Entry, at_once: AtOnce) -> uvicorn.Config:
    connection: Any = partial(
        Connection,
        connections_max=config.connections_max,
        welcome=_welcome(config),
        short=Short(entry, at_once, ClientAddresses(config.trusted_proxies), config.body_max_bytes),
    )
    loaded = uvicorn.Config(
        app,
        http=connection,
        ws=Socket,
        ws_max_size=config.body_max_bytes,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PONG_SECONDS_MAX,
        ws_per_message_deflate=False,  # a frame is the same for all, and its memory is the client's
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
    loaded.load()
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
