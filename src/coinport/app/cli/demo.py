"""`coinport demo`: an exchange to look at and to try bots on."""

from pathlib import Path
from typing import Annotated

import typer

DATA = Path("data") / "demo"


def demo(
    data: Annotated[Path, typer.Option(help="Its directory; made where it is missing.")] = DATA,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes any free port.")] = 8000,
) -> None:
    """Run a demo exchange: live markets moved by robots, 90 days of history, two funded users."""
    from coinport.app.early_stop import arm

    arm()  # first: what follows takes a moment to load
    from coinport.app.demo.demonstration import demonstrate

    demonstrate(data, host, port)
