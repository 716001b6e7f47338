"""The command `bankable search`."""

import pytest
from typer.testing import CliRunner

from api.cli import app
from states.storage import begin
from tests.api.house import furnish
from tests.factories import a_collaboration

pytestmark = [
    pytest.mark.usefixtures("installation"),
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
]


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["search", *arguments], env={"COLUMNS": "160"})
    return done.exit_code, done.output


def test_what_is_found_stands_in_a_table() -> None:
    with begin() as session:
        key = a_collaboration(furnish(session)[0]).id
        furnish(session, slug="food")

    code, said = run("gliwice")
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in said.splitlines() if "│" in line]
    assert code == 0
    assert lines == [
        ["food", "organisation", "gliwice", "food-gliwice"],
        ["medtech", "organisation", "gliwice", "medtech-gliwice"],
        ["medtech", "collaboration", "Centre for Biocompatibility", key],
    ]
    assert run("centre for", "--partnership", "food") == (0, "Nothing is found.\n")
    assert "Centre for" in run("centre for", "--kind", "collaboration")[1]
    assert "and 1 more" in run("gliwice", "--partnership", "medtech", "--top", "1")[1]
    assert run("--", "gliwice", "-gliwice")[1] == "Nothing is found.\n"


def test_what_asks_for_nothing_is_refused() -> None:
    code, said = run("a")
    assert (code, said.partition(" (")[0]) == (2, "words: holds nothing to look for")
    assert run("gliwice", "--partnership", "nowhere") == (2, "There is no partnership 'nowhere' here.\n")
