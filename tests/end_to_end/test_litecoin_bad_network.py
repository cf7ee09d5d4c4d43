"""Between the exchange and its node, three of ten requests or answers are lost, late or garbled."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.end_to_end.bad_network import BadNetwork, Fault
from tests.end_to_end.litecoin_house import FEE, House, Person, until
from tests.end_to_end.litecoin_network import Network

EACH = 4
"""Deposits, and withdrawals, while a fault lasts."""


@pytest.mark.timeout(600)
def test_nothing_is_lost_or_doubled(network: Network, tmp_path: Path) -> None:
    with BadNetwork(network.port, seed=3) as bad, House(tmp_path, network, port=bad.port) as house:
        alice, bob = Person(house, "alice"), Person(house, "bob")
        alice.receive(40)
        address = bob.address()
        deposited, wanted = Decimal(0), dict[str, Decimal]()
        for bad.fault in Fault:
            for _ in range(EACH):
                deposited += 1 + Decimal(len(wanted)) / 10
                network.pay(address, 1 + Decimal(len(wanted)) / 10)
                outside = network.outside()
                wanted[outside] = 1 + Decimal(len(wanted)) / 100
                alice.withdraw(wanted[outside], outside)
            until(lambda: len(bob.deposits()) == len(alice.withdrawals()) == len(wanted))
            until(lambda: all(each["txid"] for each in alice.withdrawals()))
            network.mine()
            until(lambda: all(each["confirmations"] for each in bob.deposits()))
        bad.fault = None

        def settled() -> bool:
            arrived = [each["status"] for each in [*alice.withdrawals(), *bob.deposits()]]
            return arrived == ["Succeeded"] * 2 * EACH * len(Fault)

        until(settled, network.mine)
        assert {to: network.paid(to) for to in wanted} == {
            to: [amount - FEE] for to, amount in wanted.items()
        }
        assert bob.balance() == [deposited, 0, 0, deposited]
        rest = 40 - sum(wanted.values())
        assert alice.balance() == [rest, 0, 0, rest]
        assert len(alice.withdrawals()) == len(wanted)
        went = network.left([network.hot])
        assert len(went) == len(wanted)
        assert all(bad.befallen[fault] > EACH for fault in Fault)
