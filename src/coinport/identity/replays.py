"""Replays: a withdrawal signed by MD5, which binds no time, counts once within a day. Remembered on
the disk: a restart must not make an old request good again."""

import hashlib
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from coinport.database import Database
from coinport.identity.tables import md5_withdrawals
from coinport.model.units import AccountId

KEPT_MS: Final = 24 * 60 * 60 * 1000


class Md5Withdrawals:
    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    async def first_time(self, account: AccountId, token: str, body: bytes) -> bool:
        """Whether this is the first such request of the account within a day; it is now known."""
        now = self._clock()
        digest = hashlib.sha256(b"%b\n%b" % (token.encode(), body)).digest()

        def write(connection: Connection) -> bool:
            connection.execute(delete(md5_withdrawals).where(md5_withdrawals.c.expires_ms <= now))
            same = select(md5_withdrawals).where(md5_withdrawals.c.digest == digest)
            if connection.execute(same).first() is not None:
                return False
            row = {"digest": digest, "account": account, "expires_ms": now + KEPT_MS}
            connection.execute(insert(md5_withdrawals), row)
            return True

        return await self._database.write(write)
