"""Alarms: what somebody should look at, as levels that go back to zero when it is over."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import structlog

_log = structlog.get_logger(__name__)


class Alarm(StrEnum):
    """Names of metrics, each with the currency as its label; the value counts cases."""

    CHAIN_UNAVAILABLE = "wallet_chain_unavailable"
    """The node does not answer, or what it says makes no sense. Nothing is decided meanwhile."""
    NODE_BEHIND = "wallet_node_behind"
    """It was further before. Nothing is decided until it is there again."""
    DEPOSITS_REFUSED = "wallet_deposits_refused"
    """The ledger does not take them: the log says why."""
    DEPOSITS_HELD = "wallet_deposits_held"
    """They were credited and have left the chain."""
    SIGNER_UNAVAILABLE = "wallet_signer_unavailable"
    SIGNER_REFUSED = "wallet_signer_refused"
    """Transactions that the signer does not sign: the log says why."""
    SWEEP_REFUSED = "wallet_sweep_refused"
    """The same, of one that only moves our own money."""
    HOT_SHORT = "wallet_hot_short"
    """Approved withdrawals that there is too little confirmed money for at the hot address."""
    HOT_LOW = "wallet_hot_low"
    """Its share is below `hot_low_ppm`: money should come from the cold address."""
    WITHDRAWALS_PAUSED = "wallet_withdrawals_paused"
    WITHDRAWALS_CONFLICTED = "wallet_withdrawals_conflicted"
    """Transactions that cannot pay while something else has spent their inputs. They are never
    paid anew by themselves: somebody fails them, and the money goes back to the account."""
    WITHDRAWALS_LATE = "wallet_withdrawals_late"
    """Transactions that were sent hours ago and are in no block: the network's fee, perhaps."""
    WITHDRAWALS_UNKNOWN = "wallet_withdrawals_unknown"
    """The ledger has them as sent, and no transaction of theirs is known here."""
    WITHDRAWALS_PAID_TWICE = "wallet_withdrawals_paid_twice"
    """They were failed, and the chain has paid them nevertheless."""


class Alarms:
    def __init__(self) -> None:
        self._levels: dict[tuple[Alarm, str], int] = {}

    def set(self, alarm: Alarm, currency: str, level: int, **details: object) -> None:
        """Logged, with `details`, when it rises."""
        before = self._levels.get((alarm, currency), 0)
        self._levels[alarm, currency] = level
        if level > before:
            _log.error(_SAYS[alarm], currency=currency, cases=level, **details)
        elif before and not level:
            _log.info("over", alarm=alarm.value, currency=currency)

    def level(self, alarm: Alarm, currency: str) -> int:
        return self._levels.get((alarm, currency), 0)

    def levels(self) -> Iterator[tuple[Alarm, str, int]]:
        """All that were ever set; in any thread."""
        for (alarm, currency), level in list(self._levels.items()):
            yield alarm, currency, level


_SAYS: Final = {alarm: alarm.value.removeprefix("wallet_").replace("_", " ") for alarm in Alarm}
