"""Both editions of a report as gathered from the records, answers and figures apart."""

from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from documents.render import render
from documents.report.context import ReportQuestion, gather_confidential, gather_public
from states import clock
from states.archive.tables import DocumentKind
from states.reporting.definition import Agreement
from states.reporting.period import Period
from states.reporting.service import answer, answer_goal, assess, draft_report
from states.reporting.tables import ProgressReport
from tests.factories import World, a_collaboration_at, a_world

SECRET = "The lead region hesitates."


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def drafted(world: World) -> ProgressReport:
    session = world.session
    with clock.at(datetime(2020, 3, 2, 12, tzinfo=UTC)):
        a_collaboration_at(world, "investment_protocol")
        report = draft_report(session, world.partnership, period=Period(2020, 1))
        answer(session, report, "II.1", "A protocol was begun.")
        answer(session, report, "II.8", "Two fairs.", number=2)
        answer_goal(session, report, 3, Agreement.AGREE)
        assess(session, report, "III.1", SECRET)
    return report


def question(questions: dict[str, ReportQuestion], key: str) -> tuple[str, int | None]:
    return questions[key].text, questions[key].count


def test_public_edition_shows_answers_beside_figures(world: World, drafted: ProgressReport) -> None:
    context = gather_public(world.session, subject_id=drafted.id)

    questions = {one.id: one for section in context.sections for one in section.questions}
    assert [section.key for section in context.sections] == ["I", "II"]
    assert question(questions, "II.1") == ("A protocol was begun.", None)
    assert question(questions, "II.8") == ("Two fairs.", 2)
    assert [row[0] for table in questions["I.3"].tables for row in table.rows] == ["navarra", "paca", "upper-silesia"]
    assert [(goal.goal, goal.answer) for goal in context.goals if goal.answer] == [(3, Agreement.AGREE)]
    assert (context.period, context.partnership) == ("January – June 2020", "Medical technology")


def test_public_edition_holds_nothing_of_the_self_assessment(world: World, drafted: ProgressReport) -> None:
    context = gather_public(world.session, subject_id=drafted.id)

    assert SECRET not in context.model_dump_json()


def test_confidential_edition_holds_the_self_assessment(world: World, drafted: ProgressReport) -> None:
    context = gather_confidential(world.session, subject_id=drafted.id)

    assert [line.text for line in context.self_assessment if line.text] == [SECRET]
    assert [line.id for line in context.self_assessment] == ["III.1", "III.2", "III.3", "III.4", "III.5"]


@pytest.mark.long
def test_both_editions_come_out_the_same_twice(world: World, drafted: ProgressReport) -> None:
    public, again = (gather_public(world.session, subject_id=drafted.id) for _ in range(2))
    confidential, once_more = (gather_confidential(world.session, subject_id=drafted.id) for _ in range(2))

    assert render(DocumentKind.MONITORING_REPORT_PUBLIC, public) == render(DocumentKind.MONITORING_REPORT_PUBLIC, again)
    assert render(DocumentKind.MONITORING_REPORT_CONFIDENTIAL, confidential) == render(
        DocumentKind.MONITORING_REPORT_CONFIDENTIAL, once_more
    )
    assert public.meta.content_sha256 != confidential.meta.content_sha256


def test_tells_figures_first_and_what_changed_since_the_last_period(world: World, drafted: ProgressReport) -> None:
    with clock.at(datetime(2020, 9, 1, 12, tzinfo=UTC)):
        later = draft_report(world.session, world.partnership, period=Period(2020, 2))
        answer(world.session, later, "II.1", "The protocol went to the reviewers.")
        answer(world.session, later, "II.8", "Three fairs.", number=3)

    first, second = (gather_public(world.session, subject_id=one.id) for one in (drafted, later))

    assert (first.compared_with, first.changes) == ("", [])
    assert second.compared_with == "January – June 2020"
    changed = {one.id: one.changed for one in second.changes}
    assert "the answer was written anew" in changed["II.1"]
    assert "number stated before: 2" in changed["II.8"]
    # The moves of a half-year are its own: beside another none is gone.
    assert "Moves: " in changed["II.1"]
    assert "no longer: " not in changed["II.1"]
    assert {one.label: one.value for one in second.summary}["Regions that take part"] == "3"
