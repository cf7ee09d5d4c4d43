"""What an operator can ask for: over the control socket (one JSON line each way), or in the
console.

Amounts and prices are decimal text as people write them; users are e-mail addresses or uids;
currencies are symbols, and where "" may be one it stands for all of them.
"""

from typing import Any, Final, Literal, TypeAlias

from msgspec import Struct

from coinport.operations.house_requests import (
    AnnouncementRequest,
    AuditRequest,
    Grant,
    ListAnnouncements,
    ListAudit,
    ListOperators,
    OperatorRequest,
    ReadAudit,
    Revoke,
    VerifyAudit,
)


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


class FindUsers(Struct, frozen=True, tag="find users", forbid_unknown_fields=True):
    text: str
    """Part of an e-mail address, or a uid; "" for everybody."""
    after: int
    """A uid: those after it. 0: from the first."""
    limit: int


class EndSessions(Struct, frozen=True, tag="end sessions", forbid_unknown_fields=True):
    user: str
    session: str
    """As `ShowUser` names it; "" for all of them."""
    reason: str


UserRequest: TypeAlias = Move | Suspend | Resume | ShowUser | FindUsers | EndSessions


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


ListingRequest: TypeAlias = NewCurrency | NewMarket | SetState | SetFees | SetBand


class ProposeDeposit(Struct, frozen=True, tag="propose deposit", forbid_unknown_fields=True):
    """Of money that is on no chain; a second person confirms it."""

    user: str
    currency: str
    amount: str
    reference: str
    """The bank's: no two deposits have the same."""
    reason: str


class DepositStep(Struct, frozen=True, tag="deposit step", forbid_unknown_fields=True):
    step: Literal["confirm", "drop", "release", "write_off"]
    transfer: int
    reason: str


class Assign(Struct, frozen=True, tag="assign deposit", forbid_unknown_fields=True):
    """It is known now whose it is."""

    transfer: int
    user: str
    reason: str


class ListDeposits(Struct, frozen=True, tag="list deposits", forbid_unknown_fields=True):
    """Those that somebody may have to do something about, or those that are over."""

    status: Literal["", "open", "held", "suspense", "over"]
    """Not final yet; credited, and gone from the chain; nobody knows whose; credited, or failed. ""
    for the first three."""
    currency: str
    user: str = ""
    below: int = 0
    """Ids are below this; 0: the newest."""


DepositRequest: TypeAlias = ProposeDeposit | DepositStep | Assign | ListDeposits


class Approve(Struct, frozen=True, tag="approve withdrawal", forbid_unknown_fields=True):
    transfer: int
    reason: str
    take: bool
    """Who asks will pay it himself, for it goes to no chain; else the wallets pay it."""


class Reject(Struct, frozen=True, tag="reject withdrawal", forbid_unknown_fields=True):
    transfer: int
    reason: str
    """Its owner reads it."""
    never_arrives: bool
    """It was sent, but who asks knows that it will not arrive."""


class Complete(Struct, frozen=True, tag="complete withdrawal", forbid_unknown_fields=True):
    transfer: int
    txid: str
    """Or the bank's reference."""
    reason: str
    by_hand: bool
    """It was paid on a chain, but not by the wallets."""


class ListWithdrawals(Struct, frozen=True, tag="list withdrawals", forbid_unknown_fields=True):
    status: Literal["", "pending", "processing", "confirming", "over"]
    """"" for the first three."""
    currency: str
    user: str = ""
    below: int = 0
    """Ids are below this; 0: the newest."""


class SetPaused(Struct, frozen=True, tag="set paused", forbid_unknown_fields=True):
    """Whether the wallets pay withdrawals of a currency."""

    currency: str
    paused: bool
    reason: str


WithdrawalRequest: TypeAlias = Approve | Reject | Complete | ListWithdrawals | SetPaused


class ShowWallets(Struct, frozen=True, tag="show wallets", forbid_unknown_fields=True):
    currency: str


class ShowAlarms(Struct, frozen=True, tag="show alarms", forbid_unknown_fields=True):
    pass


class Publish(Struct, frozen=True, tag="publish", forbid_unknown_fields=True):
    """A round of proofs, now."""

    reason: str = "asked for by hand"


class Rescan(Struct, frozen=True, tag="rescan", forbid_unknown_fields=True):
    """Look for deposits in the whole chain: `wallets.db` or the node's wallet was lost."""

    currency: str
    reason: str


class ShowDashboard(Struct, frozen=True, tag="show dashboard", forbid_unknown_fields=True):
    pass


TreasuryRequest: TypeAlias = ShowWallets | ShowAlarms | Publish | Rescan | ShowDashboard


AdminRequest: TypeAlias = (
    UserRequest
    | OperatorRequest
    | ListingRequest
    | DepositRequest
    | WithdrawalRequest
    | TreasuryRequest
    | AnnouncementRequest
    | AuditRequest
)

READS: Final = (
    ShowUser,
    FindUsers,
    ListOperators,
    ListDeposits,
    ListWithdrawals,
    ShowWallets,
    ShowAlarms,
    ShowDashboard,
    ListAnnouncements,
    ListAudit,
    ReadAudit,
    VerifyAudit,
)
"""They change nothing. All others have a reason and are noted in the audit log."""
SOCKET_ONLY: Final = (Move, Grant, Revoke, NewCurrency, NewMarket, Rescan)
"""What nobody can ask for in the console: it would be money, or power, out of nothing; or keeps a
node busy for hours."""


class Done(Struct, frozen=True, tag="done"):
    result: dict[str, Any]


class Failed(Struct, frozen=True, tag="failed"):
    code: int
    """Of the API's table of errors."""
    message: str


AdminAnswer: TypeAlias = Done | Failed
