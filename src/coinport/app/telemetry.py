"""Telemetry: figures for Prometheus. What happens often is counted in plain dictionaries, which
become figures only when somebody asks."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from collections.abc import Sequence as SequenceOf
from typing import Final, get_args

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from coinport.app.pulse import Pulse
from coinport.journal.records import Records
from coinport.journal.sequencer import Log
from coinport.model.commands import Command
from coinport.model.reasons import Reason

SYNC_SECONDS: Final = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.2, 1.0)
COMMAND_SECONDS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0)
BATCH_RECORDS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


_NAMES: Final = {kind.__struct_config__.tag: kind.__name__ for kind in get_args(Command)}


class Telemetry:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.sync_seconds = Histogram(
            "coinport_journal_sync_seconds",
            "How long a batch took to become durable.",
            buckets=SYNC_SECONDS,
            registry=self.registry,
        )
        self.batch_records = Histogram(
            "coinport_journal_batch_records",
            "Records of a batch.",
            buckets=BATCH_RECORDS,
            registry=self.registry,
        )
        self.command_seconds = Histogram(
            "coinport_command_seconds",
            "How long the first command of a batch waited for its answer.",
            buckets=COMMAND_SECONDS,
            registry=self.registry,
        )
        self.pulse = Pulse()
        self._counts = _Counts()
        self.registry.register(self._counts)

    def follow(self, records: Records) -> None:
        self._counts.follow(records)
        self.pulse.follow(len(records))

    def commanded(self, seconds: float) -> None:
        """How long the first command of a batch waited until it was durable and answered."""
        self.command_seconds.observe(seconds)
        self.pulse.commanded(seconds)

    def answered(self, endpoint: str, code: int, number: int = 1) -> None:
        self._counts.answered(endpoint, code, number)
        self.pulse.answered(number)

    def gauge(self, name: str, meaning: str, value: Callable[[], float]) -> None:
        """`value` is called, from another thread, whenever somebody asks."""
        Gauge(f"coinport_{name}", meaning, registry=self.registry).set_function(value)

    def by_currency(
        self, name: str, meaning: str, values: Callable[[], Iterator[tuple[str, float]]]
    ) -> None:
        """`values`, by currency, are asked for from another thread."""
        self.registry.register(_ByCurrency(f"coinport_{name}", meaning, values))

    def text(self) -> bytes:
        """As Prometheus reads it."""
        return generate_latest(self.registry)


class TimedLog:
    """A `Log` whose appends are measured."""

    def __init__(self, log: Log, telemetry: Telemetry) -> None:
        self._log = log
        self._telemetry = telemetry

    def append(self, records: SequenceOf[bytes]) -> None:
        started = time.perf_counter()
        self._log.append(records)
        took_seconds = time.perf_counter() - started
        self._telemetry.sync_seconds.observe(took_seconds)
        self._telemetry.pulse.synced(took_seconds)
        self._telemetry.batch_records.observe(len(records))


class _ByCurrency(Collector):
    def __init__(
        self, name: str, meaning: str, values: Callable[[], Iterator[tuple[str, float]]]
    ) -> None:
        self._name = name
        self._meaning = meaning
        self._values = values

    def collect(self) -> Iterator[Metric]:
        gauge = GaugeMetricFamily(self._name, self._meaning, labels=["currency"])
        for currency, value in self._values():
            gauge.add_metric([currency], value)
        yield gauge


class _Counts(Collector):
    def __init__(self) -> None:
        self._commands: Counter[int] = Counter()
        self._refusals: Counter[Reason] = Counter()
        self._answers: Counter[tuple[str, int]] = Counter()

    def answered(self, endpoint: str, code: int, number: int) -> None:
        self._answers[endpoint, code] += number

    def follow(self, records: Records) -> None:
        for tag, count in records.told.commands:
            self._commands[tag] += count
        for reason, count in records.told.refusals:
            self._refusals[Reason(reason)] += count

    def collect(self) -> Iterator[Metric]:
        commands = CounterMetricFamily(
            "coinport_commands", "Commands since the start.", labels=["command"]
        )
        for tag, count in list(self._commands.items()):
            commands.add_metric([_NAMES[tag]], count)
        yield commands
        refusals = CounterMetricFamily(
            "coinport_refusals", "Commands that the rules refused.", labels=["reason"]
        )
        for reason, count in list(self._refusals.items()):
            refusals.add_metric([reason.name.lower()], count)
        yield refusals
        answers = CounterMetricFamily(
            "coinport_answers", "Answers over HTTP.", labels=["endpoint", "code"]
        )
        for (endpoint, code), count in list(self._answers.items()):
            answers.add_metric([endpoint, str(int(code))], count)
        yield answers
