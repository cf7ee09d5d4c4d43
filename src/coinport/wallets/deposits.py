"""Deposits of one chain: seen, announced, credited once they are final, and watched for a while.

What the chain shows is saved first, with the block up to which it was shown. What is due then
follows from that and from what the ledger has said: so a crash at any point loses nothing, and
since the ledger knows a payment by its key, nothing is announced or credited twice.
"""

from collections.abc import Callable, Sequence

import structlog
from sqlalchemy import select

from coinport.database import Database
from coinport.model.commands import (
    AnnounceDeposit,
    Command,
    CreditDeposit,
    DropDeposit,
    HoldDeposit,
    ReleaseDeposit,
)
from coinport.model.events import Refused
from coinport.model.reasons import Reason
from coinport.model.transfers import DepositStage
from coinport.model.units import SUSPENSE_ACCOUNT, CurrencyId, TimeMs
from coinport.wallets.alarms import Alarm, Alarms
from coinport.wallets.chain import GONE, Block, ChainUnavailable, Payment, UnknownBlock, scan
from coinport.wallets.following import ACTOR, OVER
from coinport.wallets.payments import Known, Payments
from coinport.wallets.purses import Purse
from coinport.wallets.tables import coins
from coinport.wallets.transfers import Transfers

_log = structlog.get_logger(__name__)


class Deposits:
    def __init__(
        self,
        database: Database,
        transfers: Transfers,
        purse: Purse,
        alarms: Alarms,
        clock: Callable[[], TimeMs],
    ) -> None:
        self._database = database
        self._transfers = transfers
        self._purse = purse
        self._alarms = alarms
        self._payments = Payments(database, purse, clock)
        self._anew = False

    def look_anew(self) -> None:
        """The next look is at the whole chain: what the node has missed is there now, perhaps."""
        self._anew = True

    async def poll(self) -> None:
        """One look at the chain, and all that follows from it.

        Raises ChainUnavailable, and what submitting a command raises. To call it again is right.
        """
        await self._transfers.catch_up()
        if await self._look():
            await self._act()

    async def _look(self) -> bool:
        """Save what the chain shows now. False: nothing can come of it, or the node is not where it
        was already, and what it does not know says nothing."""
        anew, self._anew = self._anew, False
        remembered = [] if anew else await self._payments.remembered()
        known = {one.payment.key: one.payment for one in await self._payments.open()}
        try:
            found = await scan(self._purse.chain, remembered)
        except ChainUnavailable:
            self._anew = self._anew or anew
            raise
        behind = remembered[-1].height - found.tip.height if remembered else 0
        self._alarms.set(Alarm.NODE_BEHIND, self._purse.currency, max(behind, 0))
        if behind > 0:
            return False
        listed = {
            one.key: one for one in found.payments if not self._purse.is_own(one.address, one.memo)
        }
        doubtful = [
            one
            for one in known.values()
            if one.key not in listed and (found.forked or one.confirmations <= 0)
        ]
        seen = [*listed.values(), *await self._rechecked(doubtful)]
        changed = [one for one in seen if known.get(one.key) != one]
        if changed or not remembered or found.tip != remembered[-1]:
            await self._payments.save(changed, remembered, found.tip)
        return bool(known or changed)

    async def _act(self) -> None:
        refused = held = 0
        for known in await self._payments.open():
            settled = await self._settle(known)
            refused += settled is None
            held += settled is not None and settled.stage == DepositStage.HELD
        self._alarms.set(Alarm.DEPOSITS_REFUSED, self._purse.currency, refused)
        self._alarms.set(Alarm.DEPOSITS_HELD, self._purse.currency, held)

    async def _settle(self, known: Known) -> Known | None:
        """As it is after whatever was due. None: the ledger has refused it."""
        key = known.payment.key
        while command := await self._due(known):
            event = (await self._transfers.tell(command)).events[0]
            if isinstance(event, Refused):
                nobody = event.reason is Reason.UNKNOWN_ACCOUNT
                if not nobody or known.account == SUSPENSE_ACCOUNT:
                    _log.error("deposit refused", key=key, reason=event.reason.name)
                    return None
                await self._payments.give_to_nobody(key)
            known = await self._payments.of(key)
        if self._is_over(known):
            await self._payments.close(key)
        return known

    async def _due(self, known: Known) -> Command | None:
        payment, transfer = known.payment, known.transfer
        depth = payment.confirmations
        match known.stage:
            case None if depth != GONE and payment.amount >= self._purse.policy.deposit_min:
                return await self._announcement(known)
            case DepositStage.ANNOUNCED if depth == GONE:
                return DropDeposit(transfer, ACTOR, "it is not on the chain any more")
            case DepositStage.ANNOUNCED if await self._is_final(payment):
                return CreditDeposit(transfer, ACTOR, f"confirmations: {depth}")
            case DepositStage.CREDITED if depth <= 0:
                return HoldDeposit(transfer, ACTOR, "it is in no block any more")
            case DepositStage.HELD if await self._is_final(payment):
                return ReleaseDeposit(transfer, ACTOR, f"confirmations: {depth}")
            case _:
                return None

    def _is_over(self, known: Known) -> bool:
        depth = known.payment.confirmations
        match known.stage:
            case None:
                return depth == GONE or depth >= self._purse.policy.watched_confirmations
            case DepositStage.CREDITED:
                return depth >= self._purse.policy.watched_confirmations
            case _:
                return known.stage == OVER

    async def _announcement(self, known: Known) -> Command:
        listed = select(coins.c.currency).where(coins.c.symbol == self._purse.currency)
        currency = await self._database.read(lambda on: on.execute(listed).scalar_one())
        return AnnounceDeposit(
            account=known.account,
            currency=CurrencyId(currency),
            amount=known.payment.amount,
            key=known.payment.key,
            address=known.payment.address,
            actor=ACTOR,
            note="seen on the chain",
        )

    async def _is_final(self, payment: Payment) -> bool:
        """By what was saved, and by what the chain says right now."""
        least = self._purse.policy.deposit_confirmations
        if payment.confirmations < least:
            return False
        [now] = await self._rechecked([payment])
        if now.confirmations < least:
            await self._payments.save([now])
            return False
        return True

    async def _rechecked(self, before: Sequence[Payment]) -> list[Payment]:
        """As they are now. Raises ChainUnavailable where the node may just not know enough."""
        after = await self._purse.chain.recheck(before) if before else []
        for old, new in zip(before, after, strict=True):
            if new.confirmations == GONE and old.block:
                await self._check_left(old, old.block)
        return after

    async def _check_left(self, payment: Payment, block: Block) -> None:
        """A payment that is gone has gone with its block."""
        try:
            there = await self._purse.chain.block(block.height)
        except UnknownBlock as error:
            raise ChainUnavailable(f"the node was further before: {error}") from error
        if there == block:
            raise ChainUnavailable(
                f"the {self._purse.currency} node knows the block of {payment.txid}, and not the "
                "payment in it: its wallet is not complete, let it rescan"
            )
