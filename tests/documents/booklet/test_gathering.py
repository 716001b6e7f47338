"""The booklet shows who takes part and what they offer, and nobody's person or address."""

import pytest
from sqlmodel import Session

from documents.booklet.context import gather
from documents.render import render
from states.archive.tables import DocumentKind
from states.matchmaking.event_tables import Attendance
from states.matchmaking.participants import Delegate, register
from states.matchmaking.profile_tables import ProfileType
from tests.factories import a_world
from tests.meeting_factories import a_brokerage_event, a_content, a_participant, a_profile, a_published_profile

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def test_shows_participants_and_public_profiles_without_contact_details(session: Session) -> None:
    world = a_world(session)
    event = a_brokerage_event(world)
    a_participant(world, event, "gliwice")
    waiting = Delegate(label="still to be validated", attendance=Attendance.ON_SITE)
    register(session, event, world.organisations["katowice"], waiting)
    shown = a_published_profile(world)
    a_profile(world, content=a_content(ProfileType.BUSINESS_REQUEST, title="Only a draft"))
    a_published_profile(world, "marseille", a_content(title="Of somebody who does not come"))

    found = gather(session, subject_id=event.id)

    text = found.model_dump_json()
    assert [(one.organisation, one.label) for one in found.participants] == [("gliwice", "head of research")]
    assert [(card.reference, card.organisation, card.keywords) for card in found.cards] == [
        (shown.reference, "gliwice", ("Dental implants",))
    ]
    assert [(part.title, part.starts.hour) for part in found.programme] == [("from 8", 10), ("from 12", 14)]
    assert [secret for secret in ("@", world.people["partner"].email, "still to be") if secret in text] == []
    assert render(DocumentKind.EVENT_BOOKLET, found)[:5] == b"%PDF-"


def test_an_event_without_anybody_has_a_booklet_too(session: Session) -> None:
    event = a_brokerage_event(a_world(session))

    found = gather(session, subject_id=event.id)

    assert (found.participants, found.cards) == ((), ())
    assert render(DocumentKind.EVENT_BOOKLET, found)[:5] == b"%PDF-"
