"""`coinport reserves`: checks what an exchange has published."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Check what an exchange has published. Needs no exchange, and nobody's permission.",
    no_args_is_help=True,
)


@app.callback()
def reserves() -> None:
    pass


@app.command()
def verify(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="Snapshot and transfer files, proofs as `user/liability_proof` answers them, and "
            "answers of `CURRENCY/reserves`.",
            exists=True,
            dir_okay=False,
        ),
    ],
    key: Annotated[
        str | None,
        typer.Option(help="The exchange's public key, 64 hexadecimal digits; else any is taken."),
    ] = None,
    testnet: Annotated[
        bool, typer.Option("--testnet", help="Addresses are those of a network for tests.")
    ] = False,
) -> None:
    """Check each file, and that those that belong together fit."""
    from coinport.app.cli.failures import CommandFailed
    from coinport.reserves.errors import ProofWrong
    from coinport.reserves.verification import verify
    from coinport.wallets import messages
    from coinport.wallets.networks import Network

    network = Network.REGTEST if testnet else Network.MAIN

    def proves(currency: str, address: str, message: str, signature: str) -> bool | None:
        if currency not in messages.MAGIC:
            return None
        return messages.verify(currency, address, message, signature, network)

    try:
        for line in verify(files, key, proves):
            typer.echo(line)
    except ProofWrong as error:
        raise CommandFailed(str(error)) from error
