"""Profiles, brokerage events and meetings to test with, made as users make them."""

from datetime import UTC, datetime, timedelta

from states.calendars.event_announcements import announce_event
from states.clock import at
from states.computations.service import begin_computation, computation_by_id
from states.matchmaking.event_day.attendance import record_attendance
from states.matchmaking.event_day.participants import Delegate, register, validate_participant
from states.matchmaking.event_day.programme import EventSession, Span
from states.matchmaking.event_day.queries import parties_of
from states.matchmaking.event_day.setup import Setup, event_slots, set_up_event
from states.matchmaking.event_day.tables import (
    Attendance,
    BrokerageEvent,
    EventMode,
    Meeting,
    MeetingParty,
    Participant,
    Scheduling,
)
from states.matchmaking.meetings.placing import place_meeting
from states.matchmaking.meetings.requests import Wish, answer_request, request_meeting
from states.matchmaking.profiles.content import ProfileContent
from states.matchmaking.profiles.quality_check import Scores, check_profile
from states.matchmaking.profiles.service import draft_profile, submit_profile
from states.matchmaking.profiles.tables import (
    OFFERS,
    Cooperation,
    Development,
    Ipr,
    OfferKind,
    PartnerType,
    Profile,
    ProfileType,
)
from states.matchmaking.timetable.problem import Place, Schedule
from states.matchmaking.timetable.service import COMPUTING, KIND, compute_timetable, record_schedule
from states.matchmaking.timetable.solver import Outcome
from states.partners.event_plans import EventPlan
from states.partners.tables import EventKind
from states.storage import begin
from tests.factories import World

DAY = datetime(2026, 5, 4, tzinfo=UTC)
BEFORE = DAY - timedelta(days=10)  # while requests are taken
GOOD = Scores(4, 4, 3, 4)


def a_content(kind: ProfileType = ProfileType.TECHNOLOGY_OFFER, **changes: object) -> ProfileContent:
    """Return what a profile of that type needs before its check."""
    offer = kind in OFFERS
    complete: dict[str, object] = {
        "type": kind,
        "title": "Coating that lets bone grow in",
        "summary": "A coating for implants.",
        "description": "A porous coating, applied by plasma, that bone grows into.",
        "advantages": "Half the time to load-bearing." if offer else "",
        "expertise_sought": "" if offer else "Animal trials.",
        "offer_kind": OfferKind.TECHNOLOGY if offer else None,
        "development": Development.LAB_TESTED,
        "ipr": Ipr.PATENT_APPLIED,
        "partner_role": "Makes implants and tests the coating on them.",
        "partner_types": [PartnerType.SME_50_TO_249],
        "cooperation": [Cooperation.RESEARCH],
        "keywords": ["BI.IMP.DEN"],
        "languages": ["en", "pl"],
    }
    return ProfileContent(**(complete | changes))  # type: ignore[arg-type]


def a_profile(world: World, who: str = "gliwice", content: ProfileContent | None = None) -> Profile:
    """Return a draft."""
    return draft_profile(
        world.session,
        world.partnership,
        world.organisations[who],
        content or a_content(),
        author_person_id=world.people["partner"].id,
    )


def a_published_profile(world: World, who: str = "gliwice", content: ProfileContent | None = None) -> Profile:
    row = submit_profile(world.session, a_profile(world, who, content))
    manager = world.people["project_manager"].id
    check_profile(world.session, row, GOOD, comment="", person_id=manager, organisation_id=None)
    return row


def a_session(hour: int, *, slots: int = 3, tables: int = 2, breaks: tuple[Span, ...] = ()) -> EventSession:
    """Return a session from that hour on, in slots of 20 minutes."""
    starts = DAY + timedelta(hours=hour)
    return EventSession(f"from {hour}", starts, starts + timedelta(minutes=20 * slots), tables, breaks)


