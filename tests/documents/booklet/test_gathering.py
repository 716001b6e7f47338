"""The booklet shows who takes part and what they offer, and nobody's person or address."""

import pytest
from sqlmodel import Session

from documents.booklet.context import gather
from documents.render import render
from states.archive.tables import DocumentKind
from states.matchmaking.consents.service import consent_texts, record_consent
from states.matchmaking.consents.tables import ConsentPurpose
from states.matchmaking.event_day.participants import Delegate, register
from states.matchmaking.event_day.tables import Attendance, Participant
from states.matchmaking.profiles.tables import ProfileType
from tests.documents.story import text_of
from tests.factories import World, a_world
from tests.meeting_factories import a_brokerage_event, a_content, a_participant, a_profile, a_published_profile

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def test_shows_participants_and_public_profiles_without_contact_details(session: Session) -> None:
    world = a_world(session)
    event = a_brokerage_event(world)
    own = a_participant(world, event, "gliwice")
    consent(world, own, given=True)
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


def test_who_has_not_agreed_or_not_any_more_is_counted_only(session: Session) -> None:
    world = a_world(session)
    event = a_brokerage_event(world)
    asked, fickle, agreed = (a_participant(world, event, who) for who in ("gliwice", "marseille", "katowice"))
    for who in ("gliwice", "marseille", "katowice"):
        a_published_profile(world, who, a_content(title=f"Of {who}"))
    consent(world, agreed, given=True)
    consent(world, fickle, given=True)
    both = gather(session, subject_id=event.id)

    consent(world, fickle, given=False)
    found = gather(session, subject_id=event.id)

    text = " ".join(text_of(render(DocumentKind.EVENT_BOOKLET, found)).split())
    assert ([one.organisation for one in both.participants], both.unnamed) == (["katowice", "marseille"], 1)
    assert ([one.organisation for one in found.participants], found.unnamed) == (["katowice"], 2)
    assert [card.title for card in found.cards] == ["Of katowice"]
    assert found.meta.content_sha256 != both.meta.content_sha256
    assert found.meta.issued_at > both.meta.issued_at
    assert "2 participants have not agreed to stand in this booklet" in text
    assert ("Of katowice" in text, "marseille" in text, "Of gliwice" in text, asked.id in text) == (True, *[False] * 3)


def consent(world: World, who: Participant, *, given: bool) -> None:
    record_consent(
        world.session,
        who,
        ConsentPurpose.BOOKLET,
        given=given,
        text_version=consent_texts().version,
        person_id=world.people["partner"].id,
    )


def test_an_event_without_anybody_has_a_booklet_too(session: Session) -> None:
    event = a_brokerage_event(a_world(session))

    found = gather(session, subject_id=event.id)

    assert (found.participants, found.cards) == ((), ())
    assert render(DocumentKind.EVENT_BOOKLET, found)[:5] == b"%PDF-"
