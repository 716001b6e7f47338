"""The commands `bankable outbox`: which messages flows have to answer, and those that are stuck tried again."""

from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

import states.schema  # noqa: F401 - rows refer to tables that nothing else here loads
from states.collaborations.tables import Collaboration
from states.errors import Invalid, Missing
from states.outbox.queries import MessageLine, count_messages, in_state, message_lines
from states.outbox.service import retry, retry_dead, retry_stuck
from states.outbox.states import MessageState
from states.outbox.tables import OutboxMessage
from states.storage import begin

app = typer.Typer(help="Look after the messages that flows answer.", no_args_is_help=True)


@app.command("list")
def list_messages(
    state: Annotated[MessageState | None, typer.Option(help="only those in this state")] = None,
    collaboration: Annotated[
        str | None, typer.Option(help="only those of one collaboration, by its short name")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="how many at most")] = 50,
) -> None:
    """List messages, the newest first, one a line, tabs between: id, number, state, name, collaboration, tries, why.

    What comes after a message that was set aside goes on; of a collaboration's other messages only the oldest is tried.
    """
    with begin(read_only=True) as session:
        where = [] if state is None else [in_state(state)]
        if collaboration is not None:
            where.append(_of(session, collaboration))
        lines = message_lines(session, *where, limit=limit)
        left = count_messages(session, *where) - len(lines)
        slugs = _slugs(session, lines)
    for line in lines:
        row = line.message
        shown = (
            row.id,
            row.sequence,
            line.state.value,
            row.name,
            slugs.get(row.collaboration_id, "-"),
            row.tries_failed,
        )
        typer.echo("\t".join([*map(str, shown), why(line)]))
    if left:
        typer.echo(f"{left} older ones are not shown: --limit {limit + left} shows all.", err=True)


def why(line: MessageLine) -> str:
    """Say in words why a message is where it is: what it waits for, who has it, or what went wrong."""
    row = line.message
    handed_over, until = _at(row.handed_over_at), _at(row.leased_until)
    said = {
        MessageState.OPEN: f"waits for {line.behind}" if line.behind else "waits",
        MessageState.HANDED_OVER: f"handed over {handed_over} to {_run(row)}, until {until}",
        MessageState.LEASED: f"answered by {_run(row)}, lease until {until}",
        MessageState.DEAD: f"set aside {row.dead_at:%Y-%m-%d %H:%M} UTC" if row.dead_at else "",
        MessageState.DONE: f"done {row.done_at:%Y-%m-%d %H:%M} UTC" if row.done_at else "",
    }[line.state]
    if line.again_at is not None:
        said = f"again at {line.again_at:%H:%M:%S} UTC"
    if line.overtaken:
        said += f", {line.overtaken} later went on"
    return "; ".join(part for part in (said, *line.notes, " ".join(row.last_error.split())) if part)


def _at(instant: datetime | None) -> str:
    return f"{instant:%H:%M:%S} UTC" if instant else "-"


def _run(row: OutboxMessage) -> str:
    return f"flow run {row.flow_run_id}" if row.flow_run_id else f"{row.leased_by}"


def _of(session: Session, slug: str) -> ColumnElement[bool]:
    keys = session.exec(select(Collaboration.id).where(Collaboration.slug == slug)).all()
    if not keys:
        raise Missing("collaboration", slug)
    return col(OutboxMessage.collaboration_id).in_(keys)


def _slugs(session: Session, lines: list[MessageLine]) -> dict[str | None, str]:
    keys = {line.message.collaboration_id for line in lines}
    return dict(session.exec(select(Collaboration.id, Collaboration.slug).where(col(Collaboration.id).in_(keys))).all())


@app.command("retry")
def retry_messages(
    message: Annotated[str | None, typer.Argument(help="an id from the list")] = None,
    all_dead: Annotated[bool, typer.Option("--all-dead", help="every message that was set aside")] = False,
    all_stuck: Annotated[
        bool, typer.Option("--all-stuck", help="these, and what is put off or waits for a flow run")
    ] = False,
) -> None:
    """Try a message again at once, with all its tries, wherever it is; its flow looks whether it still holds."""
    if [message is not None, all_dead, all_stuck].count(True) != 1:
        raise Invalid("name_one_message", field="message")
    with begin() as session:
        if message is None:
            typer.echo(f"{(retry_stuck if all_stuck else retry_dead)(session)} messages are tried again.")
        else:
            retry(session, message)
            typer.echo("It is tried again.")
