"""The chains of a demo: simulated ones, with people who mine, a faucet, and money for everybody.

They are kept below the data directory. A block is saved before anybody can have seen it, so the
exchange never knows more of a chain than the chain does itself.
"""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from coinport.app import genesis
from coinport.app.chains import Chains
from coinport.app.demo.faucet import Faucet
from coinport.app.demo.people import EVERYONE, play_money
from coinport.app.demo.signing import SimulatedSigner
from coinport.model.listings import Listings
from coinport.model.units import Amount
from coinport.wallets import addresses, purses, simchain
from coinport.wallets.addresses import MEMO_CURRENCIES, Address, InvalidAddress
from coinport.wallets.dialects import DIALECTS
from coinport.wallets.policy import Policy
from coinport.wallets.purses import HOT_PATH, Purse
from coinport.wallets.running import Wallets
from coinport.wallets.simchain import SimChain
from coinport.wallets.simnetwork import LABEL, SimNetwork

SYMBOLS: Final = (*DIALECTS, *MEMO_CURRENCIES)
CONFIRMATIONS: Final = {
    "deposit_confirmations": 3,
    "withdrawal_confirmations": 2,
    "watched_confirmations": 10,
}
"""Of every currency, in place of its own: nobody wants to wait for an hour here."""
TICK_SECONDS: Final = 3
"""Between two blocks, while anything is under way."""
TICKS_IDLE: Final = 20
"""Between two blocks otherwise: so the chains of a demo that runs for months stay short."""
PREMINE_PERCENT: Final = 102
"""Of the play money that a demo begins with: what the exchange has on its chains then."""
HOT_PERCENT: Final = 25
HOT_COINS: Final = 10
"""The hot money is in so many coins: as many payments can wait for one block."""

_OUTSIDE: Final = re.compile(rf"{LABEL}[0-9A-Za-z_-]{{1,60}}", re.ASCII)


class Simulation:
    """Of the demo in a directory, whose journal is there already."""

    def __init__(self, data: Path) -> None:
        self._directory = data / "simulated"
        self._directory.mkdir(exist_ok=True)
        self._networks = {symbol: SimNetwork(symbol) for symbol in SYMBOLS}
        self._signer = SimulatedSigner(data, self._directory, SYMBOLS)

    @property
    def chains(self) -> Chains:
        return Chains(
            purses=self._purses,
            sign=self._signer.sign,
            read_address=read_address,
            life=self._live,
        )

    def _purses(self, policies: Mapping[str, Policy], _: Listings) -> dict[str, Purse]:
        """Raises OSError."""
        for network in self._networks.values():
            self._load(network)
        return {
            symbol: purses.simulated(
                SimChain(network), policies[symbol], shared=symbol in MEMO_CURRENCIES
            )
            for symbol, network in self._networks.items()
        }

    async def _live(self, wallets: Wallets) -> None:
        """For ever: what people do whom the exchange knows nothing of."""
        faucet = Faucet(self._networks, wallets.addresses)
        ticks = 0
        try:
            while True:
                await asyncio.sleep(TICK_SECONDS)
                ticks += 1
                await faucet.look()
                for network in self._networks.values():
                    faucet.pay(network)
                    if ticks % TICKS_IDLE == 0 or _is_busy(network):
                        network.mine()
                        self._save(network)
        finally:
            self._signer.close()

    def _load(self, network: SimNetwork) -> None:
        file = self._file(network)
        if not file.exists():
            _premine(network)
            self._save(network)
            return
        try:
            network.load(file.read_bytes())
        except msgspec.DecodeError as error:
            raise OSError(f"{file} is damaged: remove this demo, and begin a new one") from error

    def _save(self, network: SimNetwork) -> None:
        file = self._file(network)
        new = file.with_suffix(".new")
        new.write_bytes(network.save())
        new.replace(file)

    def _file(self, network: SimNetwork) -> Path:
        return self._directory / network.currency


def read_address(currency: str, text: str, memo: str) -> Address:
    """A real one, which is paid on a simulated chain all the same, or one that shows what it is.

    Raises InvalidAddress.
    """
    if not text.startswith(LABEL):
        return addresses.parse(currency, text, memo)
    if not _OUTSIDE.fullmatch(text):
        raise InvalidAddress(f"a simulated address is {LABEL} and up to 60 letters and digits")
    if text.startswith(f"{LABEL}{currency}-"):
        raise InvalidAddress("this simulated address is one of the exchange itself")
    if memo and currency not in MEMO_CURRENCIES:
        raise InvalidAddress(f"{currency} has no memo: leave it out")
    return Address(text, memo)


def _premine(network: SimNetwork) -> None:
    """What everybody was given when the demo began is on the chain as well."""
    symbol = network.currency
    given = sum(play_money(person)[symbol] for person in EVERYONE)
    total = given * 10 ** genesis.DECIMALS[symbol] * PREMINE_PERCENT // 100
    hot = total * HOT_PERCENT // 100
    for _ in range(HOT_COINS):
        network.pay(simchain.address(symbol, HOT_PATH), Amount(hot // HOT_COINS), "premine")
    network.pay(purses.cold_of(symbol), Amount(total - hot), "premine")
    network.mine(CONFIRMATIONS["deposit_confirmations"])


def _is_busy(network: SimNetwork) -> bool:
    """Something waits for a block, or is not yet so deep that nobody looks at it any more."""
    deep = network.tip.height - CONFIRMATIONS["watched_confirmations"]
    return next(network.transactions(after=max(deep, -1)), None) is not None
