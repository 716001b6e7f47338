"""Meetings as an actor may see them, and which of their participants the actor speaks for."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from api.routes.matchmaking.meeting_schemas import MeetingOut, PartyOut
from states.errors import Denied, Fault, Invalid
from states.matchmaking.event_day.queries import PLACED, PartyEntry, coming, parties_of, tells_places
from states.matchmaking.event_day.setup import event_slots
from states.matchmaking.event_day.tables import BrokerageEvent, Meeting, MeetingState, Participant
from states.partners.tables import Organisation
from states.rights.access import Action, Actor, Scope, confined_to, may


class WhoseUnclear(Invalid):
    """The actor speaks for several participants, or for none: the request names whose act it is."""

    code = "whose_unclear"


def speaker(actor: Actor, people: Iterable[Participant], named: str | None, *, place: str) -> Participant:
    """Return the participant whose act it is: the named one, else a partner itself, or its organisation's only one.

    A partner acts for its own organisation only.
    """
    own_id = confined_to(actor)
    partner = own_id is not None
    own = [one for one in people if own_id in (None, one.organisation_id)]
    if named is not None:
        own = [one for one in own if one.id == named]
    elif partner:
        own = [one for one in own if one.person_id == actor.person_id] or own
    if not own:
        raise Denied("speaks_for_no_participant")
    if named is None and (not partner or len(own) > 1):
        raise WhoseUnclear(faults=[Fault(place, "not_clear", remedy="give_id_participant")])
    return own[0]


def need_part(session: Session, actor: Actor, row: Meeting) -> None:
    """Raise `Denied` unless the actor organises, or speaks for somebody who agreed to the meeting."""
    there = coming(parties_of(session, [row.id])[row.id])
    if confined_to(actor) not in (None, *(entry.organisation.id for entry in there)):
        raise Denied("meeting_not_agreed")


def sees_all(actor: Actor, event: BrokerageEvent) -> bool:
    """Tell whether the actor sees places before they are published."""
    return may(actor, Action.RUN_BROKERAGE, Scope(event.partnership_id))


def shown_state(actor: Actor, event: BrokerageEvent, state: MeetingState) -> MeetingState:
    """Return a state as the actor sees it: where places are hidden, a placed meeting is an accepted one."""
    hidden = state in PLACED and not _told(actor, event)
    return MeetingState.ACCEPTED if hidden else state


def _told(actor: Actor, event: BrokerageEvent) -> bool:
    return sees_all(actor, event) or tells_places(event)


def tag_of(actor: Actor, event: BrokerageEvent, row: Meeting) -> int | str:
    """Return the ETag: the version, marked where a part is hidden still."""
    return row.version if _told(actor, event) else f"{row.version}-hidden"


def present_meetings(
    session: Session, actor: Actor, event: BrokerageEvent, rows: Sequence[Meeting]
) -> list[MeetingOut]:
    """Return the meetings of an event; before publication a participant learns of no place."""
    parties = parties_of(session, [row.id for row in rows])
    keys = {row.changed_by for row in rows}
    slugs = dict(session.exec(select(Organisation.id, Organisation.slug).where(col(Organisation.id).in_(keys))).all())
    told = _told(actor, event)
    times = {slot.number: (slot.starts_at, slot.ends_at) for slot in event_slots(event)}
    return [_meeting(row, parties[row.id], slugs.get(row.changed_by or ""), told=told, times=times) for row in rows]


def _meeting(
    row: Meeting,
    entries: Sequence[PartyEntry],
    changed_by: str | None,
    *,
    told: bool,
    times: dict[int, tuple[datetime, datetime]],
) -> MeetingOut:
    starts_at, ends_at = times[row.slot] if row.slot is not None and told else (None, None)
    hidden = not told and row.state in PLACED
    values = row.model_dump() | {
        "state": MeetingState.ACCEPTED if hidden else row.state,
        # When a place was found would tell that there is one.
        "changed_at": row.accepted_at if hidden else row.changed_at,
        "changed_by": None if hidden else changed_by,
        "slot": row.slot if told else None,
        "table": row.table_number if told else None,
        "link": row.link if told else "",
        "locked": row.locked and told,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "parties": [_party(entry) for entry in entries],
    }
    return MeetingOut.model_validate(values)


def _party(entry: PartyEntry) -> PartyOut:
    return PartyOut(
        participant_id=entry.participant.id,
        organisation=entry.organisation.slug,
        organisation_name=entry.organisation.name,
        label=entry.participant.label,
        asked=entry.party.asked,
        answer=entry.party.answer,
        reason=entry.party.reason,
        missed=entry.party.missed,
    )
