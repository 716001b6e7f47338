"""The commands `bankable evidence`: a file's way from the office's disk into the store, out of it, and away."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.cli import app
from states.archive.store import Kept, verify
from states.clock import today
from states.settings import settings
from states.storage import begin
from tests.api.house import application, furnish
from tests.factories import a_collaboration

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

FIRST, SECOND, THIRD = (b"%PDF-1.7 an offer of " + one + bytes(range(256)) * 600 for one in (b"10", b"11", b"12"))
CASE = ("medtech", "centre")


def run(*arguments: str, code: int = 0) -> list[str]:
    done = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["evidence", *arguments])
    assert done.exit_code == code, done.output
    return done.output.splitlines()


@pytest.fixture
def folder(installation: Path, tmp_path: Path) -> Path:
    """A folder with files, beside an installation with a collaboration."""
    with begin() as session:
        world, _ = furnish(session)
        a_collaboration(world)
    for name, content in {"first.pdf": FIRST, "second.pdf": SECOND, "third.pdf": THIRD, "x.exe": b"MZ\0\1"}.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_files_go_in_and_come_out_as_they_were_and_go_when_they_must(folder: Path) -> None:
    day, younger = f"{today() - timedelta(days=9)}", f"{today()}"
    said = ("--kind", "offer", "--dated", day, "--organisation", "medtech-gliwice")

    refused = run("file", *CASE, str(folder / "first.pdf"), str(folder / "x.exe"), *said, code=2)
    assert ("x.exe" in "".join(refused), run("list", *CASE)) == (True, [])
    filed = run("file", *CASE, str(folder / "first.pdf"), str(folder / "second.pdf"), *said)
    (first, *told), (second, *_) = (line.split("\t") for line in filed)
    assert told == [sha256(FIRST).hexdigest(), "first.pdf", "not scanned: no scanner is configured"]
    newer = run("supersede", first, str(folder / "third.pdf"), "--dated", younger)[0].split("\t")[0]

    run("withdraw", second, "--reason", "sent twice")
    rows = {line.split("\t")[0]: line.split("\t")[1:] for line in run("list", *CASE, "--kind", "offer")}
    common = ["offer", "medtech-gliwice"]
    assert rows == {
        first: [
            *common,
            day,
            "confidential",
            "superseded",
            f"{len(FIRST)}",
            "first.pdf",
            "first.pdf",
        ],
        second: [
            *common,
            day,
            "confidential",
            "withdrawn",
            f"{len(SECOND)}",
            "second.pdf",
            "second.pdf",
        ],
        newer: [
            *common,
            younger,
            "confidential",
            "filed",
            f"{len(THIRD)}",
            "third.pdf",
            "first.pdf",
        ],
    }
    for key, content in ((first, FIRST), (newer, THIRD)):
        assert run("get", key, str(folder / key)) == [f"{folder / key}: {sha256(content).hexdigest()}"]
        assert (folder / key).read_bytes() == content
    assert "File exists" in "".join(run("get", first, str(folder / newer), code=2))
    assert (folder / newer).read_bytes() == THIRD

    run("redact", first, "--reason", "it names people")
    kept = {verify(sha256(one).hexdigest()) for one in (FIRST, SECOND)}
    assert (kept, verify(sha256(THIRD).hexdigest())) == ({Kept.MISSING}, Kept.INTACT)
    gone = run("get", first, str(folder / "gone"), code=2)
    assert ("it names people" in "".join(gone), (folder / "gone").exists()) == (True, False)


def test_bytes_that_the_store_has_lost_leave_no_file(folder: Path) -> None:
    [line] = run("file", *CASE, str(folder / "first.pdf"), "--kind", "offer", "--dated", f"{today()}")
    key, digest, *_ = line.split("\t")
    (settings().home / "store" / digest[:2] / digest).write_bytes(SECOND)

    run("get", key, str(folder / "lost"), code=2)

    assert not (folder / "lost").exists()


def test_a_link_is_printed_and_ended(folder: Path) -> None:
    person = "Partner@medtech.example.org"  # in any case of letters
    [link] = run("link", *CASE, "medtech-gliwice", "--person", person, "--kind", "accounts", "--days", "2")
    path = link.removeprefix(settings().public_url)
    client = TestClient(application())
    good = client.get(path)
    assert run("unlink", link) == ["The link is revoked."]

    assert (good.status_code, good.json()["kind"], client.get(path).status_code) == (200, "accounts", 410)
    run("unlink", "none", code=2)
    office = ("--person", "project-manager@medtech.example.org", "--kind", "accounts")
    run("link", *CASE, "medtech-gliwice", *office, code=2)


def test_what_the_playbook_asks_for_is_told_with_whose_it_is_and_when(folder: Path) -> None:
    told = [line.split("\t")[:4] for line in run("demands", *CASE)]

    assert told == [
        ["letter_of_intent", "gliwice", "investment_protocol", "missing"],
        ["letter_of_intent", "marseille", "investment_protocol", "missing"],
        ["accounts", "gliwice", "funding_scenario", "missing"],
    ]
