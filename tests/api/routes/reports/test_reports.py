"""Reports over HTTP: answers under the report's version, the self-assessment apart, issued and corrected by two."""

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, select

from states import clock
from states.credentials.tokens import create_token
from states.outbox.queries import message_by_id
from states.partners.people import grant_role, person_by_email
from states.partners.tables import RoleGrant
from states.reporting.period import Period
from states.reporting.service import draft_report
from states.reporting.tables import ProgressReport
from states.reporting.views import figures_of
from states.rights.access import Role
from states.storage import begin
from tests.api.house import MANAGER, OBSERVER, SECRETARY, Caller, House, a_house, codes, places, problem
from tests.factories import World, a_collaboration_at

PATH = "/reports/2020-H1"
EDITIONS = ("monitoring-report-public", "monitoring-report-confidential")


def _draft(world: World) -> int:
    """A draft of the half-year."""
    with clock.at(datetime(2020, 6, 30, tzinfo=UTC)):
        return draft_report(world.session, world.partnership, period=Period(2020, 1)).version


@pytest.fixture
def house(installation: Path) -> House:
    """With two more project managers."""
    house, tokens = a_house(_with_deputies)
    house.tokens |= tokens
    return house


def _with_deputies(world: World) -> dict[str, str]:
    tokens = {}
    for label in ("deputy", "trainee"):
        person = person_by_email(world.session, email=f"{label}@example.org", label=label)
        grant = grant_role(world.session, world.partnership, person, Role.PROJECT_MANAGER)
        tokens[label] = create_token(world.session, grant)
    _draft(world)
    return tokens


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


def _give_reasons(caller: Caller) -> int:
    """Say of every open question why it has no answer; return the version that is read then."""
    for name in caller.get(PATH).json()["unexplained"]:
        version = caller.get(PATH).json()["version"]
        caller.put(f"{PATH}/reasons/{name.split()[0]}", {"text": f"None for {name}."}, version=version)
    version = caller.get(PATH).json()["version"]
    return int(version)


def _issue(first: Caller, second: Caller) -> httpx.Response:
    prepared = first.post(f"{PATH}/preparing", version=_give_reasons(first))
    return second.post(f"{PATH}/issuing", version=prepared.json()["version"])


def test_a_report_is_issued_by_two_hands_and_then_stands(house: House) -> None:
    manager, second = house.manager, house.by("administrator")
    bare = manager.post(f"{PATH}/preparing", version=1)
    unprepared = second.post(f"{PATH}/issuing", version=1)
    version = _give_reasons(manager)
    prepared = manager.post(f"{PATH}/preparing", version=version)
    late = manager.put(f"{PATH}/answers/I.1", {"text": "x"}, version=version + 1)
    own = manager.post(f"{PATH}/issuing", version=version + 1)
    stale = second.post(f"{PATH}/issuing", version=version)
    issued = second.post(f"{PATH}/issuing", version=version + 1)
    again = second.post(f"{PATH}/issuing", version=version + 2)

    assert [codes(one) for one in (bare, unprepared, late, own, again)] == [
        ["answers_unexplained"],
        ["report_not_prepared"],
        ["report_prepared"],
        ["report_four_eyes"],
        ["report_issued"],
    ]
    assert (problem(stale), prepared.json()["state"], issued.json()["state"]) == ((412, "stale"), "prepared", "issued")
    assert (issued.json()["prepared_by"], issued.json()["issued_by"]) == ("project_manager", "administrator")
    assert house.by(OBSERVER).get(PATH).json() == issued.json()


def test_a_reason_stands_beside_its_question_until_there_is_an_answer(house: House) -> None:
    def shown() -> tuple[object, int]:
        read = house.manager.get(PATH).json()
        question = next(one for part in read["sections"] for one in part["questions"] if one["id"] == "II.3")
        return question["unanswered"], len(read["unexplained"])

    _, before = shown()
    house.manager.put(f"{PATH}/reasons/II.3", {"text": "Not asked for yet."}, version=1)
    said, left = shown()
    house.manager.put(f"{PATH}/answers/II.3", {"text": "Two pilots."}, version=2)
    confided = house.manager.put(f"{PATH}/reasons/III.2", {"text": "Kept inside."}, version=3)

    assert isinstance(said, dict)
    assert (said["reason"], said["by"], left) == ("Not asked for yet.", "project_manager", before - 1)
    assert shown() == (None, before - 2)
    assert "Kept inside" not in confided.text
    own = house.manager.get(f"{PATH}/self-assessment").json()["sections"][0]["questions"][1]
    assert (own["id"], own["unanswered"]["reason"]) == ("III.2", "Kept inside.")
    assert problem(house.manager.put(f"{PATH}/reasons/IX.1", {"text": "x"}, version=4)) == (404, "missing")


