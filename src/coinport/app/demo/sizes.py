"""How large the orders of the demo are, and how far from the fair price."""

import math
import random

from coinport.app.demo.walk import BASES_CNY

HALF_SPREAD = 0.0012
"""Of the price: where the nearest orders rest, and so where trades happen."""


def worth_cny(chance: random.Random) -> float:
    """Of one order: mostly some hundred CNY, now and then some thousand; never below 3."""
    return math.exp(chance.gauss(5.5, 1.2)) + 3


def lots(base: str, amount_decimals: int, worth: float) -> int:
    """What is worth about `worth` CNY; one lot at least."""
    return max(1, round(worth / BASES_CNY[base] * 10.0**amount_decimals))
