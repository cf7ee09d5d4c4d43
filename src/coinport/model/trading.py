"""The words of an order: its side, type, time in force; and the state of a market."""

from enum import IntEnum


class Side(IntEnum):
    BUY = 1
    SELL = 2


class OrderType(IntEnum):
    LIMIT = 1
    MARKET = 2


class TimeInForce(IntEnum):
    GTC = 1
    """Good till canceled: what does not trade at once rests in the book."""
    IOC = 2
    """Immediate or cancel: what does not trade at once is canceled."""
    FOK = 3
    """Fill or kill: all of it at once, or nothing."""


class SelfTradePrevention(IntEnum):
    """What happens when an order meets a resting order of the same account."""

    NONE = 0
    """They trade."""
    EXPIRE_TAKER = 1
    """The rest of the incoming order is canceled."""
    EXPIRE_MAKER = 2
    """The resting order is canceled and the incoming one goes on."""
    EXPIRE_BOTH = 3


class MarketState(IntEnum):
    OPEN = 1
    CANCEL_ONLY = 2
    HALTED = 3
    """No orders and no cancels."""
