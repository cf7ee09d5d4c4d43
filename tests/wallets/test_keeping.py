"""Keeping: from users' addresses to the hot one, from there to the cold one, and not back."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

from sqlalchemy import select

from coinport.model.commands import AnnounceDeposit
from coinport.model.units import ACCOUNT_FIRST, AccountId, Amount
from coinport.wallets.alarms import Alarm
from coinport.wallets.derivation import EXTERNAL
from coinport.wallets.keeping import COLD_EVERY_MS, GIVEN_UP_MS, Place
from coinport.wallets.purses import HOT_PATH
from coinport.wallets.signer_socket import SignerUnavailable
from coinport.wallets.signing import Answer, KeyPath, Refused, Request
from coinport.wallets.simnetwork import FEE
from coinport.wallets.tables import Stage, transactions
from tests.wallets.house import ALICE, BOB, COIN, House

Play: TypeAlias = Callable[[Callable[[House], Coroutine[Any, Any, None]]], None]


async def deposit(house: House, account: AccountId, coins: int) -> str:
    address = await house.address(account)
    house.ltc.pay(address, Amount(coins * COIN))
    return address


async def totals(house: House) -> list[int]:
    """Hot, cold, users'."""
    holdings = await house.wallets.keeping["LTC"].balances()
    return [holdings.total(place) for place in (Place.HOT, Place.COLD, Place.USER)]


async def stages(house: House) -> list[Stage]:
    query = select(transactions.c.stage).order_by(transactions.c.id)
    return [Stage(found) for found in await house.database.read(lambda on: on.scalars(query).all())]


def test_balances_are_those_after_one_block_with_the_paths_of_their_keys(play: Play) -> None:
    async def scene(house: House) -> None:
        await house.address(BOB)
        alice = await deposit(house, ALICE, 7)
        await house.fund(4, parts=1)
        holdings = await house.wallets.keeping["LTC"].balances()
        assert holdings.block == house.ltc.tip
        purse = house.purses["LTC"]
        assert [(row.address, row.amount, row.place, row.path) for row in holdings.rows] == [
            (purse.hot, 4 * COIN, Place.HOT, HOT_PATH),
            (purse.cold, 0, Place.COLD, None),
            (alice, 7 * COIN, Place.USER, KeyPath(EXTERNAL, ALICE - ACCOUNT_FIRST)),
        ]

    play(scene)


def test_on_a_shared_address_all_money_is_hot(play: Play) -> None:
    async def scene(house: House) -> None:
        made = await house.wallets.addresses.create(ALICE, "XRP")
        house.networks["XRP"].pay(made.address, COIN, made.memo)
        await house.mine(1)
        holdings = await house.wallets.keeping["XRP"].balances()
        assert holdings.total(Place.HOT) == COIN
        assert holdings.total(Place.USER) == 0
        await house.keep()
        assert await stages(house) == []

    play(scene)


def test_what_is_final_and_worth_it_is_swept_to_the_hot_address(play: Play) -> None:
    async def scene(house: House) -> None:
        await deposit(house, ALICE, 7)
        await deposit(house, BOB, 4)
        await house.mine(2)
        await house.keep()
        assert await stages(house) == []
        await house.mine(1)
        await house.keep()
        await house.keep()
        await house.mine(1)
        assert await totals(house) == [7 * COIN - FEE, 0, 4 * COIN]
        await house.mine(1)
        await house.keep()
        assert await stages(house) == [Stage.DONE]
        assert len(house.records(AnnounceDeposit)) == 2
        assert house.available(ALICE) == 7 * COIN

    play(scene)


def test_an_address_with_money_that_is_not_final_is_left_alone(play: Play) -> None:
    async def scene(house: House) -> None:
        await deposit(house, ALICE, 7)
        await house.mine(3)
        await deposit(house, ALICE, 1)
        await house.mine(1)
        await house.keep()
        assert await stages(house) == []
        await house.mine(2)
        await house.keep()
        assert await stages(house) == [Stage.SENT]

    play(scene)


