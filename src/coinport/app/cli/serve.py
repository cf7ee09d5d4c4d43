"""`coinport serve`: run an exchange."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop

from coinport.app import logs
from coinport.app.cli.failures import CommandFailed
from coinport.app.config import load
from coinport.app.demo.founding import is_demo
from coinport.app.running import run
from coinport.gateway.services import Services


def serve(
    data: Annotated[Path, typer.Option("--data", help="Its directory; an empty one becomes new.")],
    config: Annotated[
        Path | None, typer.Option("--config", help="TOML file, see coinport.example.toml.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="0 takes any free port and prints it.")] = None,
    tls_cert: Annotated[str | None, typer.Option(help="Certificate chain, a PEM file.")] = None,
    tls_key: Annotated[str | None, typer.Option(help="Private key, a PEM file.")] = None,
    no_rate_limit: Annotated[
        bool, typer.Option("--no-rate-limit", help="For measuring only.")
    ] = False,
) -> None:
    """Run the exchange of a directory until a signal stops it."""
    server = {"host": host, "port": port, "tls_cert": tls_cert, "tls_key": tls_key}
    command_line: dict[str, dict[str, Any]] = {
        "server": {key: value for key, value in server.items() if value is not None},
        "limits": {"enabled": False} if no_rate_limit else {},
    }
    if is_demo(data):
        raise CommandFailed(f"{data} is a demo's, with well-known passwords: use `coinport demo`")
    settings = load(config, os.environ, command_line)
    logs.set_up(settings.log)
    uvloop.run(run(data, settings, _announce))


async def _announce(address: str, services: Services) -> None:
    print(f"coinport: ready at {address}", flush=True)
