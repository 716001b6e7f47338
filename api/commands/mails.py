"""The commands `bankable mails`: list them, show one as it goes out, say what became of one of unknown fate."""

from pathlib import Path
from typing import Annotated

import typer

from states.errors import Invalid
from states.mail.queries import NEWEST_FIRST, MailWanted, mail_by_id, mails
from states.mail.resolving import resolve, resolve_by_log
from states.mail.sending import due_mail
from states.mail.tables import MailState
from states.storage import begin

mail_commands = typer.Typer(help="List and show mails; resolve those of unknown fate.", no_args_is_help=True)

BY_HAND = "command line"


@mail_commands.command("list")
def list_mails(
    state: Annotated[MailState | None, typer.Option(help="only those")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="how many, the newest first")] = 100,
) -> None:
    """List mails, one a line with tabs between: id, state, reason, kind, entered, whom, Message-ID, last error."""
    with begin(read_only=True) as session:
        for row, person in session.exec(mails(MailWanted(state=state)).order_by(*NEWEST_FIRST).limit(limit)):
            entered = row.created_at.isoformat(timespec="minutes")
            shown = (row.id, row.state.value, row.why, row.kind.value, entered, person.label, row.message_id)
            typer.echo("\t".join([*shown, row.last_error]))


@mail_commands.command()
def show(mail_id: Annotated[str, typer.Argument(help="as in the list")]) -> None:
    """Print a mail as it would go out now, with its headers and its signed links: not for other eyes."""
    from documents.mails.message import invite_of, write  # templates, languages, calendars: half a second

    with begin(read_only=True) as session:
        mail = due_mail(*mail_by_id(session, mail_id))
        message = write(mail, invite_of(session, mail))
    typer.echo(message.as_string(policy=message.policy.clone(linesep="\n")))


@mail_commands.command("resolve")
def resolve_mail(
    mail_id: Annotated[str | None, typer.Argument(help="as in the list; or --log for all of them")] = None,
    log: Annotated[
        Path | None,
        typer.Option(help="the mail server's log since the oldest uncertain mail", exists=True, dir_okay=False),
    ] = None,
    delivered: Annotated[
        bool | None, typer.Option("--delivered/--again", help="what became of the one mail", show_default=False)
    ] = None,
) -> None:
    """Say what became of a mail of unknown fate: it was delivered, or it is sent again under the same Message-ID.

    With --log all of them are resolved: what the mail server took was delivered, the others are sent again.
    """
    if (mail_id is None) == (log is None) or (mail_id is None) != (delivered is None):
        raise Invalid("name_one_mail", field="resolve")
    with begin() as session:
        if log is not None:
            resolved = resolve_by_log(session, log.read_text(encoding="utf-8", errors="replace"))
            typer.echo(f"{resolved.delivered} were delivered, {resolved.again} are sent again.")
        elif mail_id is not None and delivered is not None:
            row = resolve(session, mail_id, delivered=delivered, by=BY_HAND)
            typer.echo(f"The mail is {row.state.value}.")
