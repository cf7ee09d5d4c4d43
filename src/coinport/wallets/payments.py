"""Payments to us, as the chain has shown them, beside what the ledger has of each."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, delete, insert, select, update

from coinport.database import Database
from coinport.model.units import SUSPENSE_ACCOUNT, AccountId, TimeMs, TransferId
from coinport.wallets.chain import Block, Payment, remember
from coinport.wallets.purses import Purse, Shared, account_in
from coinport.wallets.tables import addresses, announced, blocks, payments


class Known(Struct, frozen=True):
    """A payment as it was shown last, and what the ledger has of it."""

    payment: Payment
    account: AccountId
    """Whose it is by its address and memo."""
    transfer: TransferId
    """0 where `stage` is None."""
    stage: int | None
    """`DepositStage` or `OVER`; None: the ledger does not know of it."""


class Payments:
    """Those of one currency."""

    def __init__(self, database: Database, purse: Purse, clock: Callable[[], TimeMs]) -> None:
        self._database = database
        self._purse = purse
        self._currency = purse.currency
        self._clock = clock

    async def remembered(self) -> list[Block]:
        """The blocks up to which payments were saved, oldest first."""
        query = select(blocks).where(blocks.c.currency == self._currency).order_by(blocks.c.height)
        rows = await self._database.read(lambda on: on.execute(query).all())
        return [Block(row.height, row.hash) for row in rows]

    async def open(self) -> list[Known]:
        """All of which something may still come, oldest first."""
        query = _KNOWN.where(payments.c.currency == self._currency, payments.c.open)
        rows = await self._database.read(
            lambda on: on.execute(query.order_by(payments.c.seen_ms, payments.c.key)).all()
        )
        return [_known(row) for row in rows]

    async def of(self, key: str) -> Known:
        query = _KNOWN.where(payments.c.key == key)
        return _known(await self._database.read(lambda on: on.execute(query).one()))

    async def save(
        self, seen: Sequence[Payment], remembered: Sequence[Block] = (), tip: Block | None = None
    ) -> None:
        """`seen`, and that all up to `tip` was seen, in one transaction."""
        await self._database.write(partial(self._save, seen, remembered, tip))

    async def give_to_nobody(self, key: str) -> None:
        """The account that its memo names does not exist."""
        await self._change(key, account=SUSPENSE_ACCOUNT)

    async def close(self, key: str) -> None:
        """Nothing more comes of it, unless the chain shows it in another block."""
        await self._change(key, open=False)

    async def _change(self, key: str, **values: Any) -> None:
        changed = update(payments).where(payments.c.key == key).values(values)
        await self._database.write(lambda on: on.execute(changed))

    def _save(
        self,
        seen: Sequence[Payment],
        remembered: Sequence[Block],
        tip: Block | None,
        connection: Connection,
    ) -> None:
        if tip is not None:
            self._count_confirmations(connection, tip)
            self._remember(connection, remembered, tip)
        for payment in seen:
            shown = {
                "confirmations": payment.confirmations,
                "height": payment.block.height if payment.block else None,
                "hash": payment.block.hash if payment.block else None,
                "open": True,
            }
            mine = payments.c.key == payment.key
            if not connection.execute(update(payments).where(mine).values(shown)).rowcount:
                self._insert(connection, payment, shown)

    def _insert(self, connection: Connection, payment: Payment, shown: dict[str, Any]) -> None:
        connection.execute(
            insert(payments).values(
                key=payment.key,
                currency=self._currency,
                txid=payment.txid,
                address=payment.address,
                memo=payment.memo,
                amount=payment.amount,
                account=self._owner(connection, payment),
                seen_ms=self._clock(),
                **shown,
            )
        )

    def _owner(self, connection: Connection, payment: Payment) -> AccountId:
        receiving = self._purse.receiving
        if isinstance(receiving, Shared) and payment.address == receiving.address:
            return account_in(payment.memo) or SUSPENSE_ACCOUNT
        account = connection.execute(
            select(addresses.c.account).where(
                addresses.c.currency == self._currency, addresses.c.address == payment.address
            )
        ).scalar()
        return SUSPENSE_ACCOUNT if account is None else AccountId(account)

    def _count_confirmations(self, connection: Connection, tip: Block) -> None:
        """Of those that no block has moved away from since. (1 or more are not newly mined.)"""
        depth = tip.height - payments.c.height + 1
        connection.execute(
            update(payments)
            .where(
                payments.c.currency == self._currency, payments.c.open, payments.c.confirmations > 0
            )
            .values(confirmations=depth)
        )

    def _remember(self, connection: Connection, before: Sequence[Block], tip: Block) -> None:
        now = remember(before, tip)
        mine = blocks.c.currency == self._currency
        kept = blocks.c.height.between(now[0].height, tip.height - 1)
        connection.execute(delete(blocks).where(mine, ~kept))
        connection.execute(
            insert(blocks).values(currency=self._currency, height=tip.height, hash=tip.hash)
        )


_KNOWN = select(payments, announced.c.transfer, announced.c.stage).join_from(
    payments, announced, payments.c.key == announced.c.key, isouter=True
)


def _known(row: Row[Any]) -> Known:
    return Known(
        payment=Payment(
            key=row.key,
            txid=row.txid,
            address=row.address,
            memo=row.memo,
            amount=row.amount,
            confirmations=row.confirmations,
            block=None if row.hash is None else Block(row.height, row.hash),
        ),
        account=row.account,
        transfer=row.transfer or TransferId(0),
        stage=row.stage,
    )
