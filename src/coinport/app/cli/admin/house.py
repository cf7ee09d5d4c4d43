"""The house itself: who operates it, what it announces, what was done in it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from coinport.app.admin.client import ask
from coinport.app.cli.admin.session import Json, Reason, Session, do
from coinport.app.cli.failures import CommandFailed
from coinport.operations import house_requests as requests
from coinport.operations.requests import Done, Failed

ROWS_AT_ONCE = 1_000
MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%SZ"]
"""As a person writes them, and as the lists show them."""

operator = typer.Typer(
    help="Say who may use the console. Without one-time codes the role permits nothing.",
    no_args_is_help=True,
)
announcement = typer.Typer(help="What the page shows to everybody.", no_args_is_help=True)
audit = typer.Typer(help="What was asked for, and what came of it.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="E-mail address or uid.")]


@operator.command("grant")
def grant(context: typer.Context, user: Email, reason: Reason, as_json: Json = False) -> None:
    """Let a user operate the exchange from a browser."""
    do(context, as_json, requests.Grant(user, reason))


@operator.command("revoke")
def revoke(context: typer.Context, user: Email, reason: Reason, as_json: Json = False) -> None:
    """Take the role away, and end his sessions."""
    do(context, as_json, requests.Revoke(user, reason))


@operator.command("list")
def list_operators(context: typer.Context, as_json: Json = False) -> None:
    """Who has the role."""
    do(context, as_json, requests.ListOperators())


@announcement.command("add")
def announce(
    context: typer.Context,
    title_en: Annotated[str, typer.Option()],
    text_en: Annotated[str, typer.Option()],
    title_zh: Annotated[str, typer.Option()],
    text_zh: Annotated[str, typer.Option()],
    reason: Reason,
    begin: Annotated[
        datetime | None, typer.Option("--from", formats=MOMENTS, help="UTC. Else from now on.")
    ] = None,
    end: Annotated[
        datetime | None,
        typer.Option("--until", formats=MOMENTS, help="UTC. Else until it is ended."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Announce something, in both languages."""
    from_ms, until_ms = (_ms(moment) if moment else 0 for moment in (begin, end))
    request = requests.Announce(title_en, text_en, title_zh, text_zh, from_ms, until_ms, reason)
    do(context, as_json, request)


@announcement.command("end")
def end(
    context: typer.Context,
    announcement: Annotated[int, typer.Argument(help="Its number, as the list has it.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Show it no more."""
    do(context, as_json, requests.EndAnnouncement(announcement, reason))


@announcement.command("list")
def list_announcements(context: typer.Context, as_json: Json = False) -> None:
    """Past ones, those of now, and those to come."""
    do(context, as_json, requests.ListAnnouncements())


@audit.command("list")
def list_audit(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="At most so many, the newest.")] = 50,
    actor: Annotated[str, typer.Option(help="Only of this one.")] = "",
    action: Annotated[str, typer.Option(help="Only of this kind.")] = "",
    as_json: Json = False,
) -> None:
    """The newest first."""
    do(context, as_json, requests.ListAudit(0, limit, actor, action))


@audit.command("verify")
def verify(
    context: typer.Context,
    number: Annotated[int, typer.Option(help="Of a row that was seen before.")] = 0,
    known: Annotated[str, typer.Option("--hash", help="Its hash: it must still be there.")] = "",
    as_json: Json = False,
) -> None:
    """Go through all rows and their hashes."""
    do(context, as_json, requests.VerifyAudit(number, known))


@audit.command("export")
def export(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="Left out: standard output.")] = None,
) -> None:
    """All rows as they were written, one JSON object a line, the oldest first."""
    session: Session = context.obj
    if session.directory is None:
        raise typer.BadParameter("missing option --data; it stands before the command")
    lines, after, more = [], 0, True
    while more:
        match ask(session.directory, requests.ReadAudit(after, ROWS_AT_ONCE)):
            case Failed(code, message):
                raise CommandFailed(f"{message} (code {code})")
            case Done(result):
                rows, more = result["rows"], result["more"]
                lines += [json.dumps(row, ensure_ascii=False) for row in rows]
                after = rows[-1]["number"] if rows else after
    text = "".join(f"{line}\n" for line in lines)
    if file is None:
        typer.echo(text, nl=False)
    else:
        file.write_text(text)


def _ms(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp()) * 1000
