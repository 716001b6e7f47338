"""An agenda holds its participant's own meetings and nothing of others, and is hidden like the timetable."""

from dataclasses import dataclass
from datetime import date, time

import pytest
from sqlmodel import Session

from documents.agenda.context import AgendaContext, gather
from documents.render import render
from documents.tableplan.context import gather as gather_plan
from states.archive.tables import DocumentKind
from states.clock import at
from states.errors import Missing
from states.matchmaking.event_day.attendance import record_attendance
from states.matchmaking.event_day.tables import Attendance, BrokerageEvent, Meeting, Participant, Scheduling
from states.matchmaking.meetings.placing import place_meeting
from tests.factories import World, a_world
from tests.meeting_factories import BEFORE, DAY, a_brokerage_event, a_meeting, a_participant, a_request

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@dataclass
class Fair:
    """An event at whose second slot two participants meet at table 2, and in whose fourth one is online."""

    world: World
    event: BrokerageEvent
    people: list[Participant]
    meetings: list[Meeting]


@pytest.fixture
def fair(session: Session) -> Fair:
    world = a_world(session)
    event = a_brokerage_event(world, scheduling=Scheduling.ORGANISER)
    ways = [("gliwice", Attendance.ON_SITE), ("marseille", Attendance.ON_SITE), ("katowice", Attendance.ONLINE)]
    people = [a_participant(world, event, who, attendance=way) for who, way in ways]
    meetings = [a_meeting(world, event, people[0], people[1]), a_meeting(world, event, people[1], people[2])]
    with at(BEFORE):
        place_meeting(session, event, meetings[0], slot=1, table=2)
        place_meeting(session, event, meetings[1], slot=3, table=1)
    return Fair(world, event, people, meetings)


def publish(fair: Fair) -> None:
    fair.event.published_at = BEFORE
    fair.world.session.flush()


def agenda(fair: Fair, number: int) -> AgendaContext:
    return gather(fair.world.session, subject_id=fair.people[number].id)


def test_nobody_has_an_agenda_before_the_timetable_is_published(fair: Fair) -> None:
    with pytest.raises(Missing, match="published timetable of event"):
        agenda(fair, 0)
    with pytest.raises(Missing, match="published timetable of event"):
        gather_plan(fair.world.session, subject_id=fair.event.id)


def test_an_agenda_holds_the_own_meetings_by_the_clock_of_the_event(fair: Fair) -> None:
    publish(fair)

    found = agenda(fair, 0)

    (one,) = found.meetings  # Warsaw is two hours ahead of UTC in May
    assert (one.day, one.starts, one.ends, one.table) == (date(2026, 5, 4), time(10, 20), time(10, 40), 2)
    assert [(guest.organisation, guest.label) for guest in one.guests] == [("marseille", "head of research")]
    assert "katowice" not in found.model_dump_json()
    assert (found.owner.organisation, found.waiting, one.link) == ("gliwice", (), "")


def test_who_meets_online_finds_the_address(fair: Fair) -> None:
    publish(fair)

    first, second = agenda(fair, 1).meetings

    assert (first.link, second.link) == ("", f"https://meet.example.org/b/{fair.meetings[1].id}")
    assert [day for day, _ in agenda(fair, 1).days] == [date(2026, 5, 4)]


def test_what_was_agreed_and_has_no_place_waits_and_a_request_does_not_show(fair: Fair) -> None:
    other = a_participant(fair.world, fair.event, "katowice", label="sales")
    a_meeting(fair.world, fair.event, fair.people[0], fair.people[2])
    a_request(fair.world, fair.event, fair.people[0], other)
    publish(fair)

    found = agenda(fair, 0)

    assert [[guest.label for guest in one.guests] for one in found.waiting] == [["head of research"]]
    assert len(found.meetings) == 1


def test_an_agenda_that_changes_is_another_version(fair: Fair) -> None:
    publish(fair)
    before = agenda(fair, 0)
    with at(DAY.replace(hour=12)):
        record_attendance(fair.world.session, fair.event, fair.meetings[0], by=None)

    after = agenda(fair, 0)

    assert before.meta.version < after.meta.version == "2026-05-04 12:00 UTC"
    assert before.meta.content_sha256 == after.meta.content_sha256


def test_what_was_gathered_can_be_printed(fair: Fair) -> None:
    publish(fair)

    assert render(DocumentKind.PERSONAL_AGENDA, agenda(fair, 2))[:5] == b"%PDF-"


def test_the_plan_says_who_is_where_session_by_session(fair: Fair) -> None:
    publish(fair)

    found = gather_plan(fair.world.session, subject_id=fair.event.id)

    told = [(one.title, one.columns, [slot.cells for slot in one.slots]) for one in found.blocks]
    assert told == [
        ("from 8", ("Table 2",), [((),), (("gliwice", "marseille"),), ((),)]),
        ("from 12", ("Table 1",), [(("marseille", "katowice"),), ((),), ((),)]),
    ]
    assert found.meetings == 2
    assert render(DocumentKind.TABLE_PLAN, found)[:5] == b"%PDF-"
