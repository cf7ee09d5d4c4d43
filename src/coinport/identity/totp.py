"""One-time codes (TOTP): six digits from the user's device, each of them good once."""

from collections.abc import Callable
from hmac import compare_digest
from typing import Any, Final

import pyotp
from sqlalchemy import Connection, Row, delete, insert, select, update

from coinport.database import Database
from coinport.identity.errors import AlreadyBound, CodeRequired, CodeWrong, NotBound
from coinport.identity.lockout import Lockout
from coinport.identity.memory import Memory
from coinport.identity.secret_box import SecretBox
from coinport.identity.tables import one_time_codes
from coinport.model.units import AccountId

STEP_MS: Final = 30_000
STEPS_OFF_MAX: Final = 1
"""How far the device's clock may be off."""
WRONG_MAX: Final = 5
"""Wrong codes of one account within the window; then none is accepted for as long."""
WRONG_WINDOW_MS: Final = 15 * 60 * 1000
OFF_MAX: Final = 20_000
"""Accounts remembered to have no codes switched on."""
ISSUER: Final = "coinport"


class OneTimeCodes:
    def __init__(self, database: Database, box: SecretBox, clock: Callable[[], int]) -> None:
        self._database = database
        self._box = box
        self._clock = clock
        self._lockout = Lockout(WRONG_MAX, window_ms=WRONG_WINDOW_MS, clock=clock)
        self._off: Memory[AccountId, None] = Memory(OFF_MAX)

    async def begin(self, account: AccountId) -> tuple[str, str]:
        """A new seed (base32) and its `otpauth:` URL, in place of an earlier one never bound.

        Raises AlreadyBound.
        """
        seed = pyotp.random_base32()
        sealed = self._box.seal(seed.encode(), owner(account))

        def write(connection: Connection) -> None:
            mine = one_time_codes.c.account == account
            connection.execute(delete(one_time_codes).where(mine, ~one_time_codes.c.bound))
            if connection.execute(select(one_time_codes).where(mine)).first() is not None:
                raise AlreadyBound
            row = {"account": account, "seed": sealed, "bound": False, "last_step": 0}
            connection.execute(insert(one_time_codes), row)

        await self._database.write(write)
        return seed, pyotp.TOTP(seed).provisioning_uri(name=str(account), issuer_name=ISSUER)

    async def bind(self, account: AccountId, code: str) -> None:
        """Switch codes on: `code` proves that the user's device has the seed.

        Raises NotBound, AlreadyBound, CodeWrong.
        """
        row = await self._row(account)
        if row is None:
            raise NotBound
        if row.bound:
            raise AlreadyBound
        await self._off.drop_after(self._use(row, code), lambda _: [account])

    async def check(self, account: AccountId, code: str | None) -> bool:
        """Use up `code`; nothing is asked of an account that has no codes switched on. Whether
        it has.

        Usually from memory then. Raises CodeRequired, CodeWrong.
        """
        if account in self._off.known:
            return False
        changes = self._off.changes
        row = await self._row(account)
        if row is None or not row.bound:
            self._off.put(account, None, changes)
            return False
        if not code:
            raise CodeRequired
        await self._use(row, code)
        return True

    async def bound(self, account: AccountId) -> bool:
        """Whether the account has them switched on."""
        row = await self._row(account)
        return row is not None and bool(row.bound)

    async def unbind(self, account: AccountId, code: str) -> None:
        """Switch codes off. Raises NotBound, CodeWrong."""
        row = await self._row(account)
        if row is None or not row.bound:
            raise NotBound
        await self._use(row, code)
        removal = delete(one_time_codes).where(
            one_time_codes.c.account == account, one_time_codes.c.seed == row.seed
        )
        await self._database.write(lambda connection: connection.execute(removal))

    async def _row(self, account: AccountId) -> Row[Any] | None:
        query = select(one_time_codes).where(one_time_codes.c.account == account)
        return await self._database.read(lambda connection: connection.execute(query).first())

    async def _use(self, row: Row[Any], code: str) -> None:
        """Accept `code` for the seed of `row`, once. Raises CodeWrong."""
        step = self._step(row, code)
        if self._lockout.locked(row.account):
            raise CodeWrong
        if step is None:
            self._lockout.count_wrong(row.account)
            raise CodeWrong
        using = (
            update(one_time_codes)
            .where(
                one_time_codes.c.account == row.account,
                one_time_codes.c.seed == row.seed,
                one_time_codes.c.last_step < step,
            )
            .values(bound=True, last_step=step)
        )
        used = await self._database.write(lambda connection: connection.execute(using).rowcount)
        if not used:  # it was used before, or its seed is gone
            raise CodeWrong

    def _step(self, row: Row[Any], code: str) -> int | None:
        """Of which step around now `code` is the code."""
        codes = pyotp.TOTP(self._box.open(row.seed, owner(row.account)).decode())
        given = code.replace(" ", "").encode("utf-8", "surrogatepass")
        now = self._clock() // STEP_MS
        for step in range(now - STEPS_OFF_MAX, now + STEPS_OFF_MAX + 1):
            if compare_digest(codes.generate_otp(step).encode(), given):
                return step
        return None


def owner(account: int) -> str:
    """Whom its sealed seed belongs to."""
    return f"totp {account}"