def a_setup(**changes: object) -> Setup:
    complete: dict[str, object] = {
        "mode": EventMode.HYBRID,
        "scheduling": Scheduling.PARTICIPANTS,
        "time_zone": "Europe/Warsaw",
        "sessions": [a_session(8), a_session(12)],
        "requests_from": DAY - timedelta(days=20),
        "requests_until": DAY - timedelta(days=2),
        "link_base": "https://meet.example.org/b",
    }
    return Setup(**(complete | changes))  # type: ignore[arg-type]


def a_brokerage_event(world: World, *, name: str = "Medtech days", **changes: object) -> BrokerageEvent:
    """Return an event with two sessions of three slots and two tables."""
    event = announce_event(world.session, world.partnership, EventPlan(name, EventKind.BROKERAGE, held_on="2026-05-04"))
    return set_up_event(world.session, event, a_setup(**changes))


def a_participant(
    world: World,
    event: BrokerageEvent,
    who: str,
    *,
    label: str = "head of research",
    attendance: Attendance = Attendance.ON_SITE,
    unavailable: tuple[int, ...] = (),
) -> Participant:
    """Return a participant whom the organiser has validated."""
    person_id = world.people["partner"].id if who == "gliwice" else None
    delegate = Delegate(label=label, attendance=attendance, unavailable=unavailable, person_id=person_id)
    row = register(world.session, event, world.organisations[who], delegate)
    return validate_participant(world.session, row, accepted=True)


def a_request(
    world: World,
    event: BrokerageEvent,
    asker: Participant,
    *guests: Participant,
    priority: int = 3,
    earlier: timedelta = timedelta(),
) -> Meeting:
    """Return a request; of several at one instant the order is that of their ids, so that one may be made `earlier`."""
    with at(BEFORE - earlier):
        wish = Wish(subject="Coating of implants", priority=priority)
        return request_meeting(world.session, event, wish, asker=asker, guests=guests)


def party(world: World, row: Meeting, who: Participant) -> MeetingParty:
    entries = parties_of(world.session, [row.id])[row.id]
    return next(entry.party for entry in entries if entry.participant.id == who.id)


def accept(world: World, event: BrokerageEvent, row: Meeting, *guests: Participant) -> Meeting:
    with at(BEFORE):
        for one in guests:
            answer_request(world.session, event, row, party(world, row, one), accepted=True)
    return row


def a_meeting(world: World, event: BrokerageEvent, asker: Participant, *guests: Participant) -> Meeting:
    """Return an accepted meeting, placed already where participants schedule themselves."""
    return accept(world, event, a_request(world, event, asker, *guests), *guests)


def a_held_meeting(world: World, event: BrokerageEvent, asker: Participant, *guests: Participant) -> Meeting:
    row = a_meeting(world, event, asker, *guests)
    if row.slot is None:
        place_meeting(world.session, event, row, slot=0)
    with at(event_slots(event)[row.slot or 0].ends_at):
        return record_attendance(world.session, event, row, by=None)


def an_outcome(*places: Place | None, **changes: object) -> Outcome:
    """Return what a computation may have found: these places of the meetings, in the problem's order."""
    unplaced = tuple(number for number, place in enumerate(places) if place is None)
    found: dict[str, object] = {
        "schedule": Schedule(places),
        "breaks": 0,
        "unplaced": unplaced,
        "unfair": 0,
        "bound": 0,
        "proven": True,
        "impossible": bool(unplaced),
        "cancelled": False,
        "seconds": 0.5,
    }
    return Outcome(**(found | changes))  # type: ignore[arg-type]


class _Unwatched:
    def note(self, **progress: object) -> None:
        """Say nothing."""

    def over(self) -> bool:
        return False


def compute(run: str) -> None:
    """Compute a timetable that was asked for, as the flow does."""
    with begin() as session:
        row = computation_by_id(session, KIND, run)
        problem = begin_computation(session, COMPUTING, row)
        assert problem is not None
        record_schedule(session, row, compute_timetable(problem, row, _Unwatched()))
