"""The start of a demo exchange: its history as a journal, and its people."""

import secrets
import shutil
from itertools import chain, islice
from pathlib import Path

from coinport.app.demo.history import history
from coinport.app.demo.people import EVERYONE, Person
from coinport.app.demo.walk import Walk
from coinport.app.directories import mark_as_demo
from coinport.app.engines import engine_class
from coinport.app.wiring import clock
from coinport.gateway.services import Services
from coinport.identity.people import People
from coinport.journal.layout import journal_in
from coinport.journal.log import FileLog
from coinport.model.units import AccountId

SEED = 2014
"""Of the price walk; the same for ever, so that a demo goes on where it stopped."""

_RECORDS_AT_ONCE = 10_000


def has_history(directory: Path) -> bool:
    return journal_in(directory).exists()


def write_history(directory: Path) -> None:
    """Make a new demo's journal: all of it, or nothing."""
    mark_as_demo(directory)
    unfinished = directory / "journal.unfinished"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    log = FileLog(unfinished)
    records = chain.from_iterable(history(engine_class("auto")(), Walk(SEED), clock()))
    while batch := list(islice(records, _RECORDS_AT_ONCE)):
        log.append(batch)
    log.close()
    unfinished.rename(journal_in(directory))


async def register_everyone(services: Services) -> dict[str, str]:
    """The password of everyone, by e-mail; a robot's is new at every start."""
    passwords = {person.email: person.password or secrets.token_urlsafe(24) for person in EVERYONE}
    for person in EVERYONE:
        await _register(services.people, person, passwords[person.email])
    return passwords


async def _register(people: People, person: Person, password: str) -> None:
    async def opened_already() -> AccountId:
        return person.account

    if await people.find(person.email) is None:
        await people.register(person.email, password, "en", opened_already)
        await people.set_name(person.account, person.name)
    elif person.password is None:
        await people.set_password(person.account, password)
