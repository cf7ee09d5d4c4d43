"""What a benchmark prints: its figures and the conditions they were measured under."""

import os
import platform
import sys
from pathlib import Path

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from coinport import __version__


class Figure(Struct, frozen=True):
    name: str
    value: float
    unit: str


class Report(Struct, frozen=True):
    benchmark: str
    conditions: dict[str, str | int]
    figures: list[Figure]


class StreamReport(Struct, frozen=True):
    """What a stream of commands came to, beside how long it took."""

    benchmark: str
    engine: str
    commands_per_s: float
    trades: int
    volume: int
    """Lots traded."""
    trade_hash: str
    conditions: dict[str, str | int]


def conditions(**more: str | int) -> dict[str, str | int]:
    """The machine and versions, and what is particular to this run."""
    return {
        "coinport": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "load_before": f"{os.getloadavg()[0]:.2f}",
        **more,
    }


def show(report: Report | StreamReport, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
        return
    if isinstance(report, StreamReport):
        print(f"{report.engine}: {report.commands_per_s:,.0f} commands/s")
        print(f"trades {report.trades:,}, volume {report.volume:,}, hash {report.trade_hash}")
        print("conditions:", ", ".join(f"{k}: {v}" for k, v in report.conditions.items()))
        return
    table = Table(title=f"coinport bench {report.benchmark}", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("unit")
    for figure in report.figures:
        digits = 0 if figure.value >= 100 else 2
        table.add_row(figure.name, f"{figure.value:,.{digits}f}", figure.unit)
    console = Console()
    console.print(table)
    told = ", ".join(f"{name}: {value}" for name, value in report.conditions.items())
    console.print(f"conditions: {told}", highlight=False)
    load, cores = float(report.conditions["load_before"]), os.cpu_count() or 1
    if load > cores:
        console.print(
            f"The machine was busy before this began (a load of {load} on {cores} cores): figures "
            "are lower than they could be. Stop what else runs, a demo for instance.",
            highlight=False,
        )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "unknown")
