"""The funnel report counts as the funnel does, for its own event only."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from documents.funnel.context import gather
from documents.render import render
from states.archive.tables import DocumentKind
from states.clock import at
from states.lifecycle.opening import open_from_meeting
from tests.factories import a_world
from tests.meeting_factories import DAY, a_brokerage_event, a_held_meeting, a_participant, a_request

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def test_counts_the_meetings_of_its_event(session: Session) -> None:
    world = a_world(session)
    event, other = a_brokerage_event(world), a_brokerage_event(world, name="Another day")
    gliwice, marseille, katowice = (a_participant(world, event, who) for who in ("gliwice", "marseille", "katowice"))
    held = a_held_meeting(world, event, gliwice, marseille)
    a_request(world, event, katowice, marseille)
    a_request(world, other, a_participant(world, other, "gliwice"), a_participant(world, other, "marseille"))
    with at(DAY + timedelta(days=2)):
        open_from_meeting(session, world.partnership, held, slug="centre", title="Centre")

        found = gather(session, subject_id=event.id)

    assert [(step.name, step.count) for step in found.steps] == [
        ("requested", 2),
        ("accepted", 1),
        ("held", 1),
        ("followed up", 1),
        ("collaborations", 1),
        ("protocols", 0),
        ("funded", 0),
    ]
    assert [group.title for group in found.groups] == ["By cluster", "By region"]
    assert [(row.title, row.counts[0]) for row in found.groups[0].rows] == [("by no cluster", 2)]
    assert found.meta.version == "2026-05-06 00:00 UTC"
    assert render(DocumentKind.FUNNEL_REPORT, found)[:5] == b"%PDF-"


def test_an_event_without_meetings_has_a_report_too(session: Session) -> None:
    found = gather(session, subject_id=a_brokerage_event(a_world(session)).id)

    assert {step.count for step in found.steps} == {0}
    assert render(DocumentKind.FUNNEL_REPORT, found)[:5] == b"%PDF-"
