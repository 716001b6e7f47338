"""Plan a partnership's event, announce it, change it, cancel it; whoever was told is told, with a calendar entry."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypedDict
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from states.calendars.entries import Entry, event_entry
from states.calendars.ics import marked
from states.calendars.states import ANNOUNCE, CANCEL, CHANGE, EVENT, event_state
from states.clock import now
from states.deadlines.anchors import set_anchor
from states.deadlines.ladder import Reader
from states.deadlines.queries import readers_of
from states.errors import Fault
from states.machines.stepping import need
from states.mail.addresses import address
from states.mail.ledger import enter_mail, withdraw_mails
from states.mail.tables import Mail, MailKind, MailState
from states.mail.windows import opening
from states.partners.event_plans import EventPlan, checked, day_of, is_over, plan_of, write_plan
from states.partners.queries import events_of
from states.partners.registry_faults import refuse
from states.partners.tables import Partnership, PartnershipEvent, Person
from states.rights.access import Role
from states.storage import bump_version

ATTACHED = "event:"
"""How a mail's attachment names an event, before its id."""
_SOON = timedelta(days=1)
"""Of what begins within this time people are told at once, by night too."""
_MOVED = "moved"
_UNDER_WAY = (MailState.WAITING, MailState.OFFERED, MailState.SENT, MailState.UNCERTAIN)
_PARTS = {"title": ("name",), "time": ("held_on", "starts_at", "ends_at", "time_zone"), "place": ("place", "url")}


class _Hours(TypedDict):
    not_before: datetime
    site: str | None


class EventChange(StrEnum):
    """What a mail says of an event."""

    ANNOUNCED = "announced"
    CHANGED = "changed"
    CANCELLED = "cancelled"


def tell(session: Session, row: PartnershipEvent, change: EventChange, *, before: EventPlan | None = None) -> None:
    """Enter the mails of a change, one for each who holds a role of the audience now; `before` is the plan until now.

    Where the plan is another one, what still waits of earlier changes is withdrawn. Whoever heard nothing yet gets an
    announcement, and of a cancellation nothing. What is over, or has no day yet, is not told.
    """
    entry = event_entry(row)
    anew = before is None or before != plan_of(row)
    reached = _reached(session, row, withdraw=anew)
    if entry is None or is_over(row):
        return
    for reader in _audience(session, row):
        told = reader.person.id in reached
        if (told and not anew) or (change is EventChange.CANCELLED and not told):
            continue
        said = change if told else EventChange.ANNOUNCED
        enter_mail(
            session,
            MailKind.EVENT,
            key=f"{_prefix(row)}{reader.person.id}:{row.sequence}",
            person_id=reader.person.id,
            partnership_id=row.partnership_id,
            values=_values(session, row, entry, language=reader.person.language)
            | {"change": said.value, "changed": _changed(before, plan_of(row)) if said is EventChange.CHANGED else []},
            **_hours(reader, entry.starts),
            optional=True,
            topic=row.kind.value,
            attachment=f"{ATTACHED}{row.id}",
        )


def _prefix(row: PartnershipEvent) -> str:
    return f"event:{row.id}:"


def _reached(session: Session, row: PartnershipEvent, *, withdraw: bool) -> set[str]:
    """Return who has a mail about the event that was sent or may be; what waits is withdrawn first where asked."""
    query = select(Mail).where(col(Mail.key).startswith(_prefix(row)), col(Mail.state).in_(_UNDER_WAY))
    found = session.exec(query).all()
    gone = withdraw_mails(session, [mail.key for mail in found], why=_MOVED) if withdraw else set()
    return {mail.person_id for mail in found if mail.key not in gone}


def _audience(session: Session, row: PartnershipEvent) -> Collection[Reader]:
    readers = readers_of(session, [row.partnership_id])[row.partnership_id]
    return {one.person.id: one for one in readers if not row.audience or one.grant.role in row.audience}.values()


def _values(session: Session, row: PartnershipEvent, entry: Entry, *, language: str) -> dict[str, object]:
    slug = session.get_one(Partnership, row.partnership_id).slug
    return {
        "title": marked(row.name, illustrative=row.illustrative, language=language),
        "starts_at": entry.starts.isoformat(),
        "ends_at": entry.ends.isoformat() if entry.ends else None,
        "time_zone": row.time_zone or None,
        "place": row.place or row.url,
        "reason": row.cancel_reason,
        "link": address(f"partnerships/{slug}/events/{row.id}"),
    }


def _changed(before: EventPlan | None, after: EventPlan) -> list[str]:
    return [part for part, names in _PARTS.items() if any(getattr(before, one) != getattr(after, one) for one in names)]


def _hours(reader: Reader, starts: date | datetime) -> _Hours:
    """Return from when on a mail goes out, and where its reader's hours are kept: nowhere, of what begins soon."""
    begins = starts if isinstance(starts, datetime) else datetime.combine(starts, time(), reader.zone)
    opens = opening(now(), preference=reader.preference, time_zone=reader.person.time_zone, nuts=reader.nuts)
    if opens > begins - _SOON:
        return _Hours(not_before=now(), site=None)
    return _Hours(not_before=opens, site=reader.nuts)


EVENT_ANCHOR = "event"


