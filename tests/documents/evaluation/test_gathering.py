"""The report on one evaluation: the own scores with their corrections, and nobody else's."""

from decimal import Decimal

import pytest

from documents.evaluation.context import gather
from documents.render import render
from states.archive.tables import DocumentKind
from tests.documents.story import CORRECTED, LABELS, POTENTIAL, SCORED, Story, comment_of, decide_on, text_of

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def test_correction_stands_beside_what_it_replaced(story: Story) -> None:
    report = gather(story.session, subject_id=story.evaluations["corrected"].id)

    plan = report.criteria[-1]
    assert [(one.number, one.reason, one.overall) for one in report.versions] == [
        (1, "", Decimal("24.5")),
        (2, CORRECTED, Decimal("25.0")),
    ]
    assert (plan.scores, plan.score, plan.passed) == ((Decimal("2.0"), Decimal("2.5")), Decimal("2.5"), False)
    assert (plan.comment, [(one.version, one.text) for one in plan.earlier]) == (
        "The letter of the bank counts.",
        [(1, comment_of("iag_member 2"))],
    )
    assert [criterion.earlier for criterion in report.criteria[:-1]] == [()] * 5


def test_report_on_the_first_version_keeps_to_it(story: Story) -> None:
    report = gather(story.session, subject_id=story.evaluations["iag_member 2"].id)

    assert [one.number for one in report.versions] == [1]
    assert report.criteria[-1].scores == (Decimal("2.0"),)


def test_what_comes_later_changes_nothing(story: Story) -> None:
    before = gather(story.session, subject_id=story.evaluations["iag_member 1"].id)

    decide_on(story)

    assert gather(story.session, subject_id=story.evaluations["iag_member 1"].id) == before


def test_reviewer_appears_by_role_and_seat_with_the_own_declaration(story: Story) -> None:
    report = gather(story.session, subject_id=story.evaluations["corrected"].id)

    assert (report.role, report.seat) == ("IAG member", 2)
    assert [(one.kind, one.reason, one.ruling) for one in report.declarations] == [("potential", POTENTIAL, "cleared")]


def test_shows_nobodys_label_and_nobody_elses_comment(story: Story) -> None:
    printed = text_of(
        render(DocumentKind.EVALUATION_REPORT, gather(story.session, subject_id=story.evaluations["corrected"].id))
    )

    others = [comment_of(name) for name in SCORED if name != "iag_member 2"]
    assert comment_of("iag_member 2") in printed
    assert [one for one in (*LABELS.values(), *others) if one in printed] == []
