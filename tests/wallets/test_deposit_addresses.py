"""Deposit addresses: one each, watched before anybody sees it."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeAlias

import pytest
from bip_utils.bip.bip32 import Bip32Slip10Secp256k1

from coinport.model.units import ACCOUNT_FIRST, AccountId, Amount
from coinport.wallets.chain import ChainUnavailable
from coinport.wallets.deposit_addresses import NoAddresses
from coinport.wallets.derivation import AccountKey
from coinport.wallets.policy import policy
from coinport.wallets.purses import Derived, Purse
from coinport.wallets.schemes import BitcoinScheme
from coinport.wallets.signing import KeyPath
from coinport.wallets.simnetwork import Failure
from tests.wallets.house import ALICE, BOB, COIN, House, SteppedChain, new_database

Play: TypeAlias = Callable[[Callable[[House], Coroutine[Any, Any, None]]], None]


def test_an_account_keeps_its_address(play: Play) -> None:
    async def scene(house: House) -> None:
        create = house.wallets.addresses.create
        made = await asyncio.gather(*(create(ALICE, "LTC") for _ in range(5)))
        assert {one.address for one in made} == {"simLTC-0-0"}
        assert (await create(BOB, "LTC")).address == "simLTC-0-1"
        await house.start()
        assert await house.wallets.addresses.create(ALICE, "LTC") == made[0]
        assert made[0].simulated

    play(scene)


def test_an_exchange_that_lost_its_database_gives_everybody_the_address_he_had(
    play: Play,
) -> None:
    async def scene(house: House) -> None:
        create = house.wallets.addresses.create
        before = {account: (await create(account, "LTC")).address for account in (ALICE, BOB)}
        await house.restore(new_database(house.directory))
        for account in (BOB, ALICE):
            assert await house.wallets.addresses.of(account) == []
            assert await house.address(account) == before[account]

    play(scene)


def test_an_older_copy_gives_nobody_the_address_of_another(play: Play) -> None:
    async def scene(house: House) -> None:
        copy = house.backup()
        alice = await house.address(ALICE)
        await house.restore(copy)
        bob = await house.address(BOB)
        assert bob != alice
        house.ltc.pay(await house.address(ALICE), Amount(COIN))
        await house.mine(3)
        assert (house.available(ALICE), house.available(BOB)) == (COIN, 0)

    play(scene)


def test_where_users_share_an_address_each_has_his_memo(play: Play) -> None:
    async def scene(house: House) -> None:
        create = house.wallets.addresses.create
        alice, bob = await create(ALICE, "XRP"), await create(BOB, "XRP")
        assert alice.address == bob.address
        assert (alice.memo, bob.memo) == (str(ALICE), str(BOB))
        mine = await house.wallets.addresses.of(ALICE)
        assert [(one.currency, one.memo) for one in mine] == [("XRP", str(ALICE))]

    play(scene)


def test_an_address_is_shown_only_once_it_is_watched(play: Play) -> None:
    async def scene(house: House) -> None:
        for failure in Failure:
            house.ltc.fail("watch", failure)
            with pytest.raises(ChainUnavailable):
                await house.wallets.addresses.create(ALICE, "LTC")
            assert await house.wallets.addresses.of(ALICE) == []
        made = await house.wallets.addresses.create(ALICE, "LTC")
        assert made.address in house.ltc.watched
        assert await house.wallets.addresses.of(ALICE) == [made]

    play(scene)


def test_a_new_node_is_told_of_all_addresses(play: Play) -> None:
    async def scene(house: House) -> None:
        address = await house.address(ALICE)
        house.ltc.watched.clear()
        await house.start()
        purse = house.purses["LTC"]
        assert set(house.ltc.watched) == {purse.hot, purse.cold, address}
        house.ltc.pay(address, Amount(COIN))
        await house.mine(3)
        assert house.available(ALICE) == COIN

    play(scene)


def test_an_address_made_while_a_node_is_told_of_the_others_is_not_taken_as_told(
    play: Play,
) -> None:
    async def scene(house: House) -> None:
        bob = await house.wallets.addresses.create(BOB, "LTC")
        waiting, go_on = asyncio.Event(), asyncio.Event()

        class Slow(SteppedChain):
            async def watch(self, addresses: Sequence[str], *, rescan: bool = False) -> None:
                if bob.address in addresses:
                    waiting.set()
                    await go_on.wait()
                await super().watch(addresses, rescan=rescan)

        house.new_chain = Slow
        starting = asyncio.create_task(house.start())
        await waiting.wait()
        house.ltc.fail("watch", Failure.BEFORE)
        with pytest.raises(ChainUnavailable):
            await house.wallets.addresses.create(ALICE, "LTC")
        go_on.set()
        await starting
        assert await house.wallets.addresses.of(BOB) == [bob]
        assert await house.wallets.addresses.of(ALICE) == []

    play(scene)


def test_without_a_chain_there_is_no_address(play: Play) -> None:
    async def scene(house: House) -> None:
        for currency in ("CNY", "GOOC"):
            with pytest.raises(NoAddresses):
                await house.wallets.addresses.create(ALICE, currency)

    play(scene)


def test_all_of_our_addresses_are_known_as_ours(play: Play) -> None:
    async def scene(house: House) -> None:
        purses = house.purses.values()
        ours = [await house.address(ALICE), await house.address(ALICE, "XRP")]
        ours += [address for purse in purses for address in (purse.hot, purse.cold)]
        for address in ours:
            assert await house.wallets.addresses.is_own(address)
        assert not await house.wallets.addresses.is_own("outside")
        assert not await house.wallets.addresses.is_own("")

    play(scene)


def test_real_addresses_come_from_the_public_key_and_the_signer_has_their_keys() -> None:
    account = Bip32Slip10Secp256k1.FromSeedAndPath(bytes(32), "m/44'/2'/0'")
    public = AccountKey(account.PublicKey().ToExtended())
    scheme = BitcoinScheme("LTC", account.PrivateKey().ToExtended())

    def address(path: KeyPath) -> str:
        return public.address("LTC", path.index, path.branch)

    chain: Any = None
    purse = Purse(chain, policy("LTC", 8), Derived(address))
    for number in range(3):
        address_of = purse.deposit_address(AccountId(ACCOUNT_FIRST + number))
        assert address_of == (scheme.address(KeyPath(0, number)), "")
    assert purse.hot == scheme.address(KeyPath(1, 0))
    assert purse.sources == [purse.hot]
