"""Who looks after a case, over HTTP and by command: named, changed, handed over; lists and tasks ask by officer."""

from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from states.clock import today
from states.credentials.tokens import create_token
from states.partners.people import grant_role, person_by_email
from states.rights.access import Role
from tests.api.house import PARTNER, SECRETARY, Caller, House, a_house, places, problem
from tests.factories import World, a_collaboration

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
MANAGER, ADA = "project_manager@medtech.example.org", "ada@medtech.example.org"
WHY = "Knows the field."
HERE = ("medtech", "centre")


def _two_cases(world: World) -> tuple[str, str, str]:
    """Return two cases, and the token of another project manager."""
    ada = person_by_email(world.session, email=ADA, label="ada")
    token = create_token(world.session, grant_role(world.session, world.partnership, ada, Role.PROJECT_MANAGER))
    world.people["project_manager"].email = MANAGER
    return a_collaboration(world).id, a_collaboration(world, slug="other").id, token


@pytest.fixture
def cases(installation: Path) -> tuple[House, Caller, str, str]:
    house, (first, second, token) = a_house(_two_cases)
    return house, Caller(house.client, token), f"/collaborations/{first}/officer", f"/collaborations/{second}/officer"


def _slugs(caller: Caller, path: str) -> list[str]:
    return [one["slug"] for one in caller.get(path).json()["items"]]


def test_an_officer_is_named_changed_and_ended(cases: tuple[House, Caller, str, str]) -> None:
    house, _, path, _ = cases
    before = house.manager.get(path).json()
    named = house.manager.patch(path, {"person": ADA, "deputy": MANAGER, "reason": WHY})
    stays = house.manager.patch(path, {"deputy": None, "reason": WHY}, version=1)
    late = house.manager.patch(path, {"person": MANAGER, "reason": WHY}, version=1)
    blind = house.manager.patch(path, {"person": MANAGER, "reason": WHY})
    ended = house.manager.patch(path, {"person": None, "reason": WHY}, version=2)
    wrong = house.manager.patch(path, {"person": "iag_chair@medtech.example.org", "reason": " "}, version=3)

    assert before == {"officer": None, "deputy": None, "acting": None, "version": 0}
    assert [named.json()[one]["label"] for one in ("officer", "deputy", "acting")] == ["ada", "project_manager", "ada"]
    assert (stays.json()["officer"]["label"], stays.json()["deputy"]) == ("ada", None)
    assert [problem(one) for one in (late, blind)] == [(412, "stale"), (428, "precondition_required")]
    assert (ended.json()["officer"], ended.json()["version"]) == (None, 3)
    assert (wrong.status_code, places(wrong)) == (422, ["reason", "officer"])


def test_whoever_may_not_name_one_may_read_it(cases: tuple[House, Caller, str, str]) -> None:
    house, _, path, _ = cases
    named = house.by(SECRETARY).patch(path, {"person": ADA, "reason": WHY})
    refused = house.by(PARTNER).patch(path, {"person": MANAGER, "reason": WHY}, version=1)
    read = house.by(PARTNER).get(path).json()
    listed = house.by(PARTNER).get("/collaborations").json()["items"][0]["officer"]
    assert (named.status_code, problem(refused), read["officer"]["label"], listed) == (
        200,
        (403, "denied"),
        "ada",
        "ada",
    )


def test_each_change_of_an_officer_is_on_record(cases: tuple[House, Caller, str, str]) -> None:
    house, _, path, _ = cases
    house.manager.patch(path, {"person": ADA, "reason": WHY})
    house.manager.patch(path, {"person": None, "reason": WHY}, version=1)
    changes = house.manager.get(path.replace("/officer", "/changes?noun=case_officer&field=officer_id")).json()["items"]
    assert [(one["was"], one["now"]) for one in changes] == [("ada", "")]


