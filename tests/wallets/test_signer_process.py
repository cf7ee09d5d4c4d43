"""The signer as a process of its own: its keys, its limits, its memory."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from coinport.wallets.chain import Payout
from coinport.wallets.networks import Network
from coinport.wallets.nxt_scheme import NxtScheme
from coinport.wallets.policy import InvalidPolicy
from coinport.wallets.schemes import XrpScheme
from coinport.wallets.signer import Memory
from coinport.wallets.signer_keys import InvalidSettings, schemes, settings
from coinport.wallets.signer_process import memory_beside, opened, socket_in
from coinport.wallets.signer_socket import SignerUnavailable, ask
from coinport.wallets.signing import (
    MessageSigned,
    Refused,
    SignMessage,
    SignSweep,
    SignWithdrawals,
    TransactionSigned,
)
from tests.wallets.house import ALICE, COIN, House
from tests.wallets.test_signer import ACCOUNT, COLD, HOT, SCHEME, transaction
from tests.wallets.test_signer import ALICE as OUTSIDE

Play: TypeAlias = Callable[[Callable[[House], Coroutine[Any, Any, None]]], None]

COINPORT = Path(sys.executable).with_name("coinport")
KEYS = f'[LTC]\nextended_private_key = "{ACCOUNT.PrivateKey().ToExtended()}"\n'
SECRET = "09".rjust(64, "0")


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """In a directory of the signer's own."""
    own = tmp_path / "signer"
    own.mkdir()
    return written(own / "keys.toml", KEYS)


def written(file: Path, text: str, mode: int = 0o600) -> Path:
    file.write_text(text)
    file.chmod(mode)
    return file


