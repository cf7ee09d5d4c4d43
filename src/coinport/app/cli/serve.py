"""`coinport serve`: run an exchange."""

from pathlib import Path
from typing import Annotated, Any

import typer


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
    from coinport.app.early_stop import arm

    arm()  # first: what follows takes a moment to load
    from coinport.app.running import serve_until_stopped

    server = {"host": host, "port": port, "tls_cert": tls_cert, "tls_key": tls_key}
    command_line: dict[str, dict[str, Any]] = {
        "server": {key: value for key, value in server.items() if value is not None},
        "limits": {"enabled": False} if no_rate_limit else {},
    }
    serve_until_stopped(data, config, command_line)
