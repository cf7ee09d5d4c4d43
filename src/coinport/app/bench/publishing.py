"""`coinport bench publishing`: what orders notice of a proof for many users that is published while
they come."""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import uvloop

from coinport.app import genesis
from coinport.app.admin.client import ask
from coinport.app.bench.exchange import Exchange, Trader, open_traders, running_exchange
from coinport.app.bench.http import TRADERS, cores, limit_orders
from coinport.app.bench.load import Outcome, run
from coinport.app.bench.report import Figure, Report, conditions
from coinport.app.engines import engine_class
from coinport.journal.recovery import recover
from coinport.model.commands import Command, Credit, OpenAccount
from coinport.model.records import encode_command
from coinport.model.units import ACCOUNT_FIRST, AccountId, Amount, CurrencyId, TimeMs
from coinport.operations.requests import Done, Publish

RATE: Final = 1_000
"""Orders a second, one to a request."""
CONNECTIONS: Final = 32
SECONDS: Final = 15
PUBLICATIONS: Final = 5
"""One after the other: during one alone there are too few orders to tell their p99."""
BATCH: Final = 5_000
CURRENCIES: Final = 12


def bench_publishing(users: int) -> Report:
    server_core, client_core = cores()
    with tempfile.TemporaryDirectory(prefix="coinport-bench-") as name:
        directory = Path(name)
        _populate(directory, users)
        with running_exchange(directory, server_core) as exchange:
            traders = open_traders(exchange, TRADERS)
            if client_core is not None:
                os.sched_setaffinity(0, {client_core})
            usual = _load(exchange, traders)
            meanwhile, took = asyncio.run(_published(exchange, traders))
    before, during = usual.percentile_ms(0.99), meanwhile.percentile_ms(0.99)
    return Report(
        "publishing",
        conditions(
            users=users,
            currencies=CURRENCIES,
            orders_per_second=RATE,
            publications=PUBLICATIONS,
            server_core=str(server_core),
            client_core=str(client_core),
            publisher="a process of its own, with what the others leave over",
        ),
        [
            Figure("proofs of all currencies published", took, "s"),
            Figure("p99 of orders as usual", before, "ms"),
            Figure("p99 of orders meanwhile", during, "ms"),
            Figure("ratio", during / before, ""),
        ],
    )


def _load(exchange: Exchange, traders: list[Trader]) -> Outcome:
    made = list(limit_orders(exchange, traders, 1)(RATE * SECONDS))
    return uvloop.run(run(exchange.host, exchange.port, iter(made), CONNECTIONS, RATE))


async def _published(exchange: Exchange, traders: list[Trader]) -> tuple[Outcome, float]:
    """The orders that were answered until all was published."""
    publishing = asyncio.create_task(asyncio.to_thread(_publish, exchange.directory))
    orders = limit_orders(exchange, traders, 1)

    def until_published() -> Iterator[bytes]:
        while not publishing.done():
            yield from orders(RATE // 10)

    outcome = await run(exchange.host, exchange.port, until_published(), CONNECTIONS, RATE)
    return outcome, await publishing


def _publish(directory: Path) -> float:
    """Seconds for one."""
    started = time.perf_counter()
    for _ in range(PUBLICATIONS):
        answer = ask(directory, Publish())
        assert isinstance(answer, Done), answer
    return (time.perf_counter() - started) / PUBLICATIONS


def _populate(directory: Path, users: int) -> None:
    """A journal in which each of them owns something of one currency or two."""
    engine, log = recover(directory, engine_class("auto"))
    commands: list[Command] = list(genesis.commands())
    for user in range(users):
        account = AccountId(ACCOUNT_FIRST + user)
        currency = CurrencyId(1 + user % CURRENCIES)
        commands += [
            OpenAccount(),
            Credit(account, currency, Amount(10**8 + user), "", "bench", ""),
        ]
    now = TimeMs(time.time_ns() // 1_000_000)
    for start in range(0, len(commands), BATCH):
        batch = [encode_command(command) for command in commands[start : start + BATCH]]
        log.append(engine.execute(now, batch))
    log.close()
