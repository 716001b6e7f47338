"""Announce a partnership's event, change it, cancel it; whoever is concerned is told by mail, with a calendar entry."""

from collections.abc import Collection
from zoneinfo import ZoneInfo

from sqlmodel import Session

from states.calendars.event_mails import EventChange, tell
from states.clock import now
from states.deadlines.anchors import set_anchor
from states.errors import Fault, Refusal, Refused
from states.partners.event_plans import EventPlan, checked, day_of, is_over, plan_of, write_plan
from states.partners.queries import events_of
from states.partners.registry_faults import refuse
from states.partners.tables import Partnership, PartnershipEvent
from states.rights.access import Role
from states.storage import bump_version

EVENT_ANCHOR = "event"


class EventRefused(Refused):
    """The event cannot be changed so any more."""

    code = "event_refused"


def announce_event(
    session: Session, partnership: Partnership, plan: EventPlan, *, audience: Collection[Role] = ()
) -> PartnershipEvent:
    """Add an event; unless it is over, tell those who hold a role of the audience (all roles where it is empty).

    Raise `RegistryInvalid` with every fault. An event of the past is a record: nobody is told of it.
    """
    kept = checked(plan, others=_others(session, partnership.id))
    row = PartnershipEvent(partnership_id=partnership.id, name=kept.name, kind=kept.kind, held_on=kept.held_on)
    write_plan(row, kept, audience=audience)
    session.add(row)
    session.flush()
    _anchor(session, row)
    tell(session, row, EventChange.ANNOUNCED)
    return row


def change_event(
    session: Session,
    row: PartnershipEvent,
    plan: EventPlan,
    *,
    audience: Collection[Role] | None = None,
    expected_version: int | None = None,
) -> PartnershipEvent:
    """Put another plan in the place of the present one; tell what changed, unless the event is over then.

    `audience` adds roles to those that are told; an empty one adds all, None none. Deadlines that hang on the event
    move with it. Raise `RegistryInvalid` with every fault, `EventRefused` for a cancelled event, or `Stale`.
    """
    if row.cancelled_at is not None:
        raise EventRefused([Refusal("event_cancelled", event=row.name)])
    before, keep_day = plan_of(row), day_of(row) is not None and not is_over(row)
    kept = checked(plan, others=_others(session, row.partnership_id, but=row.id), keep_day=keep_day)
    bump_version(session, row, expected=expected_version)
    write_plan(row, kept, audience=_widened(row, audience))
    session.add(row)
    session.flush()
    _anchor(session, row)
    tell(session, row, EventChange.CHANGED, before=before)
    return row


def cancel_event(
    session: Session, row: PartnershipEvent, *, reason: str, expected_version: int | None = None
) -> PartnershipEvent:
    """Cancel an event that is not over, with a reason; whoever heard of it is told.

    Raise `RegistryInvalid` without a reason, `EventRefused` where it is over or cancelled already, or `Stale`.
    """
    if row.cancelled_at is not None or is_over(row):
        text = "" if row.cancelled_at is None else "event_cancelled_already"
        raise EventRefused([Refusal("event_ended", text=text, event=row.name)])
    refuse(None if reason.strip() else Fault("reason", "is missing", "say why"))
    bump_version(session, row, expected=expected_version)
    row.cancelled_at = row.changed_at = now()
    row.cancel_reason = reason.strip()
    session.add(row)
    session.flush()
    tell(session, row, EventChange.CANCELLED)
    return row


def _others(session: Session, partnership_id: str, *, but: str = "") -> list[PartnershipEvent]:
    return [row for row in events_of(session, partnership_id) if row.id != but and row.cancelled_at is None]


def _widened(row: PartnershipEvent, audience: Collection[Role] | None) -> set[Role]:
    told = {Role(role) for role in row.audience}
    if audience is None:
        return told
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
