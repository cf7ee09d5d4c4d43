"""What can be asked over the control socket, and how it is answered: one JSON line each way.

Amounts and prices are decimal text as people write them; users are e-mail addresses or uids.
"""

from typing import Any, Literal, TypeAlias

from msgspec import Struct


class Move(Struct, frozen=True, tag="move", forbid_unknown_fields=True):
    """A credit or a debit by hand."""

    direction: Literal["credit", "debit"]
    user: str
    currency: str
    amount: str
    reason: str
    key: str
    """Idempotency: the same move again moves nothing and is told as done before, another with this
    key is refused; "" for no such promise."""


class Suspend(Struct, frozen=True, tag="suspend", forbid_unknown_fields=True):
    """The user's open orders are canceled and his sessions end."""

    user: str
    reason: str


class Resume(Struct, frozen=True, tag="resume", forbid_unknown_fields=True):
    user: str
    reason: str


class ShowUser(Struct, frozen=True, tag="show user", forbid_unknown_fields=True):
    user: str


class NewCurrency(Struct, frozen=True, tag="new currency", forbid_unknown_fields=True):
    symbol: str
    decimals: int
    kind: Literal["fiat", "chain", "off_chain"]
    reason: str


class NewMarket(Struct, frozen=True, tag="new market", forbid_unknown_fields=True):
    """It is listed halted, to be opened when everything about it is right."""

    symbol: str
    price_decimals: int
    amount_decimals: int
    minimum: str
    """Least value of an order, in the quote currency; "" for the configured one."""
    maker_fee_ppm: int | None
    taker_fee_ppm: int | None
    """None: the configured one."""
    reason: str


class SetState(Struct, frozen=True, tag="set state", forbid_unknown_fields=True):
    market: str
    state: Literal["open", "cancel_only", "halted"]
    reason: str


class SetFees(Struct, frozen=True, tag="set fees", forbid_unknown_fields=True):
    market: str
    maker_fee_ppm: int
    taker_fee_ppm: int
    reason: str


class SetBand(Struct, frozen=True, tag="set band", forbid_unknown_fields=True):
    market: str
    band_ppm: int
    reason: str


AdminRequest: TypeAlias = (
    Move | Suspend | Resume | ShowUser | NewCurrency | NewMarket | SetState | SetFees | SetBand
)


class Done(Struct, frozen=True, tag="done"):
    result: dict[str, Any]


class Failed(Struct, frozen=True, tag="failed"):
    code: int
    """Of the API's table of errors."""
    message: str


AdminAnswer: TypeAlias = Done | Failed