def plan_event(
    session: Session, partnership: Partnership, plan: EventPlan, *, audience: Collection[Role] = ()
) -> PartnershipEvent:
    """Add an event, of which nobody is told until it is announced; raise `RegistryInvalid` with every fault."""
    kept = checked(plan, others=_others(session, partnership.id))
    row = PartnershipEvent(partnership_id=partnership.id, name=kept.name, kind=kept.kind, held_on=kept.held_on)
    write_plan(row, kept, audience=audience)
    session.add(row)
    session.flush()
    _anchor(session, row)
    return row


def announce(session: Session, row: PartnershipEvent, *, expected_version: int | None = None) -> PartnershipEvent:
    """Tell those who hold a role of the audience (all roles where it is empty); raise `EventRefused`, or `Stale`."""
    need(EVENT, event_state(row), ANNOUNCE, what=row.name)
    bump_version(session, row, expected=expected_version)
    _tell_at_first(session, row)
    return row


def announce_event(
    session: Session, partnership: Partnership, plan: EventPlan, *, audience: Collection[Role] = ()
) -> PartnershipEvent:
    """Add an event and announce it; one of the past is a record, and nobody is told of it."""
    row = plan_event(session, partnership, plan, audience=audience)
    if not is_over(row):
        _tell_at_first(session, row)
    return row


def _tell_at_first(session: Session, row: PartnershipEvent) -> None:
    row.announced_at = row.changed_at = now()
    session.flush()
    tell(session, row, EventChange.ANNOUNCED)


def announcement_of(session: Session, row: PartnershipEvent) -> list[tuple[Reader, datetime]]:
    """Return who would be told if the event were announced now, each with from when on; nobody of one without a day."""
    entry = event_entry(row)
    if entry is None or is_over(row):
        return []
    told = [(reader, _hours(reader, entry.starts)["not_before"]) for reader in _audience(session, row)]
    return sorted(told, key=lambda one: one[0].person.label)


def waiting_mails(session: Session, row: PartnershipEvent) -> list[tuple[str, Mail]]:
    """Return the mails about an event that wait to be sent, each with the label of whom it goes to, by that label."""
    waiting = (col(Mail.key).startswith(_prefix(row)), Mail.state == MailState.WAITING)
    query = select(Person.label, Mail).join(Person, col(Person.id) == col(Mail.person_id)).where(*waiting)
    return list(session.exec(query.order_by(col(Person.label), col(Mail.key))))


def change_event(
    session: Session,
    row: PartnershipEvent,
    plan: EventPlan,
    *,
    audience: Collection[Role] | None = None,
    expected_version: int | None = None,
) -> PartnershipEvent:
    """Put another plan in the place of the present one; tell what changed, if it was announced and is not over then.

    `audience` are the roles that are told; once it is announced it adds to them: an empty one adds all, None none.
    Deadlines that hang on the event move with it. Raise `RegistryInvalid` with every fault, `EventRefused` for a
    cancelled event, or `Stale`.
    """
    need(EVENT, event_state(row), CHANGE, what=row.name)
    before, keep_day = plan_of(row), day_of(row) is not None and not is_over(row)
    kept = checked(plan, others=_others(session, row.partnership_id, but=row.id), keep_day=keep_day)
    bump_version(session, row, expected=expected_version)
    write_plan(row, kept, audience=_widened(row, audience))
    session.add(row)
    session.flush()
    _anchor(session, row)
    if row.announced_at is not None:
        tell(session, row, EventChange.CHANGED, before=before)
    return row


def cancel_event(
    session: Session, row: PartnershipEvent, *, reason: str, expected_version: int | None = None
) -> PartnershipEvent:
    """Cancel an event that is not over, with a reason; whoever heard of it is told.

    Raise `RegistryInvalid` without a reason, `EventRefused` where it is over or cancelled already, or `Stale`.
    """
    need(EVENT, event_state(row), CANCEL, what=row.name)
    refuse(None if reason.strip() else Fault("reason", "missing", remedy="say_why"))
    bump_version(session, row, expected=expected_version)
    row.cancelled_at = row.changed_at = now()
    row.cancel_reason = reason.strip()
    session.add(row)
    session.flush()
    if row.announced_at is not None:
        tell(session, row, EventChange.CANCELLED)
    return row


def _others(session: Session, partnership_id: str, *, but: str = "") -> list[PartnershipEvent]:
    return [row for row in events_of(session, partnership_id) if row.id != but and row.cancelled_at is None]


def _widened(row: PartnershipEvent, audience: Collection[Role] | None) -> set[Role]:
    told = {Role(role) for role in row.audience}
    if audience is None:
        return told
    if row.announced_at is None:
        return set(audience)
    return told | set(audience) if told and audience else set()


def _anchor(session: Session, row: PartnershipEvent) -> None:
    """Let deadlines hang on the event's beginning, where it is known to the day."""
    day = day_of(row)
    if day is None:
        return
    begins = row.starts_at.astimezone(ZoneInfo(row.time_zone)) if row.starts_at else None
    set_anchor(
        session,
        kind=EVENT_ANCHOR,
        subject_id=row.id,
        partnership_id=row.partnership_id,
        title=row.name,
        day=day,
        at_time=begins.time() if begins else None,
        time_zone=row.time_zone,
    )
