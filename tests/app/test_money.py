"""An exchange has the chains of its configuration. A node that is away is an alarm, and stops
nothing."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from coinport.app.config import Config, Currency, Wallets
from coinport.app.config_keys import ConfigError
from coinport.model.commands import Credit
from coinport.model.units import Amount, CurrencyId
from tests.app.exchanges import QUICK, running
from tests.app.test_chains import XPUB

PATIENCE_SECONDS = 60
AWAY = Currency(node="http://user:secret@127.0.0.1:1", xpub=XPUB)
"""Nothing listens on this port."""
LTC = CurrencyId(2)


def configured(**currencies: Currency) -> Config:
    return replace(QUICK, currencies=currencies, wallets=Wallets(poll_seconds=0.01))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0)


def test_a_node_that_is_away_is_an_alarm_and_stops_nothing(tmp_path: Path) -> None:
    async def test() -> None:
        async with running(tmp_path, configured(LTC=AWAY)) as exchange:
            telemetry = exchange.exchange.telemetry
            parts = [asyncio.create_task(part) for part in exchange.exchange.parts().values()]
            alarm = b'coinport_wallet_chain_unavailable{currency="LTC"} 1.0\n'
            await until(lambda: alarm in telemetry.text())
            account = await exchange.register("alice@example.com")
            gift = Credit(account, LTC, Amount(7), "", "tests", "a gift")
            await exchange.services.sequencer.submit(gift)
            await exchange.exchange.money.holdings.look()
            assert b'coinport_reserve_ratio{currency="LTC"} 0.0\n' in telemetry.text()
            assert b'coinport_reserve_ratio{currency="BTC"} 1.0\n' in telemetry.text()
            assert not any(part.done() for part in parts)
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)

    asyncio.run(test())


@pytest.mark.parametrize("symbol", ["EUR", "GOOC"])
def test_a_chain_of_a_currency_that_is_on_none_is_refused(tmp_path: Path, symbol: str) -> None:
    async def test() -> None:
        async with running(tmp_path, configured(**{symbol: AWAY})):
            pass

    with pytest.raises(ConfigError, match=rf"\[currencies.{symbol}\]"):
        asyncio.run(test())
