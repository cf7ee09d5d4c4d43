"""What tests of the administration have in common."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

from coinport.journal.layout import journal_in
from coinport.journal.reading import LogReader
from coinport.model.records import Record, decode_record
from coinport.model.units import Sequence
from coinport.operations.actors import Actor
from coinport.operations.requests import AdminRequest, Done, Failed, Move
from tests.app.exchanges import Running

ALICE = "alice@example.com"

WithAlice: TypeAlias = Callable[[Callable[[Running], Awaitable[None]]], None]


async def done(exchange: Running, request: AdminRequest, actor: str = "operator") -> dict[str, Any]:
    answer = await exchange.administration.act(request, Actor(actor))
    assert isinstance(answer, Done), answer
    return answer.result


async def refused(
    exchange: Running, request: AdminRequest, actor: str = "operator"
) -> tuple[int, str]:
    answer = await exchange.administration.act(request, Actor(actor))
    assert isinstance(answer, Failed), answer
    return answer.code, answer.message


def recorded(directory: Path) -> list[Record]:
    return [decode_record(data) for data in LogReader(journal_in(directory)).read(Sequence(0))]


def credit(amount: str, currency: str = "BTC", user: str = ALICE, key: str = "") -> Move:
    return Move("credit", user, currency, amount, "a gift", key)
