"""The desk: what all parts of the administration work with."""

import asyncio
from typing import Final

import msgspec
from msgspec import Raw

from coinport.gateway.errors import REFUSALS, ApiError, Code
from coinport.gateway.names import currency_named
from coinport.gateway.services import Services
from coinport.gateway.wire import units
from coinport.identity.people import Profile
from coinport.model.commands import Command
from coinport.model.events import Refused
from coinport.model.listings import Currency, CurrencyKind, Listings
from coinport.model.reasons import Reason
from coinport.model.records import Record
from coinport.model.units import TEXT_LENGTH_MAX, AccountId, Amount
from coinport.operations.actors import Actor

EVERY_TEXT: Final = "every text (reason, reference, txid)"
EVERY_TEXT_ZH: Final = "文本（原因、流水号、交易号）"


class NotDone(Exception):
    """What was asked for cannot be; the message says why, and the remedy."""

    def __init__(self, message: str, *, zh: str) -> None:
        super().__init__(message)
        self.zh = zh
        """The same in Chinese."""


class Desk:
    def __init__(self, services: Services) -> None:
        self.services: Final = services
        self.deciding: Final = asyncio.Lock()
        """Held from the look at a deposit or withdrawal until what is decided on it is done: of two
        decisions at once, the second sees what the first has changed."""

    @property
    def listings(self) -> Listings:
        return self.services.live.listings.listings

    async def person(self, user: str) -> Profile:
        """Raises ApiError (1004)."""
        profile = await self.services.people.find(user)
        if profile is None:
            raise ApiError(Code.UNKNOWN_USER, user)
        return profile

    def currency(self, symbol: str) -> Currency:
        """Raises ApiError (1013)."""
        return currency_named(self.listings, symbol)

    async def try_to(self, command: Command) -> tuple[Record, Reason | None]:
        """What came of it: a record in any case, and why the rules said no, if they did."""
        record = await self.services.sequencer.submit(command)
        first = record.events[0]
        return record, first.reason if isinstance(first, Refused) else None

    async def submit(self, command: Command) -> Record:
        """Raises ApiError and NotDone where the rules say no."""
        record, reason = await self.try_to(command)
        accepted(reason)
        return record


def accepted(reason: Reason | None) -> None:
    """Raises ApiError and NotDone where there is a reason why not."""
    if reason is Reason.INVALID_TEXT:
        check_text("", EVERY_TEXT, zh=EVERY_TEXT_ZH)
    if reason:
        raise ApiError(*REFUSALS[reason])


def check_text(text: str, name: str, *, zh: str) -> None:
    """Raises NotDone where it is nothing that can be written down."""
    if not 0 < len(text) <= TEXT_LENGTH_MAX:
        raise NotDone(
            f"{name} must have 1 to {TEXT_LENGTH_MAX} characters",
            zh=f"{zh}须为 1 至 {TEXT_LENGTH_MAX} 个字符",
        )


def not_own(actor: Actor, account: AccountId, what: str, zh: str) -> None:
    """Raises NotDone: nobody decides on his own money."""
    if actor.account == account:
        raise NotDone(
            f"{what} is your own: another operator has to decide on it",
            zh=f"{zh}属于您本人，须由其他操作员处理",
        )


def amount_of(text: str, currency: Currency, name: str) -> Amount:
    """Raises ApiError."""
    return Amount(units(Raw(msgspec.json.encode(text)), currency.decimals, name))


def on_chain(currency: Currency) -> bool:
    return currency.kind is CurrencyKind.CHAIN
