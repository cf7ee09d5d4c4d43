"""`coinport signer`: the process that has the keys."""

from pathlib import Path
from typing import Annotated

import typer


def signer(
    data: Annotated[Path, typer.Option("--data", help="The exchange's directory.")],
    keys: Annotated[
        Path, typer.Option("--keys", help="TOML file with the private keys; mode 0600.")
    ],
    config: Annotated[
        Path | None, typer.Option("--config", help="TOML file with the signer's own limits.")
    ] = None,
    group: Annotated[
        bool,
        typer.Option("--group", help="The exchange runs as another user of the same group."),
    ] = False,
) -> None:
    """Sign what the journal of an exchange says may be paid, until a signal stops it."""
    import asyncio

    import msgspec

    from coinport.app import logs
    from coinport.app.cli.failures import CommandFailed
    from coinport.app.config import Log
    from coinport.wallets.policy import InvalidPolicy
    from coinport.wallets.signer_keys import InvalidSettings
    from coinport.wallets.signer_process import memory_beside, serve

    def announce(socket: Path) -> None:
        typer.echo(f"coinport: the signer is ready at {socket}")

    logs.set_up(Log())
    try:
        asyncio.run(serve(data, keys, config, announce, group=group))
    except (InvalidSettings, InvalidPolicy) as error:
        raise CommandFailed(str(error)) from error
    except msgspec.DecodeError as error:
        raise CommandFailed(
            f"{memory_beside(keys)} is damaged: restore it from a backup ({error})"
        ) from error
