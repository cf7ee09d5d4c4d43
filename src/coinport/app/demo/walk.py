"""The price walk of the demo: a made-up market price for every currency at any moment.

It is a function of the seed and the time alone, so the history, the robots and their next start
agree without passing anything on. A price wanders like a random walk on every scale from seconds to
weeks, yet stays near its base: it is a sum of noises, each twice as slow as the one before and
larger by the square root of two.
"""

import math

BASES_CNY = {
    "CNY": 1.0,
    "BTC": 2400.0,
    "LTC": 60.0,
    "XRP": 0.085,
    "BTSX": 0.18,
    "GOOC": 0.05,
    "DOGE": 0.0096,
    "BLK": 0.29,
    "DRK": 25.0,
    "VRC": 0.43,
    "ZET": 0.036,
    "NXT": 0.156,
}
"""Invented, of the order of 2014; chosen so that a tick is a small part of every price."""

_FINEST_MS = 8_000
_SCALES = 20
"""8 s, 16 s, ... 48 days."""
_LARGE = [2 ** (scale / 2) for scale in range(_SCALES)]
_STEP = 2.1e-4
"""The finest noise; makes 3 to 4 percent a day."""
_SHARED = 1.0
"""How far every currency goes with BTC."""


class Walk:
    def __init__(self, seed: int) -> None:
        self._noises = {
            currency: _Noise(seed * 1000 + place) for place, currency in enumerate(BASES_CNY)
        }

    def price(self, base: str, quote: str, time_ms: int) -> float:
        """Of one `base` in `quote`: the prices of all markets agree with each other."""
        return self._cny(base, time_ms) / self._cny(quote, time_ms)

    def _cny(self, currency: str, time_ms: int) -> float:
        if currency == "CNY":
            return 1.0
        own = 0.0 if currency == "BTC" else self._noises[currency].at(time_ms)
        shared = _SHARED * self._noises["BTC"].at(time_ms)
        return BASES_CNY[currency] * math.exp(shared + own)


class _Noise:
    """Quick where one time follows another: most scales are then between the same two points."""

    def __init__(self, stream: int) -> None:
        self._stream = stream
        self._scales = [(0, 0.0, 0.0)] * _SCALES
        """Of each, where it was asked last, and the points there and behind it."""
        self._last = (0, 0.0)

    def at(self, time_ms: int) -> float:
        last, total = self._last
        if last == time_ms:
            return total
        total = 0.0
        for scale in range(_SCALES):
            at, within = divmod(time_ms, _FINEST_MS << scale)
            if at != self._scales[scale][0]:
                self._scales[scale] = (at, self._point(scale, at), self._point(scale, at + 1))
            _, here, there = self._scales[scale]
            total += _LARGE[scale] * (here + (there - here) * within / (_FINEST_MS << scale))
        self._last = (time_ms, _STEP * total)
        return self._last[1]

    def _point(self, scale: int, at: int) -> float:
        """An even chance of anything from -1 to 1 (the mixing step of SplitMix64)."""
        mask = 2**64 - 1
        mixed = (self._stream * 64 + scale) * 0x9E3779B97F4A7C15 + at * 0xD1342543DE82EF95 & mask
        mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & mask
        mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & mask
        return (mixed ^ mixed >> 31) / 2**63 - 1
