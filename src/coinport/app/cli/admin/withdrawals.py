"""Withdrawals."""

from typing import Annotated, Literal

import typer

from coinport.app.cli.admin.session import (
    Below,
    Json,
    OneSymbol,
    OneUser,
    Reason,
    Symbol,
    Transfer,
    do,
)
from coinport.operations import requests

withdrawal = typer.Typer(help="Decide on withdrawals.", no_args_is_help=True)


@withdrawal.command("list")
def list_withdrawals(
    context: typer.Context,
    status: Annotated[
        Literal["pending", "processing", "confirming", "over"] | None,
        typer.Option(
            help="Waits for approval; approved; sent; arrived, failed or canceled. "
            "Else the first three."
        ),
    ] = None,
    currency: OneSymbol = "",
    user: OneUser = "",
    below: Below = 0,
    as_json: Json = False,
) -> None:
    """Those that are not over, or those that are, with where they go to."""
    do(context, as_json, requests.ListWithdrawals(status or "", currency, user, below))


@withdrawal.command("approve")
def approve(
    context: typer.Context, transfer: Transfer, reason: Reason, as_json: Json = False
) -> None:
    """Have the wallets pay it."""
    do(context, as_json, requests.Approve(transfer, reason, take=False))


@withdrawal.command("take")
def take(context: typer.Context, transfer: Transfer, reason: Reason, as_json: Json = False) -> None:
    """You will pay it yourself, for it goes to no chain. Its owner cannot cancel it any more."""
    do(context, as_json, requests.Approve(transfer, reason, take=True))


@withdrawal.command("reject")
def reject(
    context: typer.Context,
    transfer: Transfer,
    reason: Reason,
    never_arrives: Annotated[
        bool,
        typer.Option("--never-arrives", help="It was sent, but you know that it will not arrive."),
    ] = False,
    as_json: Json = False,
) -> None:
    """All of it goes back to the account. The user reads the reason."""
    do(context, as_json, requests.Reject(transfer, reason, never_arrives))


@withdrawal.command("complete")
def complete(
    context: typer.Context,
    transfer: Transfer,
    txid: Annotated[
        str, typer.Option(help="Of the transaction that paid it; the bank's reference.")
    ],
    reason: Reason,
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="It was paid on a chain, but not by the wallets.")
    ] = False,
    as_json: Json = False,
) -> None:
    """It has arrived: the money is no longer owed."""
    do(context, as_json, requests.Complete(transfer, txid, reason, by_hand))


@withdrawal.command("pause")
def pause(context: typer.Context, currency: Symbol, reason: Reason, as_json: Json = False) -> None:
    """The wallets begin to pay nothing more of a currency; what is sent is followed still."""
    do(context, as_json, requests.SetPaused(currency, True, reason))


@withdrawal.command("resume")
def resume(context: typer.Context, currency: Symbol, reason: Reason, as_json: Json = False) -> None:
    """The wallets go on; the limit of one hour counts anew."""
    do(context, as_json, requests.SetPaused(currency, False, reason))
