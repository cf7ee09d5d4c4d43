"""Money on a real chain, from the outside: it comes in, is there for everybody to see, and goes out
again, whatever the chain thinks better of and whatever somebody writes into a table."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from coincurve import PrivateKey

from coinport.model.transfers import TransferKind, TransferStatus
from coinport.wallets import messages
from coinport.wallets.addresses import p2pkh
from coinport.wallets.networks import Network as Versions
from tests.api import PREFIX
from tests.end_to_end.litecoin_house import (
    DEPOSIT_CONFIRMATIONS,
    FEE,
    WITHDRAWAL_CONFIRMATIONS,
    House,
    Person,
    coins,
    until,
)
from tests.end_to_end.litecoin_network import Network

VERIFIER = Path(__file__).parents[2] / "verify" / "coinport_verify.py"
COLD_KEY = PrivateKey(bytes(31) + b"\x07")
COLD = p2pkh("LTC", COLD_KEY.public_key.format(), Versions.REGTEST)


def test_a_deposit_is_seen_counted_and_credited_once(house: House) -> None:
    network, alice = house.network, Person(house, "alice")
    address = alice.address()
    assert alice.get("deposit_addresses") == {"LTC": address}
    txid = network.pay(address, Decimal("12.5"))
    until(lambda: alice.status_of(txid) == "Confirming")
    for depth in range(1, DEPOSIT_CONFIRMATIONS):
        network.mine()
        until(lambda: alice.deposits()[0]["confirmations"] == depth)  # noqa: B023
        assert alice.status_of(txid) == "Confirming"
        assert alice.balance() == [0, 0, 0, 0]
    network.mine()
    until(lambda: alice.status_of(txid) == "Succeeded")
    for depth in range(DEPOSIT_CONFIRMATIONS, DEPOSIT_CONFIRMATIONS + 3):
        until(lambda: alice.deposits()[0]["confirmations"] == depth)  # noqa: B023
        assert alice.balance() == [Decimal("12.5"), 0, 0, Decimal("12.5")]
        network.mine()
    [deposit] = alice.deposits()
    assert (coins(deposit["quantity"]), deposit["address"]) == (Decimal("12.5"), address)
    assert not deposit["simulated"]


def test_a_withdrawal_arrives_less_its_fee(house: House) -> None:
    network, alice = house.network, Person(house, "alice")
    alice.receive(5)
    outside = network.outside()
    transfer = alice.withdraw(Decimal("1.25"), outside)
    until(lambda: alice.withdrawals()[0]["status"] == "Confirming")
    assert alice.balance() == [Decimal("3.75"), 0, Decimal("1.25"), 5]
    [withdrawal] = alice.withdrawals()
    txid = withdrawal["txid"]
    until(lambda: txid in network.call("getrawmempool"))
    network.mine(WITHDRAWAL_CONFIRMATIONS)
    until(lambda: alice.withdrawals()[0]["status"] == "Succeeded")
    [withdrawal] = alice.withdrawals()
    assert (withdrawal["transfer_id"], withdrawal["txid"]) == (transfer, txid)
    assert (coins(withdrawal["quantity"]), coins(withdrawal["fee"])) == (Decimal("1.25"), FEE)
    assert network.paid(outside) == [Decimal("1.25") - FEE]
    assert txid in {each["txid"] for each in network.transactions()}
    assert alice.balance() == [Decimal("3.75"), 0, 0, Decimal("3.75")]


def test_everybody_can_check_what_is_there_and_what_is_owed(
    network: Network, tmp_path: Path
) -> None:
    signature = messages.sign("LTC", COLD_KEY, "coinport")
    figures = {"cold_signature": signature, "cold_min": "4", "sweep_min": "8"}
    with House(tmp_path, network, cold=COLD, **figures) as house:
        people = [Person(house, name) for name in ("alice", "bob", "carol")]
        for person, amount in zip(people, ("9", "2.5", "0.00123456"), strict=True):
            network.pay(person.address(), Decimal(amount))
        network.mine(DEPOSIT_CONFIRMATIONS)
        for person in people:
            until(lambda: person.balance()[0])  # noqa: B023
        people[0].withdraw(Decimal(2), network.outside())

        def moved() -> bool:
            """Alice's coins to the hot address, some from there to the cold one, hers outside."""
            places = {row[2] for row in house.public("ltc/reserves")["distribution"] if row[1]}
            settled = people[0].withdrawals()[0]["status"] == "Succeeded"
            return settled and "cold" in places and not network.holds([people[0].address()])

        until(moved, network.mine)

        def quiet() -> Any:
            """As soon as nothing moves any more, and the exchange has seen the last of it."""
            found = house.public("ltc/reserves")
            if network.call("getrawmempool"):
                network.mine()
            return found if found["height"] == network.height else None

        found = until(quiet)
        rows = found["distribution"]
        for address, amount, _, message, signed in rows:
            assert message == "coinport"
            assert network.call("verifymessage", address, signed, message)
            assert network.holds([address]) == coins(amount)
        assert {row[2] for row in rows} == {"hot", "cold", "user"}
        sums = [
            sum(coins(row[1]) for row in rows if row[2] == place)
            for place in ("hot", "cold", "user")
        ]
        owed = sum(person.balance()[3] for person in people)
        assert [coins(figure) for figure in found["stats"]] == [*sums, owed]
        assert house.public("reserve_stats")["stats"]["LTC"] == found["stats"]
        assert owed == Decimal("9.50123456")
        assert network.holds([network.hot, COLD]) == sums[0] + sums[1]
        answer = tmp_path / "reserves.json"
        answer.write_bytes(house.http.get(f"{PREFIX}/ltc/reserves").content)
        assert f"{sum(sums)} LTC held, {owed} owed" in verified(answer)
        answer.write_text(answer.read_text().replace(rows[0][4], rows[-1][4]))
        assert "was signed by" in verified(answer, code=1)


