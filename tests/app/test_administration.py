"""What an operator has done is done by the rules, recorded with actor and reason, and told."""

from pathlib import Path

from coinport.model.commands import Credit, PlaceOrder, SuspendAccount
from coinport.model.trading import MarketState, OrderType, Side
from coinport.model.units import MarketId, Price, Quantity
from coinport.operations.requests import (
    Move,
    NewCurrency,
    NewMarket,
    Resume,
    SetBand,
    SetFees,
    SetState,
    ShowUser,
    Suspend,
)
from tests.app.administering import ALICE, WithAlice, credit, done, recorded, refused
from tests.app.exchanges import Running


def debit(amount: str) -> Move:
    return Move("debit", ALICE, "BTC", amount, "a fine", "")


def test_money_comes_and_goes(with_alice: WithAlice, tmp_path: Path) -> None:
    async def test(exchange: Running) -> None:
        assert (await done(exchange, credit("1.5")))["available"] == "1.5"
        assert (await done(exchange, credit("1", "btc", "1000000001")))["available"] == "2.5"
        assert (await done(exchange, debit("0.00000001")))["available"] == "2.49999999"
        assert await refused(exchange, debit("2.5")) == (1008, "Not enough available balance")

    with_alice(test)
    command = recorded(tmp_path)[-4].command
    assert isinstance(command, Credit)
    assert (command.actor, command.note) == ("operator", "a gift")


def test_a_key_moves_money_once_and_a_repetition_is_told_as_such(with_alice: WithAlice) -> None:
    async def test(exchange: Running) -> None:
        first = await done(exchange, credit("1", key="invoice 7"))
        again = await done(exchange, credit("1.0", key="invoice 7"))
        assert (first.pop("done_before"), again.pop("done_before")) == (False, True)
        assert first == again

    with_alice(test)


def test_another_move_with_a_key_that_was_used_is_refused(with_alice: WithAlice) -> None:
    async def test(exchange: Running) -> None:
        await exchange.register("bob@example.com")
        await done(exchange, credit("1", key="invoice 7"))
        for other in (
            credit("2", key="invoice 7"),
            credit("1", "LTC", key="invoice 7"),
            credit("1", user="bob@example.com", key="invoice 7"),
            Move("debit", ALICE, "BTC", "1", "a gift", "invoice 7"),
            Move("credit", ALICE, "BTC", "1", "another gift", "invoice 7"),
        ):
            code, message = await refused(exchange, other)
            assert (code, "used before" in message) == (1007, True)
        assert (await done(exchange, ShowUser(ALICE)))["balances"]["BTC"]["total"] == "1"

    with_alice(test)


def test_without_a_key_a_move_is_made_as_often_as_it_is_asked_for(with_alice: WithAlice) -> None:
    async def test(exchange: Running) -> None:
        for total in ("1", "2"):
            moved = await done(exchange, credit("1"))
            assert (moved["available"], moved["done_before"]) == (total, False)

    with_alice(test)


CANNOT_BE = (
    (credit("1", user="nobody@example.com"), 1004),
    (credit("1", "EUR"), 1013),
    (credit("1.123456789"), 1007),
    (credit("-1"), 1007),
    (credit("0"), 1007),
    (credit("1e999999999"), 1007),
    (Move("credit", ALICE, "BTC", "1", "", ""), 1007),
    (Suspend("1000000002", "x"), 1004),
    (Resume(ALICE, "she is not suspended"), 1007),
    (ShowUser("nobody"), 1004),
    (SetState("EUR-CNY", "open", "x"), 1010),
    (NewMarket("DOGE-LTC", 4, 4, "", None, None, "no minimum named"), 1001),
    (NewMarket("BTC-CNY", 4, 4, "1", None, None, "there is one"), 1007),
    (NewMarket("NXT-CNY", 8, 8, "1", None, None, "too many decimals"), 1007),
    (NewCurrency("BTC", 8, "chain", "there is one"), 1007),
)


def test_a_text_that_cannot_be_written_down_is_named_as_such(with_alice: WithAlice) -> None:
    async def test(exchange: Running) -> None:
        for reason in ("", "x" * 201):
            code, message = await refused(exchange, Suspend(ALICE, reason))
            assert (code, "reason" in message) == (1007, True)
            assert "1 to 200 characters" in message

    with_alice(test)


def test_what_cannot_be_is_refused(with_alice: WithAlice) -> None:
    async def test(exchange: Running) -> None:
        for request, code in CANNOT_BE:
            assert (await refused(exchange, request))[0] == code, request

    with_alice(test)


