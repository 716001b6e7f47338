"""What a paper says by itself is said in its language: beside names, codes and what people wrote."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from documents.shown import gathered
from states import clock
from states.archive.tables import DocumentKind
from states.crossings.review.rounds import open_requested_round
from states.matchmaking.consents.service import consent_texts, record_consent
from states.matchmaking.consents.tables import ConsentPurpose
from states.matchmaking.event_day.tables import Scheduling
from states.matchmaking.meetings.placing import place_meeting
from states.protocol.queries import latest_versions
from states.reporting.period import Period
from states.reporting.service import draft_report
from states.review.positions import Stance, state_position
from states.review.service import close_round
from states.review.tables import Outcome, PriorityMatch, Willingness
from tests.documents.story import START, Story, decide_on
from tests.factories import a_collaboration_at, a_world, answer_iag, clear, decide, s3
from tests.meeting_factories import (
    BEFORE,
    a_brokerage_event,
    a_meeting,
    a_participant,
    a_published_profile,
)

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

# What people wrote, names and codes; keys that a template says.
OF_PEOPLE = frozenset(
    {
        "acronym",
        "advantages",
        "comment",
        "condition",
        "description",
        "earlier",
        "guests",
        "label",
        "left_because",
        "message",
        "name",
        "organiser",
        "partnership",
        "reason",
        "reasons",
        "departs_because",
        "reference",
        "region",
        "rows",
        "ruling_reason",
        "sought",
        "subject",
        "summary",
        "text",
        "title",
        "value",
        "version",
        "why",
        "working_area",
    }
)


def leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, (*path, key))
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part, path)
    elif isinstance(value, str) and " " in value and any(letter.isalpha() for letter in value):
        yield path, value


def english_in_german(session: Session, kind: DocumentKind, key: str) -> list[tuple[str, str]]:
    """Return the texts that a paper says alike in both languages, with their place."""
    english, german = (
        list(leaves(json.loads(gathered(session, kind, key, language).text))) for language in ("en", "de")
    )
    known = {text for _, text in german}
    return [(".".join(path), text) for path, text in english if text in known and not OF_PEOPLE & set(path[-2:])]


def test_papers_of_a_review(story: Story) -> None:
    decide_on(story, outcome=Outcome.REVISE)
    with clock.at(START + timedelta(days=40)):
        again = answer_iag(story.world, story.row, score="4.5")
    version = latest_versions(story.session, [story.row.id])[story.row.id]

    left = [
        (kind.value, *one)
        for kind, key in (
            (DocumentKind.EVALUATION_REPORT, story.evaluations["corrected"].id),
            (DocumentKind.CONSENSUS_REPORT, again.id),
            (DocumentKind.PANEL_MINUTES, story.opened.id),
            (DocumentKind.DECISION_LETTER, story.opened.id),
            (DocumentKind.REVIEW_DOSSIER, again.id),
            (DocumentKind.INVESTMENT_PROTOCOL, version.id),
        )
        for one in english_in_german(story.session, kind, key)
    ]
    assert left == []


def test_papers_of_the_authorities_review(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "wgra_review")
    opened = open_requested_round(session, row.id, "wgra")
    for name, willingness in (("upper-silesia", Willingness.IF), ("paca", Willingness.NO)):
        clear(world, row, opened, name)
        stance = Stance(willingness, PriorityMatch.FULL, condition="Ein Prüfstand in Gliwice.")
        region, person_id = world.regions[name], world.people[name].id
        state_position(session, opened, person_id=person_id, region=region, stance=stance)
    close_round(session, opened, panel=s3().panels["wgra"])
    decide(world, row, opened)

    kinds = (DocumentKind.PANEL_MINUTES, DocumentKind.DECISION_LETTER, DocumentKind.REVIEW_DOSSIER)
    assert [(kind.value, *one) for kind in kinds for one in english_in_german(session, kind, opened.id)] == []


def test_papers_of_an_event(session: Session) -> None:
    world = a_world(session)
    event = a_brokerage_event(world, scheduling=Scheduling.ORGANISER)
    people = [a_participant(world, event, who) for who in ("gliwice", "marseille")]
    a_published_profile(world)
    version, person_id = consent_texts().version, world.people["partner"].id
    record_consent(session, people[0], ConsentPurpose.BOOKLET, given=True, text_version=version, person_id=person_id)
    meeting = a_meeting(world, event, *people)
    with clock.at(BEFORE):
        place_meeting(session, event, meeting, slot=1, table=2)
    event.published_at = BEFORE
    session.flush()

    left = [
        (kind.value, *one)
        for kind, key in (
            (DocumentKind.PERSONAL_AGENDA, people[0].id),
            (DocumentKind.TABLE_PLAN, event.id),
            (DocumentKind.EVENT_BOOKLET, event.id),
            (DocumentKind.FUNNEL_REPORT, event.id),
        )
        for one in english_in_german(session, kind, key)
    ]
    assert left == []


def test_monitoring_report(session: Session) -> None:
    world = a_world(session)
    reports = []
    for month, half in ((3, 1), (9, 2)):
        with clock.at(datetime(2020, month, 2, 12, tzinfo=UTC)):
            reports.append(draft_report(session, world.partnership, period=Period(2020, half)))

    assert english_in_german(session, DocumentKind.MONITORING_REPORT_CONFIDENTIAL, reports[-1].id) == []
