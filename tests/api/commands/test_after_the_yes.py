"""The commands `bankable progress`, `change-requests` and `results`: the office at the machine, after the yes."""

from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from states.clock import today
from states.storage import begin
from tests.after_factories import a_running_case
from tests.api.house import furnish

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

CASE = ("medtech", "centre")
MINE = (*CASE, "medtech-gliwice", "1")


def run(*arguments: str, code: int = 0) -> list[str]:
    done = CliRunner(env={"COLUMNS": "200"}).invoke(app, arguments)
    assert done.exit_code == code, done.output
    return done.output.splitlines()


def test_the_office_at_the_machine(installation: Path) -> None:
    with begin() as session:
        world, _ = furnish(session)
        a_running_case(world, began=today(), days=300)
    day = today().isoformat()

    assert run("progress", "open", *CASE) == ["2"]
    link = run("progress", "ask", *MINE, "--person", "partner@medtech.example.org")[-1]
    assert "/api/v1/links/progress/" in link
    run("progress", "end-links", *MINE)
    said = ("--done", "Rigs stand.", "--readiness", "6", "--jobs", "1,5", "--spent", "Rigs=120,10")
    run("progress", "write", *MINE, *said, "--received", f"1:{day}=50.05", "--indicator", "Prototypes=3")
    run("progress", "hand-in", *MINE)
    run("progress", "take-back", *MINE)
    run("progress", "hand-in", *MINE)
    run("progress", "return", *MINE, "--question", "Which rigs?")
    run("progress", "hand-in", *MINE)
    run("progress", "accept", *MINE)
    run("progress", "correct", *MINE, "--because", "An invoice was found.")
    run("progress", "write", *MINE, "--spent", "Rigs=130.10")
    listed = [line.split("\t") for line in run("progress", "list", *CASE)]
    assert [(one[0], one[4], one[5], one[7], one[8]) for one in listed if one[0] == MINE[2]] == [
        ("medtech-gliwice", "1", "accepted", "120.10", "50.05"),
        ("medtech-gliwice", "2", "draft", "130.10", "50.05"),
    ]
    drawn = [line.split("\t") for line in run("progress", "drawdown", *CASE)]
    assert sum(float(one[4]) for one in drawn if one[0] == "grant") == 500
    assert [one[5] for one in drawn if one[:1] + one[3:4] == ["grant", day[:4]]] == ["50.05"]
    run("progress", "write", *MINE, "--spent", "Rigs", code=2)

    shift = ("--kind", "budget_shift", "--title", "Staff", "--because", "Cheaper rigs.", "--shifted", "100.00")
    assert run("change-requests", "describe", *CASE, *shift, "--difference", "Staff|200.10|300.10") == ["1"]
    run("change-requests", "change", *CASE, "1", "--title", "More for staff")
    run("change-requests", "ask", *CASE, "1")
    assert run("change-requests", "show", *CASE, "1") == ["Staff\t200.10\t300.10", "1\toffice\talways\tasked\t"]
    refused = run("change-requests", "answer", *CASE, "1", "1", "--refuse", "--reason", "Say more.")
    run("change-requests", "revise", *CASE, "1")
    run("change-requests", "ask", *CASE, "1")
    approved = run("change-requests", "answer", *CASE, "1", "2", "--agree")
    run("change-requests", "carry-out", *CASE, "1")
    assert (refused, approved) == (["refused"], ["approved"])
    assert run("change-requests", "list", *CASE) == ["1\tbudget_shift\tcarried_out\t100.00\t\tMore for staff"]
    run("change-requests", "describe", *CASE, *shift, "--difference", "Staff|200.10|300.10")
    run("change-requests", "withdraw", *CASE, "2", "--because", "Twice the same.")

    assert run("results", "add", *CASE, "People trained", "--target", "4", "--unit", "people") == ["1"]
    open_ = {line.split("\t")[0] for line in run("results", "open", *CASE)}
    assert open_ == {"agreement not ended", "progress not accepted", "indicator"}
    run("results", "change", *CASE, "1", "--achieved", "3,5", code=2)
    told = ("--source", "Log", "--explanation", "One fell ill.")
    run("results", "change", *CASE, "1", "--achieved", "3,5", *told)
    assert run("results", "list", *CASE) == ["1\tPeople trained\tpeople\t4\t3.5\tLog\tOne fell ill."]
    run("results", "remove", *CASE, "1")
    assert run("results", "list", *CASE) == []


def test_a_partner_that_has_no_progress_is_named(installation: Path) -> None:
    with begin() as session:
        world, _ = furnish(session)
        a_running_case(world, began=today() + timedelta(days=9), days=300)
    assert run("progress", "open", *CASE) == ["0"]
    assert "medtech-gliwice" in run("progress", "accept", *MINE, code=2)[-1]
