"""The signer's own look at the journal."""

from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import pytest

from coinport.model.commands import CancelWithdrawal, SendWithdrawal, SettleWithdrawal
from coinport.model.units import TransferId
from coinport.wallets import signer_orders
from coinport.wallets.chain import Payout
from coinport.wallets.signer_orders import JournalOrders
from coinport.wallets.signing import Order
from tests.wallets.house import ALICE, COIN, House

Play: TypeAlias = Callable[[Callable[[House], Coroutine[Any, Any, None]]], None]


def test_an_order_is_there_from_its_approval_to_its_end(play: Play) -> None:
    async def scene(house: House) -> None:
        await house.give(ALICE, 100)
        transfer = await house.request(ALICE, 2, "to", "memo")
        assert house.orders.order(transfer) is None
        await house.approve(transfer)
        wanted = Order("LTC", Payout("to", 2 * COIN - COIN // 10, "memo"))  # type: ignore[arg-type]
        assert house.orders.order(transfer) == wanted
        await house.tell(SendWithdrawal(transfer, "txid", "wallets"))
        assert house.orders.order(transfer) == wanted
        await house.tell(SettleWithdrawal(transfer, "txid", "wallets", "seen"))
        assert house.orders.order(transfer) is None

    play(scene)


def test_what_is_canceled_or_failed_or_never_was_is_no_order(play: Play) -> None:
    async def scene(house: House) -> None:
        await house.give(ALICE, 100)
        canceled, failed = await house.request(ALICE, 2), await house.request(ALICE, 2)
        await house.tell(CancelWithdrawal(ALICE, canceled))
        await house.approve(failed)
        await house.fail(failed)
        for transfer in (canceled, failed, TransferId(7)):
            assert house.orders.order(transfer) is None

    play(scene)


def test_a_restart_goes_on_from_what_was_saved(
    play: Play, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def scene(house: House) -> None:
        journal, saved = house.directory / "journal", tmp_path / "saved"
        await house.give(ALICE, 100)
        open_, pending = await house.request(ALICE, 2), await house.request(ALICE, 3)
        await house.approve(open_)
        JournalOrders(journal, saved).close()
        before = saved.read_bytes()
        await house.approve(pending)
        read: list[int] = []
        real = signer_orders.LogFollower.read
        monkeypatch.setattr(
            signer_orders.LogFollower,
            "read",
            lambda follower, after: read.append(after) or real(follower, after),
        )
        with closing(JournalOrders(journal, saved)) as orders:
            assert read == [house.log.last - 1]
            assert orders.order(open_) is not None
            assert orders.order(pending) is not None
            assert orders.decimals == {"LTC": 8, "XRP": 8, "CNY": 8}
        assert saved.stat().st_mode & 0o077 == 0
        for damaged in (b"", before[: len(before) // 2], b"\xff" + before):
            saved.write_bytes(damaged)
            with closing(JournalOrders(journal, saved)) as orders:
                assert orders.order(open_) is not None
            assert 0 in read
            read.clear()

    play(scene)


def test_what_was_saved_of_another_journal_is_not_believed(play: Play, tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        saved = tmp_path / "saved"
        view = house.orders._view
        for other in (
            signer_orders.View(view.journal + 1, view.sequence, {}, {}, {}, {}),
            signer_orders.View(view.journal, view.sequence + 1000, {}, {}, {}, {}),  # type: ignore[arg-type]
        ):
            saved.write_bytes(msgspec.msgpack.encode(other))
            with closing(JournalOrders(house.directory / "journal", saved)) as orders:
                assert orders.decimals.keys() == {"LTC", "XRP", "CNY"}

    play(scene)


def test_without_a_journal_there_is_no_signer(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no journal"):
        JournalOrders(tmp_path, tmp_path / "saved")
