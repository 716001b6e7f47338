"""Where a file cannot be kept: what is wrong is told apart, and nothing of it is left, in rows or in the store."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from states.archive.store import NAME, open_store
from states.settings import settings
from tests.api.house import House, a_house, problem
from tests.api.routes.documents.test_evidence import LETTER, SAID, faults, upload
from tests.factories import a_collaboration_at
from tests.limited import MEBIBYTE, linux

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

LARGE = 6 * MEBIBYTE
ROOM = 4 * MEBIBYTE


@pytest.fixture
def house(installation: Path) -> tuple[House, str]:
    return a_house(lambda world: a_collaboration_at(world, "investment_protocol").id)


@contextmanager
def little_room(home: Path) -> Iterator[None]:
    """Let this process write no file that is larger than the database by a little, as on a disk that is nearly full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((home / "bankable.db").stat().st_size + ROOM, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def kept() -> list[str]:
    filesystem, root = open_store()
    return [path.removeprefix(f"{root}/") for path in filesystem.find(root)]


def sparse(path: Path, size: int) -> Path:
    """Make a large PDF that takes no room."""
    with path.open("wb") as file:
        file.write(LETTER)
        file.truncate(size)
    return path


def test_a_full_disk_takes_nothing_and_says_so(house: tuple[House, str], installation: Path) -> None:
    client, key = house
    path = f"/collaborations/{key}/evidence"
    large = LETTER + bytes(LARGE + (installation / "bankable.db").stat().st_size)

    with little_room(installation):
        full = upload(client.manager, path, ("a.pdf", LETTER), ("b.pdf", large), **SAID)
        after = upload(client.manager, path, ("a.pdf", LETTER), **SAID)

    assert problem(full) == (503, "store_full")
    assert "make room" in full.json()["detail"]
    assert full.headers["Retry-After"] == "5"
    assert (after.status_code, client.manager.get("/evidence").json()["total"]) == (201, 1)
    assert len(kept()) == 2  # the letter, and the name of the store


def test_a_full_store_takes_nothing_from_a_command_either(
    house: tuple[House, str], installation: Path, tmp_path: Path
) -> None:
    size = LARGE + (installation / "bankable.db").stat().st_size
    file = sparse(tmp_path / "large.pdf", size)
    command = ["evidence", "file", "medtech", "centre", str(file), "--kind", "offer", "--dated", "2026-01-20"]

    with little_room(installation):
        full = CliRunner(env={"COLUMNS": "300"}).invoke(app, command)
    left = kept()
    done = CliRunner(env={"COLUMNS": "300"}).invoke(app, command)

    assert full.exit_code != 0
    assert "has no room: make room" in full.output
    assert left == [NAME]
    assert done.exit_code == 0, done.output


@linux
def test_a_store_that_may_not_be_written_is_told_apart(
    house: tuple[House, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, key = house
    monkeypatch.setenv("BANKABLE_STORE_URL", "file:///sys/bankable-store")  # where nobody makes a folder, root neither
    settings.cache_clear()

    refused = upload(client.manager, f"/collaborations/{key}/evidence", ("a.pdf", LETTER), **SAID)

    settings.cache_clear()
    assert problem(refused) == (503, "store_forbidden")
    assert "give its user the right" in refused.json()["detail"]


def test_a_store_that_does_not_answer_is_away(house: tuple[House, str], installation: Path) -> None:
    client, key = house
    (installation / "store").write_text("a file where the folder was")

    refused = upload(client.manager, f"/collaborations/{key}/evidence", ("a.pdf", LETTER), **SAID)

    assert problem(refused) == (503, "store_away")
    assert client.manager.get("/evidence").json()["total"] == 0


def test_more_files_than_a_form_may_have_are_refused_by_their_field(house: tuple[House, str]) -> None:
    client, key = house
    files = [(f"{number}.pdf", LETTER) for number in range(10_000)]

    refused = upload(client.manager, f"/collaborations/{key}/evidence", *files, **SAID)

    assert (problem(refused), faults(refused)) == ((422, "invalid"), ["files_miscounted"])
    assert "20" in refused.json()["faults"][0]["remedy"]
    assert kept() == []
    assert client.manager.get("/evidence").json()["total"] == 0


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..\\..\\boot.ini", "/etc/shadow", "C:\\x.pdf", "a/b/c.pdf", "\x00.pdf", ".", "x" * 1_000],
)
def test_a_name_is_no_path(house: tuple[House, str], name: str) -> None:
    client, key = house

    filed = upload(client.manager, f"/collaborations/{key}/evidence", (name, LETTER), **SAID)

    assert filed.status_code == 201, filed.text
    [row] = filed.json()["items"]
    assert not {"/", "\\", "\x00"} & set(row["file_name"])
    assert len(row["file_name"]) <= 200
    assert len(kept()) == 2  # under its hash, and the name of the store
