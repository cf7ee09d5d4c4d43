"""Running an exchange: until a signal stops it in good order, or a part of it dies.

SIGTERM or SIGINT: new commands are refused, those accepted are answered, then a snapshot is taken.
(Before it is ready: `early_stop`.)
A second signal leaves out what takes long. A part that dies ends the process at once: the journal
has everything that was acknowledged, and a restart goes on from there.
"""

import asyncio
import os
import resource
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

import structlog
import uvloop
from prometheus_client import start_http_server

from coinport.app import collector, logs
from coinport.app.admin.client import path_in
from coinport.app.admin.socket import listen
from coinport.app.chains import Chains
from coinport.app.config import Config
from coinport.app.config_keys import ConfigError
from coinport.app.config_sources import Layer, load
from coinport.app.directories import refuse_demo
from coinport.app.early_stop import SIGNALS
from coinport.app.metrics_page import WithMetrics
from coinport.app.server import Server, cannot_listen, take_port
from coinport.app.telemetry import Telemetry
from coinport.app.wiring import Exchange, projector_of
from coinport.gateway.services import Services
from coinport.operations.actors import Actor

EXIT_PART_DIED: Final = 70
"""EX_SOFTWARE of sysexits.h."""

FILES_MAX: Final = 1 << 20
"""Open files at the same time, where the system sets no limit."""
SAME_SIGNAL_SECONDS: Final = 0.5
"""A signal to a whole group of processes, as `make` and `timeout` send it, may come twice."""

Announce = Callable[[str, Services], Awaitable[None]]

_log = structlog.get_logger(__name__)


def serve_until_stopped(data: Path, config_file: Path | None, command_line: Layer) -> None:
    """Raises what `cli.failures` lists."""
    refuse_demo(data)
    settings = load(config_file, os.environ, command_line)
    logs.set_up(settings.log)
    ports = take_ports(settings)

    async def announce(address: str, services: Services) -> None:
        print(f"coinport: ready at {address}", flush=True)

    try:
        uvloop.run(run(data, settings, ports, announce))
    except ConfigError as error:
        raise ConfigError(f"{config_file or 'environment'}: {error}") from error


class Ports(NamedTuple):
    http: socket.socket
    telemetry: Telemetry
    """Which a port of its own, if the configuration names one, tells already."""


def take_ports(settings: Config) -> Ports:
    """Before anything is written: an exchange that nobody could reach must not come into being.

    Raises ConfigError, OSError."""
    http = take_port(settings.server)
    telemetry, metrics = Telemetry(), settings.metrics
    if metrics.port:
        try:
            start_http_server(metrics.port, metrics.host, registry=telemetry.registry)
        except OSError as error:
            http.close()
            where = (metrics.host, metrics.port)
            raise OSError(cannot_listen(*where, error, "metrics.host", "metrics.port")) from error
    return Ports(http, telemetry)


async def run(
    directory: Path,
    settings: Config,
    ports: Ports,
    announce: Announce,
    *,
    simulation: Chains | None = None,
) -> None:
    """`announce` is told the address when all is ready. Raises ConfigError and what `cli.failures`
    lists, before that."""
    projector = projector_of(directory, settings)
    await projector.launch()  # it loads its program while the journal is recovered
    exchange = Exchange(
        directory, settings, ports.telemetry, simulation=simulation, projector=projector
    )
    services, app = await exchange.start()
    # From when on a signature may be used: whoever hears that it is ready may sign at once.
    await asyncio.sleep(max(0, services.credentials.oldest_ms - services.clock()) / 1000)
    server = Server(
        settings.server, ports.http, WithMetrics(app, ports.telemetry), app.entry, app.at_once
    )
    administration = exchange.administration
    control = await listen(
        directory, lambda request, name: administration.act(request, Actor(name))
    )
    stop = _Stop(exchange, server)
    _part(exchange, "sequencer", exchange.sequencer.run())
    projecting = _part(exchange, "projector", exchange.readmodels.run())
    serving = _part(exchange, "HTTP server", server.run())
    parts = [_part(exchange, *part) for part in exchange.parts().items()]
    _tune()
    await announce(server.address, services)
    # Half a second that no start should wait for, and no request either.
    await asyncio.to_thread(import_module, "bip_utils")
    _log.info("ready", address=server.address, sequence=services.feed.last)

    await stop.asked.wait()
    _log.info("stopping")
    control.close()
    path_in(directory).unlink()
    for part in parts:
        part.cancel()
    await asyncio.gather(*parts, return_exceptions=True)
    await exchange.sequencer.stop()
    exchange.streams.close()
    server.stop()
    await serving
    await exchange.close(hurried=stop.hurried)
    projecting.cancel()
    stop.ignore()
    _log.info("stopped", sequence=services.feed.last)


class _Stop:
    """The signals."""

    def __init__(self, exchange: Exchange, server: Server) -> None:
        self.asked = asyncio.Event()
        self.hurried = False
        self._asked_at = 0.0
        self._exchange = exchange
        self._server = server
        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self._signaled)

    def ignore(self) -> None:
        """All is done: one more must not make the end look like a failure."""
        for number in SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)

    def _signaled(self) -> None:
        now = asyncio.get_running_loop().time()
        if not self.asked.is_set():
            self._exchange.stopping = True
            self._asked_at = now
            self.asked.set()
        elif now - self._asked_at > SAME_SIGNAL_SECONDS:
            self.hurried = True
            self._server.hurry()


def _part(exchange: Exchange, name: str, work: Any) -> asyncio.Task[None]:
    """Runs until the exchange stops: an earlier end is the end of all."""

    def ended(task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if exchange.stopping or task.cancelled():
            return
        _log.critical("a part died", part=name, exc_info=error)
        print(f"coinport: the {name} died: {error!r}", file=sys.stderr, flush=True)
        os._exit(EXIT_PART_DIED)

    task: asyncio.Task[None] = asyncio.create_task(work, name=name)
    task.add_done_callback(ended)
    return task


def _tune() -> None:
    collector.settle()
    # The journal's thread, back from the disk, must not wait 5 ms for the event loop.
    sys.setswitchinterval(0.0005)
    # All there are: connections count only after their TLS handshake, and the journal must never
    # lack a descriptor because of those that do not begin one.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_MAX if most == resource.RLIM_INFINITY else most
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
