"""The table plan of an event: for each slot, who meets at which table."""

from collections.abc import Iterator
from datetime import date, time
from typing import ClassVar

from pydantic import Field
from sqlmodel import Session

from documents.agenda.parts import EventFacts, EventSubject, event_meta, told_event
from documents.languages import gettext as _
from documents.meta import DocumentContext, Line, Plain
from states.archive.tables import DocumentKind
from states.matchmaking.event_day.queries import coming, parties_of
from states.matchmaking.event_day.setup import sessions_of

# So many columns stand side by side on a page; more tables go on below.
TABLES_ABREAST = 6


class PlanSlot(Plain):
    """A slot and who meets in it at each of the columns' tables; an empty cell is a free table."""

    starts: time
    ends: time
    cells: tuple[tuple[str, ...], ...]


class PlanBlock(Plain):
    """A part of a session's plan: some of its tables, all of its slots that have a meeting."""

    title: Line
    day: date
    columns: tuple[Line, ...] = Field(min_length=1, max_length=TABLES_ABREAST)
    slots: tuple[PlanSlot, ...] = Field(min_length=1)


class TablePlanContext(DocumentContext):
    """The whole plan, session by session."""

    KIND: ClassVar[DocumentKind] = DocumentKind.TABLE_PLAN

    event: EventFacts
    blocks: tuple[PlanBlock, ...] = ()
    meetings: int = Field(ge=0)


def gather(session: Session, *, subject_id: str) -> TablePlanContext:
    """Read the plan of an event by its id; raise `Missing` while the timetable is not published."""
    about = told_event(session, subject_id)
    parties = parties_of(session, [row.id for row in about.placed])
    seated: _Seated = {}
    for row in about.placed:
        names = tuple(entry.organisation.name for entry in coming(parties[row.id]))
        seated.setdefault((row.slot or 0, row.table_number), []).extend(names)
    blocks = tuple(_blocks(about, seated))
    count = len(about.placed)
    return TablePlanContext(
        meta=event_meta(
            about,
            TablePlanContext.KIND,
            subtitle=_("Who meets where"),
            shown=blocks,
            changes=[row.changed_at for row in about.placed],
            illustrative=any(row.illustrative for row in about.placed),
        ),
        event=about.facts,
        blocks=blocks,
        meetings=count,
    )


_Seated = dict[tuple[int, int | None], list[str]]


def _blocks(about: EventSubject, seated: _Seated) -> Iterator[PlanBlock]:
    """Yield the tables at which somebody meets in a session, a page's width at a time; what is online stands last."""
    for number, one in enumerate(sessions_of(about.row)):
        slots = [slot.number for slot in about.slots if slot.session == number]
        used = {table for slot, table in seated if slot in slots}
        columns = [*sorted(table for table in used if table is not None), *([None] if None in used else [])]
        for first in range(0, len(columns), TABLES_ABREAST):
            abreast = columns[first : first + TABLES_ABREAST]
            yield PlanBlock(
                title=one.title,
                day=about.starts(slots[0]).date(),
                columns=tuple(
                    _("Online") if table is None else _("Table %(number)s") % {"number": table} for table in abreast
                ),
                slots=tuple(
                    PlanSlot(
                        starts=about.starts(slot).time(),
                        ends=about.ends(slot).time(),
                        cells=tuple(tuple(seated.get((slot, table), ())) for table in abreast),
                    )
                    for slot in slots
                ),
            )
