"""The simulated network itself: the same every time, never to be taken for a real one."""

import asyncio
import random

from coinport.model.units import Amount
from coinport.wallets.simchain import SimChain
from coinport.wallets.simnetwork import LABEL, SimNetwork


def lived(seed: int) -> SimNetwork:
    """A network after a random life of its own seed."""
    chance = random.Random(seed)
    network = SimNetwork("DOGE", seed)
    network.watched["alice"] = None
    network.mine()
    for _ in range(60):
        waiting = network.pay("alice", Amount(chance.randint(1, 10**9)))
        match chance.randrange(6):
            case 0:
                network.mutate(waiting)
            case 1:
                network.double_spend(waiting)
            case 2:
                network.forget_mempool()
            case 3:
                network.reorg(chance.randint(1, min(6, network.tip.height)), lose=[waiting])
            case _:
                network.mine(chance.randint(1, 3))
    return network


def test_the_same_seed_and_the_same_life_give_the_same_chain() -> None:
    assert lived(1).save() == lived(1).save()
    assert lived(1).tip != lived(2).tip


def test_a_saved_network_goes_on_where_it_was() -> None:
    network, restored = lived(3), SimNetwork("DOGE")
    restored.load(network.save())
    for one in (network, restored):
        one.reorg(3)
        one.pay("alice", Amount(5))
        one.mine()
    assert restored.save() == network.save()
    assert restored.unspent == network.unspent


def test_coins_are_those_that_replaying_the_chain_gives() -> None:
    for seed in range(20):
        network, replayed = lived(seed), SimNetwork("DOGE")
        replayed.load(network.save())
        assert network.unspent == replayed.unspent


def test_everything_that_shows_is_labeled_as_simulated() -> None:
    network = SimNetwork("LTC")
    assert network.pay("alice", Amount(1)).startswith(LABEL)
    assert network.tip.hash.startswith(LABEL)
    assert SimChain(network).simulated


def test_every_call_of_the_port_is_counted() -> None:
    network = SimNetwork("LTC")
    asyncio.run(SimChain(network).tip())
    assert network.calls["tip"] == 1
