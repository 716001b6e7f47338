"""Drafting, answering and issuing a report: every exit."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from states import clock
from states.collaborations.tables import Collaboration
from states.errors import Invalid, Missing, Refused, Stale
from states.outbox.tables import OutboxMessage
from states.partners.queries import regions_of
from states.partners.tables import EventKind, Partnership, PartnershipEvent, PartnershipKind
from states.reporting.issuing import issue_report, prepare_report
from states.reporting.period import Period, PeriodInvalid
from states.reporting.queries import report_by_id, report_on, reports_of
from states.reporting.service import (
    AnswerInvalid,
    answer,
    answer_goal,
    assess,
    draft_report,
    explain,
    report_facts,
)
from states.reporting.tables import ProgressReport, ReportState
from states.storage import begin
from tests.report_factories import explain_all, issue_by_two, managers

PERIOD = Period(2020, 1)


@pytest.fixture
def report(session: Session, partnership: Partnership, collaborations: dict[str, Collaboration]) -> ProgressReport:
    return draft_report(session, partnership, period=PERIOD)


def no_eu13(session: Session, partnership: Partnership) -> ProgressReport:
    for region in regions_of(session, partnership.id):
        region.country = "FR"
    session.flush()
    return draft_report(session, partnership, period=PERIOD)


def test_drafting_again_changes_nothing(session: Session, partnership: Partnership, report: ProgressReport) -> None:
    before = (report.id, report.version, report.figures)

    again = draft_report(session, partnership, period=PERIOD)

    assert (again.id, again.version, again.figures) == before
    assert [row.id for row in reports_of(session, partnership.id)] == [report.id]


def test_a_draft_gets_fresh_figures_and_keeps_its_answers(
    session: Session, partnership: Partnership, report: ProgressReport
) -> None:
    answer(session, report, "I.1", "Why we work together")
    session.add(
        PartnershipEvent(partnership_id=partnership.id, name="Fair", kind=EventKind.OUTREACH, held_on="2020-04-01")
    )

    draft_report(session, partnership, period=PERIOD)
    session.expire(report)

    outreach = report.figures["II.8"]
    assert outreach == {"activities": 2, "names": ["Open day", "Fair"]}
    assert (report.answers, report.version) == ({"I.1": "Why we work together"}, 3)


def test_an_issued_report_is_frozen(session: Session, partnership: Partnership, report: ProgressReport) -> None:
    issue_by_two(session, report, managers(session, partnership))
    before = (report.figures, report.answers, report.version, report.issued_at)
    session.add(
        PartnershipEvent(partnership_id=partnership.id, name="Fair", kind=EventKind.OUTREACH, held_on="2020-04-01")
    )

    draft_report(session, partnership, period=PERIOD)

    assert (report.figures, report.answers, report.version, report.issued_at) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda session, report: answer(session, report, "I.1", "late"),
        lambda session, report: answer_goal(session, report, 3, "agree"),
        lambda session, report: assess(session, report, "III.1", "late"),
        lambda session, report: explain(session, report, "I.1", "late", person_id="somebody"),
        lambda session, report: issue_report(session, report, person_id="somebody"),
    ],
)
def test_nothing_changes_an_issued_report(
    session: Session,
    partnership: Partnership,
    report: ProgressReport,
    change: Callable[[Session, ProgressReport], ProgressReport],
) -> None:
    issue_by_two(session, report, managers(session, partnership))

    with pytest.raises(Refused) as raised:
        change(session, report)

    assert [reason.code for reason in raised.value.reasons] == ["report_issued"]


def test_nothing_is_prepared_before_the_half_year_is_over(
    session: Session, partnership: Partnership, report: ProgressReport
) -> None:
    hands = managers(session, partnership)
    explain_all(session, report, by=hands[0])
    with clock.at(datetime(2020, 6, 30, 12, tzinfo=UTC)), pytest.raises(Refused) as caught:
        prepare_report(session, report, person_id=hands[0])
    assert [reason.code for reason in caught.value.reasons] == ["period_not_over"]
    with clock.at(datetime(2020, 7, 1, tzinfo=UTC)):
        assert issue_by_two(session, report, hands).state is ReportState.ISSUED


def test_figures_from_within_the_half_year_are_taken_anew(session: Session, partnership: Partnership) -> None:
    hands = managers(session, partnership)
    with clock.at(datetime(2020, 5, 15, 12, tzinfo=UTC)):
        report = draft_report(session, partnership, period=PERIOD)
    explain_all(session, report, by=hands[0])

    with pytest.raises(Refused) as caught:
        prepare_report(session, report, person_id=hands[0])
    assert [reason.code for reason in caught.value.reasons] == ["figures_too_early"]
    draft_report(session, partnership, period=PERIOD)
    assert issue_by_two(session, report, hands).state is ReportState.ISSUED


def test_issuing_tells_of_it(session: Session, partnership: Partnership, report: ProgressReport) -> None:
    instant = datetime(2020, 7, 15, 9, tzinfo=UTC)

    with clock.at(instant):
        issue_by_two(session, report, managers(session, partnership))

    event = session.exec(select(OutboxMessage).where(OutboxMessage.name == "report.issued")).one()
    assert (event.partnership_id, event.payload) == (partnership.id, {"report_id": report.id, "period": "2020-H1"})
    assert (report.state, report.issued_at) == (ReportState.ISSUED, instant)


def test_without_an_eu13_region_a_justification_is_wanted(session: Session, partnership: Partnership) -> None:
    report, hands = no_eu13(session, partnership), managers(session, partnership)
    explain_all(session, report, by=hands[0])

    with pytest.raises(Refused) as raised:
        prepare_report(session, report, person_id=hands[0])

    reasons = raised.value.reasons
    assert [(reason.code, reason.missing) for reason in reasons] == [("report_incomplete", ("II.6 EU-13 regions",))]
    assert report.state is ReportState.DRAFT


def test_with_a_justification_it_is_issued(session: Session, partnership: Partnership) -> None:
    report = answer(session, no_eu13(session, partnership), "II.6", "Talks are under way.")

    assert issue_by_two(session, report, managers(session, partnership)).state is ReportState.ISSUED


def test_open_answers_are_named(session: Session, report: ProgressReport) -> None:
    for goal in range(1, 17):
        answer_goal(session, report, goal, "neutral")
    answer(session, report, "II.8", "", number=2)
    assess(session, report, "III.1", "Halfway")

    facts = report_facts(report)

    assert facts.missing == ()
    explain(session, report, "I.1", "It has not changed.", person_id="somebody")
    assert report_facts(report).unexplained == facts.unexplained[1:] == facts.unanswered[1:]
    assert [name.split()[0] for name in facts.unanswered] == [
        *("I.1", "II.1", "II.2", "II.3", "II.4", "II.5", "II.6", "II.7", "II.9", "SDG"),
        *("III.2", "III.3", "III.4", "III.5"),
    ]


def test_doubts_are_said_and_block_nothing(session: Session, partnership: Partnership, report: ProgressReport) -> None:
    assert report_facts(report).warnings == (
        "I.6: Plenary 2019 (24 October 2019) lies before 2019-12-30, outside the six months.",
        "I.7: Mid-year plenary (mid-2020) is listed as planned, and may have begun by 2020-06-30.",
    )
    assert issue_by_two(session, report, managers(session, partnership)).state is ReportState.ISSUED


def test_a_vague_event_may_lie_outside(session: Session, partnership: Partnership, report: ProgressReport) -> None:
    for row in regions_of(session, partnership.id):
        row.leading = False
    for number in range(10):
        session.add(
            PartnershipEvent(
                partnership_id=partnership.id, name=f"Fair {number}", kind=EventKind.OUTREACH, held_on="2020-05-05"
            )
        )
    session.add(PartnershipEvent(partnership_id=partnership.id, name="Day", kind=EventKind.OUTREACH, held_on="2019"))

    report = draft_report(session, partnership, period=PERIOD)

    assert report_facts(report).warnings == (
        "I.2: no region leads.",
        "I.6: Day (2019) may lie before 2019-12-30, outside the six months.",
        "I.6: Plenary 2019 (24 October 2019) lies before 2019-12-30, outside the six months.",
        "I.7: Mid-year plenary (mid-2020) is listed as planned, and may have begun by 2020-06-30.",
        "I.6: 14 rows, where the form has room for 10.",
    )


def test_an_answer_can_be_replaced_and_cleared(session: Session, report: ProgressReport) -> None:
    answer(session, report, "II.7", "one observer", number=1)
    answer(session, report, "II.7", " two observers ", number=2)
    assert report.answers == {"II.7": "two observers", "II.7.number": "2"}

    answer(session, report, "II.7", " ")

    assert report.answers == {}


@pytest.mark.parametrize(
    ("question", "number", "remedy"),
    [
        ("0.1", None, "the report itself answers it"),
        ("SDG", None, "answer goal by goal"),
        ("III.1", None, "it belongs to the self-assessment"),
        ("I.1", 3, "it takes a text only"),
        ("II.8", -1, "give a number from 0 on"),
    ],
)
def test_an_answer_that_does_not_fit_changes_nothing(
    session: Session, report: ProgressReport, question: str, number: int | None, remedy: str
) -> None:
    with pytest.raises(AnswerInvalid) as raised:
        answer(session, report, question, "text", number=number)

    assert [(fault.place, fault.remedy) for fault in raised.value.faults] == [(question, remedy)]
    assert (report.answers, report.version) == ({}, 1)


def test_the_self_assessment_takes_its_own_questions_only(session: Session, report: ProgressReport) -> None:
    with pytest.raises(AnswerInvalid, match=r"II\.1 is not in this part"):
        assess(session, report, "II.1", "text")

    assert report.self_assessment == {}


@pytest.mark.parametrize("write", [answer, assess])
def test_an_unknown_question_is_missing(
    session: Session, report: ProgressReport, write: Callable[[Session, ProgressReport, str, str], ProgressReport]
) -> None:
    with pytest.raises(Missing, match=r"'IV\.1'"):
        write(session, report, "IV.1", "text")


@pytest.mark.parametrize(("goal", "agreement"), [(0, "agree"), (18, "agree"), (3, "Agree"), (3, "")])
def test_a_goal_takes_one_of_six_answers(session: Session, report: ProgressReport, goal: int, agreement: str) -> None:
    with pytest.raises(Invalid):
        answer_goal(session, report, goal, agreement)

    assert (report.goals, report.version) == ({}, 1)


def test_a_goal_is_answered_and_answered_anew(session: Session, report: ProgressReport) -> None:
    answer_goal(session, report, 9, "neutral")
    answer_goal(session, report, 9, "agree", expected_version=2)

    assert (report.goals, report.version) == ({"9": "agree"}, 3)


@pytest.mark.parametrize(
    "change",
    [
        lambda session, report: answer(session, report, "I.1", "text", expected_version=7),
        lambda session, report: answer_goal(session, report, 3, "agree", expected_version=7),
        lambda session, report: assess(session, report, "III.1", "text", expected_version=7),
        lambda session, report: explain(session, report, "I.1", "text", person_id="somebody", expected_version=7),
    ],
)
def test_a_stale_version_changes_nothing(
    session: Session, report: ProgressReport, change: Callable[[Session, ProgressReport], ProgressReport]
) -> None:
    with pytest.raises(Stale):
        change(session, report)

    session.expire(report)
    assert (report.answers, report.goals, report.self_assessment) == ({}, {}, {})
    assert (report.state, report.version) == (ReportState.DRAFT, 1)


def test_a_half_year_to_come_has_no_report(session: Session, partnership: Partnership) -> None:
    with (
        clock.at(datetime(2020, 6, 30, 23, tzinfo=UTC)),
        pytest.raises(PeriodInvalid, match="2020-H2 has not begun"),
    ):
        draft_report(session, partnership, period=Period(2020, 2))

    assert reports_of(session, partnership.id) == []


def test_a_running_half_year_is_read_as_of_today(session: Session, partnership: Partnership) -> None:
    with clock.at(datetime(2020, 2, 28, 12, tzinfo=UTC)):
        report = draft_report(session, partnership, period=PERIOD)

    assert report.figures["0.1"] == {
        "period": "2020-H1",
        "label": "January - June 2020",
        "starts": "2020-01-01",
        "ends": "2020-06-30",
        "as_of": "2020-02-28",
    }


def test_reports_are_found(session: Session, partnership: Partnership, report: ProgressReport) -> None:
    earlier = draft_report(session, partnership, period=PERIOD.previous)

    assert report_by_id(session, report.id) is report
    assert report_on(session, partnership.id, PERIOD.previous) is earlier
    assert report_on(session, partnership.id, PERIOD.previous.previous) is None
    assert [row.period for row in reports_of(session, partnership.id)] == ["2020-H1", "2019-H2"]
    with pytest.raises(Missing):
        report_by_id(session, "unknown")


def test_two_who_draft_at_once_get_one_report(installation: Path) -> None:
    with begin() as session:
        session.add(Partnership(id="p", slug="p", name="P", kind=PartnershipKind.TSSP, playbook="s3"))
    drafted: list[str] = []

    def draft() -> None:
        with begin() as other:
            drafted.append(draft_report(other, other.get_one(Partnership, "p"), period=PERIOD).id)

    second = Thread(target=draft)
    with begin() as session:
        first = draft_report(session, session.get_one(Partnership, "p"), period=PERIOD).id
        second.start()
        second.join(timeout=1)  # it waits for this transaction, on both engines
        assert drafted == []
    second.join()

    assert drafted == [first]


def test_a_partnership_that_is_not_there_has_no_report(session: Session) -> None:
    unknown = Partnership(slug="p", name="P", kind=PartnershipKind.TSSP, playbook="s3")

    with pytest.raises(IntegrityError):
        draft_report(session, unknown, period=PERIOD)
