"""Units and ids: every number of the exchange is an integer, and its type says what it counts."""

from typing import Final, NewType

AccountId = NewType("AccountId", int)
CurrencyId = NewType("CurrencyId", int)
MarketId = NewType("MarketId", int)
OrderId = NewType("OrderId", int)
TradeId = NewType("TradeId", int)
TransferId = NewType("TransferId", int)
"""Of a deposit or a withdrawal; both are numbered in one sequence."""

Price = NewType("Price", int)
"""Ticks: 10**-price_decimals of the quote currency for one whole unit of the base currency."""

Quantity = NewType("Quantity", int)
"""Lots: 10**-amount_decimals of the base currency."""

Amount = NewType("Amount", int)
"""Smallest units of a currency: 10**-decimals."""

TimeMs = NewType("TimeMs", int)
"""Milliseconds since 1970-01-01 UTC."""

Sequence = NewType("Sequence", int)
"""Position of a record in the journal; the first is 1."""

AMOUNT_MAX: Final = 2**62
"""No balance, hold, order value or currency total exceeds this. What would is refused, so that
the sum of any two fits a signed 64-bit word."""

PPM: Final = 1_000_000
"""Fees and price bands are parts per million."""

ACCOUNT_FIRST: Final = 1_000_000_001
ORDER_FIRST: Final = 10_000_000_001
TRADE_FIRST: Final = 1_000_000_000_001
TRANSFER_FIRST: Final = 1_000_000_000_001

FEE_ACCOUNT: Final = AccountId(1)
"""Receives the fees of trades and withdrawals."""
CUSTODY_ACCOUNT: Final = AccountId(2)
"""The asset side: minus everything that was ever credited from outside, net of debits."""
SUSPENSE_ACCOUNT: Final = AccountId(3)
"""Deposits of which nobody can tell whose they are, until an administrator finds out."""

OPEN_ORDERS_MAX: Final = 10_000
"""Open orders of one account; one more is refused."""
STOP_ORDERS_MAX: Final = 100
"""Waiting stop orders of one account; one more is refused."""
TRADES_MAX: Final = 1_000
"""Trades of one order at one time; its rest is canceled, so no command can stall the exchange."""
CLIENT_ORDER_ID_LENGTH_MAX: Final = 36
CLIENT_ORDER_ID_KEPT_MS: Final = 24 * 60 * 60 * 1000
TEXT_LENGTH_MAX: Final = 200
"""Characters of a key, an actor, a note, an address, a memo or a txid in a command."""
DEPOSIT_KEPT_MS: Final = 30 * 24 * 60 * 60 * 1000
"""For so long after its credit (or its release, or assignment) a deposit can still be held: longer
than any chain takes to be final."""
