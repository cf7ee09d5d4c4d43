"""Actors: who asks for something to be done."""

from typing import Final, Literal

from msgspec import Struct

from coinport.model.units import AccountId

NOBODY: Final = AccountId(0)


class Actor(Struct, frozen=True):
    name: str
    """As the journal has it: a user name of the operating system, or `operator UID`. Never an
    e-mail address. It tells two persons apart."""
    via: Literal["socket", "console"] = "socket"
    account: AccountId = NOBODY
    """Of who uses the console; he has no say in what concerns it."""
    address: str = ""
    """That the console was used from."""


def operator(account: AccountId, address: str) -> Actor:
    """Who uses the console."""
    return Actor(f"operator {account}", "console", account, address)
