"""Requests for meetings: asked with a priority, accepted or declined by each guest, withdrawn, or expired."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from states.clock import now
from states.errors import Fault, Invalid, Refusal
from states.machines.stepping import begin, need, step
from states.matchmaking.event_day.participants import need_validated
from states.matchmaking.event_day.queries import PartyEntry, meetings_with, parties_of
from states.matchmaking.event_day.setup import demand_changed, lock_event
from states.matchmaking.event_day.tables import (
    BrokerageEvent,
    Meeting,
    MeetingParty,
    MeetingState,
    Participant,
    PartyAnswer,
    Scheduling,
)
from states.matchmaking.mails import tell_answer, tell_request
from states.matchmaking.meetings.occupancy import occupancy_but
from states.matchmaking.meetings.placing import place_at_first
from states.matchmaking.meetings.states import (
    ACCEPT,
    AGREE,
    AGREED,
    ANSWER,
    ASK,
    DECLINE,
    EXPIRE,
    MEETING,
    PARTY,
    REFUSE,
    WITHDRAW,
    MeetingRefused,
    refuse,
    transition_meeting,
)
from states.matchmaking.profiles.tables import Profile
from states.outbox.service import publish
from states.storage import bump_version

PRIORITIES = range(1, 6)
TEXT_LENGTH = 2000


class MeetingInvalid(Invalid):
    """The request, or what is said of the meeting, cannot be kept so."""

    code = "meeting_invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a meeting is wanted for, and how much: 1 to 5, where 5 is most."""

    subject: str
    priority: int
    message: str = ""
    profile: Profile | None = None


def request_meeting(
    session: Session,
    event: BrokerageEvent,
    wish: Wish,
    *,
    asker: Participant,
    guests: Sequence[Participant],
    late: bool = False,
    tell: bool = True,
) -> Meeting:
    """Ask one or more participants of other organisations for a meeting; `late` lets the organiser ask at any time.

    `tell` writes to those who are asked.
    """
    if faults := [*_wish_faults(wish, asker, guests), *_guest_faults(event, asker, guests)]:
        raise MeetingInvalid(faults=faults)
    for one in (asker, *guests):
        need_validated(one)
    lock_event(session, event)
    if reasons := [*([] if late else _window(event)), *_against(session, event, asker, guests)]:
        raise MeetingRefused(reasons)
    row = add_meeting(session, event, wish, asker=asker, guests=guests)
    publish(session, "meeting.requested", partnership_id=row.partnership_id, meeting=row.id)
    if tell:
        tell_request(session, row)
    return row


def add_meeting(
    session: Session, event: BrokerageEvent, wish: Wish, *, asker: Participant, guests: Sequence[Participant]
) -> Meeting:
    """Add a requested meeting with its parties; who asks has accepted."""
    instant = now()
    row = Meeting(
        event_id=event.id,
        partnership_id=event.partnership_id,
        profile_id=wish.profile.id if wish.profile else None,
        subject=wish.subject.strip(),
        message=wish.message.strip(),
        priority=wish.priority,
        changed_at=instant,
        changed_by=asker.organisation_id,
        requested_at=instant,
        expires_at=instant + timedelta(hours=event.answer_hours),
        illustrative=asker.illustrative or any(one.illustrative for one in guests),
    )
    session.add(row)
    session.flush()
    for one in (asker, *guests):
        party = MeetingParty(meeting_id=row.id, participant_id=one.id, organisation_id=one.organisation_id)
        if one is asker:
            party.asked, party.answer, party.answered_at = True, begin(PARTY, ASK), instant
        session.add(party)
    session.flush()
    return row


def answer_request(
    session: Session,
    event: BrokerageEvent,
    row: Meeting,
    party: MeetingParty,
    *,
    accepted: bool,
    reason: str = "",
    expected_version: int | None = None,
) -> Meeting:
    """Let one guest accept, or decline with a reason.

    The first who accepts makes it a meeting; it is declined once all have declined. Where participants schedule
    themselves, it takes the first slot that all have free, at the first free table; if there is none, it waits.
    """
    if not accepted and not reason.strip():
        raise MeetingInvalid(faults=[Fault("reason", "blank", remedy="say_why_request_declined")])
    if len(reason) > TEXT_LENGTH:
        raise MeetingInvalid(faults=[Fault("reason", "too_long", remedy="at_most_characters", most=TEXT_LENGTH)])
    lock_event(session, event)
    session.refresh(row)
    session.refresh(party)
    _need_answerable(row, party, accepted=accepted)
    bump_version(session, row, expected=expected_version)
    entries = parties_of(session, [row.id])[row.id]
    party.reason, party.answered_at = reason.strip(), now()
    if accepted:
        _accept(session, event, row, party, entries)
    else:
        party.answer = step(PARTY, party.answer, REFUSE)
        session.flush()
        if all(entry.party.answer is PartyAnswer.DECLINED for entry in entries if not entry.party.asked):
            transition_meeting(session, row, DECLINE, by=party.organisation_id, reason=reason)
    publish(session, "meeting.answered", partnership_id=row.partnership_id, meeting=row.id, party=party.id)
    tell_answer(session, row, party, accepted=accepted)
    return row


def withdraw_request(
    session: Session,
    row: Meeting,
    *,
    by: str | None,
    reason: str = "",
    expected_version: int | None = None,
) -> Meeting:
    """Take a request back that nobody has accepted yet."""
    transition_meeting(session, row, WITHDRAW, by=by, reason=reason, expected_version=expected_version)
    return row


