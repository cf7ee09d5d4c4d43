"""Currencies and markets."""

from typing import Annotated, Literal

import typer

from coinport.app.cli.admin.session import Json, Reason, do
from coinport.operations import requests

market = typer.Typer(help="Add markets; open and close them.", no_args_is_help=True)
currency = typer.Typer(help="Add currencies.", no_args_is_help=True)

Market = Annotated[str, typer.Argument(help="For instance BTC-CNY.")]


@currency.command("add")
def add_currency(
    context: typer.Context,
    symbol: Annotated[str, typer.Argument(help="For instance USD.")],
    decimals: Annotated[
        int,
        typer.Option(
            help="Of its smallest unit, at most 9; for ever. Prices and amounts of a market quoted "
            "in it have no more together."
        ),
    ],
    kind: Annotated[
        Literal["fiat", "chain", "off_chain"],
        typer.Option(
            help="`chain`: there is a node for it; of the others, money goes in and out by hand."
        ),
    ],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """List a currency."""
    do(context, as_json, requests.NewCurrency(symbol, decimals, kind, reason))


@market.command("add")
def add_market(
    context: typer.Context,
    market: Market,
    price_decimals: Annotated[int, typer.Option(help="Of a step of its prices.")],
    amount_decimals: Annotated[
        int,
        typer.Option(
            help="Of a step of its amounts. Both together are at most those of the quote currency."
        ),
    ],
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
    do(context, as_json, request)


@market.command("open")
def open_market(
    context: typer.Context, market: Market, reason: Reason, as_json: Json = False
) -> None:
    """Let a market trade."""
    do(context, as_json, requests.SetState(market, "open", reason))


@market.command("halt")
def halt_market(
    context: typer.Context, market: Market, reason: Reason, as_json: Json = False
) -> None:
    """No orders and no cancels any more."""
    do(context, as_json, requests.SetState(market, "halted", reason))


@market.command("cancel-only")
def cancel_only(
    context: typer.Context, market: Market, reason: Reason, as_json: Json = False
) -> None:
    """No new orders; those that rest may be canceled."""
    do(context, as_json, requests.SetState(market, "cancel_only", reason))


def fee(
    context: typer.Context,
    market: Market,
    maker_ppm: Annotated[int, typer.Option(help="Parts per million: 1000 is 0.1 %.")],
    taker_ppm: Annotated[int, typer.Option(help="Parts per million: 1000 is 0.1 %.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Set the fees of a market, for trades from now on."""
    do(context, as_json, requests.SetFees(market, maker_ppm, taker_ppm, reason))


def band(
    context: typer.Context,
    market: Market,
    ppm: Annotated[int, typer.Option(help="Parts per million: 100000 is 10 %; 0 is off.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Set how far a limit price may be from the last price."""
    do(context, as_json, requests.SetBand(market, ppm, reason))
