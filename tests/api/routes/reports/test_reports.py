"""Reports over HTTP: answers under the report's version, the self-assessment apart, issued once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from states import clock
from states.outbox.queries import message_by_id
from states.reporting.period import Period
from states.reporting.service import draft_report
from states.reporting.tables import ProgressReport
from states.reporting.views import figures_of
from states.storage import begin
from tests.api.house import MANAGER, OBSERVER, SECRETARY, House, a_house, codes, places, problem
from tests.factories import World, a_collaboration_at

PATH = "/reports/2020-H1"
EDITIONS = ("monitoring-report-public", "monitoring-report-confidential")


def _draft(world: World) -> int:
    with clock.at(datetime(2020, 6, 30, tzinfo=UTC)):
        return draft_report(world.session, world.partnership, period=Period(2020, 1)).version


@pytest.fixture
def house(installation: Path) -> House:
    return a_house(_draft)[0]


def test_an_answer_is_written_under_the_version(house: House) -> None:
    before = house.manager.get(PATH)

    answered = house.manager.put(f"{PATH}/answers/I.1", {"text": "Better care."}, version=1)
    agreed = house.manager.put(f"{PATH}/goals/3", {"agreement": "strongly_agree"}, version=2)

    assert (before.headers["ETag"], answered.headers["ETag"], agreed.headers["ETag"]) == ('"1"', '"2"', '"3"')
    read = house.manager.get(PATH).json()
    assert read == agreed.json()
    texts = {one["id"]: one["text"] for section in read["sections"] for one in section["questions"]}
    assert (texts["I.1"], read["goals"][2]["agreement"]) == ("Better care.", "strongly_agree")
    assert house.manager.get("/reports").json()["items"][0]["version"] == 3


@pytest.mark.parametrize(
    ("path", "body", "version", "expected"),
    [
        ("answers/I.1", {"text": "x"}, None, (428, "precondition_required")),
        ("answers/I.1", {"text": "x"}, 9, (412, "stale")),
        ("answers/X.9", {"text": "x"}, 1, (404, "missing")),
        ("answers/I.1", {"text": "x", "number": 3}, 1, (422, "answer_invalid")),
        ("goals/18", {"agreement": "agree"}, 1, (422, "answer_invalid")),
        ("goals/3", {"agreement": "perhaps"}, 1, (422, "request_invalid")),
        ("self-assessment/I.1", {"text": "x"}, 1, (422, "answer_invalid")),
    ],
)
def test_an_answer_that_does_not_fit_changes_nothing(
    house: House, path: str, body: dict[str, object], version: int | None, expected: tuple[int, str]
) -> None:
    before = house.manager.get(PATH).json()

    answer = house.manager.put(f"{PATH}/{path}", body, version=version)

    assert problem(answer) == expected
    assert house.manager.get(PATH).json() == before


def test_the_self_assessment_is_for_managers(house: House) -> None:
    written = house.manager.put(f"{PATH}/self-assessment/III.1", {"text": "We were late."}, version=1)

    assert (written.status_code, house.manager.get(f"{PATH}/self-assessment").json()) == (200, written.json())
    assert [problem(house.by(who).get(f"{PATH}/self-assessment")) for who in (SECRETARY, OBSERVER)] == [
        (403, "denied")
    ] * 2
    assert ["late" in house.by(who).get(PATH).text for who in (MANAGER, OBSERVER)] == [False, False]


def test_a_report_is_issued_once_and_then_stands(house: House) -> None:
    stale = house.manager.post(f"{PATH}/issuing", version=9)
    issued = house.manager.post(f"{PATH}/issuing", version=1)
    again = house.manager.post(f"{PATH}/issuing", version=2)
    late = house.manager.put(f"{PATH}/answers/I.1", {"text": "x"}, version=2)

    assert (problem(stale), issued.json()["state"], issued.headers["ETag"]) == ((412, "stale"), "issued", '"2"')
    assert [(problem(one), codes(one)) for one in (again, late)] == [((409, "refused"), ["report_issued"])] * 2
    assert house.by(OBSERVER).get(PATH).json() == issued.json()


@pytest.mark.parametrize(("period", "expected"), [("2019-H2", (404, "missing")), ("2020-Q1", (422, "period_invalid"))])
def test_a_half_year_without_a_report(house: House, period: str, expected: tuple[int, str]) -> None:
    assert problem(house.manager.get(f"/reports/{period}")) == expected


def test_a_half_year_is_drafted_once_with_where_each_move_led(installation: Path) -> None:
    with clock.at(datetime(2020, 6, 30, tzinfo=UTC)):
        house, _ = a_house(lambda world: a_collaboration_at(world, "outline"))

    drafted = house.manager.post("/reports", {"period": "2020-H1"})
    again = house.manager.post("/reports", {"period": "2020-H1"})

    assert (drafted.status_code, again.status_code, drafted.json()) == (201, 200, again.json())
    assert (drafted.headers["Location"], drafted.headers["ETag"]) == ("/api/v1/reports/2020-H1", '"1"')
    with begin(read_only=True) as session:
        (report,) = session.exec(select(ProgressReport)).all()
        assert figures_of(report).progress.by_direction == {"forward": 1}


def test_an_issued_report_is_not_drafted_anew(house: House) -> None:
    issued = house.manager.post(f"{PATH}/issuing", version=1)

    again = house.manager.post("/reports", {"period": "2020-H1"})

    assert (again.status_code, again.json()) == (200, issued.json())


@pytest.mark.parametrize("period", ["2020-Q1", "2999-H1"])
def test_a_half_year_that_cannot_be_reported_on(house: House, period: str) -> None:
    refused = house.manager.post("/reports", {"period": period})

    assert (problem(refused), places(refused)) == ((422, "period_invalid"), ["period"])
    assert problem(house.by(OBSERVER).post("/reports", {"period": "2020-H2"})) == (403, "denied")
    assert house.manager.get("/reports").json()["total"] == 1


def test_both_editions_are_asked_for(house: House) -> None:
    asked = house.manager.post(f"{PATH}/documents")

    assert (asked.status_code, [one["kind"] for one in asked.json()]) == (202, list(EDITIONS))
    assert problem(house.by(OBSERVER).post(f"{PATH}/documents")) == (403, "denied")
    with begin(read_only=True) as session:
        report = session.exec(select(ProgressReport)).one()
        events = [message_by_id(session, one["message_id"]) for one in asked.json()]
        assert [(event.name, event.payload) for event in events] == [
            ("document.requested", {"kind": kind, "subject_id": report.id}) for kind in EDITIONS
        ]
