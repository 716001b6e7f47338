"""Nothing confidential reaches the public view of a report, whatever it says."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from states.clock import now
from states.collaborations.tables import Collaboration
from states.partners.tables import Partnership, PartnershipKind
from states.reporting.definition import Agreement, form
from states.reporting.derive import derive
from states.reporting.period import Period
from states.reporting.queries import Records
from states.reporting.service import answer, answer_goal, assess, draft_report
from states.reporting.tables import ProgressReport
from states.reporting.views import confidential_view, public_view
from tests.states.reporting.conftest import REASON

PERIOD = Period(2020, 1)
CONFIDENTIAL = [question.id for question in form().questions if question.id.startswith("III.")]


@pytest.fixture
def report(session: Session, partnership: Partnership, collaborations: dict[str, Collaboration]) -> ProgressReport:
    drafted = draft_report(session, partnership, period=PERIOD)
    answer(session, drafted, "II.8", "A stand at a fair", number=2)
    answer_goal(session, drafted, 3, "agree")
    return assess(session, drafted, "III.2", "Too few people")


def as_json(view: object) -> str:
    return json.dumps(view, default=lambda value: value.model_dump(mode="json"), ensure_ascii=False)


def test_the_public_view_holds_answers_beside_figures(report: ProgressReport) -> None:
    view = public_view(report)

    questions = {question.id: question for section in view.sections for question in section.questions}
    assert list(questions) == [question.id for question in form().questions if question.id not in CONFIDENTIAL]
    assert (questions["II.8"].text, questions["II.8"].number) == ("A stand at a fair", 2)
    assert questions["II.8"].figure == {"activities": 1, "names": ["Open day"]}
    assert (questions["II.9"].text, questions["II.9"].number, questions["II.9"].figure) == ("", None, None)
    assert {goal.number: goal.agreement for goal in view.goals if goal.agreement} == {3: Agreement.AGREE}
    assert (view.label, len(view.goals), len(view.warnings)) == ("January - June 2020", 17, 2)


def test_reasons_of_moves_are_for_colleagues(report: ProgressReport) -> None:
    public, confidential = as_json(asdict(public_view(report))), as_json(asdict(confidential_view(report)))

    assert (REASON in public, REASON in confidential) == (False, True)


def test_the_confidential_view_holds_the_self_assessment(report: ProgressReport) -> None:
    view = confidential_view(report)

    assert [(one.id, one.text) for section in view.self_assessment for one in section.questions] == [
        (key, "Too few people" if key == "III.2" else "") for key in CONFIDENTIAL
    ]
    assert "Too few people" not in as_json(asdict(public_view(report)))


@pytest.fixture(scope="module")
def bare() -> ProgressReport:
    """A report of a partnership without any records, which needs no database."""
    partnership = Partnership(slug="p", name="P", kind=PartnershipKind.TSSP, playbook="s3")
    figures = derive(Records(partnership, PERIOD, PERIOD.ends, (), (), (), (), (), ()), directions={})
    stored = figures.by_question(form().figure_of)
    return ProgressReport(partnership_id=partnership.id, period=str(PERIOD), figures=stored, created_at=now())


@given(
    assessment=st.dictionaries(st.sampled_from(CONFIDENTIAL), st.text(min_size=1).map("¶{}¶".format), min_size=1),
    answered=st.dictionaries(st.sampled_from(["I.1", "II.1", "II.9"]), st.text()),
)
def test_what_is_confidential_never_reaches_the_public(
    bare: ProgressReport, assessment: dict[str, str], answered: dict[str, str]
) -> None:
    bare.answers, bare.self_assessment = answered, {}
    without = as_json(asdict(public_view(bare)))

    bare.self_assessment = assessment

    assert as_json(asdict(public_view(bare))) == without
    shown = confidential_view(bare).self_assessment[0].questions
    assert {question.id: question.text for question in shown if question.text} == assessment
