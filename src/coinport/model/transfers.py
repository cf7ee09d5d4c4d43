"""Transfers: money that comes in or goes out, and how far each of them is."""

from enum import IntEnum


class TransferKind(IntEnum):
    DEPOSIT = 0
    WITHDRAWAL = 1


class TransferStatus(IntEnum):
    """Numbers as in the API (`withdraw_status`). The last three are final."""

    PENDING = 0
    """A withdrawal that waits for approval; its owner can still cancel it."""
    PROCESSING = 1
    """A withdrawal that is approved, and not sent yet."""
    CONFIRMING = 2
    """A withdrawal that is sent, a deposit that is announced: neither is final. Or a deposit that
    was credited and has left its chain: what is left of it is held."""
    CANCELED = 3
    """A withdrawal, by its owner."""
    SUCCEEDED = 4
    """Of a deposit not quite the end: it may still leave its chain."""
    FAILED = 5
    """A withdrawal that could not be paid; a deposit that was dropped, or written off."""


class DepositStage(IntEnum):
    """Where a deposit is of which the rules still know."""

    ANNOUNCED = 1
    """Nothing has moved yet."""
    CREDITED = 2
    HELD = 3
    """It was credited and has left its chain."""
