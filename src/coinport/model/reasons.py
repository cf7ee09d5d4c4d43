"""Reasons: why the rules said no, or why an order ended. Numbers are in journals: never reuse one.

What each becomes in an answer of the API stands in `gateway/errors.py`.
"""

from enum import IntEnum


class Reason(IntEnum):
    # An order ended because...
    REQUESTED = 1
    """its owner canceled it"""
    IMMEDIATE_OR_CANCEL = 2
    """what did not trade at once was not to rest"""
    SELF_TRADE = 3
    """it met an order of the same account, with self-trade prevention on"""
    SUSPENDED = 4
    """its account was suspended"""
    TRADES_MAX = 5
    """it had traded `TRADES_MAX` times at once"""

    # Refused because...
    UNKNOWN_ACCOUNT = 10
    ACCOUNT_SUSPENDED = 11
    UNKNOWN_CURRENCY = 12
    UNKNOWN_MARKET = 13
    UNKNOWN_ORDER = 14
    """no such open order of this account"""
    MARKET_CLOSED = 15
    """the market is halted, or cancel-only"""
    INVALID_PRICE = 16
    INVALID_QUANTITY = 17
    INVALID_ORDER = 18
    """fields that contradict each other, for instance a post-only market order"""
    TOO_LARGE = 19
    """a sum would exceed `AMOUNT_MAX`"""
    INSUFFICIENT_BALANCE = 20
    BELOW_MINIMUM_VALUE = 21
    OUTSIDE_PRICE_BAND = 22
    POST_ONLY_WOULD_MATCH = 23
    NOT_FILLABLE = 24
    """fill-or-kill, and not all of it could be filled"""
    NO_LIQUIDITY = 25
    """a market order, and nothing (more) to trade with"""
    CLIENT_ORDER_ID_REUSED = 26
    """the same id within 24 hours with other contents"""
    TOO_MANY_OPEN_ORDERS = 27
    DUPLICATE = 28
    """the key of a credit, debit or deposit was used before, or the symbol is already listed"""
    INVALID_AMOUNT = 29
    INVALID_LISTING = 30
    """decimals, fees or minimum out of range"""
    INVALID_TEXT = 31
    """a key, actor, note, address, txid or client order id is empty where it must not be, or too
    long"""
    UNCHANGED = 32
    """it is already so (suspended, resumed)"""
    SAME_ACTOR = 33
    """it takes two persons, and the second is the first"""
    UNKNOWN_TRANSFER = 34
    """no such open deposit or withdrawal (of this account)"""
    WRONG_STATUS = 35
    """the deposit or withdrawal is not, or no longer, where this can be done to it"""
