"""Order texts: the usual orders, read from JSON and answered in JSON by what is compiled, without
an object for each. What it does not understand, or does not find usual, `orders.py` reads: it is
the judge of what is wrong, and both must read the same (tests/gateway/test_order_texts.py).
"""

from itertools import product
from typing import Any

from coinport.engine.compiled import compiled
from coinport.gateway.names import ALIASES
from coinport.gateway.order_info import REASON_NAMES
from coinport.model.listings import Listings
from coinport.model.trading import SelfTradePrevention
from coinport.model.units import AccountId


class OrderTexts:
    def __init__(self, listings: Listings, prevention: SelfTradePrevention) -> None:
        """`prevention` holds for orders that do not say."""
        self._listings = listings
        self._prevention = int(prevention)
        self._markets = 0
        self._texts: Any = compiled and compiled.OrderTexts()
        if self._texts:
            for number, name in REASON_NAMES.items():
                self._texts.put_reason(number, name)

    def read(self, body: bytes, account: AccountId) -> list[bytes] | None:
        """The commands of a body as they are encoded. None: look at it with other eyes."""
        if not self._texts:
            return None
        if len(self._listings.markets) != self._markets:
            self._learn()
        commands: list[bytes] | None = self._texts.read(body, account, self._prevention)
        return commands

    def write(self, records: list[bytes]) -> bytes | None:
        """The answer to such a body. None: one of the orders did not become a new one."""
        answer: bytes | None = self._texts.write(records)
        return answer

    def _learn(self) -> None:
        """The markets there are. What is told here of a market never changes."""
        listings = self._listings
        for market in listings.markets.values():
            base, quote = listings.currencies[market.base], listings.currencies[market.quote]
            self._texts.put_market(
                market.market,
                market.scale,
                market.price_decimals,
                market.amount_decimals,
                base.decimals,
                quote.decimals,
                market.symbol,
                base.symbol,
                quote.symbol,
            )
            for names in product(_names_of(base.symbol), _names_of(quote.symbol)):
                self._texts.put_name("-".join(names), market.market)
        self._markets = len(listings.markets)


def _names_of(symbol: str) -> list[str]:
    if symbol in ALIASES:  # what it is called means another currency
        return []
    return [symbol, *(alias for alias, meant in ALIASES.items() if meant == symbol)]
