"""What identity refuses, by name. `Busy` comes from the bounded thread pools."""

from coinport.database import Busy

__all__ = [
    "AlreadyBound",
    "Busy",
    "CodeRequired",
    "CodeWrong",
    "EmailTaken",
    "InvalidField",
    "NotBound",
    "SecretsUnreadable",
    "TooManyEntries",
    "TooManyTokens",
    "WrongCredentials",
]


class InvalidField(Exception):
    """A value that cannot be used; `field` is its name in the API, `detail` says why."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


class EmailTaken(InvalidField):
    def __init__(self) -> None:
        super().__init__("email", "is registered already")


class WrongCredentials(Exception):
    """Unknown user, wrong password or locked out: deliberately not to be told apart."""


class TooManyTokens(Exception):
    """The account has `TOKENS_MAX` tokens: delete one first."""


class TooManyEntries(Exception):
    """The address book of the account is full: remove one first."""


class CodeRequired(Exception):
    """The account has one-time codes switched on, and none was given."""


class CodeWrong(Exception):
    """The one-time code is wrong, was used before, or there were too many wrong ones."""


class AlreadyBound(Exception):
    """One-time codes are switched on already: unbind first."""


class NotBound(Exception):
    """There is no seed to bind (begin first), or no bound one to unbind."""


class SecretsUnreadable(Exception):
    """The key file and the secrets in the database do not fit; the message names the remedy."""
