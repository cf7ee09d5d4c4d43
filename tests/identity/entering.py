"""What tests of log-ins have in common."""

import base64
import hashlib

import pytest

from coinport.identity.errors import WrongCredentials

HOME = "192.0.2.1"


def md5(password: str) -> str:
    return hashlib.md5(password.encode()).hexdigest()


def sha256(password: str) -> str:
    return base64.b64encode(hashlib.sha256(password.encode()).digest()).decode()


async def refused(people, user: str, password: str = "a wrong one", address: str = HOME) -> None:
    with pytest.raises(WrongCredentials):
        await people.verify(user, password, address)
