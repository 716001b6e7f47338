"""The commands `bankable reminders`: what would go out, what became of it, what if a date moved; 80 columns wide."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from api.cli import app
from states.clock import at, now, today
from states.deadlines.planning import plan_reminders
from states.deadlines.tables import Deadline
from states.places.working_days import shift
from states.storage import begin
from tests.factories import a_collaboration, a_world

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def overdue(installation: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of the deadline of a stage that was due days ago and was told of; another one is due in weeks."""
    monkeypatch.setenv("COLUMNS", "80")
    with begin() as session:
        world = a_world(session)
        with at(now() - timedelta(days=55)):
            row = a_collaboration(world)
        plan_reminders(session)
        a_collaboration(world, slug="other")
        return session.exec(select(Deadline.id).where(Deadline.collaboration_id == row.id)).one()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["reminders", *arguments])


def test_the_preview_says_when_to_whom_what(overdue: str) -> None:
    table = run("preview", "--days", "90", "--partnership", "medtech").stdout.splitlines()
    found = json.loads(run("preview", "--days", "90", "--json").stdout)

    assert table[0].split() == ["when", "(UTC)", "to", "what", "by"]
    assert (max(map(len, table)) <= 80, sum("project_manager" in line for line in table)) == (True, 4)
    assert [(one["rung"], one["person"], one["channel"]) for one in found] == [
        (rung, "project_manager", "mail") for rung in (-10, -3, 0, 5)
    ]
    assert run("preview", "--days", "0").stdout == "Nothing would go out.\n"


def test_the_ledger_says_what_became_of_each(overdue: str) -> None:
    since = (today() - timedelta(days=60)).isoformat()

    table = run("ledger", "--from", since).stdout.splitlines()
    planned = json.loads(run("ledger", "--from", since, "--status", "planned", "--json").stdout)

    assert table[0].split() == ["day", "to", "what", "status", "why"]
    assert (max(map(len, table)) <= 80, sum("superseded" in line for line in table)) == (True, 3)
    assert [(one["rung"], one["deadline_id"], one["status"]) for one in planned] == [(5, overdue, "planned")]
    assert run("ledger", "--to", "2020-01-01").stdout == "Nothing was planned for these days.\n"


def test_what_if_says_which_reminders_go_and_come(overdue: str) -> None:
    later = shift(today(), 20, nuts="PL229").isoformat()

    table = run("what-if", overdue, "--due-on", later).stdout.splitlines()
    found = json.loads(run("what-if", overdue, "--due-on", later, "--json").stdout)

    assert [line[0] for line in table[1:] if line[0] != " "] == ["+"] * 4
    comes = [(one["rung"], one["due_on"]) for one in found["comes"]]
    assert (comes, found["goes"]) == ([(rung, later) for rung in (-10, -3, 0, 5)], [])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("what-if", "x", "--due-on", "2030-01-01"), "There is no deadline 'x' here."),
        (("preview", "--partnership", "x"), "There is no partnership 'x' here."),
        (
            ("ledger", "--from", "2020-02-01", "--to", "2020-01-01"),
            "to: 1 January 2020 is before 1 February 2020 (give the days in order)",
        ),
    ],
)
def test_what_cannot_be_is_said_in_a_line(overdue: str, arguments: tuple[str, ...], told: str) -> None:
    ended = run(*arguments)

    assert (ended.exit_code, ended.stderr.strip()) == (2, told)


def test_a_date_that_is_past_is_no_what_if(overdue: str) -> None:
    ended = run("what-if", overdue, "--due-on", "2020-01-01")

    assert (ended.exit_code, ended.stderr.partition(":")[0]) == (2, "due_on")
