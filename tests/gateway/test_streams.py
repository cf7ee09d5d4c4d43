"""Public streams, over real connections: every frame is held against the AsyncAPI document."""

import pytest

from coinport.engine.compiled import compiled
from coinport.readmodels import depth
from tests.gateway.exchange import Exchange, Person
from tests.gateway.streaming import Sockets

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["plain", "compiled"] if compiled else ["plain"])
def every_depth(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Books are kept by Python, or by what was compiled."""
    if request.param == "plain":
        monkeypatch.setattr(depth, "compiled", None)


over_every_depth = pytest.mark.usefixtures("every_depth")


@over_every_depth
async def test_a_book_begins_with_a_snapshot_and_goes_on_with_differences(
    exchange: Exchange, sockets: Sockets, alice: Person
) -> None:
    await alice.place("buy", 1, 2000)
    client = await sockets.client()
    (snapshot,) = await client.joined("depth.BTC-CNY")
    rest = (await exchange.api.get("btc-cny/depth")).data
    assert snapshot == rest
    await alice.place("buy", 2, 2000)
    update = (await client.next())["data"]
    assert update["prev"] == snapshot["sequence"]
    assert update["sequence"] == snapshot["sequence"] + 1
    assert (update["asks"], update["bids"]) == ([], [[2000, 3]])


@over_every_depth
async def test_a_level_that_is_gone_has_the_amount_0(
    sockets: Sockets, alice: Person, bob: Person
) -> None:
    await alice.place("sell", 1, 2000)
    client = await sockets.client()
    await client.joined("depth.BTC-CNY")
    await bob.place("buy", 1, 2000)
    assert (await client.next())["data"]["asks"] == [[2000, 0]]


@over_every_depth
async def test_changes_between_two_messages_become_one(
    exchange: Exchange, sockets: Sockets, alice: Person
) -> None:
    """The first goes out at once; those that follow within a tenth of a second go together."""
    client = await sockets.client()
    (snapshot,) = await client.joined("depth.BTC-CNY")
    sequence, messages = snapshot["sequence"], 0
    for price in range(1000, 1050):
        await alice.submit({"market": "btc-cny", "type": "buy", "amount": 1, "price": price})
    while sequence < snapshot["sequence"] + 50:
        data = (await client.next())["data"]
        assert data["prev"] == sequence
        sequence, messages = data["sequence"], messages + 1
    assert messages < 50


@over_every_depth
async def test_a_newcomer_continues_where_his_snapshot_ends(
    sockets: Sockets, alice: Person
) -> None:
    first = await sockets.client()
    await first.joined("depth.BTC-CNY")
    await alice.place("buy", 1, 1999)
    await alice.place("buy", 1, 1998)
    second = await sockets.client()
    (snapshot,) = await second.joined("depth.BTC-CNY")
    assert len(snapshot["bids"]) == 2
    await alice.place("buy", 1, 1997)
    assert (await second.next())["data"]["prev"] == snapshot["sequence"]


async def test_trades_come_one_by_one_after_the_newest(
    exchange: Exchange, sockets: Sockets, alice: Person, bob: Person
) -> None:
    await alice.place("sell", 3, 2000)
    await bob.place("buy", 1, 2000)
    client = await sockets.client()
    (snapshot,) = await client.joined("trades.BTC-CNY")
    rest = (await exchange.api.get("btc-cny/trades")).data["trades"]
    assert snapshot["trades"] == rest
    await bob.place("buy", 0.5, 2000)
    (trade,) = (await client.next())["data"]["trades"]
    assert (trade["price"], trade["amount"], trade["taker"]) == (2000, 0.5, "buy")
    assert [trade, *rest] == (await exchange.api.get("btc-cny/trades")).data["trades"]


async def test_tickers_tell_of_the_markets_that_changed(
    exchange: Exchange, sockets: Sockets, alice: Person, bob: Person
) -> None:
    client = await sockets.client()
    one, all_of_them = await client.joined("ticker.BTC-CNY", "tickers")
    assert all_of_them == (await exchange.api.get("tickers")).data
    assert one == {"BTC-CNY": [0] * 6}
    await alice.place("sell", 1, 2000)
    for channel in ("ticker.BTC-CNY", "tickers"):
        ticker = (await client.next(channel, "update"))["data"]
        assert ticker == {"BTC-CNY": [0, 2000, 0, 0, 0, 0]}


async def test_a_candle_grows_with_each_trade(
    exchange: Exchange, sockets: Sockets, alice: Person, bob: Person
) -> None:
    await alice.place("sell", 3, 2000)
    await alice.place("sell", 3, 2010)
    await bob.place("buy", 1, 2000)
    client = await sockets.client()
    (snapshot,) = await client.joined("kline.1m.BTC-CNY")
    assert [item[1:] for item in snapshot["items"]] == [[2000, 2000, 2000, 2000, 1]]
    await bob.place("buy", 3, 2010)
    data = await client.until(lambda data: bool(data["items"][-1][5] == 4), "kline.1m.BTC-CNY")
    assert data["items"][-1][1:] == [2000, 2010, 2000, 2010, 4]
    assert (
        data["items"][-1] == (await exchange.api.get("btc-cny/kline?interval=1m")).data["items"][-1]
    )


async def test_a_candle_ends_and_the_next_begins_with_its_close(
    exchange: Exchange, sockets: Sockets, alice: Person, bob: Person
) -> None:
    await alice.place("sell", 3, 2000)
    await bob.place("buy", 1, 2000)
    client = await sockets.client()
    ((first,),) = [each["items"] for each in await client.joined("kline.1m.BTC-CNY")]
    exchange.clock.now_ms += 60_000
    data = await client.until(lambda _: True, "kline.1m.BTC-CNY")
    assert data["items"][-1] == [first[0] + 60, 2000, 2000, 2000, 2000, 0]


async def test_markets_may_be_named_in_any_case_and_by_their_aliases(sockets: Sockets) -> None:
    client = await sockets.client()
    data = await client.done("subscribe", channels=["depth.btc-cny", "kline.1h.bc-btc"])
    assert data == {"channels": ["depth.BTC-CNY", "kline.1h.BLK-BTC"]}


async def test_who_has_left_a_channel_hears_nothing_more_of_it(
    sockets: Sockets, alice: Person
) -> None:
    client = await sockets.client()
    await client.joined("depth.BTC-CNY", "ticker.BTC-CNY")
    await client.done("unsubscribe", channels=["depth.btc-cny"])
    await alice.place("buy", 1, 2000)
    assert (await client.next())["channel"] == "ticker.BTC-CNY"
    assert client.frames.empty()


async def test_to_subscribe_again_is_to_get_a_new_snapshot(sockets: Sockets, alice: Person) -> None:
    client = await sockets.client()
    await client.joined("depth.BTC-CNY")
    await alice.place("buy", 1, 2000)
    (snapshot,) = await client.joined("depth.BTC-CNY")
    assert snapshot["bids"] == [[2000, 1]]


async def test_figures_come_as_strings_where_asked_for(sockets: Sockets, alice: Person) -> None:
    await alice.place("buy", "0.5", 2000)
    plain, exact = await sockets.client(), await sockets.client("?numbers=string")
    by_header = await sockets.client(x_number_format="string")
    assert (await plain.joined("depth.BTC-CNY"))[0]["bids"] == [[2000, 0.5]]
    assert (await exact.joined("depth.BTC-CNY"))[0]["bids"] == [["2000", "0.5"]]
    assert (await by_header.joined("depth.BTC-CNY"))[0]["bids"] == [["2000", "0.5"]]
    await alice.place("buy", 1, 2000)
    assert (await plain.next())["data"]["bids"] == [[2000, 1.5]]
    assert (await exact.next())["data"]["bids"] == [["2000", "1.5"]]


async def test_a_ping_is_answered_with_the_time(exchange: Exchange, sockets: Sockets) -> None:
    client = await sockets.client()
    assert await client.done("ping") == {"time": exchange.clock.now_ms}


async def test_channels_that_nobody_listens_to_are_forgotten(
    exchange: Exchange, sockets: Sockets
) -> None:
    client = await sockets.client()
    await client.joined("tickers", "kline.1m.btc-cny".replace("btc-cny", "BTC-CNY"))
    assert exchange.streams.subscriptions == 2
    await client.close()
    watcher = await sockets.client()
    await watcher.joined("depth.BTC-CNY")
    assert exchange.streams.open_channels == ["depth.BTC-CNY"]
