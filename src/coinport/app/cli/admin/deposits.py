"""Deposits."""

from typing import Annotated, Literal

import typer

from coinport.app.cli.admin.session import (
    Amount,
    Below,
    Json,
    OneSymbol,
    OneUser,
    Reason,
    Symbol,
    Transfer,
    User,
    do,
)
from coinport.operations import requests

deposit = typer.Typer(
    help="Deposits of money that is on no chain, and those the wallets cannot decide on.",
    no_args_is_help=True,
)


@deposit.command("list")
def list_deposits(
    context: typer.Context,
    status: Annotated[
        Literal["open", "held", "suspense", "over"] | None,
        typer.Option(
            help="Not final yet; credited, and gone from its chain; of nobody knows whom; "
            "credited, or failed. Else the first three."
        ),
    ] = None,
    currency: OneSymbol = "",
    user: OneUser = "",
    below: Below = 0,
    as_json: Json = False,
) -> None:
    """Those that somebody may have to do something about, or those that are over."""
    do(context, as_json, requests.ListDeposits(status or "", currency, user, below))


@deposit.command("propose")
def propose(
    context: typer.Context,
    user: User,
    currency: Symbol,
    amount: Amount,
    reference: Annotated[str, typer.Option(help="The bank's; no name. It can be used once.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Say that money has come in; another person has to `confirm` it."""
    request = requests.ProposeDeposit(user, currency, amount, reference, reason)
    do(context, as_json, request)


@deposit.command("confirm")
def confirm(
    context: typer.Context, transfer: Transfer, reason: Reason, as_json: Json = False
) -> None:
    """Credit what another person has proposed."""
    do(context, as_json, requests.DepositStep("confirm", transfer, reason))


@deposit.command("drop")
def drop(context: typer.Context, transfer: Transfer, reason: Reason, as_json: Json = False) -> None:
    """It never came. The user reads the reason."""
    do(context, as_json, requests.DepositStep("drop", transfer, reason))


@deposit.command("release")
def release(
    context: typer.Context, transfer: Transfer, reason: Reason, as_json: Json = False
) -> None:
    """Give back what is held of a deposit that left its chain."""
    do(context, as_json, requests.DepositStep("release", transfer, reason))


@deposit.command("write-off")
def write_off(
    context: typer.Context, transfer: Transfer, reason: Reason, as_json: Json = False
) -> None:
    """It left its chain and will not come back: what is held of it is gone."""
    do(context, as_json, requests.DepositStep("write_off", transfer, reason))


@deposit.command("assign")
def assign(
    context: typer.Context, transfer: Transfer, user: User, reason: Reason, as_json: Json = False
) -> None:
    """Say whose it is, where nobody could tell (status suspense)."""
    do(context, as_json, requests.Assign(transfer, user, reason))