LISTED_WRONGLY = (
    (NewCurrency("BTC", 8, "chain", "again"), "BTC is listed already"),
    (NewCurrency("USD", 30, "fiat", "too fine"), "0 to 9 decimals"),
    (NewCurrency("ETH", 8, "chain", "no such node"), "nothing here knows the chain of ETH"),
    (NewMarket("BTC-CNY", 4, 4, "1", None, None, "again"), "BTC-CNY is listed already"),
    (NewMarket("NXT-CNY", 5, 4, "1", None, None, "too fine"), "together at most the 8 of CNY"),
    (NewMarket("BTC-BTC", 4, 4, "1", None, None, "what for"), "no currency is traded for itself"),
    (SetFees("BTC-CNY", 2_000_000, 0, "greedy"), "a fee is 0 to 999999 ppm"),
    (SetFees("BTC-CNY", 0, -5, "generous"), "a fee is 0 to 999999 ppm"),
    (SetBand("BTC-CNY", -1, "narrow"), "a band is 0 to 1000000000 ppm"),
)


def test_what_is_wrong_with_a_listing_is_said(with_alice: WithAlice) -> None:
    async def test(exchange: Running) -> None:
        for request, why in LISTED_WRONGLY:
            assert why in (await refused(exchange, request))[1]

    with_alice(test)


def test_a_suspended_user_loses_orders_and_sessions(with_alice: WithAlice, tmp_path: Path) -> None:
    async def test(exchange: Running) -> None:
        await done(exchange, credit("1000", "CNY"))
        services = exchange.services
        alice = (await done(exchange, ShowUser(ALICE)))["uid"]
        session = await services.sessions.create(alice)
        buying = PlaceOrder(
            alice, MarketId(1), Side.BUY, OrderType.LIMIT, Price(10_000_000), Quantity(5000)
        )
        await services.sequencer.submit(buying)
        answer = await done(exchange, Suspend(ALICE, "asked to"))
        assert answer == {
            "uid": alice,
            "email": ALICE,
            "suspended": True,
            "canceled_orders": 1,
        }
        assert await services.sessions.find(session.id) is None
        assert services.live.suspended(alice)
        shown = await done(exchange, ShowUser(ALICE))
        assert shown["suspended"]
        assert shown["balances"]["CNY"]["frozen"] == "0"
        assert shown["balances"]["CNY"]["held"] == "0"
        await done(exchange, Resume(ALICE, "all is well"))
        assert not services.live.suspended(alice)

    with_alice(test)
    assert any(
        isinstance(record.command, SuspendAccount) and record.command.note == "asked to"
        for record in recorded(tmp_path)
    )


def test_a_market_is_listed_halted_and_then_opened(with_alice: WithAlice) -> None:
    async def test(exchange: Running) -> None:
        listings = exchange.services.live.listings.listings
        await done(exchange, NewCurrency("eur", 2, "fiat", "more money"))
        new = NewMarket("eur-cny", 4, 2, "", 500, None, "asked for")
        assert await done(exchange, new) == {"market": "EUR-CNY", "state": "halted"}
        market = listings.markets[listings.market_of["EUR-CNY"]]
        assert (market.maker_fee_ppm, market.taker_fee_ppm) == (500, 0)
        assert market.minimum_value == 10**8
        assert market.state is MarketState.HALTED
        assert (await done(exchange, SetState("EUR-CNY", "open", "go")))["state"] == "open"
        assert listings.markets[market.market].state is MarketState.OPEN
        await done(exchange, SetState("eur-cny", "cancel_only", "slowly"))
        assert listings.markets[market.market].state is MarketState.CANCEL_ONLY

    with_alice(test)


def test_a_btc_market_has_the_equivalent_minimum(with_alice: WithAlice) -> None:
    async def test(exchange: Running) -> None:
        listings = exchange.services.live.listings.listings
        await done(exchange, NewMarket("GOOC-BTC", 8, 0, "", None, None, "asked for"))
        market = listings.markets[listings.market_of["GOOC-BTC"]]
        assert (market.minimum_value, market.reference) == (100_000, listings.market_of["BTC-CNY"])

    with_alice(test)


def test_fees_and_band_change(with_alice: WithAlice) -> None:
    async def test(exchange: Running) -> None:
        listings = exchange.services.live.listings.listings
        await done(exchange, SetFees("btc-cny", 1000, 2000, "costs"))
        await done(exchange, SetBand("btc-cny", 100_000, "calm"))
        market = listings.markets[listings.market_of["BTC-CNY"]]
        assert (market.maker_fee_ppm, market.taker_fee_ppm, market.band_ppm) == (
            1000,
            2000,
            100_000,
        )

    with_alice(test)
