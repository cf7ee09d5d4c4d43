"""How a command fails: with one line on standard error and an exit code of its own.

1 something went wrong, 2 the command line or the configuration is wrong, 74 a write to the journal
failed (the sequencer ends the process then).
"""

from coinport.app.admin.socket import NotRunning
from coinport.app.demo.founding import NotADemo
from coinport.database import DatabaseUnusable
from coinport.identity.errors import SecretsUnreadable
from coinport.journal.errors import JournalDamaged, JournalLocked


class CommandFailed(Exception):
    """The message is all that the user needs to know."""


FAILED = 1
MISUSED = 2

EXPECTED = (
    CommandFailed,
    DatabaseUnusable,
    JournalDamaged,
    JournalLocked,
    NotADemo,
    NotRunning,
    OSError,
    SecretsUnreadable,
)
"""What a command may end with when the surroundings fail; anything else is our own mistake."""