def test_lists_ask_by_officer(cases: tuple[House, Caller, str, str]) -> None:
    house, ada, path, _ = cases
    key = house.manager.patch(path, {"person": ADA, "reason": WHY}).json()["officer"]["id"]
    found = {
        (route, asked): _slugs(ada, f"/{route}?officer={asked}")
        for route in ("collaborations", "pipeline")
        for asked in ("me", key, ADA, "none")
    }
    deadlines = [house.manager.get(f"/deadlines?officer={one}").json()["items"] for one in (ADA, "none")]
    unknown = house.manager.get("/pipeline?officer=nobody@medtech.example.org")

    assert found == {
        (route, asked): ["other"] if asked == "none" else ["centre"]
        for route in ("collaborations", "pipeline")
        for asked in ("me", key, ADA, "none")
    }
    assert [[one["owner_person"] for one in items] for items in deadlines] == [["ada"], [None]]
    assert (unknown.status_code, places(unknown)) == (422, ["query.officer"])


def test_all_cases_go_over_and_a_dry_run_changes_nothing(cases: tuple[House, Caller, str, str]) -> None:
    house, _, first, second = cases
    for path in (first, second):
        house.manager.patch(path, {"person": ADA, "reason": WHY})
    sent = {"person": ADA, "to": MANAGER, "reason": "Leaves at the end of the month."}
    door = "/partnerships/medtech/officer-handovers"
    tried = house.manager.post(f"{door}?dry_run=true", sent).json()
    between = _slugs(house.manager, f"/collaborations?officer={ADA}")
    done = house.manager.post(door, sent).json()
    to_nobody = house.manager.post(f"{door}?dry_run=true", sent | {"to": "partner@medtech.example.org"})

    assert [(one["slug"], one["officer_before"], one["officer"]) for one in tried["cases"]] == [
        ("centre", "ada", "project_manager"),
        ("other", "ada", "project_manager"),
    ]
    assert (between, done["cases"]) == (["centre", "other"], tried["cases"])
    assert _slugs(house.manager, f"/collaborations?officer={ADA}") == []
    assert (to_nobody.status_code, places(to_nobody)) == (422, ["to"])


def test_days_away_are_entered_changed_and_taken_back(cases: tuple[House, Caller, str, str]) -> None:
    house, ada, path, _ = cases
    house.manager.patch(path, {"person": ADA, "deputy": MANAGER, "reason": WHY})
    door, day = "/partnerships/medtech/absences", str(today())
    own = ada.post(door, {"first_day": day}).json()
    acting = house.manager.get(path).json()["acting"]["label"]
    longer = house.manager.patch(
        f"/absences/{own['id']}", {"last_day": str(today() + timedelta(days=4))}, version=own["version"]
    ).json()
    others = house.by(PARTNER).post(door, {"person": ADA, "first_day": day})
    hidden = [house.by(PARTNER).get(door).json()["total"], house.by(SECRETARY).get(door).json()["total"]]
    gone = ada.send("DELETE", f"/absences/{own['id']}", version=longer["version"])

    assert (own["person"], own["last_day"], acting) == ("ada", day, "project_manager")
    assert (longer["last_day"], problem(others), hidden) == (str(today() + timedelta(days=4)), (403, "denied"), [0, 1])
    assert (gone.status_code, house.manager.get(path).json()["acting"]["label"]) == (204, "ada")


def _said(*arguments: str) -> list[str]:
    result = CliRunner().invoke(app, ["officer", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def test_the_same_from_a_shell(cases: tuple[House, Caller, str, str]) -> None:
    day = str(today())
    assert _said("assign", *HERE, "--officer", ADA, "--deputy", MANAGER, "--reason", WHY) == [
        "centre\tada\tproject_manager"
    ]
    assert _said("list", "medtech") == ["centre\tada\tproject_manager", "other\t-\t-"]
    assert _said("list", "medtech", "--none") == ["other\t-\t-"]
    assert _said("absent", "medtech", ADA, "--from", day) == [f"{day}\t{day}"]
    assert _said("absences", "medtech") == [f"ada\t{day}\t{day}"]
    assert _said("present", "medtech", ADA, "--from", day) == ["It is taken back."]
    moved = ("hand-over", "medtech", ADA, "--to", MANAGER, "--reason", WHY)
    assert _said(*moved, "--dry-run") == ["centre\tproject_manager\t-"]
    assert _said("list", "medtech")[0] == "centre\tada\tproject_manager"
    assert _said(*moved) == ["centre\tproject_manager\t-"]
    assert _said("assign", *HERE, "--nobody", "--reason", WHY) == ["centre\t-\t-"]
