"""A calendar shows the own meetings, each with its place, once the timetable is published."""

import pytest
from icalendar import Calendar
from sqlmodel import Session

from states.calendars.entries import KEPT
from states.calendars.ics import feed
from states.clock import at
from states.matchmaking.event_day.attendance import leave_event
from states.matchmaking.event_day.tables import Scheduling
from states.matchmaking.meetings.calendar_entries import agenda_attachment, agenda_entries, entries_of_person
from states.matchmaking.meetings.placing import cancel_meeting, place_meeting
from states.matchmaking.meetings.requests import answer_request
from states.matchmaking.meetings.states import UNPLACE, transition_meeting
from tests.factories import World, a_world
from tests.meeting_factories import BEFORE, a_brokerage_event, a_meeting, a_participant, a_request, accept, party

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def test_a_meeting_is_an_entry_of_both_with_its_table(world: World) -> None:
    event = a_brokerage_event(world)
    own, other = (a_participant(world, event, who) for who in ("gliwice", "marseille"))
    a_meeting(world, event, own, other)

    (mine,) = entries_of_person(world.session, own.person_id or "", event.partnership_id, language="de")
    (theirs,) = agenda_entries(world.session, other, language="en")

    assert (mine.title, mine.place, mine.zone) == ("marseille", "Medtech days, Tisch 1", "Europe/Warsaw")
    assert (theirs.title, theirs.place, theirs.busy) == ("gliwice", "Medtech days, table 1", True)
    assert mine.uid != theirs.uid
    assert b"DTSTART;TZID=Europe/Warsaw:20260504T100000" in feed([mine], name="Agenda", language="en")


def test_an_agenda_goes_out_with_all_the_meetings_of_whoever_speaks_there(world: World) -> None:
    event = a_brokerage_event(world)
    own, other = (a_participant(world, event, who) for who in ("gliwice", "marseille"))
    row = a_meeting(world, event, own, other)
    email = world.people["partner"].email

    sent = agenda_attachment(world.session, event.id, attendee=email, language="en")

    assert sent is not None
    calendar = Calendar.from_ical(sent[0])
    assert (sent[1], calendar["METHOD"]) == ("PUBLISH", "PUBLISH")
    assert [str(one["UID"]) for one in calendar.walk("VEVENT")] == [f"meeting-{row.id}-{own.id}@bankable"]
    assert agenda_attachment(world.session, event.id, attendee="nobody@example.org") is None


def test_nothing_shows_before_the_timetable_is_published(world: World) -> None:
    event = a_brokerage_event(world, scheduling=Scheduling.ORGANISER)
    own, other = (a_participant(world, event, who) for who in ("gliwice", "marseille"))
    row = a_meeting(world, event, own, other)
    with at(BEFORE):
        place_meeting(world.session, event, row, slot=1)
    hidden = agenda_entries(world.session, own, language="en")

    event.published_at = BEFORE

    assert (hidden, len(agenda_entries(world.session, own, language="en"))) == ([], 1)


def test_a_cancelled_meeting_stays_as_cancelled_for_a_while(world: World) -> None:
    event = a_brokerage_event(world)
    own, other = (a_participant(world, event, who) for who in ("gliwice", "marseille"))
    row = a_meeting(world, event, own, other)
    (before,) = agenda_entries(world.session, own, language="en")

    with at(BEFORE):
        cancel_meeting(world.session, event, row, by=None, reason="Ill.")
        (after,) = agenda_entries(world.session, own, language="en")
    with at(BEFORE + KEPT):
        later = agenda_entries(world.session, own, language="en")

    assert (after.uid, after.starts, after.cancelled) == (before.uid, before.starts, True)
    assert after.sequence > before.sequence
    shown = feed([after], name="Agenda", language="en")
    assert (b"STATUS:CANCELLED" in shown, b"Ill." in shown, later) == (True, True, [])


def test_what_nobody_saw_is_not_cancelled_for_anybody(world: World) -> None:
    event = a_brokerage_event(world, scheduling=Scheduling.ORGANISER)
    own, *others = (a_participant(world, event, who) for who in ("gliwice", "marseille", "katowice"))
    unseen, seen = (a_meeting(world, event, own, other) for other in others)
    with at(BEFORE):
        place_meeting(world.session, event, unseen, slot=1)
        cancel_meeting(world.session, event, unseen, by=None, reason="Ill.")
        event.published_at = BEFORE
        hidden = agenda_entries(world.session, own, language="en")
        place_meeting(world.session, event, seen, slot=2)
        transition_meeting(world.session, seen, UNPLACE)
        (gone,) = agenda_entries(world.session, own, language="en")
        place_meeting(world.session, event, seen, slot=3)
        (back,) = agenda_entries(world.session, own, language="en")

    assert (hidden, gone.cancelled, back.cancelled, back.uid == gone.uid) == ([], True, False, True)
    assert back.sequence > gone.sequence


def test_who_leaves_a_meeting_that_goes_on_sees_it_cancelled_and_who_declined_at_once_sees_nothing(
    world: World,
) -> None:
    event = a_brokerage_event(world)
    own, other, leaving = (a_participant(world, event, who) for who in ("gliwice", "marseille", "katowice"))
    declining = a_participant(world, event, "katowice", label="head of sales")
    row = a_request(world, event, own, other, leaving, declining)
    with at(BEFORE):
        answer_request(world.session, event, row, party(world, row, declining), accepted=False, reason="No time.")
    accept(world, event, row, other, leaving)
    (before,) = agenda_entries(world.session, leaving, language="en")

    with at(BEFORE.replace(hour=12)):
        leave_event(world.session, event, leaving, reason="Ill.", by=None)
        (after,) = agenda_entries(world.session, leaving, language="en")
        (goes_on,) = agenda_entries(world.session, own, language="en")
        nothing = agenda_entries(world.session, declining, language="en")

    assert (before.cancelled, after.cancelled, after.sequence > before.sequence) == (False, True, True)
    assert (goes_on.cancelled, goes_on.title, nothing) == (False, "marseille", [])