def test_the_next_person_finds_it_among_the_tasks(house: House) -> None:
    def asked(label: str) -> list[tuple[str, str]]:
        tasks = house.by(label).get("/me/tasks").json()["items"]
        return [(one["kind"], one["state"]) for one in tasks if one["link"].endswith(PATH)]

    house.manager.post("/reports", {"period": "2020-H1"})
    drafted = asked(MANAGER), asked("deputy"), asked(OBSERVER)
    prepared = house.manager.post(f"{PATH}/preparing", version=_give_reasons(house.manager))
    waiting = asked(MANAGER), asked("deputy")
    back = house.manager.post(f"{PATH}/reopening", version=prepared.json()["version"])

    assert drafted == ([("prepare_report", "open")], [("prepare_report", "open")], [])
    assert waiting == ([("issue_report", "waiting")], [("issue_report", "open")])
    assert (back.json()["state"], asked("deputy")) == ("draft", [("prepare_report", "open")])


def test_who_is_alone_is_told_to_invite_somebody(installation: Path) -> None:
    house, _ = a_house(_draft)
    with begin() as session:
        for grant in session.exec(select(RoleGrant).where(col(RoleGrant.role) == Role.ADMINISTRATOR)):
            grant.until = datetime(2020, 7, 1, tzinfo=UTC)

    alone = house.manager.post(f"{PATH}/preparing", version=_give_reasons(house.manager))

    assert codes(alone) == ["nobody_would_issue"]


def test_two_others_correct_what_was_issued(house: House) -> None:
    first, second, third, fourth = (house.by(one) for one in (MANAGER, "administrator", "deputy", "trainee"))
    issued = _issue(first, second).json()
    nothing = first.post(f"{PATH}/correction", {"because": " "}, version=issued["version"])
    opened = first.post(f"{PATH}/correction", {"because": "A pilot was forgotten."}, version=issued["version"])
    answered = first.put(f"{PATH}/answers/II.3", {"text": "Two pilots."}, version=opened.json()["version"])
    version = answered.json()["version"]
    held = first.get(f"{PATH}/editions").json()["items"]
    same = first.post(f"{PATH}/preparing", version=version)
    prepared = third.post(f"{PATH}/preparing", version=version).json()["version"]
    refused = [codes(one.post(f"{PATH}/issuing", version=prepared)) for one in (second, third)]
    corrected = fourth.post(f"{PATH}/issuing", version=prepared)

    assert (problem(nothing), codes(same), refused) == (
        (422, "invalid"),
        ["report_other_hands"],
        [["report_other_hands"], ["report_four_eyes"]],
    )
    assert [(one["number"], one["replaced_at"]) for one in held] == [(1, None)]
    assert (corrected.json()["state"], corrected.json()["because"]) == ("issued", "A pilot was forgotten.")
    before, after = house.by(OBSERVER).get(f"{PATH}/editions").json()["items"]
    assert (before["issued_by"], before["replaced_at"]) == ("administrator", after["issued_at"])
    assert (after["prepared_by"], after["issued_by"], after["replaced_at"]) == ("deputy", "trainee", None)
    texts = [house.by(OBSERVER).get(f"{PATH}/editions/{number}").json() for number in (1, 2)]
    found = [next(q for s in text["sections"] for q in s["questions"] if q["id"] == "II.3")["text"] for text in texts]
    assert found == ["", "Two pilots."]
    assert problem(first.get(f"{PATH}/editions/3")) == (404, "missing")
    assert problem(house.by(OBSERVER).get(f"{PATH}/editions/1/self-assessment")) == (403, "denied")
    assert first.get(f"{PATH}/editions/1/self-assessment").json()["sections"][0]["key"] == "III"


def test_a_correction_is_given_up_without_a_trace_in_the_text(house: House) -> None:
    issued = _issue(house.manager, house.by("administrator")).json()
    opened = house.manager.post(f"{PATH}/correction", {"because": "A slip."}, version=issued["version"]).json()
    house.manager.put(f"{PATH}/answers/II.3", {"text": "Wrong."}, version=opened["version"])

    left = house.manager.post(f"{PATH}/correction/withdrawal", version=opened["version"] + 1).json()

    assert left == {**issued, "version": left["version"]}
    again = house.manager.post(f"{PATH}/correction/withdrawal", version=left["version"])
    assert codes(again) == ["report_issued"]


def test_a_correction_that_nobody_could_end_is_not_begun(installation: Path) -> None:
    house, _ = a_house(_draft)
    issued = _issue(house.manager, house.by("administrator")).json()

    refused = house.manager.post(f"{PATH}/correction", {"because": "A slip."}, version=issued["version"])

    assert (codes(refused), house.manager.get(PATH).json()) == (["nobody_would_correct"], issued)


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
    issued = _issue(house.manager, house.by("administrator"))

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
