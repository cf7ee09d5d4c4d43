"""The node, the exchange and the signer are killed at random moments while people withdraw."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import httpx
import pytest

from coinport.engine.rulebook import Rulebook
from coinport.journal.reading import LogReader
from coinport.model.events import WithdrawalSettled
from coinport.model.records import decode_record
from coinport.model.units import Sequence
from tests.end_to_end.litecoin_house import FEE, House, Person, until
from tests.end_to_end.litecoin_network import Paid

ROUNDS = 10
"""A kill in each."""
EACH_ROUND = 10
"""Withdrawals."""
STRAY_SECONDS_MAX = 0.5
"""From the beginning of a round to its kill."""


@pytest.mark.timeout(900)
def test_a_hundred_withdrawals_are_paid_once_whoever_is_killed(house: House) -> None:
    network, alice = house.network, Person(house, "alice")
    victims: list[tuple[Callable[[], None], Callable[[], None]]] = [
        (network.kill, network.start),
        (house.kill, house.restart),
        (house.signer.kill, house.signer.start),
    ]
    for _ in range(15):
        network.pay(network.hot, 8)
    alice.receive(200)
    wanted = {
        network.outside(): 1 + Decimal(number) / 1000 for number in range(ROUNDS * EACH_ROUND)
    }
    dice = random.Random(100)
    for number in range(ROUNDS):
        kill, start = victims[number % len(victims)]
        killer = threading.Timer(dice.uniform(0, STRAY_SECONDS_MAX), kill)
        killer.start()
        withdraw(alice, dict(list(wanted.items())[: (number + 1) * EACH_ROUND]))
        killer.join()
        start()
        network.mine()
    withdraw(alice, wanted)

    def settled() -> bool:
        return all(each["status"] == "Succeeded" for each in alice.withdrawals())

    until(settled, network.mine)
    shown = {each["address"]: each["txid"] for each in alice.withdrawals()}
    assert len(alice.withdrawals()) == len(shown) == len(wanted)
    went = network.left([network.hot])
    assert Counter(went) == Counter(Paid(to, amount - FEE) for to, amount in wanted.items())
    assert set(shown.values()) <= {each["txid"] for each in network.transactions()}
    rest = 200 - sum(wanted.values())
    assert alice.balance() == [rest, 0, 0, rest]
    assert not network.call("getrawmempool")
    audit_journal(house, len(wanted))


def withdraw(alice: Person, wanted: dict[str, Decimal]) -> None:
    """What is not asked for yet, as long as the exchange answers."""
    try:
        asked = {each["address"] for each in alice.withdrawals()}
        for address, amount in wanted.items():
            if address not in asked:
                alice.withdraw(amount, address)
    except httpx.TransportError:
        pass


def audit_journal(house: House, withdrawals: int) -> None:
    """The books are even, and each withdrawal has left them once."""
    engine, settled = Rulebook(), Counter[int]()
    for data in LogReader(house.data / "journal").read(Sequence(0)):
        engine.replay([data])
        settled.update(
            event.transfer
            for event in decode_record(data).events
            if isinstance(event, WithdrawalSettled)
        )
    assert len(settled) == withdrawals
    assert max(settled.values()) == 1
    sums = Counter[int]()
    for currency, _, balance in engine.state.ledger.rows():
        sums[currency] += balance
    assert not any(sums.values())
