"""Withdrawals that somebody writes into a table by hand."""

import sqlite3
from contextlib import closing
from decimal import Decimal
from typing import Any

from coinport.model.transfers import TransferKind, TransferStatus
from tests.end_to_end.litecoin_house import FEE, House, Person, until


def test_a_withdrawal_that_somebody_writes_into_a_table_is_not_paid(house: House) -> None:
    network, alice = house.network, Person(house, "alice")
    alice.receive(5)
    [account] = rows_of(house, "wallets.db", "SELECT account FROM addresses WHERE number = 0")
    mallory, forged = [network.outside(), network.outside()], [10**6, 10**6 + 1]
    payout = {
        "transfer": forged[0],
        "account": account[0],
        "currency": "LTC",
        "address": mallory[0],
        "memo": "",
        "amount": 10**8,
        "fee": 0,
        "status": TransferStatus.PROCESSING,
        "requested_ms": 1,
        "approved_ms": 1,
        "approved_by": "limits",
        "by_hand": False,
    }
    insert(house, "wallets.db", "payouts", payout)
    shown = {
        "id": forged[1],
        "account": account[0],
        "kind": TransferKind.WITHDRAWAL,
        "currency": rows_of(house, "wallets.db", "SELECT currency FROM coins LIMIT 1")[0][0],
        "amount": 10**8,
        "fee": 0,
        "status": TransferStatus.PROCESSING,
        "address": mallory[1],
    }
    insert(house, "readmodels.db", "transfers", shown)
    outside = network.outside()
    for _ in range(2):  # the wallets have had time for the others as well
        own = alice.withdraw(Decimal(1), outside)
        settled = lambda own=own: status(alice, own) == "Succeeded"  # noqa: E731
        until(settled, network.mine)
    assert network.paid(outside) == [1 - FEE] * 2
    assert not any(network.paid(address) for address in mallory)
    signed = house.signer.memory.read_text()
    assert f'"withdrawal":{own},' in signed
    assert not any(f'"withdrawal":{number},' in signed for number in forged)
    assert "is not in the ledger" in (house.signer.memory.parent / "stderr.log").read_text()


def status(person: Person, transfer: int) -> str:
    """Of a withdrawal."""
    [found] = person.get(f"withdrawals?ids={transfer}")["withdrawals"]
    name: str = found["status"]
    return name


def insert(house: House, database: str, table: str, row: dict[str, Any]) -> None:
    """With zero, or nothing, in the columns that are left out."""
    with closing(sqlite3.connect(house.data / database, timeout=60)) as connection, connection:
        for _, name, kind, needed, default, _ in connection.execute(f"PRAGMA table_info({table})"):
            if needed and default is None:
                row.setdefault(name, "" if "CHAR" in kind or "TEXT" in kind else 0)
        places = ", ".join("?" * len(row))
        connection.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", [*row.values()]
        )


def rows_of(house: House, database: str, query: str) -> list[Any]:
    with closing(sqlite3.connect(house.data / database, timeout=60)) as connection:
        return connection.execute(query).fetchall()
