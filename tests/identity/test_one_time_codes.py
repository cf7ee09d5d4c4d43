import asyncio
from urllib.parse import parse_qs, urlparse

import pyotp
import pytest
from sqlalchemy import text

from coinport.identity.errors import AlreadyBound, CodeRequired, CodeWrong, NotBound
from coinport.identity.totp import WRONG_MAX, OneTimeCodes


@pytest.fixture
def codes(database, box, clock) -> OneTimeCodes:
    return OneTimeCodes(database, box, clock)


@pytest.fixture
def device(clock):
    """What the user's device shows, `steps` of 30 seconds off."""

    def code(seed: str, steps: int = 0) -> str:
        return pyotp.TOTP(seed).at(clock() // 1000, counter_offset=steps)

    return code


@pytest.fixture
def bound(codes, register, device, clock):
    async def bound() -> tuple[int, str]:
        """An account with codes switched on, its last one used a minute ago."""
        account = (await register("ann@example.com")).account
        seed, _ = await codes.begin(account)
        await codes.bind(account, device(seed))
        clock.advance(minutes=1)
        return account, seed

    return bound


async def wrong(codes: OneTimeCodes, account: int, code: str) -> None:
    with pytest.raises(CodeWrong):
        await codes.check(account, code)


def not_of(seed: str, device) -> str:
    """Six digits that are no code of `seed` now."""
    return next(
        f"{n:06}" for n in range(9) if f"{n:06}" not in [device(seed, s) for s in (-1, 0, 1)]
    )


def test_codes_are_asked_for_once_the_device_has_proven_that_it_has_the_seed(
    codes, people, register, device
):
    async def scenario():
        account = (await register("ann@example.com")).account
        await codes.check(account, None)
        seed, url = await codes.begin(account)
        parsed = urlparse(url)
        assert (parsed.scheme, parsed.path) == ("otpauth", f"/coinport:{account}")
        assert parse_qs(parsed.query)["secret"] == [seed]
        assert len(seed) * 5 >= 160
        with pytest.raises(CodeWrong):
            await codes.bind(account, not_of(seed, device))
        await codes.check(account, None)
        assert not (await people.profile(account)).totp_enabled
        await codes.bind(account, device(seed))
        assert (await people.profile(account)).totp_enabled
        for missing in (None, ""):
            with pytest.raises(CodeRequired):
                await codes.check(account, missing)

    asyncio.run(scenario())


def test_a_code_is_good_once(codes, bound, device, clock):
    async def scenario():
        account, seed = await bound()
        await codes.check(account, device(seed))
        await wrong(codes, account, device(seed))
        await wrong(codes, account, device(seed, -1))
        await codes.check(account, device(seed, 1))
        clock.advance(seconds=30)
        await wrong(codes, account, device(seed))
        clock.advance(seconds=30)
        await codes.check(account, device(seed))

    asyncio.run(scenario())


def test_the_code_that_bound_the_device_is_used_up(codes, register, device):
    async def scenario():
        account = (await register("ann@example.com")).account
        seed, _ = await codes.begin(account)
        await codes.bind(account, device(seed))
        await wrong(codes, account, device(seed))

    asyncio.run(scenario())


def test_of_many_who_use_one_code_at_once_one_may(codes, bound, device):
    async def scenario():
        account, seed = await bound()
        results = await asyncio.gather(
            *[codes.check(account, device(seed)) for _ in range(10)], return_exceptions=True
        )
        assert results.count(True) == 1
        assert sum(isinstance(each, CodeWrong) for each in results) == 9

    asyncio.run(scenario())


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_may_be_off_by_one_step(codes, bound, device, steps):
    async def scenario():
        account, seed = await bound()
        await codes.check(account, device(seed, steps))

    asyncio.run(scenario())


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_clock_may_not_be_off_by_more(codes, bound, device, steps):
    async def scenario():
        account, seed = await bound()
        await wrong(codes, account, device(seed, steps))

    asyncio.run(scenario())


def test_a_code_may_be_written_with_a_blank_but_only_in_plain_digits(codes, bound, device, clock):
    async def scenario():
        account, seed = await bound()
        code = device(seed)
        wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
        for other in (wide, code[:5], code + "0", "\ud800"):
            await wrong(codes, account, other)
        await codes.check(account, f" {code[:3]} {code[3:]}")

    asyncio.run(scenario())


def test_after_five_wrong_codes_none_is_accepted_for_a_quarter_of_an_hour(
    codes, bound, device, clock
):
    async def scenario():
        account, seed = await bound()
        for _ in range(WRONG_MAX):
            await wrong(codes, account, not_of(seed, device))
        await wrong(codes, account, device(seed))
        with pytest.raises(CodeWrong):
            await codes.unbind(account, device(seed))
        clock.advance(minutes=15)
        await codes.check(account, device(seed))

    asyncio.run(scenario())


def test_guesses_at_once_are_throttled_like_guesses_in_turn(codes, bound, device):
    async def scenario():
        account, seed = await bound()
        guesses = [wrong(codes, account, not_of(seed, device)) for _ in range(WRONG_MAX)]
        await asyncio.gather(*guesses, return_exceptions=True)
        await wrong(codes, account, device(seed))

    asyncio.run(scenario())


def test_guesses_at_binding_are_throttled_too(codes, register, device):
    async def scenario():
        account = (await register("ann@example.com")).account
        seed, _ = await codes.begin(account)
        for _ in range(WRONG_MAX):
            with pytest.raises(CodeWrong):
                await codes.bind(account, not_of(seed, device))
        with pytest.raises(CodeWrong):
            await codes.bind(account, device(seed))

    asyncio.run(scenario())


def test_switching_off_needs_a_code_and_the_next_seed_is_another(
    codes, people, bound, device, clock
):
    async def scenario():
        account, seed = await bound()
        with pytest.raises(CodeWrong):
            await codes.unbind(account, not_of(seed, device))
        with pytest.raises(CodeWrong):
            await codes.unbind(account, "")
        await codes.unbind(account, device(seed))
        assert not (await people.profile(account)).totp_enabled
        await codes.check(account, None)
        with pytest.raises(NotBound):
            await codes.unbind(account, device(seed))
        assert (await codes.begin(account))[0] != seed

    asyncio.run(scenario())


def test_a_bound_seed_cannot_be_replaced(codes, bound, device):
    async def scenario():
        account, seed = await bound()
        with pytest.raises(AlreadyBound):
            await codes.begin(account)
        with pytest.raises(AlreadyBound):
            await codes.bind(account, device(seed))
        await codes.check(account, device(seed))

    asyncio.run(scenario())


def test_only_the_last_seed_begun_can_be_bound(codes, register, device):
    async def scenario():
        account = (await register("ann@example.com")).account
        with pytest.raises(NotBound):
            await codes.bind(account, "000000")
        first, _ = await codes.begin(account)
        second, _ = await codes.begin(account)
        with pytest.raises(CodeWrong):
            await codes.bind(account, device(first))
        await codes.bind(account, device(second))

    asyncio.run(scenario())


def test_the_seed_is_sealed_and_another_account_cannot_use_it(codes, register, database, device):
    async def scenario():
        ann, eve = await register("ann@example.com"), await register("eve@example.com")
        seed, _ = await codes.begin(ann.account)
        row = await database.read(lambda c: c.execute(text("SELECT * FROM one_time_codes")).all())
        assert seed not in repr(row)
        move = text("UPDATE one_time_codes SET account = :eve")
        await database.write(lambda c: c.execute(move, {"eve": eve.account}))
        with pytest.raises(Exception, match="does not open"):
            await codes.bind(eve.account, device(seed))

    asyncio.run(scenario())