def unanswered_requests(session: Session) -> list[str]:
    """Return what nobody has answered in time, by its ids."""
    return list(session.exec(select(Meeting.id).where(*_unanswered()).order_by(col(Meeting.id))))


def _unanswered() -> tuple[ColumnElement[bool], ...]:
    return col(Meeting.state) == MeetingState.REQUESTED, col(Meeting.expires_at) <= now()


def expire_requests(session: Session, keys: Collection[str] | None = None) -> Sequence[Meeting]:
    """Mark as expired what nobody has answered in time, of these or of all; return which."""
    query = select(Meeting).where(*_unanswered())
    query = query if keys is None else query.where(col(Meeting.id).in_(keys))
    rows = session.exec(query.order_by(col(Meeting.id))).all()
    for row in rows:
        transition_meeting(session, row, EXPIRE)
    return rows


def _accept(
    session: Session, event: BrokerageEvent, row: Meeting, party: MeetingParty, entries: Sequence[PartyEntry]
) -> None:
    first = ACCEPT.leaves(row.state)
    crowded = [
        entry.participant.label
        for entry in entries
        if (entry.party is party or (first and entry.party.asked))
        and agreed(session, entry.participant) >= _most(event, entry)
    ]
    if crowded:
        refuse("too_many_meetings", participants=tuple(crowded))
    if row.slot is not None:
        occupancy_but(session, event, row).need_free(row.slot, [entry for entry in entries if entry.party is party])
    party.answer = step(PARTY, party.answer, AGREE)
    session.flush()
    demand_changed(session, event)
    if not first:
        return
    transition_meeting(session, row, ACCEPT, by=party.organisation_id)
    if event.scheduling is Scheduling.PARTICIPANTS:
        place_at_first(session, event, row)


def agreed(session: Session, participant: Participant) -> int:
    """Count the meetings that a participant has agreed to and that were not cancelled."""
    query = (
        select(func.count())
        .select_from(MeetingParty)
        .join(Meeting, col(Meeting.id) == col(MeetingParty.meeting_id))
        .where(
            MeetingParty.participant_id == participant.id,
            MeetingParty.answer == PartyAnswer.ACCEPTED,
            col(Meeting.state).in_(AGREED),
        )
    )
    return session.exec(query).one()


def _most(event: BrokerageEvent, entry: PartyEntry) -> int:
    own = entry.participant.most_meetings
    return event.most_meetings if own is None else own


def _need_answerable(row: Meeting, party: MeetingParty, *, accepted: bool) -> None:
    need(MEETING, row.state, ANSWER)
    if accepted and row.state is MeetingState.REQUESTED and row.expires_at <= now():
        refuse("request_expired")
    need(PARTY, party.answer, AGREE if accepted else REFUSE)


def _wish_faults(wish: Wish, asker: Participant, guests: Sequence[Participant]) -> Iterator[Fault]:
    if not wish.subject.strip():
        yield Fault("subject", "blank", remedy="say_what_meeting_about")
    for name in ("subject", "message"):
        if len(getattr(wish, name)) > TEXT_LENGTH:
            yield Fault(name, "too_long", remedy="at_most_characters", most=TEXT_LENGTH)
    if wish.priority not in PRIORITIES:
        yield Fault("priority", "priority_out_of_range", remedy="one_to_five_wanted", priority=wish.priority)
    if wish.profile and wish.profile.organisation_id not in {one.organisation_id for one in (asker, *guests)}:
        yield Fault("profile", "belongs_none_them", remedy="profile_who_meets_or_none")


def _guest_faults(event: BrokerageEvent, asker: Participant, guests: Sequence[Participant]) -> Iterator[Fault]:
    if asker.event_id != event.id:
        yield Fault("asker", "takes_part_in_another_event", remedy="name_participant_one")
    if not guests:
        yield Fault("guests", "none_given", remedy="name_one_or_more")
    for number, one in enumerate(guests, start=1):
        if one.event_id != event.id:
            yield Fault(f"guests[{number}]", "takes_part_in_another_event", remedy="name_participant_one")
        if one.organisation_id == asker.organisation_id:
            yield Fault(f"guests[{number}]", "same_organisation", remedy="name_participant_another_one")
        if one in guests[: number - 1]:
            yield Fault(f"guests[{number}]", "twice", remedy="name_each_once")


def _window(event: BrokerageEvent) -> list[Refusal]:
    if event.requests_from <= now() < event.requests_until:
        return []
    opens, closes, mend = event.requests_from, event.requests_until, ("project_manager",)
    return [Refusal("requests_closed", opens=opens, closes=closes, mend_by=mend, where="brokerage")]


def _against(
    session: Session, event: BrokerageEvent, asker: Participant, guests: Sequence[Participant]
) -> Iterator[Refusal]:
    live = [row for row in meetings_with(session, asker.id) if row.state in MEETING.live]
    parties = parties_of(session, [row.id for row in live])
    sent = sum(
        row.state is MeetingState.REQUESTED
        and any(entry.party.asked and entry.participant.id == asker.id for entry in parties[row.id])
        for row in live
    )
    if sent >= event.most_requests:
        yield Refusal("too_many_requests", count=sent, where="meetings")
    known = {entry.participant.id for row in live for entry in parties[row.id]}
    for one in guests:
        if one.id in known:
            yield Refusal("meeting_known", participant=one.label, where="meetings")
