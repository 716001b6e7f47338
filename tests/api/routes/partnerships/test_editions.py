"""Running collaborations go on under another edition: checked first, one alone or all that fit, by API and command."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from states.playbooks.editions import find
from states.settings import settings
from tests.api.house import House, a_house, codes, problem
from tests.factories import World, a_collaboration, a_collaboration_at


def _two(world: World) -> dict[str, str]:
    """Return the ids of a collaboration at its beginning and of one that is reviewed."""
    return {"new": a_collaboration(world).id, "reviewed": a_collaboration_at(world, "iag_review", slug="reviewed").id}


@pytest.fixture
def furnished(
    installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[House, dict[str, str]]]:
    """A house whose next edition calls the stage of the review by another key."""
    made = a_house(_two)
    folder = tmp_path / "playbooks"
    folder.mkdir()
    text = find("s3").replace("version: 5\n", "version: 6\n", 1).replace("iag_review", "advisers")
    (folder / "s3.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("BANKABLE_PLAYBOOKS", str(folder))
    monkeypatch.setenv("BANKABLE_DATABASE_URL", settings().database)
    settings.cache_clear()
    yield made
    settings.cache_clear()


def editions(house: House) -> dict[str, str]:
    return {one["slug"]: one["playbook"] for one in house.manager.get("/collaborations").json()["items"]}


def test_by_the_api(furnished: tuple[House, dict[str, str]]) -> None:
    house, keys = furnished
    path, wanted = "/partnerships/medtech/edition-changes", {"playbook": "s3"}

    foreseen = house.manager.post(f"{path}?dry_run=true", wanted).json()
    alone = house.manager.post(f"/collaborations/{keys['reviewed']}/edition-change?dry_run=true", wanted).json()
    before = editions(house)
    refused = house.manager.post(
        f"/collaborations/{keys['reviewed']}/edition-change", wanted, version=_version(house, keys["reviewed"])
    )
    changed = house.manager.post(path, wanted).json()

    for told in (foreseen, changed):
        assert [(one["slug"], one["edition"], one["fits"]) for one in told["collaborations"]] == [
            ("centre", "s3@5", True),
            ("reviewed", "s3@5", False),
        ]
        assert [one["code"] for one in told["collaborations"][1]["reasons"]] == ["stage_gone"]
    assert (alone["edition"], alone["fits"], before["centre"]) == ("s3@6", False, "s3@5")
    assert (problem(refused), codes(refused)) == ((409, "edition_unfit"), ["stage_gone"])
    assert editions(house) == {"centre": "s3@6", "reviewed": "s3@5"}


def test_by_command(furnished: tuple[House, dict[str, str]]) -> None:
    house, _ = furnished

    def change(*options: str) -> tuple[int, list[list[str]]]:
        said = CliRunner().invoke(app, ["playbook", "change", "medtech", "s3", *options])
        return said.exit_code, [line.split("\t") for line in said.stdout.splitlines()]

    gone = "s3@6 has no stage"
    foreseen = change("--dry-run")
    assert (foreseen[0], [line[:3] for line in foreseen[1]], foreseen[1][0][3]) == (
        1,
        [["centre", "s3@5", "s3@6"], ["reviewed", "s3@5", "s3@6"]],
        "fits",
    )
    assert gone in foreseen[1][1][3]
    assert editions(house)["centre"] == "s3@5"
    assert change("--collaboration", "centre") == (0, [["centre", "s3@5", "s3@6", "fits"]])
    assert editions(house) == {"centre": "s3@6", "reviewed": "s3@5"}


def _version(house: House, key: str) -> int:
    return int(house.manager.get(f"/collaborations/{key}").json()["version"])
