"""Deposits that their chain thinks better of."""

import json
from typing import Any

from tests.end_to_end.litecoin_house import DEPOSIT_CONFIRMATIONS, House, Person, until


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


def test_a_deposit_that_is_spent_otherwise_in_time_is_never_credited(house: House) -> None:
    network, alice = house.network, Person(house, "alice")
    txid = network.pay(alice.address(), 5)
    network.mine()
    until(lambda: alice.status_of(txid) == "Confirming")
    network.reorg(1, lose=[txid])
    until(lambda: alice.status_of(txid) == "Failed")
    alice.receive(1)
    assert alice.balance() == [1, 0, 0, 1]


def test_a_credited_deposit_that_is_spent_otherwise_is_a_case_for_a_person(house: House) -> None:
    network, alice = house.network, Person(house, "alice")
    txid = alice.receive(5)
    network.reorg(DEPOSIT_CONFIRMATIONS, lose=[txid])
    until(lambda: alice.status_of(txid) == "Confirming")
    alice.receive(1)
    assert alice.balance() == [1, 5, 0, 6]
    [case] = held(house)
    assert (case["txid"], case["held"], case["user"]) == (txid, "5", alice.name)
    house.server.admin("deposit", "write-off", str(case["id"]), "--reason", "spent otherwise")
    assert held(house) == []
    assert alice.status_of(txid) == "Failed"
    assert alice.balance() == [1, 0, 0, 1]


def held(house: House) -> Any:
    """The deposits that an administrator sees as held."""
    listed = house.server.admin("--json", "deposit", "list", "--status", "held")
    return json.loads(listed)["deposits"]
