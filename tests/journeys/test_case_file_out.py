"""A funded case leaves its house: the office, a partner and another house's administrator each with what is theirs."""

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from api.cli import app
from states.settings import settings
from tests import unrecorded
from tests.api.house import OBSERVER, PARTNER, SECRETARY, a_house, problem
from tests.factories import World, agree_on, submit_to_lender
from tests.states.casefile.cases import a_case_of


@pytest.fixture(autouse=True)
def nothing_is_recorded_anew() -> Iterator[None]:
    with unrecorded.whole_database():
        yield


@pytest.fixture
def another_house(tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Move into an empty installation of somebody else, with a secret of its own."""

    def go() -> None:
        home = tmp_path / "another"
        home.mkdir()
        shutil.copy(migrated_sqlite, home / "bankable.db")
        monkeypatch.setenv("BANKABLE_HOME", str(home))
        monkeypatch.setenv("BANKABLE_DATABASE_URL", "")
        settings.cache_clear()

    return go


def run(*words: str) -> Result:
    return CliRunner().invoke(app, [*words])


def _funded(world: World) -> dict[str, str]:
    row = a_case_of(world)
    agree_on(world, row, submit_to_lender(world, row))
    return {"key": row.id, "slug": row.slug}


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_case_leaves_its_house(installation: Path, tmp_path: Path, another_house: Callable[[], None]) -> None:
    house, made = a_house(_funded)
    key, slug = made["key"], made["slug"]
    path = f"/collaborations/{key}/case-file"

    # The office has all of it, with people where it asks for them; a partner its part; nobody else anything.
    whole = house.manager.get(path).content
    part = house.by(PARTNER).get(path).content
    assert {name: problem(house.by(name).get(path))[0] for name in (OBSERVER, SECRETARY, "iag_member 1")} == {
        OBSERVER: 403,
        SECRETARY: 403,
        "iag_member 1": 403,
    }
    assert "data/evaluation.json" in _names(whole)
    assert "data/evaluation.json" not in _names(part)

    # By command it is the same file.
    assert run("collaboration", "export", "medtech", slug, str(tmp_path / "case.zip")).exit_code == 0
    assert (tmp_path / "case.zip").read_bytes() == whole

    # What is funded stands in the list of operations, with what the programme has still to say.
    listed = house.manager.get("/partnerships/medtech/operations?objective=RSO1.1").json()
    assert [row["Operation ID"] for row in listed["operations"]] == [f"medtech-{slug}"]
    assert {row["Role"] for row in listed["beneficiaries"]} == {"lead partner", "partner"}
    told = {one["place"] for one in listed["missing"]}
    assert "Operations, row 2, Type of intervention" in told
    assert "Operations, row 2, Specific objective" not in told
    sheet = run("collaboration", "operations", "medtech", str(tmp_path / "operations.xlsx"))
    assert (sheet.exit_code, load_workbook(tmp_path / "operations.xlsx").sheetnames) == (
        1,
        ["Operations", "Beneficiaries"],
    )

    # Another house checks it without knowing the first, looks, takes it in, and finds itself whole.
    another_house()
    checked = run("verify", str(tmp_path / "case.zip"))
    assert (checked.exit_code, "seals not checked" in checked.stdout) == (0, True)
    (tmp_path / "part.zip").write_bytes(part)
    assert run("verify", str(tmp_path / "part.zip")).exit_code == 0
    refused = run("collaboration", "take-in", str(tmp_path / "part.zip"))
    assert (refused.exit_code, "was taken out for a partner" in refused.stderr) == (2, True)
    tried = run("collaboration", "take-in", str(tmp_path / "case.zip"), "--dry-run")
    assert (tried.exit_code, "This was a dry run." in tried.stdout) == (0, True)
    taken = run("collaboration", "take-in", str(tmp_path / "case.zip"))
    assert (taken.exit_code, "taken into medtech" in taken.stdout) == (0, True)
    assert run("collaboration", "take-in", str(tmp_path / "case.zip")).exit_code == 2
    listed_here = run("collaboration", "list", "medtech")
    assert listed_here.stdout.split("\t")[0] == slug

    # Out again it is the same case, sealed by the other house.
    assert run("collaboration", "export", "medtech", slug, str(tmp_path / "again.zip")).exit_code == 0
    assert _part((tmp_path / "again.zip").read_bytes(), "manifest.json") == _part(whole, "manifest.json")
    assert "all fit" in run("verify", str(tmp_path / "again.zip")).stdout


def _names(content: bytes) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return set(archive.namelist())


def _part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)
