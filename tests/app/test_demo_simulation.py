"""The chains of a demo: whoever makes an address is paid once, withdrawals arrive, what the
exchange has covers what it owes, and all of it is still there after a restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from coinport.app import genesis
from coinport.app.config import Currency, Wallets
from coinport.app.demo import simulation
from coinport.app.demo.faucet import gift
from coinport.app.demo.people import EVERYONE, play_money
from coinport.app.demo.simulation import CONFIRMATIONS, SYMBOLS, Simulation, read_address
from coinport.app.demo.walk import BASES_CNY
from coinport.model.commands import RequestWithdrawal
from coinport.model.events import WithdrawalRequested
from coinport.model.units import AccountId, Amount, CurrencyId, TransferId
from coinport.readmodels.balances import Balances
from coinport.wallets.addresses import InvalidAddress
from tests.app.exchanges import QUICK, Running, running

PATIENCE_SECONDS = 60
COIN = 10**8
SETTINGS = replace(
    QUICK,
    wallets=Wallets(poll_seconds=0.01, keeping_seconds=0.01),
    currencies={symbol: Currency(**CONFIRMATIONS) for symbol in SYMBOLS},
)


@pytest.fixture(autouse=True)
def quick_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "TICK_SECONDS", 0.01)


@asynccontextmanager
async def demo(directory: Path) -> AsyncIterator[Running]:
    """With all its parts but the publisher."""
    async with running(directory, SETTINGS, simulation=Simulation(directory).chains) as exchange:
        works = exchange.exchange.parts()
        works.pop("publisher").close()
        parts = [asyncio.create_task(work) for work in works.values()]
        yield exchange
        assert not any(part.done() for part in parts)
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)


async def available(exchange: Running, account: AccountId, symbol: str) -> int:
    listings = exchange.services.live.listings.listings
    found = await Balances(exchange.services).of(account)
    balance = found.get(listings.currency_of[symbol])
    return balance.available if balance else 0


async def credited(exchange: Running, account: AccountId, symbol: str) -> int:
    """What is there once anything is."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (found := await available(exchange, account, symbol)):
            await asyncio.sleep(0)
    return found


async def withdrawn(exchange: Running, account: AccountId, amount: int) -> TransferId:
    """LTC to an outside address."""
    command = RequestWithdrawal(
        account, CurrencyId(2), Amount(amount), Amount(50_000), "simFriend", ""
    )
    (event,) = (await exchange.services.sequencer.submit(command)).events
    assert isinstance(event, WithdrawalRequested)
    return event.transfer


async def arrived(exchange: Running, transfer: TransferId) -> None:
    progress = exchange.exchange.money.wallets.progress
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            found = (await progress([transfer])).get(transfer)
            if found and found.confirmations >= CONFIRMATIONS["withdrawal_confirmations"]:
                return
            await asyncio.sleep(0)


def test_whoever_makes_an_address_is_paid_once_and_can_withdraw(tmp_path: Path) -> None:
    async def first() -> AccountId:
        async with demo(tmp_path) as exchange:
            account = await exchange.register("alice@example.com")
            addresses = exchange.services.wallets.addresses
            for symbol in ("LTC", "XRP"):
                made = await addresses.create(account, symbol)
                assert made.simulated
                assert made.address.startswith("sim")
                assert await credited(exchange, account, symbol) == gift(symbol)
            await arrived(exchange, await withdrawn(exchange, account, 2 * COIN))
            return account

    async def again(account: AccountId) -> None:
        async with demo(tmp_path) as exchange:
            await exchange.services.wallets.addresses.create(account, "LTC")
            await exchange.services.wallets.addresses.create(account, "DOGE")
            assert await credited(exchange, account, "DOGE") == gift("DOGE")
            await arrived(exchange, await withdrawn(exchange, account, 3 * COIN))
            assert await available(exchange, account, "LTC") == gift("LTC") - 5 * COIN
            await exchange.exchange.money.holdings.look()
            assert all(ratio >= 1 for _, ratio in exchange.exchange.money.holdings.ratios())

    asyncio.run(again(asyncio.run(first())))


def test_what_everybody_was_given_is_on_the_chains(tmp_path: Path) -> None:
    async def test() -> None:
        async with running(tmp_path, SETTINGS, simulation=Simulation(tmp_path).chains) as exchange:
            await exchange.exchange.money.holdings.look()
            there = exchange.exchange.money.holdings.all
            assert set(there) == set(SYMBOLS)
            for symbol, found in there.items():
                coins = sum(play_money(person)[symbol] for person in EVERYONE)
                given = coins * 10 ** genesis.DECIMALS[symbol]
                assert given < found.assets < given * 1.05
                assert all(row.address.startswith("sim") for row in found.rows)

    asyncio.run(test())


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_faucet_gives_a_round_sum_of_some_thousand_cny(symbol: str) -> None:
    coins = gift(symbol) / 10 ** genesis.DECIMALS[symbol]
    assert 1_000 < coins * BASES_CNY[symbol] < 10_000
    assert str(int(coins)).rstrip("0") in set("123456789")


def test_money_goes_to_real_addresses_and_to_those_that_show_what_they_are() -> None:
    assert read_address("LTC", "LVuDpNCSSj6pQ7t9Pv6d6sUkLKoqDEVUnJ", "").text[0] == "L"
    assert read_address("XRP", "simFriend", "7").memo == "7"


@pytest.mark.parametrize(
    ("text", "memo"),
    [
        ("simLTC-0-0", ""),
        ("simLTC-cold", ""),
        ("sim", ""),
        ("sim" + "x" * 61, ""),
        ("sim friend", ""),
        ("simFriend", "7"),
        ("Friend", ""),
    ],
)
def test_but_not_to_addresses_of_the_exchange_or_to_none(text: str, memo: str) -> None:
    with pytest.raises(InvalidAddress):
        read_address("LTC", text, memo)


def test_a_damaged_chain_is_named(tmp_path: Path) -> None:
    async def test() -> None:
        async with running(tmp_path, SETTINGS, simulation=Simulation(tmp_path).chains):
            pass

    asyncio.run(test())
    (tmp_path / "simulated" / "LTC").write_bytes(b"?")
    with pytest.raises(OSError, match=r"simulated/LTC is damaged"):
        asyncio.run(test())