def verified(answer: Path, code: int = 0) -> str:
    """What the stand-alone verifier says."""
    command = [sys.executable, str(VERIFIER), "--testnet", str(answer)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == code, ended.stderr
    return ended.stdout + ended.stderr


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


def test_a_deposit_that_a_reorg_takes_back_is_held_until_it_is_there_again(house: House) -> None:
    network, alice = house.network, Person(house, "alice")
    txid = alice.receive(5)
    network.forget(DEPOSIT_CONFIRMATIONS)
    network.mine_empty(DEPOSIT_CONFIRMATIONS + 1)
    until(lambda: alice.status_of(txid) == "Confirming")
    assert alice.balance() == [0, 5, 0, 5]
    network.mine(DEPOSIT_CONFIRMATIONS - 1)
    assert alice.balance() == [0, 5, 0, 5]
    network.mine()
    until(lambda: alice.status_of(txid) == "Succeeded")
    assert alice.balance() == [5, 0, 0, 5]


@pytest.mark.parametrize("depth", [1, DEPOSIT_CONFIRMATIONS])
def test_a_deposit_that_is_spent_otherwise_is_never_spent_here(house: House, depth: int) -> None:
    network, alice = house.network, Person(house, "alice")
    txid = network.pay(alice.address(), 5)
    network.mine(depth)
    credited = depth == DEPOSIT_CONFIRMATIONS
    wanted = "Succeeded" if credited else "Confirming"
    until(lambda: alice.status_of(txid) == wanted)
    network.reorg(depth, lose=[txid])
    until(lambda: alice.status_of(txid) == ("Confirming" if credited else "Failed"))
    network.mine(DEPOSIT_CONFIRMATIONS)
    alice.receive(1)
    assert alice.balance() == ([1, 5, 0, 6] if credited else [1, 0, 0, 1])
