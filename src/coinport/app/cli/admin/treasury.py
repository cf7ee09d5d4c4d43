"""What the wallets have, and proofs of what is owed."""

from typing import Annotated

import typer

from coinport.app.cli.admin.session import Json, OneSymbol, Reason, Symbol, do
from coinport.operations import requests

wallet = typer.Typer(help="Look at the wallets.", no_args_is_help=True)


@wallet.command("show")
def show(context: typer.Context, currency: OneSymbol = "", as_json: Json = False) -> None:
    """What is where on the chains, and what is owed of it."""
    do(context, as_json, requests.ShowWallets(currency))


@wallet.command("alarms")
def alarms(context: typer.Context, as_json: Json = False) -> None:
    """What somebody should look at."""
    do(context, as_json, requests.ShowAlarms())


@wallet.command("rescan")
def rescan(context: typer.Context, currency: Symbol, reason: Reason, as_json: Json = False) -> None:
    """Look for deposits in the whole chain, after wallets.db or the node was lost. It may take
    hours, and credits nothing twice."""
    do(context, as_json, requests.Rescan(currency, reason))


def snapshot(
    context: typer.Context,
    reason: Annotated[str, typer.Option(help="Why; goes into the audit log.")] = "by hand",
    as_json: Json = False,
) -> None:
    """Publish a round of proofs now."""
    do(context, as_json, requests.Publish(reason))
