"""The personal agenda of a participant: each meeting with its time, its table or address, and who is there."""

from collections.abc import Iterator, Sequence
from datetime import date, time
from typing import ClassVar

from pydantic import Field
from sqlmodel import Session

from documents.agenda.parts import EventFacts, EventSubject, Guest, event_meta, told_event
from documents.languages import gettext as _
from documents.meta import DocumentContext, Line, Plain
from states.archive.tables import DocumentKind
from states.matchmaking.event_day.queries import PartyEntry, coming, meetings_of, participant_by_id, parties_of
from states.matchmaking.event_day.tables import Meeting, MeetingState
from states.partners.tables import Organisation


class AgendaMeeting(Plain):
    """A meeting; `table` is none where all attend online, `link` is blank where nobody does."""

    day: date
    starts: time
    ends: time
    table: int | None = None
    link: str = ""
    subject: Line
    message: str = ""
    guests: tuple[Guest, ...] = Field(min_length=1)
    moved: bool = False


class WaitingMeeting(Plain):
    """A meeting that was agreed upon and has no place."""

    subject: Line
    guests: tuple[Guest, ...]


class AgendaContext(DocumentContext):
    """The agenda of one participant; what others do at the event is not in it."""

    KIND: ClassVar[DocumentKind] = DocumentKind.PERSONAL_AGENDA

    event: EventFacts
    owner: Guest
    meetings: tuple[AgendaMeeting, ...] = ()
    waiting: tuple[WaitingMeeting, ...] = ()

    @property
    def days(self) -> list[tuple[date, list[AgendaMeeting]]]:
        """The meetings of each day in the order of their time."""
        found = dict.fromkeys(one.day for one in self.meetings)
        return [(day, [one for one in self.meetings if one.day == day]) for day in found]


def gather(session: Session, *, subject_id: str) -> AgendaContext:
    """Read the agenda of a participant by its id; raise `Missing` while the timetable is not published."""
    participant = participant_by_id(session, subject_id)
    about = told_event(session, participant.event_id)
    waits = meetings_of(session, about.row.id, [MeetingState.ACCEPTED], participant_id=subject_id)
    own = meetings_of(session, about.row.id, participant_id=subject_id)
    parties = parties_of(session, [row.id for row in own])
    placed = {row.id for row in about.placed}
    meetings = tuple(_meetings(about, [row for row in own if row.id in placed], parties, subject_id))
    waiting = tuple(
        WaitingMeeting(subject=row.subject, guests=_guests(parties[row.id], subject_id))
        for row in waits
        if _takes_part(parties[row.id], subject_id)
    )
    organisation = session.get_one(Organisation, participant.organisation_id)
    owner = Guest(organisation=organisation.name, label=participant.label, country=organisation.country)
    subtitle = _("Agenda of %(organisation)s, %(label)s") % {"organisation": owner.organisation, "label": owner.label}
    return AgendaContext(
        meta=event_meta(
            about,
            AgendaContext.KIND,
            subtitle=subtitle,
            shown=[*meetings, *waiting],
            changes=[row.changed_at for row in own],
            illustrative=any(row.illustrative for row in own),
        ),
        event=about.facts,
        owner=owner,
        meetings=meetings,
        waiting=waiting,
    )


def _meetings(
    about: EventSubject, rows: Sequence[Meeting], parties: dict[str, list[PartyEntry]], own_id: str
) -> Iterator[AgendaMeeting]:
    for row in sorted(rows, key=lambda one: one.slot or 0):
        if row.slot is None or not _takes_part(parties[row.id], own_id):
            continue
        starts = about.starts(row.slot)
        yield AgendaMeeting(
            day=starts.date(),
            starts=starts.time(),
            ends=about.ends(row.slot).time(),
            table=row.table_number,
            link=row.link,
            subject=row.subject,
            message=row.message,
            guests=_guests(parties[row.id], own_id),
            moved=row.state is MeetingState.MOVED,
        )


def _takes_part(entries: Sequence[PartyEntry], own_id: str) -> bool:
    there = {entry.participant.id for entry in coming(entries)}
    return own_id in there and len(there) > 1


def _guests(entries: Sequence[PartyEntry], own_id: str) -> tuple[Guest, ...]:
    return tuple(
        Guest(organisation=one.organisation.name, label=one.participant.label, country=one.organisation.country)
        for one in coming(entries)
        if one.participant.id != own_id
    )
