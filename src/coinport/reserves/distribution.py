"""What the exchange says it holds, address by address, as `/api/v2/{currency}/reserves` answers."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from coinport.reserves.errors import ProofWrong

MESSAGE_PREFIX: Final = "coinport"
"""A message of somebody else's, found anywhere, would show that the key exists, no more."""

Proves: TypeAlias = Callable[[str, str, str, str], bool | None]
"""Of currency, address, message and signature: whether who has the address's key has signed. None:
of this currency there are no signed messages."""

Row: TypeAlias = tuple[str, Decimal, Literal["hot", "cold", "user"], str, str]


class Distribution(Struct, frozen=True):
    """As far as it is looked at."""

    currency: str
    stats: tuple[Decimal, Decimal, Decimal, Decimal]
    distribution: list[Row]
    simulated: bool = False
    height: int | None = None


def check(answer: Distribution, proves: Proves) -> str:
    """What to say of it. Raises ProofWrong."""
    held = {"hot": Decimal(0), "cold": Decimal(0), "user": Decimal(0)}
    proven = not answer.simulated
    for address, amount, place, message, signature in answer.distribution:
        if not amount.is_finite() or amount < 0:
            raise ProofWrong(f"{address}: {amount} is no amount")
        held[place] += amount
        signed = proves(answer.currency, address, message, signature)
        proven = proven and signed is not None
        if (proven or signature) and not (signed and message.startswith(MESSAGE_PREFIX)):
            raise ProofWrong(f"{address}: {message!r} is not signed by it for this exchange")
    if len({row[0] for row in answer.distribution}) < len(answer.distribution):
        raise ProofWrong("an address stands in it twice")
    if tuple(held.values()) != answer.stats[:3]:
        raise ProofWrong("its stats are not the sums of its rows")
    said = f"{sum(held.values()):f} {answer.currency} held, {answer.stats[3]:f} owed"
    at = "" if answer.height is None else f", at height {answer.height}"
    return said + at + ("" if proven else "; unproven: not signed")
