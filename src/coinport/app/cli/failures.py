"""How a command fails: with one line on standard error and an exit code of its own.

1 something went wrong, 2 the command line or the configuration is wrong, 70 a part of the exchange
died (a mistake of ours), 74 the journal could not be written.
"""

from typing import Final

FAILED: Final = 1
MISUSED: Final = 2


class CommandFailed(Exception):
    """The message is all that the user needs to know."""


def said(error: Exception) -> str:
    """What the user is told of an error that `is_expected`."""
    if not isinstance(error, OSError) or error.errno is None:
        return str(error)
    from coinport.app.surroundings import why

    return f"{error.filename}: {why(error)}" if error.filename else why(error)


def is_expected(error: Exception) -> bool:
    """A command may end with it when its surroundings fail; anything else is our own mistake."""
    if isinstance(error, CommandFailed | OSError):
        return True
    from coinport.app.directories import WrongDirectory
    from coinport.database import DatabaseUnavailable, DatabaseUnusable
    from coinport.identity.errors import SecretsUnreadable
    from coinport.journal.errors import JournalDamaged, JournalFailed, JournalLocked
    from coinport.wallets.transfers import WrongJournal

    return isinstance(
        error,
        DatabaseUnavailable
        | DatabaseUnusable
        | JournalDamaged
        | JournalFailed
        | JournalLocked
        | SecretsUnreadable
        | WrongDirectory
        | WrongJournal,
    )
