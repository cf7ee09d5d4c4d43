"""What the wallets have and owe, what is wrong with them, and proofs when somebody wants them."""

import asyncio
from pathlib import Path

from coinport.app.chains import Chains
from coinport.model.units import Amount
from coinport.operations.requests import Publish, Rescan, SetPaused, ShowAlarms, ShowWallets
from coinport.reserves.errors import PublishingFailed
from coinport.reserves.layout import published_in
from coinport.wallets import purses, simchain
from coinport.wallets.addresses import parse
from coinport.wallets.alarms import Alarm
from coinport.wallets.purses import HOT_PATH
from coinport.wallets.signer_socket import SignerUnavailable
from coinport.wallets.signing import Answer, Request
from coinport.wallets.simchain import SimChain
from coinport.wallets.simnetwork import Failure, SimNetwork
from tests.app.administering import ALICE, WithAlice, credit, done, refused
from tests.app.exchanges import QUICK, Running, running

COIN = 10**8


async def no_signer(request: Request) -> Answer:
    raise SignerUnavailable


def simulated(network: SimNetwork) -> Chains:
    return Chains(
        purses=lambda policies, _: {"LTC": purses.simulated(SimChain(network), policies["LTC"])},
        sign=no_signer,
        read_address=parse,
    )


def test_the_wallets_are_shown_with_what_is_owed(tmp_path: Path) -> None:
    network = SimNetwork("LTC")
    network.pay(simchain.address("LTC", HOT_PATH), Amount(2 * COIN))
    network.pay(purses.cold_of("LTC"), Amount(7 * COIN))
    network.mine(2)

    async def test() -> None:
        async with running(tmp_path, QUICK, simulation=simulated(network)) as exchange:
            await exchange.register(ALICE)
            await done(exchange, credit("8", "LTC"))
            await done(exchange, SetPaused("LTC", True, "incident 3"))
            await exchange.exchange.money.holdings.look()
            exchange.exchange.money.wallets.alarms.set(Alarm.HOT_LOW, "LTC", 1)
            (row,) = (await done(exchange, ShowWallets("ltc")))["wallets"]
            assert row.pop("looked_at_ms") <= exchange.services.clock()
            assert row == {
                "currency": "LTC",
                "hot": "2",
                "cold": "7",
                "users": "0",
                "total": "9",
                "payable": "8",
                "ratio": "1.125",
                "height": 2,
                "withdrawals_paused": True,
                "alarms": ["wallet_hot_low"],
            }

    asyncio.run(test())


def test_all_currencies_that_are_on_a_chain_are_shown_also_without_one(
    with_alice: WithAlice,
) -> None:
    async def test(exchange: Running) -> None:
        rows = (await done(exchange, ShowWallets("")))["wallets"]
        assert {"BTC", "LTC", "XRP"} < {row["currency"] for row in rows}
        assert "CNY" not in {row["currency"] for row in rows}
        await exchange.exchange.money.holdings.look()
        (row,) = (await done(exchange, ShowWallets("BTC")))["wallets"]
        assert (row["total"], row["payable"], row["ratio"], row["height"]) == ("0", "0", "", None)
        _, message = await refused(exchange, ShowWallets("CNY"))
        assert "on no chain" in message

    with_alice(test)


def test_alarms_are_shown_as_long_as_they_last(with_alice: WithAlice) -> None:
    async def test(exchange: Running) -> None:
        alarms = exchange.exchange.money.wallets.alarms
        assert await done(exchange, ShowAlarms()) == {"alarms": []}
        alarms.set(Alarm.HOT_SHORT, "BTC", 3)
        row = {"alarm": "wallet_hot_short", "currency": "BTC", "cases": 3}
        assert await done(exchange, ShowAlarms()) == {"alarms": [row]}
        alarms.set(Alarm.HOT_SHORT, "BTC", 0)
        assert await done(exchange, ShowAlarms()) == {"alarms": []}

    with_alice(test)


def test_proofs_are_published_when_somebody_wants_them(
    with_alice: WithAlice, tmp_path: Path
) -> None:
    async def test(exchange: Running) -> None:
        await done(exchange, credit("1.5"))
        published = await done(exchange, Publish())
        files = {Path(row["file"]): row for row in published["files"]}
        assert set(files) == set(published_in(tmp_path).glob("*/*.json"))
        for path, row in files.items():
            assert row["size_bytes"] == path.stat().st_size
        snapshot = published_in(tmp_path) / "BTC" / "snapshot-1.json"
        assert files[snapshot]["total"] == "1.5"
        assert f'"root":"{files[snapshot]["root"]}"' in snapshot.read_text()
        assert published["sequence"] == exchange.services.feed.last

    with_alice(test)


def test_proofs_that_cannot_be_published_are_said_not_to_be(with_alice: WithAlice) -> None:
    async def fails() -> None:
        raise PublishingFailed("the disk is full")

    async def test(exchange: Running) -> None:
        exchange.exchange.money.publisher.publish = fails  # type: ignore[assignment]
        assert await refused(exchange, Publish()) == (1003, "the disk is full")

    with_alice(test)


def test_the_chain_of_a_currency_is_looked_through_for_all_accounts(tmp_path: Path) -> None:
    network = SimNetwork("LTC")

    async def test() -> None:
        async with running(tmp_path, QUICK, simulation=simulated(network)) as exchange:
            await exchange.register(ALICE)
            await exchange.register("bob@example.com")
            before = len(network.watched)
            answer = await done(exchange, Rescan("ltc", "the node is new"))
            assert answer == {"currency": "LTC", "accounts": 2, "rescanned": True}
            assert len(network.watched) == before + 2 + 2  # theirs; hot and cold
            for currency, said in (("CNY", "on no chain"), ("BTC", "no chain of BTC")):
                _, message = await refused(exchange, Rescan(currency, "the node is new"))
                assert said in message
            network.fail("watch", Failure.BEFORE)
            _, message = await refused(exchange, Rescan("LTC", "the node is new"))
            assert "ask again" in message

    asyncio.run(test())
