"""What only a real node can tell: that it agrees with us about messages, addresses and scripts."""

import asyncio
from collections.abc import Iterator

import pytest
from coincurve import PrivateKey

from coinport.wallets.addresses import p2pkh
from coinport.wallets.messages import sign, verify
from coinport.wallets.networks import Network
from coinport.wallets.scripts import output_script
from tests.contracts.conftest import Play
from tests.contracts.litecoin import ABSENT, PROGRAM, Litecoind

pytestmark = pytest.mark.skipif(not PROGRAM, reason=ABSENT)


@pytest.fixture
def node(runner: asyncio.Runner) -> Iterator[Litecoind]:
    node = Litecoind()
    try:
        runner.run(node.start())
        runner.run(node.call("createwallet", "miner"))
        yield node
    finally:
        runner.run(node.close())


def test_the_node_verifies_what_we_sign_and_we_what_it_signs(node: Litecoind, play: Play) -> None:
    async def scene() -> None:
        for number in range(1, 30):
            key, message = PrivateKey.from_int(number), f"coinport|{number}|价值"
            address = p2pkh("LTC", key.public_key.format(), Network.REGTEST)
            signature = sign("LTC", key, message)
            assert await node.call("verifymessage", address, signature, message)
            assert not await node.call("verifymessage", address, signature, message + ".")
            own = await node.miner("getnewaddress", "", "legacy")
            its = await node.miner("signmessage", own, message)
            assert verify("LTC", own, message, its, Network.REGTEST)
            assert not verify("LTC", own, message + ".", its, Network.REGTEST)

    play(scene())


@pytest.mark.parametrize("kind", ["legacy", "p2sh-segwit", "bech32"])
def test_the_node_pays_an_address_with_the_same_script(
    node: Litecoind, play: Play, kind: str
) -> None:
    async def scene() -> None:
        address = await node.miner("getnewaddress", "", kind)
        known = await node.call("validateaddress", address)
        assert output_script("LTC", address, Network.REGTEST).hex() == known["scriptPubKey"]

    play(scene())