def test_too_much_hot_money_goes_to_the_cold_address_once_an_hour(play: Play) -> None:
    async def scene(house: House) -> None:
        house.figures["LTC"] |= {"hot_high_ppm": 600_000, "hot_low_ppm": 100_000}
        await house.start()
        await house.fund(100)
        await house.keep()
        await house.mine(2)
        await house.keep()
        assert await totals(house) == [35 * COIN - FEE, 65 * COIN, 0]
        await house.fund(200)
        await house.keep()
        assert await stages(house) == [Stage.DONE]
        house.clock.now += COLD_EVERY_MS
        await house.keep()
        await house.mine(2)
        await house.keep()
        assert (await totals(house))[1] > 190 * COIN
        assert house.wallets.alarms.level(Alarm.HOT_LOW, "LTC") == 0

    play(scene)


def test_below_the_least_amount_nothing_gets_cold(play: Play) -> None:
    async def scene(house: House) -> None:
        house.figures["LTC"] |= {"hot_high_ppm": 600_000, "hot_low_ppm": 100_000}
        await house.start()
        await house.fund(30)
        await house.keep()
        assert await stages(house) == []

    play(scene)


def test_too_little_hot_money_is_an_alarm(play: Play) -> None:
    async def scene(house: House) -> None:
        house.figures["LTC"] |= {"hot_low_ppm": 100_000}
        await house.start()
        house.ltc.pay(house.purses["LTC"].cold, Amount(91 * COIN))
        await house.fund(9)
        await house.keep()
        assert house.wallets.alarms.level(Alarm.HOT_LOW, "LTC") == 1
        await house.fund(9)
        await house.keep()
        assert house.wallets.alarms.level(Alarm.HOT_LOW, "LTC") == 0

    play(scene)


def test_a_sweep_and_a_withdrawal_never_take_the_same_coin(play: Play) -> None:
    async def scene(house: House) -> None:
        house.figures["LTC"] |= {"hot_high_ppm": 600_000, "hot_low_ppm": 100_000}
        await house.start()
        await house.fund(100, parts=2)
        await house.give(ALICE, 50)
        await house.request(ALICE, 40)
        await house.poll()
        await house.keep()
        assert await stages(house) == [Stage.SENT]
        await house.mine(2)
        await house.keep()
        await house.mine(2)
        assert len(house.paid()) == 1
        assert 30 * COIN < (await totals(house))[1] < 40 * COIN

    play(scene)


def test_a_sweep_that_is_lost_is_made_anew(play: Play) -> None:
    async def scene(house: House) -> None:
        await deposit(house, ALICE, 7)
        await house.mine(3)
        await house.keep()
        [sweep] = house.ltc._state.mempool
        house.ltc.double_spend(sweep)
        await house.mine(1)
        await house.keep()
        assert await stages(house) == [Stage.SENT]
        await house.mine(1)
        await house.keep()
        assert await stages(house) == [Stage.DEAD]

    play(scene)


def test_what_no_block_takes_for_a_day_is_given_up(play: Play) -> None:
    async def scene(house: House) -> None:
        await deposit(house, ALICE, 7)
        await house.mine(3)
        await house.keep()
        house.clock.now += GIVEN_UP_MS + 1
        house.ltc.forget_mempool()
        await house.keep()
        assert await stages(house) == [Stage.DEAD]
        await house.keep()
        assert await stages(house) == [Stage.DEAD, Stage.SENT]

    play(scene)


def test_a_signer_that_is_away_or_refuses_moves_nothing(play: Play) -> None:
    async def scene(house: House) -> None:
        def away(request: Request) -> Answer:
            raise SignerUnavailable("no signer")

        await deposit(house, ALICE, 7)
        await house.mine(3)
        house.signing = lambda request: Refused("not today")
        await house.keep()
        assert house.wallets.alarms.level(Alarm.SWEEP_REFUSED, "LTC") == 1
        house.signing = away
        try:
            await house.keep()
        except SignerUnavailable:
            assert await stages(house) == [Stage.PREPARED]
        house.signing = house.signer.answer
        await house.keep()
        assert await stages(house) == [Stage.SENT]
        assert house.wallets.alarms.level(Alarm.SWEEP_REFUSED, "LTC") == 0

    play(scene)


def test_what_a_block_has_paid_is_sent_until_it_is_settled(play: Play) -> None:
    async def scene(house: House) -> None:
        keeping = house.wallets.keeping["LTC"]
        await house.fund(50)
        await house.give(ALICE, 20)
        transfer = await house.request(ALICE, 7)
        await house.poll()
        assert await keeping.sent() == {}
        await house.mine()
        assert await keeping.sent() == {transfer: 7 * COIN}
        await house.mine()
        assert house.status(transfer) is None
        assert await keeping.sent() == {}

    play(scene)
