"""The faucet of a demo: whoever makes a deposit address is paid something to it, once."""

from collections.abc import Mapping
from typing import Final

from coinport.app import genesis
from coinport.app.demo.walk import BASES_CNY
from coinport.model.units import Amount, TimeMs
from coinport.wallets.deposit_addresses import DepositAddress, DepositAddresses
from coinport.wallets.simnetwork import SimNetwork

WORTH_CNY: Final = 5_000
"""Of a payment, roughly."""
LATE_MS: Final = 60_000
"""An address may be shown later than one that was made after it; never by so much."""


class Faucet:
    def __init__(self, networks: Mapping[str, SimNetwork], addresses: DepositAddresses) -> None:
        """`networks`: by currency. What they have paid once is not paid again."""
        self._addresses = addresses
        self._paid = {
            (symbol, output.address, output.memo)
            for symbol, network in networks.items()
            for transaction in network.transactions(after=-1)
            for output in transaction.outputs
        }
        self._since = TimeMs(0)
        self._waiting: list[DepositAddress] = []

    async def look(self) -> None:
        """For new addresses."""
        since = TimeMs(max(self._since - LATE_MS, 0))
        self._waiting = await self._addresses.given_out(since)
        self._since = max((each.created_ms for each in self._waiting), default=self._since)

    def pay(self, network: SimNetwork) -> None:
        """Those of its currency."""
        for each in self._waiting:
            paid = each.currency, each.address, each.memo
            if each.currency == network.currency and paid not in self._paid:
                network.pay(each.address, gift(each.currency), each.memo)
                self._paid.add(paid)


def gift(currency: str) -> Amount:
    """Rounded to one digit, and so recognized at once."""
    coins = int(float(f"{WORTH_CNY / BASES_CNY[currency]:.0e}"))
    return Amount(coins * 10 ** genesis.DECIMALS[currency])
