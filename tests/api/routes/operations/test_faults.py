"""What fails over HTTP and from a shell: said to those whose row it is, tried again when they say so."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.operations.doctor import examine
from states.storage import begin
from states.sweeps.queries import find_faults
from states.sweeps.service import end_faults, note_fault
from states.texts import Text
from tests.api.house import House, a_house, problem
from tests.factories import World, a_collaboration, a_world


def _faults(world: World) -> dict[str, str]:
    """Let a collaboration fail twice, and one of another partnership once."""
    other = a_world(world.session, slug="elsewhere")
    mine = a_collaboration(world).id
    subject, error = ("collaboration", mine), OverflowError("year 10000")
    note_fault(world.session, "review_scenarios", subject, error)
    fault = note_fault(world.session, "review_scenarios", subject, error)
    theirs = note_fault(world.session, "progress_report", ("partnership", other.partnership.id), KeyError("kind"))
    return {"row": mine, "mine": fault.id, "theirs": theirs.id}


@pytest.fixture
def furnished(installation: Path) -> tuple[House, dict[str, str]]:
    return a_house(_faults)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["faults", *arguments])


def test_what_fails_is_said_to_its_managers_and_leaves_the_list_as_it_passes(
    furnished: tuple[House, dict[str, str]],
) -> None:
    house, keys = furnished

    (item,) = house.manager.get("/operations/faults").json()["items"]

    assert (item["id"], item["sweep"], item["noun"], item["subject_id"], item["times"], item["error"]) == (
        *(keys["mine"], "review_scenarios", "collaboration", keys["row"], 2),
        "OverflowError: year 10000",
    )
    assert item["first_at"] <= item["last_at"] < item["next_at"]
    again = house.manager.post(f"/operations/faults/{keys['mine']}/retry").json()
    assert again["next_at"] < item["next_at"]
    assert problem(house.manager.post(f"/operations/faults/{keys['theirs']}/retry")) == (404, "missing")
    with begin() as session:
        end_faults(session, session.exec(find_faults()).all())
    assert house.manager.get("/operations/faults").json()["items"] == []
    assert [one["id"] for one in house.manager.get("/operations/faults?ended=true").json()["items"]] == [keys["mine"]]


def test_the_operator_sees_all_and_the_doctor_says_how_many(furnished: tuple[House, dict[str, str]]) -> None:
    _, keys = furnished

    lines = [line.split("\t") for line in run("list").stdout.splitlines()]
    narrow = run("list", "--sweep", "progress_report").stdout.splitlines()
    (said,) = [one for one in examine() if one.what == "Sweeps"]

    assert {(line[0], line[1], line[4], line[-1]) for line in lines} == {
        (keys["mine"], "review_scenarios", "2", "OverflowError: year 10000"),
        (keys["theirs"], "progress_report", "1", "KeyError: 'kind'"),
    }
    assert len(narrow) == 1
    assert (said.ok, said.said) == (
        False,
        Text("finding", "faults_open", count=2, sweeps=("progress_report", "review_scenarios")),
    )
    assert run("retry", keys["mine"]).exit_code == 0
    assert run("retry", "none").exit_code == 2
    with begin() as session:
        end_faults(session, session.exec(find_faults()).all())
    assert run("list").stdout == ""
    assert len(run("list", "--ended").stdout.splitlines()) == 2
