"""Opens what operations keep, beside the people they are about."""

from collections.abc import Callable
from dataclasses import dataclass

from coinport.database import Database, migrate
from coinport.operations.announcements import Announcements
from coinport.operations.audit import AuditLog
from coinport.operations.endorsements import Endorsements


@dataclass(frozen=True, slots=True)
class Operations:
    audit: AuditLog
    announcements: Announcements
    endorsements: Endorsements


def open_operations(database: Database, clock: Callable[[], int]) -> Operations:
    """`database`: that of identity, whose commits survive a power cut. Its tables are brought to
    the newest form. Raises DatabaseUnusable."""
    assert database.synchronous == "FULL"
    migrate(database, "coinport.operations:migrations")
    return Operations(
        AuditLog(database, clock), Announcements(database, clock), Endorsements(database, clock)
    )
