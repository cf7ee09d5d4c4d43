"""`coinport admin`: what an operator asks of a running exchange."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from coinport.app.admin import requests
from coinport.app.admin.client import ask
from coinport.app.admin.requests import AdminRequest, Done, Failed
from coinport.app.cli.failures import CommandFailed

app = typer.Typer(
    help="Administrate the exchange that runs in DIR. Every change is recorded with who and why.",
    no_args_is_help=True,
)
market = typer.Typer(help="Add markets; open and close them.", no_args_is_help=True)
currency = typer.Typer(help="Add currencies.", no_args_is_help=True)
user = typer.Typer(help="Look at users.", no_args_is_help=True)
app.add_typer(market, name="market")
app.add_typer(currency, name="currency")
app.add_typer(user, name="user")

User = Annotated[str, typer.Option("--user", help="E-mail address or uid.")]
Symbol = Annotated[str, typer.Option("--currency", help="For instance BTC.")]
Amount = Annotated[str, typer.Option("--amount", help="Decimal, for instance 1.5.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; goes into the journal.")]
Key = Annotated[str, typer.Option("--key", help="Moves money once only, however often it is run.")]
Market = Annotated[str, typer.Argument(help="For instance BTC-CNY.")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


class Session:
    """What the options before the command say."""

    def __init__(self, directory: Path | None, as_json: bool) -> None:
        self.directory = directory
        """None: left out, which `COMMAND --help` may do."""
        self.as_json = as_json


@app.callback()
def connect(
    context: typer.Context,
    data: Annotated[
        Path | None, typer.Option("--data", help="The exchange's data directory; needed.")
    ] = None,
    as_json: Json = False,
) -> None:
    context.obj = Session(data, as_json)


@app.command()
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
    _do(context, as_json, requests.Move("credit", user, currency, amount, reason, key))


@app.command()
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
    _do(context, as_json, requests.Move("debit", user, currency, amount, reason, key))


@app.command()
def suspend(context: typer.Context, user: User, reason: Reason, as_json: Json = False) -> None:
    """Cancel a user's orders, end his sessions, and let him do nothing more."""
    _do(context, as_json, requests.Suspend(user, reason))


@app.command()
def resume(context: typer.Context, user: User, reason: Reason, as_json: Json = False) -> None:
    """Undo a suspension."""
    _do(context, as_json, requests.Resume(user, reason))


@user.command("show")
def show(
    context: typer.Context,
    user: Annotated[str, typer.Argument(help="E-mail address or uid.")] = "",
    option: Annotated[str, typer.Option("--user", help="The same, as an option.")] = "",
    as_json: Json = False,
) -> None:
    """Profile, state and balances of a user."""
    _do(context, as_json, requests.ShowUser(user or option))


@currency.command("add")
def add_currency(
    context: typer.Context,
    symbol: Annotated[str, typer.Argument(help="For instance USD.")],
    decimals: Annotated[int, typer.Option(help="Of its smallest unit.")],
    kind: Annotated[Literal["fiat", "chain", "off_chain"], typer.Option()],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """List a currency."""
    _do(context, as_json, requests.NewCurrency(symbol, decimals, kind, reason))


@market.command("add")
def add_market(
    context: typer.Context,
    market: Market,
    price_decimals: Annotated[int, typer.Option()],
    amount_decimals: Annotated[int, typer.Option()],
    reason: Reason,
    minimum: Annotated[
        str, typer.Option(help="Least value of an order, in the quote currency; else as configured")
    ] = "",
    maker_fee_ppm: Annotated[int | None, typer.Option(help="Else as configured.")] = None,
    taker_fee_ppm: Annotated[int | None, typer.Option(help="Else as configured.")] = None,
    as_json: Json = False,
) -> None:
    """List a market. It is halted until `market open`."""
    request = requests.NewMarket(
        market, price_decimals, amount_decimals, minimum, maker_fee_ppm, taker_fee_ppm, reason
    )
    _do(context, as_json, request)


@market.command("open")
def open_market(
    context: typer.Context, market: Market, reason: Reason, as_json: Json = False
) -> None:
    """Let a market trade."""
    _do(context, as_json, requests.SetState(market, "open", reason))


@market.command("halt")
def halt_market(
    context: typer.Context, market: Market, reason: Reason, as_json: Json = False
) -> None:
    """No orders and no cancels any more."""
    _do(context, as_json, requests.SetState(market, "halted", reason))


@market.command("cancel-only")
def cancel_only(
    context: typer.Context, market: Market, reason: Reason, as_json: Json = False
) -> None:
    """No new orders; those that rest may be canceled."""
    _do(context, as_json, requests.SetState(market, "cancel_only", reason))


@app.command()
def fee(
    context: typer.Context,
    market: Market,
    maker_ppm: Annotated[int, typer.Option(help="Parts per million: 1000 is 0.1 %.")],
    taker_ppm: Annotated[int, typer.Option(help="Parts per million: 1000 is 0.1 %.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Set the fees of a market, for trades from now on."""
    _do(context, as_json, requests.SetFees(market, maker_ppm, taker_ppm, reason))


@app.command()
def band(
    context: typer.Context,
    market: Market,
    ppm: Annotated[int, typer.Option(help="Parts per million: 100000 is 10 %; 0 is off.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Set how far a limit price may be from the last price."""
    _do(context, as_json, requests.SetBand(market, ppm, reason))


def _do(context: typer.Context, as_json: bool, request: AdminRequest) -> None:
    session: Session = context.obj
    if session.directory is None:
        raise typer.BadParameter(
            "missing option --data; it stands before the command: "
            f"coinport admin --data DIR {context.info_name} ..."
        )
    match ask(session.directory, request):
        case Failed(code, message):
            raise CommandFailed(f"{message} (code {code})")
        case Done(result):
            if as_json or session.as_json:
                typer.echo(json.dumps(result))
            else:
                _print(result)


def _print(result: dict[str, Any]) -> None:
    """A line for each value; balances as a table."""
    from rich.console import Console
    from rich.table import Table

    table = Table("currency", "available", "frozen", "pending", "held", "total", box=None)
    for symbol, figures in result.pop("balances", {}).items():
        table.add_row(symbol, *figures.values())
    for name, value in result.items():
        label, text = for_people(name, value)
        typer.echo(f"{label}: {text}")
    if table.row_count:
        Console().print(table)


def for_people(name: str, value: object) -> tuple[str, str]:
    """for_people("registered_ms", 0) is "registered", "1970-01-01T00:00:00Z"."""
    label = name.removesuffix("_ms").replace("_", " ")
    if isinstance(value, bool):
        return label, "yes" if value else "no"
    if name.endswith("_ms") and isinstance(value, int):
        moment = datetime.fromtimestamp(value // 1000, UTC)
        return label, moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return label, str(value)
