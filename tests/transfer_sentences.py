"""The sentences about deposits and withdrawals."""

from typing import Any

from coinport.model import commands as c
from coinport.model.events import DepositAnnounced, WithdrawalRequested
from coinport.model.units import TransferId
from tests.sentences import AMOUNT, NUMBER, WHO, WHY, sentence, signed
from tests.world import UNLISTED, World, count

_ADMIN = r"(?P<actor>admin|auditor)"
"""Two persons, because some things take two."""
_TRANSFER = r"(?P<label>[A-Z]\w*)"
_STEPS = {
    "credits": c.CreditDeposit,
    "drops": c.DropDeposit,
    "holds": c.HoldDeposit,
    "releases": c.ReleaseDeposit,
    "writes off": c.WriteOffDeposit,
    "approves": c.ApproveWithdrawal,
}


def _transfer(world: World, label: str) -> TransferId:
    """Or one that there never was."""
    return world.transfers.get(label, UNLISTED)


def _tell(world: World, command: c.Command, label: str | None) -> None:
    """Give the transfer that comes of `command` its label."""
    (event,) = world.tell(command).events
    if label and isinstance(event, DepositAnnounced | WithdrawalRequested):
        world.transfers[label] = event.transfer


@sentence(
    rf"{_ADMIN} announces {AMOUNT} for {WHO} key (?P<key>\S+)"
    rf"(?: at (?P<address>\S+))?(?: as {_TRANSFER})?{WHY}"
)
def announce(world: World, actor: str, who: str, amount: str, currency: str, **said: Any) -> None:
    listed = world.currency(currency)
    command = c.AnnounceDeposit(
        world.account(who),
        listed.currency,
        count(amount, listed.decimals),
        said["key"],
        said["address"] or "",
        *signed(said["note"], actor),
    )
    _tell(world, command, said["label"])


@sentence(rf"{_ADMIN} (?P<step>{'|'.join(_STEPS)}) {_TRANSFER}{WHY}")
def step(world: World, actor: str, step: str, label: str, note: str | None) -> None:
    world.tell(_STEPS[step](_transfer(world, label), *signed(note, actor)))


@sentence(rf"{_ADMIN} fails {_TRANSFER}(?P<never>, which never arrives)?{WHY}")
def fail(world: World, actor: str, label: str, never: str | None, note: str | None) -> None:
    transfer = _transfer(world, label)
    world.tell(c.FailWithdrawal(transfer, never is not None, *signed(note, actor)))


@sentence(rf"{_ADMIN} assigns {_TRANSFER} to {WHO}{WHY}")
def assign(world: World, actor: str, label: str, who: str, note: str | None) -> None:
    transfer, account = _transfer(world, label), world.account(who)
    world.tell(c.AssignDeposit(transfer, account, *signed(note, actor)))


@sentence(
    rf"{WHO} withdraws {AMOUNT}(?: for a fee of (?P<fee>{NUMBER}))? to (?P<address>\S+)"
    rf"(?: memo (?P<memo>\S+))?(?: as {_TRANSFER})?"
)
def withdraw(world: World, who: str, amount: str, currency: str, **said: Any) -> None:
    listed = world.currency(currency)
    command = c.RequestWithdrawal(
        world.account(who),
        listed.currency,
        count(amount, listed.decimals),
        count(said["fee"] or "0", listed.decimals),
        said["address"],
        said["memo"] or "",
    )
    _tell(world, command, said["label"])


@sentence(rf"{WHO} cancels withdrawal {_TRANSFER}")
def cancel(world: World, who: str, label: str) -> None:
    world.tell(c.CancelWithdrawal(world.account(who), _transfer(world, label)))


@sentence(rf"{_ADMIN} sends {_TRANSFER}(?: in (?P<txid>\S+))?")
def send(world: World, actor: str, label: str, txid: str | None) -> None:
    world.tell(c.SendWithdrawal(_transfer(world, label), txid or "", actor))


@sentence(rf"{_ADMIN} settles {_TRANSFER}(?: in (?P<txid>\S+))?{WHY}")
def settle(world: World, actor: str, label: str, txid: str | None, note: str | None) -> None:
    transfer = _transfer(world, label)
    world.tell(c.SettleWithdrawal(transfer, txid or "", *signed(note, actor)))


@sentence(rf"= {_TRANSFER} is (?P<status>\w+)")
def expect_status(world: World, label: str, status: str) -> None:
    snapshot, transfer = world.look(), world.transfers[label]
    stages = {row.transfer: row.stage.name for row in snapshot.deposits}
    open_ones = {row.transfer: row.status.name for row in snapshot.withdrawals}
    stands = (stages | open_ones).get(transfer, "over").lower()
    assert stands == status, f"{label} is {stands}"
