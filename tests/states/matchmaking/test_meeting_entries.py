"""A calendar shows the own meetings, each with its place, once the timetable is published."""

import pytest
from sqlmodel import Session

from states.calendars.ics import feed
from states.clock import at
from states.matchmaking.event_tables import Scheduling
from states.matchmaking.meeting_entries import agenda_entries, entries_of_person
from states.matchmaking.placing import cancel_meeting, place_meeting
from tests.factories import World, a_world
from tests.meeting_factories import BEFORE, a_brokerage_event, a_meeting, a_participant

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


def test_nothing_shows_before_the_timetable_is_published(world: World) -> None:
    event = a_brokerage_event(world, scheduling=Scheduling.ORGANISER)
    own, other = (a_participant(world, event, who) for who in ("gliwice", "marseille"))
    row = a_meeting(world, event, own, other)
    with at(BEFORE):
        place_meeting(world.session, event, row, slot=1)
    hidden = agenda_entries(world.session, own, language="en")

    event.published_at = BEFORE

    assert (hidden, len(agenda_entries(world.session, own, language="en"))) == ([], 1)


def test_a_cancelled_meeting_is_gone(world: World) -> None:
    event = a_brokerage_event(world)
    own, other = (a_participant(world, event, who) for who in ("gliwice", "marseille"))
    row = a_meeting(world, event, own, other)

    with at(BEFORE):
        cancel_meeting(world.session, event, row, by=None, reason="Ill.")

    assert agenda_entries(world.session, own, language="en") == []
