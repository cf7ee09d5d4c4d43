"""Operators of a demo: two, because some things take two persons. Everything about them is printed,
for nothing that they could do is worth anything."""

from pathlib import Path
from typing import Final, NamedTuple

import pyotp

from coinport.gateway.services import Services
from coinport.identity.totp import STEP_MS
from coinport.model.commands import OpenAccount
from coinport.model.events import AccountOpened
from coinport.model.units import AccountId
from coinport.operations.actors import Actor
from coinport.operations.house_requests import Grant

PASSWORDS: Final = {"olga@example.com": "olga-demo", "otto@example.com": "otto-demo"}


class Appointed(NamedTuple):
    email: str
    password: str
    secret: str
    """Of the one-time codes, as authenticator apps take it."""
    code: str
    """Of now."""


async def appointed(services: Services, directory: Path) -> list[Appointed]:
    """At the first start they are made; their secrets are kept in a file of `directory` each."""
    operators = []
    for email, password in PASSWORDS.items():
        file = directory / f"operator-{email.partition('@')[0]}.secret"
        if await services.people.find(email) is None:
            await services.people.register(email, password, "en", lambda: _open_account(services))
        profile = await services.people.find(email)
        assert profile
        if not profile.totp_enabled:
            secret, _ = await services.one_time_codes.begin(profile.account)
            _keep(file, secret)
            await _bind(services, profile.account, secret)
        if not await services.operators.has(profile.account):
            await services.administer(Grant(email, "operator of the demo"), Actor("demo"))
        secret = file.read_text().strip()
        code = pyotp.TOTP(secret).at(services.clock() // 1000)
        operators.append(Appointed(email, password, secret, code))
    return operators


def _keep(file: Path, secret: str) -> None:
    file.touch(mode=0o600)
    file.write_text(secret + "\n")


async def _bind(services: Services, account: AccountId, secret: str) -> None:
    # By the code of half a minute ago: that of now is still good to log in with.
    code = pyotp.TOTP(secret).at((services.clock() - STEP_MS) // 1000)
    await services.one_time_codes.bind(account, code)


async def _open_account(services: Services) -> AccountId:
    (event,) = (await services.sequencer.submit(OpenAccount())).events
    assert isinstance(event, AccountOpened)
    return event.account
