"""The commands `bankable calendar`: a feed is made, listed and ended; what cannot be is said in a line."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from api.cli import app
from states.storage import begin
from tests.api.house import application, furnish

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

MAKE = ("make", "--partnership", "medtech")
CHAIR = ("--person", "iag_chair@medtech.example.org")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["calendar", *arguments])


@pytest.fixture
def furnished(installation: Path) -> Path:
    with begin() as session:
        furnish(session)
    return installation


def status(url: str) -> int:
    found: int = TestClient(application()).get(url.strip().removeprefix("http://127.0.0.1:8400")).status_code
    return found


def test_a_feed_is_made_listed_and_ended(furnished: Path) -> None:
    own, whole = run(*MAKE, *CHAIR, "--label", "laptop"), run(*MAKE)
    before = status(own.stdout)
    lines = [line.split("\t") for line in run("list").stdout.splitlines()]
    ended = run("revoke", lines[0][0])

    assert [line[1:4] + line[5:] for line in lines] == [
        ["good", "medtech", "iag_chair", "laptop"],
        ["good", "medtech", "all", ""],
    ]
    assert lines[0][4] != lines[1][4] == "never"
    assert (own.exit_code, ended.exit_code, ended.stdout) == (0, 0, "The feed is revoked.\n")
    assert (before, status(own.stdout), status(whole.stdout)) == (200, 404, 200)
    assert run("list").stdout.splitlines()[0].split("\t")[1] == "revoked"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("make", "--partnership", "atlantis"), "There is no partnership 'atlantis' here."),
        (
            (*MAKE, "--person", "nobody@example.org"),
            "person: nobody@example.org holds no role in medtech (make a token first: it gives one)",
        ),
        (("revoke", "atlantis"), "There is no calendar feed 'atlantis' here."),
    ],
)
def test_what_cannot_be_is_one_line(furnished: Path, arguments: tuple[str, ...], said: str) -> None:
    answer = run(*arguments)

    assert (answer.exit_code, answer.stdout, answer.stderr.strip()) == (2, "", said)
