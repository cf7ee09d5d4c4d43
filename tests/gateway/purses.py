"""Wallets over simulated chains, and what the chains show of them."""

from collections.abc import Collection
from functools import partial
from hashlib import sha256
from pathlib import Path

from coinport.gateway.services import Wallets
from coinport.model.listings import Listings
from coinport.model.units import TimeMs, TransferId
from coinport.wallets.addresses import p2pkh, parse
from coinport.wallets.approvals import Obstacle
from coinport.wallets.deposit_addresses import DepositAddresses
from coinport.wallets.policy import policy
from coinport.wallets.progress import Progress, progress
from coinport.wallets.purses import Derived, Purse, Shared
from coinport.wallets.signing import KeyPath
from coinport.wallets.simchain import SimChain
from coinport.wallets.simnetwork import SimNetwork
from coinport.wallets.storage import open_wallets


class SimWallets:
    """LTC, where each user has an address of his own, and XRP, where users share one."""

    def __init__(self, directory: Path, listings: Listings, clock) -> None:
        self.database = open_wallets(f"sqlite:///{directory}/wallets.db")
        self.networks = {symbol: SimNetwork(symbol) for symbol in ("LTC", "XRP")}
        policies = {
            currency.symbol: policy(currency.symbol, currency.decimals)
            for currency in listings.currencies.values()
        }
        receiving = {"LTC": Derived(_address), "XRP": Shared("simXRP", "simXRPhot")}
        self.purses = {
            symbol: Purse(
                SimChain(network), policies[symbol], receiving[symbol], f"simcold{symbol}"
            )
            for symbol, network in self.networks.items()
        }
        self.services = Wallets(
            policies=policies,
            addresses=DepositAddresses(self.database, self.purses, lambda: TimeMs(clock())),
            read_address=parse,
            chains=frozenset(self.purses),
            simulated=frozenset(self.purses),
            progress=self._progress,
            obstacles=self._obstacles,
        )
        self.obstacles: dict[TransferId, Obstacle] = {}

    async def _progress(self, transfers: Collection[TransferId]) -> dict[TransferId, Progress]:
        return await self.database.read(partial(progress, transfers=transfers))

    async def _obstacles(self, transfers: Collection[TransferId]) -> dict[TransferId, Obstacle]:
        return {one: self.obstacles[one] for one in transfers if one in self.obstacles}


def _address(path: KeyPath) -> str:
    """Of no key that anybody has."""
    public_key = b"\x02" + sha256(b"%d %d" % (path.branch, path.index)).digest()
    return p2pkh("LTC", public_key)
