"""The consensus report: what was agreed on, how far apart the evaluations lay, and nobody's name."""

from datetime import timedelta
from decimal import Decimal

import pytest

from documents.consensus.context import gather
from documents.render import render
from states import clock
from states.archive.tables import DocumentKind
from states.errors import Missing
from states.review.tables import Outcome
from tests.documents.story import (
    DISCUSSED,
    LABELS,
    MINORITY,
    SCORED,
    START,
    Story,
    agree_on,
    comment_of,
    decide_on,
    text_of,
)
from tests.factories import answer_iag

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def test_shows_the_agreed_score_between_the_lowest_and_the_highest(story: Story) -> None:
    agree_on(story)

    report = gather(story.session, subject_id=story.opened.id)

    plan = report.scores.criteria[-1]
    assert (plan.name, plan.score, plan.lowest, plan.highest, plan.spread) == (
        "Feasibility of the financing plan",
        Decimal("3.0"),
        Decimal("2.5"),
        Decimal("4.0"),
        Decimal("1.5"),
    )
    assert (report.scores.agreed, report.scores.overall, report.scores.weighted, report.scores.passed) == (
        True,
        Decimal("23.0"),
        Decimal("24.50"),
        True,
    )
    assert (report.round.answers, report.round.quorate, report.meta.issued_at) == (3, True, report.recorded_at)


def test_holds_status_discussions_and_minority_views(story: Story) -> None:
    agree_on(story)

    report = gather(story.session, subject_id=story.opened.id)

    assert (report.status, report.recorded_by, report.minority_views) == ("mixed", "IAG secretary", (MINORITY,))
    assert [(one.criterion, one.record, one.by_role) for one in report.discussions] == [
        ("Feasibility of the financing plan", DISCUSSED, "IAG secretary")
    ]
    assert {one.text for one in report.comments} == {"What all of them say of it."}


def test_shows_nobodys_label_and_nobodys_own_comment(story: Story) -> None:
    agree_on(story)

    printed = text_of(render(DocumentKind.CONSENSUS_REPORT, gather(story.session, subject_id=story.opened.id)))

    assert MINORITY in printed
    assert [one for one in (*LABELS.values(), *map(comment_of, SCORED)) if one in printed] == []


def test_tells_what_changed_since_the_round_before(story: Story) -> None:
    decide_on(story, outcome=Outcome.REVISE)
    with clock.at(START + timedelta(days=40)):
        again = answer_iag(story.world, story.row, score="4.5")

    first, second = (gather(story.session, subject_id=key) for key in (story.opened.id, again.id))

    assert first.before is None
    assert second.before is not None
    assert (second.before.number, second.before.protocol_version, second.before.outcome, second.before.sections) == (
        1,
        "1",
        "Sent back for revision",
        (),
    )
    assert [(one.before, one.now, one.by) for one in second.before.criteria][-2:] == [
        (Decimal("4.0"), Decimal("4.5"), Decimal("0.5")),
        (Decimal("3.0"), Decimal("4.5"), Decimal("1.5")),
    ]
    assert {one.earlier for one in second.comments} == {"What all of them say of it."}


def test_round_without_a_consensus_has_no_report(story: Story) -> None:
    with pytest.raises(Missing, match="There is no consensus of review round"):
        gather(story.session, subject_id=story.opened.id)
