"""A half-year's report waits from its draft until it is issued."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from states import clock
from states.crossings.reporting.drafting import draft_due_reports, draft_with_directions
from states.deadlines.tables import Deadline, DeadlineState
from states.reporting.period import Period
from states.rights.access import Role
from states.settings import settings
from tests.factories import World, a_world
from tests.report_factories import issue_by_two, managers

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
JULY = datetime(2020, 7, 1, 6, tzinfo=UTC)
DUE_ON = date(2020, 7, 29)  # twenty working days after June in Brussels; 21 July is a holiday there


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def _deadlines(world: World) -> list[Deadline]:
    query = select(Deadline).where(Deadline.kind == "report").order_by(col(Deadline.title))
    return list(world.session.exec(query))


def test_a_draft_waits_once_for_its_issuing(world: World) -> None:
    with clock.at(JULY):
        report = draft_due_reports(world.session, on=JULY.date())[0]
        draft_due_reports(world.session, on=JULY.date())
        one = _deadlines(world)[0]
        before = (one.subject_id, one.title, one.owner_role, one.due_on, one.state)

        issue_by_two(world.session, report, managers(world.session, world.partnership))
        draft_with_directions(world.session, world.partnership, period=Period(2020, 1))

    assert before == (report.id, "Report 2020-H1", Role.PROJECT_MANAGER, DUE_ON, DeadlineState.OPEN)
    assert [row.state for row in _deadlines(world)] == [DeadlineState.DONE]


def test_a_half_year_long_over_is_due_from_its_draft_on(world: World) -> None:
    with clock.at(datetime(2020, 10, 1, 6, tzinfo=UTC)):
        draft_with_directions(world.session, world.partnership, period=Period(2020, 1))
        draft_with_directions(world.session, world.partnership, period=Period(2020, 2))

    assert [(row.title, row.due_on) for row in _deadlines(world)] == [
        ("Report 2020-H1", date(2020, 10, 29)),
        ("Report 2020-H2", date(2021, 1, 29)),
    ]


def test_a_playbook_at_fault_keeps_no_report_from_being_drafted(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "own.yaml").write_text("name: own\n", encoding="utf-8")
    monkeypatch.setenv("BANKABLE_PLAYBOOKS", str(tmp_path))
    settings.cache_clear()
    for name in ("own", "nowhere"):
        world.partnership.playbook = name
        draft_with_directions(world.session, world.partnership, period=Period(2020, 1))

    assert _deadlines(world) == []
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
