"""Two persons: what one alone must not decide waits for another who says just the same.

The first may be an operator no longer when the second comes, or the transfer may have gone on: then
his word is worth nothing, and the second is the first.
"""

from collections.abc import Collection
from typing import Final

from coinport.app.admin.desk import Desk, NotDone
from coinport.model.transfers import TransferKind
from coinport.model.units import TransferId
from coinport.operations.actors import NOBODY, Actor
from coinport.operations.endorsements import Endorsement
from coinport.readmodels.transfers import Transfer


class TwoPersons:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._endorsements = desk.services.operations.endorsements

    def needed(self, transfer: Transfer) -> bool:
        """Whether it is so large that they are."""
        symbol = self._desk.listings.currencies[transfer.currency].symbol
        return self._desk.services.wallets.policies[symbol].takes_two(transfer.amount)

    async def by(self, transfer: Transfer, decision: str, actor: Actor, note: str) -> str:
        """Who decides, for the journal: `actor`, or both. Empty: he is the first, which is noted.

        One at a time (`Desk.deciding`). Raises NotDone: he was already.
        """
        if not self.needed(transfer):
            return actor.name
        first = await self.said(transfer, decision)
        if first is None:
            await self._endorsements.note(transfer.id, decision, transfer.sequence, actor, note)
            return ""
        if first.actor == actor.name:
            kind, zh = _NAMES[transfer.kind]
            raise NotDone(
                f"{kind} {transfer.id} is so large that it takes two persons, and you were the "
                "first: another one has to say the same",
                zh=f"{zh} {transfer.id} 数额较大，须由两人确认；您已确认，须由另一人作同样确认",
            )
        return f"{first.actor} and {actor.name}"

    async def said(self, transfer: Transfer, decision: str) -> Endorsement | None:
        """By whom it was said, if it counts still."""
        said = (await self.standing([transfer])).get(transfer.id, [])
        return next((each for each in said if each.decision == decision), None)

    async def standing(
        self, transfers: Collection[Transfer]
    ) -> dict[TransferId, list[Endorsement]]:
        """What counts of all that was said of each of `transfers`, the oldest first: what may be
        said by them now, of a transfer that is as it was then."""
        found: dict[TransferId, list[Endorsement]] = {}
        now = {transfer.id: transfer.sequence for transfer in transfers}
        said = [
            each
            for each in await self._endorsements.of(now)
            if each.sequence in (now[each.transfer], OF_A_PROPOSAL)
        ]
        since = await self._since() if any(each.account != NOBODY for each in said) else {}
        for each in said:
            if each.account == NOBODY or since.get(each.account, each.time_ms + 1) <= each.time_ms:
                found.setdefault(each.transfer, []).append(each)
        return found

    async def _since(self) -> dict[int, int]:
        """From when on (ms) each operator is one; only those who may act as such now."""
        suspended = self._desk.services.live.suspended
        return {
            operator.account: operator.since_ms
            for operator in await self._desk.services.operators.all()
            if operator.one_time_codes and not suspended(operator.account)
        }


OF_A_PROPOSAL: Final = 0
"""The sequence of what was proposed before words had one: it has had one state only."""
_NAMES: Final = {
    TransferKind.DEPOSIT: ("deposit", "充值"),
    TransferKind.WITHDRAWAL: ("withdrawal", "提现"),
}
