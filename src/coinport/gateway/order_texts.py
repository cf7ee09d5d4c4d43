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
        self.prevention = int(prevention)
        self._markets = 0
        self.compiled: Any = compiled and compiled.OrderTexts()
        if self.compiled:
            for number, name in REASON_NAMES.items():
                self.compiled.put_reason(number, name)

    def read(self, body: bytes, account: AccountId) -> list[bytes] | None:
        """The commands of a body as they are encoded. None: look at it with other eyes."""
        if not self._knows_all():
            return None
        commands: list[bytes] | None = self.compiled.read(body, account, self.prevention)
        return commands

    def asked(self, text: bytes, account: AccountId) -> tuple[bytes, list[bytes]] | None:
        """Of such a request over the socket: its id, as JSON, and the commands. None likewise."""
        if not self._knows_all():
            return None
        asked: tuple[bytes, list[bytes]] | None
        asked = self.compiled.asked(text, account, self.prevention)
        return asked

    def write(self, records: list[bytes], start: int, end: int) -> bytes | None:
        """The answer to such a body, whose records are those from `start` to `end`. None: one of
        the orders did not become a new one."""
        answer: bytes | None = self.compiled.write(records, start, end)
        return answer

    def answers(
        self,
        records: list[bytes],
        start: int,
        numbers: list[int],
        heads: list[bytes | None],
        time: int,
    ) -> list[bytes | None]:
        """The answers to bodies of `numbers` orders each, whose records are those from `start` on,
        as they go over HTTP: in their envelope of `time` and behind `heads`, status line and
        headers but for the length. None where `write` has none, or there is no head."""
        answers: list[bytes | None] = self.compiled.answers(records, start, numbers, heads, time)
        return answers

    def frame(self, records: list[bytes], start: int, end: int, id: bytes) -> bytes | None:
        """The same as a frame, to the request of this id."""
        frame: bytes | None = self.compiled.frame(records, start, end, id)
        return frame

    def _knows_all(self) -> bool:
        """Whether there is a reader, which knows the markets."""
        if not self.compiled:
            return False
        if len(self._listings.markets) != self._markets:
            self._learn()
        return True

    def _learn(self) -> None:
        """The markets there are. What is told here of a market never changes."""
        listings = self._listings
        for market in listings.markets.values():
            base, quote = listings.currencies[market.base], listings.currencies[market.quote]
            self.compiled.put_market(
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
                self.compiled.put_name("-".join(names), market.market)
        self._markets = len(listings.markets)


def _names_of(symbol: str) -> list[str]:
    if symbol in ALIASES:  # what it is called means another currency
        return []
    return [symbol, *(alias for alias, meant in ALIASES.items() if meant == symbol)]
