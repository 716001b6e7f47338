"""The seed report loads with its answers, once, and issues."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from states import clock
from states.reporting.definition import Agreement
from states.reporting.service import answer, report_facts
from states.reporting.tables import ReportState
from states.reporting.views import figures_of, public_view
from states.seeds.registry import load_registry
from states.seeds.situation import load_report, load_situation
from tests.report_factories import issue_by_two, managers


@pytest.fixture(autouse=True)
def _after_the_half_year() -> object:
    with clock.at(datetime(2020, 7, 15, 12, tzinfo=UTC)):
        yield


def test_what_the_partnership_answered_is_there_and_nothing_else(session: Session) -> None:
    report = load_report(session, load_registry(session))

    assert sorted(report.answers) == ["I.1", "II.1", "II.2", "II.3"]
    assert Counter(report.goals.values()) == {Agreement.NEUTRAL: 15, Agreement.AGREE: 2}
    assert [goal.number for goal in public_view(report).goals if goal.agreement is Agreement.AGREE] == [3, 9]
    assert report.self_assessment == {}


def test_figures_stand_beside_the_answers(session: Session) -> None:
    partnership = load_registry(session)
    load_situation(session, partnership)

    figures = figures_of(load_report(session, partnership))

    assert [region.name for region in figures.leading_regions] == ["Auvergne-Rhône-Alpes", "South Netherlands"]
    assert (len(figures.participating_regions), len(figures.working_areas)) == (29, 3)
    assert figures.eu13.regions == ("Slovenia", "South Transdanubia", "Upper Silesia")
    assert figures.outside_union.participants == 0
    assert figures.progress.by_direction == {"back": 1, "forward": 1, "out": 1}
    assert [move.reason for move in figures.progress.moves if move.direction == "out"] == [
        "The lead region's staff changed."
    ]


def test_loading_twice_changes_nothing_and_keeps_what_was_written_since(session: Session) -> None:
    partnership = load_registry(session)
    report = load_report(session, partnership)
    answer(session, report, "II.2", "Rewritten")
    before = (report.id, report.version, report.answers, report.goals)

    again = load_report(session, partnership)

    assert (again.id, again.version, again.answers, again.goals) == before
    assert again.answers["II.2"] == "Rewritten"


def test_it_can_be_issued_as_it_is_and_is_left_alone_then(session: Session) -> None:
    partnership = load_registry(session)
    report = load_report(session, partnership)
    assert report_facts(report).missing == ()
    issue_by_two(session, report, managers(session, partnership))

    again = load_report(session, partnership)

    assert (again.id, again.state, again.version) == (report.id, ReportState.ISSUED, report.version)
