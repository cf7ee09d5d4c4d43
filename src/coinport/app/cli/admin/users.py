"""Users, and their money by hand."""

from typing import Annotated

import typer

from coinport.app.cli.admin.session import Amount, Json, Reason, Symbol, User, do
from coinport.operations import requests

user = typer.Typer(help="Look at users.", no_args_is_help=True)

Key = Annotated[str, typer.Option("--key", help="Moves money once only, however often it is run.")]


def credit(
    context: typer.Context,
    user: User,
    currency: Symbol,
    amount: Amount,
    reason: Reason,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Put money into a user's account."""
    do(context, as_json, requests.Move("credit", user, currency, amount, reason, key))


def debit(
    context: typer.Context,
    user: User,
    currency: Symbol,
    amount: Amount,
    reason: Reason,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Take available money out of a user's account."""
    do(context, as_json, requests.Move("debit", user, currency, amount, reason, key))


def suspend(context: typer.Context, user: User, reason: Reason, as_json: Json = False) -> None:
    """Cancel a user's orders, end his sessions, and let him do nothing more."""
    do(context, as_json, requests.Suspend(user, reason))


def resume(context: typer.Context, user: User, reason: Reason, as_json: Json = False) -> None:
    """Undo a suspension."""
    do(context, as_json, requests.Resume(user, reason))


@user.command("show")
def show(
    context: typer.Context,
    user: Annotated[str, typer.Argument(help="E-mail address or uid.")] = "",
    option: Annotated[str, typer.Option("--user", help="The same, as an option.")] = "",
    as_json: Json = False,
) -> None:
    """Profile, state, balances, and deposits and withdrawals that are not over."""
    do(context, as_json, requests.ShowUser(user or option))
