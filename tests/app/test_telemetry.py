"""What Prometheus is told, and whom else."""

import asyncio
from typing import Any

import pytest

from coinport.app.metrics_page import WithMetrics
from coinport.app.telemetry import Telemetry, TimedLog
from coinport.journal.records import Records, encoded
from coinport.model.commands import CancelAllOrders, CancelOrder
from coinport.model.events import Refused
from coinport.model.reasons import Reason
from coinport.model.records import Record
from coinport.model.units import AccountId, MarketId, OrderId, Sequence, TimeMs


def line(telemetry: Telemetry, beginning: str) -> str:
    (found,) = [
        line for line in telemetry.text().decode().splitlines() if line.startswith(beginning)
    ]
    return found


def test_commands_and_refusals_are_counted() -> None:
    telemetry = Telemetry()
    canceling = CancelOrder(AccountId(1), OrderId(1))
    refused = Record(Sequence(1), TimeMs(1), canceling, [Refused(Reason.UNKNOWN_ORDER)])
    nothing = Record(Sequence(2), TimeMs(1), CancelAllOrders(AccountId(1), MarketId(0)), [])
    telemetry.follow(Records(encoded([refused, nothing, refused])))
    assert line(telemetry, 'coinport_commands_total{command="CancelOrder"}').endswith(" 2.0")
    assert line(telemetry, 'coinport_commands_total{command="CancelAllOrders"}').endswith(" 1.0")
    assert line(telemetry, "coinport_refusals_total").endswith('{reason="unknown_order"} 2.0')


def test_answers_are_counted_by_endpoint_and_code() -> None:
    telemetry = Telemetry()
    for code in (0, 0, 1007):
        telemetry.answered("depth", code)
    assert line(telemetry, 'coinport_answers_total{code="0",endpoint="depth"}').endswith(" 2.0")
    assert line(telemetry, 'coinport_answers_total{code="1007",endpoint="depth"}').endswith(" 1.0")


def test_batches_are_measured() -> None:
    class Log:
        def append(self, records: Any) -> None:
            assert records == [b"one", b"two"]

    telemetry = Telemetry()
    TimedLog(Log(), telemetry).append([b"one", b"two"])
    assert line(telemetry, "coinport_journal_batch_records_sum") == (
        "coinport_journal_batch_records_sum 2.0"
    )
    assert line(telemetry, "coinport_journal_sync_seconds_count").endswith(" 1.0")


def test_what_a_command_waits_for_its_answer_is_measured() -> None:
    telemetry = Telemetry()
    for milliseconds in (*[2] * 99, 40):
        telemetry.commanded(milliseconds / 1000)
    assert line(telemetry, 'coinport_command_seconds_bucket{le="0.002"}').endswith(" 99.0")
    assert telemetry.pulse.beat().command_ms == pytest.approx((2, 40))


def test_a_gauge_is_asked_when_somebody_asks() -> None:
    telemetry = Telemetry()
    values = iter((1, 2))
    telemetry.gauge("queue", "Commands that wait.", lambda: next(values))
    assert line(telemetry, "coinport_queue") == "coinport_queue 1.0"
    assert line(telemetry, "coinport_queue") == "coinport_queue 2.0"


@pytest.mark.parametrize(
    ("path", "client", "headers", "told"),
    [
        ("/metrics", "127.0.0.1", [], True),
        ("/metrics", "::1", [], True),
        ("/metrics", "192.0.2.1", [], False),
        ("/metrics", "127.0.0.1", [(b"x-forwarded-for", b"192.0.2.1")], False),
        ("/metrics", "127.0.0.1", [(b"forwarded", b"for=192.0.2.1")], False),
        ("/other", "127.0.0.1", [], False),
    ],
)
def test_the_page_is_for_this_machine_only(
    path: str, client: str, headers: list[tuple[bytes, bytes]], told: bool
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.body", "body": b"the exchange"})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError

    scope = {"type": "http", "path": path, "client": (client, 1), "headers": headers}
    asyncio.run(WithMetrics(app, Telemetry())(scope, receive, send))
    assert (sent[-1]["body"] != b"the exchange") is told
