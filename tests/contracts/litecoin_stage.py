"""The stage on a real litecoind, with addresses of an xpub and keys that the node never sees."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bip_utils.bip.bip32 import Bip32Slip10Secp256k1
from msgspec.structs import replace

from coinport.model.units import Amount
from coinport.wallets.bitcoind import BitcoindChain
from coinport.wallets.bitcoind_node import BitcoindNode
from coinport.wallets.chain import Signed, Unsigned
from coinport.wallets.derivation import CHANGE, EXTERNAL
from coinport.wallets.networks import Network
from coinport.wallets.schemes import BitcoinScheme
from coinport.wallets.scripts import output_script, p2pkh_script, pushed
from coinport.wallets.signing import KeyPath
from coinport.wallets.simnetwork import Failure
from coinport.wallets.transactions import Outpoint, Output, Transaction, decode
from tests.contracts.litecoin import Litecoind

EXTENDED_PRIVATE_KEY = (
    Bip32Slip10Secp256k1.FromSeedAndPath(bytes(32), "m/44'/2'/0'").PrivateKey().ToExtended()
)
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
USERS = 4
OUTSIDERS = 20


class LitecoinStage:
    coin = Amount(10**8)

    def __init__(self) -> None:
        self.node = Litecoind()
        self.transport = self.node.transport
        self.chain = BitcoindChain(BitcoindNode("LTC", self.node.rpc, "watching"), Network.REGTEST)
        self._scheme = BitcoinScheme("LTC", EXTENDED_PRIVATE_KEY, Network.REGTEST)
        self._paths = [KeyPath(CHANGE, 0), *(KeyPath(EXTERNAL, n) for n in range(1, USERS))]
        self.hot, *self._users = [self._scheme.address(path) for path in self._paths]
        self._outside: list[str] = []

    async def open(self) -> None:
        await self.node.start()
        await self.node.call("createwallet", "miner")
        await BitcoindNode("LTC", self.node.rpc, "watching").create_wallet()
        await self.node.mine(104)  # block 432 would need a payment into MWEB: stay below
        await self.chain.watch([self.hot, *self._users])
        for _ in range(3):
            await self.pay(self.hot, Amount(10 * self.coin))
        self._outside = [
            await self.node.miner("getnewaddress", "", "legacy") for _ in range(OUTSIDERS)
        ]
        await self.node.mine(10)

    async def close(self) -> None:
        await self.node.close()

    def user(self, number: int) -> tuple[str, str]:
        return self._users[number], ""

    def outside(self) -> str:
        return self._outside.pop()

    async def pay(self, address: str, amount: Amount, memo: str = "") -> None:
        await self.node.miner("sendtoaddress", address, str(Decimal(amount).scaleb(-8)))

    async def mine(self, blocks: int = 1) -> None:
        await self.node.mine(blocks)

    async def received(self, address: str) -> Amount:
        return (await self.chain.balances([address])).amounts[address]

    def sign(self, unsigned: Unsigned) -> Signed:
        return self._scheme.sign(unsigned, self._paths)

    def fail(self, method: str, failure: Failure) -> None:
        self.transport.fail(method, failure)

    async def restart(self) -> None:
        await self.node.call(
            "gettxoutsetinfo"
        )  # writes the blocks to the disk: it is not their test
        self.node.kill()
        await self.node.start("-walletbroadcast=0")  # else its wallet sends by itself what it knows
        await self.node.call("loadwallet", "miner")

    async def reorg(self, depth: int, lose: Sequence[str] = ()) -> None:
        """`generateblock` takes only what it is given, so a double spend can be mined first."""
        height = await self.node.call("getblockcount")
        doubles = [await self._double(txid) for txid in lose]
        await self.node.call(
            "invalidateblock", await self.node.call("getblockhash", height - depth + 1)
        )
        await self._mine_exactly(*doubles)
        await self.node.mine(depth)

    async def mutate(self, signed: Signed) -> None:
        """S becomes n-S: as good a signature, another transaction id."""
        transaction = decode(bytes.fromhex(signed.blob))
        inputs = tuple(replace(at, script=_mirrored(at.script)) for at in transaction.inputs)
        await self._mine_exactly(replace(transaction, inputs=inputs).encode().hex())

    async def double_spend(self, signed: Signed) -> None:
        transaction = decode(bytes.fromhex(signed.blob))
        elsewhere = p2pkh_script(bytes(20))
        total = sum(output.amount for output in transaction.outputs)
        double = replace(
            transaction,
            inputs=tuple(replace(at, script=b"") for at in transaction.inputs),
            outputs=(Output(Amount(total), elsewhere),),
        )
        unsigned = await self._unsigned(double)
        await self._mine_exactly(self.sign(unsigned).blob)

    async def _unsigned(self, transaction: Transaction) -> Unsigned:
        context = [
            (
                await self.node.rpc.call(
                    "gettransaction", at.outpoint.txid, True, path="/wallet/watching"
                )
            )["hex"]
            for at in transaction.inputs
        ]
        tip = await self.chain.tip()
        blob = transaction.encode().hex()
        return Unsigned("LTC", (), (), Amount(0), blob, tuple(context), tip)

    async def _double(self, txid: str) -> str:
        """Somebody pays himself with the coins that he paid us with."""
        found = await self.node.miner("gettransaction", txid)
        transaction = decode(bytes.fromhex(found["hex"]))
        own = await self.node.miner("getnewaddress", "", "legacy")
        total = sum(output.amount for output in transaction.outputs)
        double = replace(
            transaction,
            inputs=tuple(replace(at, script=b"") for at in transaction.inputs),
            outputs=(Output(Amount(total), output_script("LTC", own, Network.REGTEST)),),
        )
        spent = [await self._spent(at.outpoint) for at in double.inputs]
        signed = await self.node.miner("signrawtransactionwithwallet", double.encode().hex(), spent)
        assert signed["complete"]
        blob: str = signed["hex"]
        return blob

    async def _spent(self, outpoint: Outpoint) -> dict[str, Any]:
        found = await self.node.miner("gettransaction", outpoint.txid)
        output = decode(bytes.fromhex(found["hex"])).outputs[outpoint.vout]
        return {
            "txid": outpoint.txid,
            "vout": outpoint.vout,
            "scriptPubKey": output.script.hex(),
            "amount": str(Decimal(output.amount).scaleb(-8)),
        }

    async def _mine_exactly(self, *blobs: str) -> None:
        own = await self.node.miner("getnewaddress", "", "legacy")
        await self.node.call("generateblock", own, list(blobs))


def _mirrored(script: bytes) -> bytes:
    """An input script with the signature's S replaced by n-S."""
    signature, key = script[1 : 1 + script[0]], script[2 + script[0] :]
    r_size = signature[3]
    r = signature[4 : 4 + r_size]
    s = int.from_bytes(signature[6 + r_size : -1], "big")
    mirrored = (ORDER - s).to_bytes(33, "big").lstrip(b"\x00")
    if mirrored[0] & 0x80:
        mirrored = b"\x00" + mirrored
    body = bytes([2, len(r)]) + r + bytes([2, len(mirrored)]) + mirrored
    return pushed(bytes([0x30, len(body)]) + body + signature[-1:], key)
