"""The command `bankable changes`: who wrote what, when and by what means, and what it was before."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table
from sqlmodel import Session, select

import states.schema  # noqa: F401 - rows refer to tables that nothing else here loads
from api.commands.collaborations import collaboration_named
from api.commands.differences import field_lines, marked
from api.commands.tables import print_tables
from states.changes.queries import ChangesOf, changes_of
from states.changes.tables import RecordKind
from states.crossings.changes.told import Hand, Told, tell
from states.errors import Missing
from states.partners.queries import partnership_by_slug
from states.partners.tables import Person
from states.storage import begin

_SHOWN = 300

Instant = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])]


def changes(
    partnership: Annotated[str, typer.Argument(help="short name of the partnership")],
    collaboration: Annotated[str, typer.Argument(help="short name of a collaboration; left out: of all")] = "",
    noun: Annotated[str | None, typer.Option(help="only of this table")] = None,
    subject: Annotated[str | None, typer.Option(help="only of the row with this id")] = None,
    field: Annotated[str | None, typer.Option(help="only of this column")] = None,
    kind: Annotated[RecordKind | None, typer.Option(help="only what was made, changed or removed")] = None,
    person: Annotated[str | None, typer.Option(help="only by the person with this e-mail address")] = None,
    since: Instant = None,
    until: Instant = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="how many, the newest first")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table")] = False,
) -> None:
    """List who wrote what in a partnership or one of its collaborations, the newest first.

    Of a text, what went stands as [-this-] and what came as {+that+}. Instants are UTC; --until is left out itself.
    """
    with begin(read_only=True) as session:
        wanted = ChangesOf(
            noun=noun,
            subject_id=subject,
            field=field,
            kind=kind,
            person_id=_person(session, person),
            partnership_id=partnership_by_slug(session, partnership).id,
            collaboration_id=collaboration_named(session, partnership, collaboration).id if collaboration else None,
            since=since.replace(tzinfo=UTC) if since else None,
            until=until.replace(tzinfo=UTC) if until else None,
        )
        found = tell(session, changes_of(session, wanted, limit=limit), actor=None)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2, default=_text))
        return
    table = Table("when", "who", "by", "what", "change")
    for one in found:
        table.add_row(f"{one.at:%Y-%m-%d %H:%M}", who(one.author), _by(one.author), _what(one), "\n".join(_lines(one)))
    print_tables(table)


def _person(session: Session, email: str | None) -> str | None:
    if email is None:
        return None
    found = session.exec(select(Person.id).where(Person.email == email)).one_or_none()
    if found is None:
        raise Missing("person", email)
    return found


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def who(author: Hand) -> str:
    """Return who wrote, as people say it."""
    return ", ".join(filter(None, (author.person, author.organisation))) or author.operator or author.role


def _by(author: Hand) -> str:
    return author.route or author.key or author.via


def _what(one: Told) -> str:
    return ": ".join(filter(None, (one.noun_title, one.subject)))


def _lines(one: Told) -> Iterator[str]:
    """Yield what changed, a field a line."""
    for change in one.sections:
        yield from field_lines(change)
    if one.kind is RecordKind.CHANGED:
        if one.label and not one.sections:
            yield f"{one.label}: {marked(one.runs) if one.runs else f'{_short(one.was)} → {_short(one.now)}'}"
        return
    yield one.kind.value
    for held in one.fields:
        yield f"{held.label}: {_short(held.shown)}"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."
