"""Panel minutes: seats, conflicts, quorum, the ranking and the decision, everybody by role and seat."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session

from documents.minutes.context import Recommended, gather
from documents.render import render
from states import clock
from states.archive.tables import DocumentKind
from states.crossings.review.rounds import open_requested_round
from states.errors import Missing
from states.review.positions import Stance, state_position
from states.review.service import close_round
from states.review.tables import PriorityMatch, Willingness
from tests.documents.story import (
    BY_HAND,
    CONDITIONS,
    DISQUALIFYING,
    LABELS,
    MINUTE,
    POTENTIAL,
    RULED,
    START,
    WITHDRAWN,
    Story,
    agree_on,
    confirm,
    decide_on,
    prepare,
    release,
    text_of,
)
from tests.factories import a_collaboration_at, a_world, answer_iag, clear, open_iag, s3

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def test_every_seat_is_accounted_for(story: Story) -> None:
    decide_on(story)

    minutes = gather(story.session, subject_id=story.opened.id)

    assert [(seat.number, seat.state, seat.left_because, seat.answered_at is not None) for seat in minutes.seats] == [
        (1, "active", "", True),
        (2, "active", "", True),
        (3, "active", "", True),
        (4, "disqualified", DISQUALIFYING, False),
        (5, "withdrawn", WITHDRAWN, False),
    ]
    assert {seat.role for seat in minutes.seats} == {"IAG member"}
    assert [(one.seat, one.seated, one.reason, one.by_role) for one in minutes.changes] == [
        (5, True, BY_HAND, "IAG secretary")
    ]
    assert (minutes.round.answers, minutes.round.quorum, minutes.round.quorate) == (3, 3, True)


def test_declarations_stand_with_their_rulings(story: Story) -> None:
    decide_on(story)

    minutes = gather(story.session, subject_id=story.opened.id)

    assert [
        (one.seat, one.kind, one.reason, one.ruling, one.ruled_by, one.ruling_reason) for one in minutes.declarations
    ] == [
        (1, "none", "", "cleared", "", ""),
        (2, "potential", POTENTIAL, "cleared", "IAG chair", RULED),
        (3, "none", "", "cleared", "", ""),
        (4, "disqualifying", DISQUALIFYING, "excluded", "", ""),
    ]


def test_decision_names_the_roles_of_its_hands_and_their_instants(story: Story) -> None:
    decide_on(story)

    minutes = gather(story.session, subject_id=story.opened.id)

    assert minutes.decision is not None
    assert (minutes.decision.outcome, minutes.decision.conditions) == ("Endorsed with conditions", CONDITIONS)
    assert [(act.what, act.by_role, act.at) for act in minutes.decision.acts] == [
        ("Prepared", "IAG secretary", START + timedelta(days=24)),
        ("Confirmed", "IAG chair", START + timedelta(days=25)),
        ("Released", "IAG secretary", START + timedelta(days=26)),
    ]
    assert minutes.note is not None
    assert (minutes.note.text, minutes.note.by_role) == (MINUTE, "IAG secretary")


def test_departure_from_the_scores_is_told(story: Story) -> None:
    agree_on(story, plan="2")  # below the threshold of its criterion
    prepare(story)
    confirm(story)
    release(story)

    minutes = gather(story.session, subject_id=story.opened.id)

    assert minutes.decision is not None
    assert minutes.decision.departures == ("Not every threshold is met. Decided was: Endorsed with conditions.",)
    assert [(one.what, one.done_on) for one in minutes.agenda][-2:] == [
        ("Sitting of the panel: dossiers beside each other", (START + timedelta(days=22)).date()),
        ("Decision", (START + timedelta(days=26)).date()),
    ]
    printed = text_of(render(DocumentKind.PANEL_MINUTES, minutes))
    assert "Departure from what was recommended. Not every threshold is met." in printed
    assert [[one.number for one in found] for found in (minutes.present, minutes.absent, minutes.left)] == [
        [1, 2, 3],
        [],
        [4, 5],
    ]


def test_times_are_those_of_brussels(story: Story) -> None:
    decide_on(story)

    minutes = gather(story.session, subject_id=story.opened.id)

    assert minutes.decision is not None
    assert [f"{act.there:%H:%M}" for act in minutes.decision.acts] == ["10:00", "10:00", "10:00"]  # 9:00 UTC, winter


def test_pending_decision_and_its_ranking_stay_out(story: Story) -> None:
    agree_on(story)
    prepare(story)
    confirm(story)

    minutes = gather(story.session, subject_id=story.opened.id)

    assert (minutes.decision, minutes.ranking) == (None, ())
    assert "is released: Investment Advisory Group." in text_of(render(DocumentKind.PANEL_MINUTES, minutes))


def test_nobody_is_named(story: Story) -> None:
    decide_on(story)

    printed = text_of(render(DocumentKind.PANEL_MINUTES, gather(story.session, subject_id=story.opened.id)))

    assert DISQUALIFYING in printed
    assert [label for label in LABELS.values() if label in printed] == []


def test_missing_answers_are_told_by_seat(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "iag_review")
    opened = open_iag(world, row, reviewers=("iag_member 1",))
    close_round(session, opened, panel=s3().panels["iag"])

    assert gather(session, subject_id=opened.id).missing == ("the answer of seat 1",)


def test_open_round_has_no_minutes(session: Session) -> None:
    world = a_world(session)
    opened = open_iag(world, a_collaboration_at(world, "iag_review"))

    with pytest.raises(Missing, match="There is no closed review round"):
        gather(session, subject_id=opened.id)


def test_ranking_shows_the_rule_and_nothing_of_another_dossier(story: Story) -> None:
    with clock.at(START - timedelta(days=9)):
        other = a_collaboration_at(story.world, "iag_review", slug="other")
        other.title = "The rival's centre"
        answer_iag(story.world, other, score="4.5")
    decide_on(story)

    minutes = gather(story.session, subject_id=story.opened.id)

    assert [(one.rank, one.this, one.points, one.decided_by) for one in minutes.ranking] == [
        (1, False, None, ""),
        (2, True, Decimal("24.50"), "weighted points"),
    ]
    printed = text_of(render(DocumentKind.PANEL_MINUTES, minutes))
    assert [secret for secret in ("rival", "29.25") if secret in printed] == []


def test_what_is_agreed_on_after_the_decision_does_not_change_the_ranking(story: Story) -> None:
    decide_on(story)
    before = gather(story.session, subject_id=story.opened.id)
    with clock.at(START + timedelta(days=40)):
        answer_iag(story.world, a_collaboration_at(story.world, "iag_review", slug="other"), score="5")

    assert gather(story.session, subject_id=story.opened.id) == before


def test_regions_that_differ_are_set_side_by_side(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "wgra_review")
    opened = open_requested_round(session, row.id, "wgra")
    for name, willingness, amount in (("upper-silesia", Willingness.YES, "100.00"), ("paca", Willingness.NO, None)):
        clear(world, row, opened, name)
        stance = Stance(
            willingness,
            PriorityMatch.FULL,
            window_opens=date(2026, 9, 1),
            maximum_amount=Decimal(amount) if amount else None,
        )
        region, person_id = world.regions[name], world.people[name].id
        state_position(session, opened, person_id=person_id, region=region, stance=stance)
    close_round(session, opened, panel=s3().panels["wgra"])

    minutes = gather(session, subject_id=opened.id)

    assert [(one.question, one.answers) for one in minutes.differences] == [
        ("Willing to put in its own money", ("no: paca", "yes: upper-silesia")),
        ("Highest amount, EUR", ("not stated: paca", "100.00: upper-silesia")),
    ]
    assert (minutes.scores, minutes.status, minutes.round.answers, minutes.sits) == (None, "", 2, False)
    assert minutes.recommended == Recommended(outcome="Sent back for revision")
    printed = text_of(render(DocumentKind.PANEL_MINUTES, minutes))
    assert [
        sentence
        for sentence in ("Where the regions differ", "these positions recommend: Sent back for revision.")
        if sentence not in printed
    ] == []
    assert "sitting" not in printed
