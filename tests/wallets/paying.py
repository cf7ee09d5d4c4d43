"""What tests of withdrawals have in common."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

from sqlalchemy import select

from coinport.model.commands import SettleWithdrawal
from coinport.wallets.alarms import Alarm
from coinport.wallets.tables import Stage, transactions
from tests.wallets.house import COIN, House

Play: TypeAlias = Callable[[Callable[[House], Coroutine[Any, Any, None]]], None]

NET = 9 * COIN // 10
"""What arrives of one coin."""


def level(house: House, alarm: Alarm) -> int:
    return house.wallets.alarms.level(alarm, "LTC")


def settled_by(house: House) -> dict[int, str]:
    """The transaction that has paid each withdrawal, by the books."""
    return {
        record.command.transfer: record.command.txid  # type: ignore[union-attr]
        for record in house.records(SettleWithdrawal)
    }


async def stages(house: House) -> list[Stage]:
    query = select(transactions.c.stage).order_by(transactions.c.id)
    return [Stage(found) for found in await house.database.read(lambda on: on.scalars(query).all())]