@asynccontextmanager
async def running(*options: str | Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The process, ready to be asked."""
    process = await asyncio.create_subprocess_exec(
        str(COINPORT), "signer", *map(str, options), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout and process.stderr
    try:
        line = await process.stdout.readline()
        assert b"ready" in line, await process.stderr.read()
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()


def test_it_signs_what_the_journal_says_and_remembers_it(play: Play, keys: Path) -> None:
    async def scene(house: House) -> None:
        data, path = house.directory, socket_in(house.directory)
        await house.give(ALICE, 100)
        transfer = await house.request(ALICE, 2, OUTSIDE)
        payout = Payout(OUTSIDE, 2 * COIN - COIN // 10)  # type: ignore[arg-type]
        asked = SignWithdrawals((transfer,), transaction(payout), (HOT,))
        other = SignWithdrawals((transfer,), transaction(payout, coin=2), (HOT,))
        async with running("--data", data, "--keys", keys) as process:
            assert path.stat().st_mode & 0o777 == 0o600
            assert isinstance(await ask(path, asked), Refused)
            await house.approve(transfer)
            first = await ask(path, asked)
            assert isinstance(first, TransactionSigned)
        assert process.returncode == 0
        assert not path.exists()
        with pytest.raises(SignerUnavailable):
            await ask(path, asked)
        async with running("--data", data, "--keys", keys):
            assert isinstance(await ask(path, other), Refused)
            assert await ask(path, asked) == first
            await house.fail(transfer)
            assert isinstance(await ask(path, asked), Refused)
            message = await ask(path, SignMessage("LTC", HOT, "coinport"))
            assert isinstance(message, MessageSigned)
            assert message.address == SCHEME.address(HOT)

    play(scene)


def test_its_limits_are_its_own(play: Play, keys: Path, tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        limits = f'[LTC]\npayment_max = "1.5"\nfee_max = "0.0001"\ncold = "{COLD}"\n'
        config = written(tmp_path / "limits.toml", limits)
        await house.give(ALICE, 100)
        transfer = await house.request(ALICE, 2, OUTSIDE)
        await house.approve(transfer)
        payout = Payout(OUTSIDE, 2 * COIN - COIN // 10)  # type: ignore[arg-type]
        with opened(house.directory, keys, config) as signer:
            answer = signer.answer(SignWithdrawals((transfer,), transaction(payout), (HOT,)))
            assert isinstance(answer, Refused) and "one payment" in answer.reason
            to_cold = transaction(Payout(COLD, COIN))
            assert isinstance(signer.answer(SignSweep(to_cold, (HOT,))), TransactionSigned)
            dear = transaction(Payout(COLD, COIN), fee=10_001)
            assert isinstance(signer.answer(SignSweep(dear, (HOT,))), Refused)

    play(scene)


def test_there_is_one_signer_for_one_memory(play: Play, keys: Path) -> None:
    async def scene(house: House) -> None:
        with (
            opened(house.directory, keys, None),
            pytest.raises(InvalidSettings, match="another signer"),
            opened(house.directory, keys, None),
        ):
            pass

    play(scene)


def test_a_failure_is_one_line_that_shows_no_key(play: Play, keys: Path) -> None:
    async def scene(house: House) -> None:
        def fails(data: Path, file: Path, mode: int = 0o600) -> str:
            file.chmod(mode)
            command = [COINPORT, "signer", "--data", data, "--keys", file]
            ended = subprocess.run(command, check=False, capture_output=True, text=True)
            assert ended.returncode == 1
            assert ended.stderr.count("\n") == 1
            return ended.stderr

        assert "chmod 600" in fails(house.directory, keys, 0o640)
        assert "no journal" in fails(keys.parent, keys)
        damaged = KEYS.replace('"xprv9', '"xprv8')
        told = fails(house.directory, written(keys.with_name("damaged.toml"), damaged))
        assert "damaged" in told
        assert ACCOUNT.PrivateKey().ToExtended()[10:30] not in told
        memory_beside(keys).write_bytes(b"x\n")
        assert "restore it" in fails(house.directory, keys)

    play(scene)


def test_the_keys_of_every_kind_of_chain(tmp_path: Path) -> None:
    text = KEYS + (
        f'[XRP]\nsecret_key = "{SECRET}"\n'
        '[NXT]\nsecret_phrase = "a phrase"\nnode = "http://127.0.0.1:7876"\n'
        f'[BTSX]\naccount = "us"\nsecret_key = "{SECRET}"\nwallet = "http://localhost:8093/rpc"\n'
    )
    found = schemes(written(tmp_path / "keys", text), Network.MAIN)
    assert list(found) == ["LTC", "XRP", "NXT", "BTSX"]
    assert isinstance(found["XRP"], XrpScheme)
    assert isinstance(found["NXT"], NxtScheme)
    assert found["BTSX"].address(HOT) == "us"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[LTC", "not TOML"),
        ("[CNY]\n", "no keys of CNY"),
        ("[LTC]\n", "extended_private_key"),
        ('[LTC]\nextended_private_key = "xpub"\n', "begins with xprv"),
        (f'[XRP]\nsecret_key = "{SECRET[2:]}"\n', "32 bytes in hex"),
        ('[XRP]\nsecret_key = "secret"\n', "32 bytes in hex"),
        (f'[XRP]\nsecret_key = "{SECRET}"\nseed = "s"\n', "seed"),
        ('[NXT]\nsecret_phrase = "p"\nnode = "http://example.com"\n', "loopback"),
    ],
)
def test_keys_that_are_none_are_refused_by_their_place(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(InvalidSettings, match=why) as refused:
        schemes(written(tmp_path / "keys", text), Network.MAIN)
    assert SECRET[2:] not in str(refused.value)


def test_a_file_of_keys_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="No such file"):
        schemes(tmp_path / "keys", Network.MAIN)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('network = "test"', "main, regtest"),
        ('[LTC]\ncold = "nowhere"', "cold address nowhere"),
        ('[XRP]\ncold = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh?dt=7"', "without a memo"),
        ("[LTC]\npayment_max = 5", "payment_max"),
        ('[LTC]\npaymentmax = "5"', "paymentmax"),
    ],
)
def test_limits_that_are_none_are_refused_by_their_place(
    tmp_path: Path, text: str, why: str
) -> None:
    with pytest.raises(InvalidSettings, match=why):
        settings(written(tmp_path / "limits", text))


def test_limits_that_nobody_set_are_a_multiple_of_what_goes_without_a_look(tmp_path: Path) -> None:
    limits = settings(None).limits("BTC", 8)
    assert (limits.payment_max, limits.day_max) == (25 * COIN, 100 * COIN)
    assert limits.fee_max == COIN // 100
    text = '[BTC]\nday_max = "0.123456789"'
    with pytest.raises(InvalidPolicy, match="BTC day_max"):
        settings(written(tmp_path / "limits", text)).limits("BTC", 8)


def test_a_memory_that_cannot_be_written_ends_the_process(
    play: Play, keys: Path, tmp_path: Path
) -> None:
    """Its file may not grow: as on a disk that is full."""

    async def scene(house: House) -> None:
        await house.give(ALICE, 100)
        transfer = await house.request(ALICE, 2, OUTSIDE)
        await house.approve(transfer)
        payout = Payout(OUTSIDE, 2 * COIN - COIN // 10)  # type: ignore[arg-type]
        asked = SignWithdrawals((transfer,), transaction(payout), (HOT,))
        limited = f"ulimit -f 0; exec {COINPORT} signer --data {house.directory} --keys {keys}"
        process = await asyncio.create_subprocess_exec(
            "bash", "-c", limited, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout
        assert b"ready" in await process.stdout.readline()
        with pytest.raises(SignerUnavailable):
            await ask(socket_in(house.directory), asked)
        await process.communicate()
        assert process.returncode == 74
        with closing(Memory(memory_beside(keys))) as memory:
            assert memory.of(transfer) == []

    play(scene)
