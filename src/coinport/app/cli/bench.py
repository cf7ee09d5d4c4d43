"""`coinport bench`: measurements, with the conditions they were made under."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from coinport.app.engines import EngineChoice

app = typer.Typer(help="Measure this machine; without a command, everything.")

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
Commands = Annotated[int, typer.Option(help="How many to decide.", min=1)]
Live = Annotated[int, typer.Option(help="Orders that rest in the books meanwhile.", min=1)]
Seconds = Annotated[float, typer.Option(help="For each figure.", min=0.1)]
Connections = Annotated[int, typer.Option(help="Clients at the same time.", min=1)]
Subscribers = Annotated[int, typer.Option(help="Of one market's trades.", min=1)]
Users = Annotated[int, typer.Option(help="Who are owed something.", min=1)]
Orders = Annotated[int, typer.Option(help="Open orders.", min=10, max=200_000)]

COMMANDS, LIVE, ORDERS, USERS = 200_000, 20_000, 100_000, 100_000
SECONDS, CONNECTIONS, SUBSCRIBERS, REPLAYED = 5.0, 64, 1_000, 1_000_000


@app.callback(invoke_without_command=True)
def everything(context: typer.Context) -> None:
    # So that what it started ends with it, as it does at an interrupt.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(128 + signal.SIGTERM))
    if context.invoked_subcommand is None:
        engine()
        journal()
        http()
        ws()
        recovery()
        reserves()
        publishing()


@app.command()
def engine(
    commands: Commands = COMMANDS,
    live: Live = LIVE,
    stream: Annotated[
        Path | None, typer.Option(help="An order flow to decide instead.", exists=True)
    ] = None,
    engine: Annotated[EngineChoice, typer.Option(help="Which engine.")] = EngineChoice.auto,
    as_json: Json = False,
) -> None:
    """The rules alone: a mixed flow of commands over resting orders, and one of every kind."""
    from coinport.app.bench.engine import bench_engine, bench_stream
    from coinport.app.bench.report import show

    if stream:
        show(bench_stream(stream, engine.value), as_json=as_json)
    else:
        show(bench_engine(commands, live, engine.value), as_json=as_json)


@app.command()
def book(
    stream: Annotated[Path, typer.Option(help="An order flow.", exists=True)], as_json: Json = False
) -> None:
    """The native engine's book alone, on an order flow: no accounts, no messages."""
    from coinport.app.bench.book import bench_book
    from coinport.app.bench.report import show

    show(bench_book(stream), as_json=as_json)


@app.command()
def http(
    seconds: Seconds = SECONDS, connections: Connections = CONNECTIONS, as_json: Json = False
) -> None:
    """A real server over real connections, every answer after fsync."""
    from coinport.app.bench.http import bench_http
    from coinport.app.bench.report import show

    show(bench_http(seconds, connections), as_json=as_json)


@app.command()
def ws(
    seconds: Seconds = SECONDS, subscribers: Subscribers = SUBSCRIBERS, as_json: Json = False
) -> None:
    """The streams: every trade to every subscriber; and orders over sockets."""
    from coinport.app.bench.report import show
    from coinport.app.bench.ws import bench_ws

    show(bench_ws(seconds, subscribers), as_json=as_json)


@app.command()
def journal(
    commands: Commands = COMMANDS, callers: Connections = CONNECTIONS, as_json: Json = False
) -> None:
    """Commands decided and made durable, without HTTP."""
    from coinport.app.bench.journal import bench_journal
    from coinport.app.bench.report import show

    show(bench_journal(commands, callers), as_json=as_json)


@app.command()
def recovery(
    orders: Orders = ORDERS,
    replayed: Annotated[int, typer.Option(help="Commands to replay.", min=1)] = REPLAYED,
    as_json: Json = False,
) -> None:
    """A server killed with so many open orders, until it is ready again; and the engine's part."""
    from coinport.app.bench.recovery import bench_recovery
    from coinport.app.bench.report import show

    show(bench_recovery(orders, replayed), as_json=as_json)


@app.command()
def reserves(users: Users = USERS, as_json: Json = False) -> None:
    """A proof of what is owed: published, verified, and shown to a user."""
    from coinport.app.bench.report import show
    from coinport.app.bench.reserves import bench_reserves

    show(bench_reserves(users), as_json=as_json)


@app.command()
def publishing(users: Users = USERS, as_json: Json = False) -> None:
    """Orders while a proof of what is owed to many is published."""
    from coinport.app.bench.publishing import bench_publishing
    from coinport.app.bench.report import show

    show(bench_publishing(users), as_json=as_json)
