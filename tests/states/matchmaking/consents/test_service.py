"""The newest word of a participant counts; saying the same again adds nothing; a withdrawal asks for a new booklet."""

import pytest
from sqlmodel import Session, select

from states.archive.service import Rendered, record_document
from states.archive.store import keep_bytes
from states.archive.tables import DocumentClass, DocumentKind
from states.matchmaking.consents.service import consent_texts, consenting, consents_of, record_consent
from states.matchmaking.consents.tables import Consent, ConsentPurpose
from states.matchmaking.event_day.tables import Participant
from states.matchmaking.suggestions.taxonomy import LANGUAGES
from states.outbox.tables import OutboxMessage
from tests.factories import PRINTING, World, a_world
from tests.meeting_factories import a_brokerage_event, a_participant

on_sqlite = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
BOOKLET = ConsentPurpose.BOOKLET


def _say(world: World, who: Participant, *, given: bool) -> Consent:
    return record_consent(
        world.session,
        who,
        BOOKLET,
        given=given,
        text_version=consent_texts().version,
        person_id=world.people["partner"].id,
    )


@on_sqlite
def test_the_newest_word_counts_and_each_is_kept(session: Session) -> None:
    world = a_world(session)
    event = a_brokerage_event(world)
    who, silent = a_participant(world, event, "gliwice"), a_participant(world, event, "marseille")

    said = [_say(world, who, given=given).given for given in (True, True, False, False, True)]

    kept = session.exec(select(Consent.given).order_by(Consent.id)).all()  # type: ignore[arg-type]
    assert (said, list(kept)) == ([True, True, False, False, True], [True, False, True])
    assert consenting(session, [who.id, silent.id], BOOKLET) == {who.id}
    assert consents_of(session, [silent.id]) == {silent.id: {}}


@on_sqlite
def test_a_withdrawal_asks_for_a_new_edition_of_a_booklet_that_was_issued(session: Session) -> None:
    world = a_world(session)
    event = a_brokerage_event(world)
    first, second = (a_participant(world, event, who) for who in ("gliwice", "marseille"))

    def asked() -> list[dict[str, object]]:
        rows = session.exec(select(OutboxMessage).where(OutboxMessage.name == "document.requested"))
        return [dict(row.payload) for row in rows]

    _say(world, first, given=True)
    _say(world, first, given=False)
    without = asked()
    keep_bytes(b"%PDF")
    rendered = Rendered(
        DocumentKind.EVENT_BOOKLET,
        DocumentClass.CONFIDENTIAL,
        "Booklet",
        event.id,
        "{}",
        b"%PDF",
        PRINTING,
    )
    record_document(session, rendered, partnership_id=world.partnership.id)
    _say(world, second, given=True)
    _say(world, second, given=False)

    assert (without, asked()) == ([], [{"kind": "event-booklet", "subject_id": event.id}])


@pytest.mark.parametrize("purpose", ConsentPurpose)
def test_every_purpose_has_words_in_every_language(purpose: ConsentPurpose) -> None:
    words = [consent_texts().text(purpose, language) for language in LANGUAGES]

    assert len({*words}) == len(LANGUAGES)
    assert consent_texts().text(purpose, "fi") == words[0]
