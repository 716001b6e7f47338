"""The commands `bankable agreements`: from the plan to the end, by the office at the machine."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from states.storage import begin
from tests.after_factories import a_financed_case
from tests.api.house import furnish

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

CASE = ("medtech", "centre")
TERMS = ("--reference", "A-1", "--agreed-on", "2026-11-02", "--ends-on", "2029-10-31")


def run(*arguments: str, code: int = 0) -> list[str]:
    done = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["agreements", *arguments])
    assert done.exit_code == code, done.output
    return done.output.splitlines()


def test_from_the_plan_to_the_end(installation: Path) -> None:
    with begin() as session:
        world, _ = furnish(session)
        a_financed_case(world)

    assert run("plan", *CASE) == ["1", "2"]
    run("sign", *CASE, "1", *TERMS, "--amount", "480,00")
    assert run("ask", *CASE, "1", "Building permit", "--due-on", "2027-03-31") == ["1"]
    run("change-condition", *CASE, "1", "1", "--due-on", "2027-04-30")
    assert run("conditions", *CASE, "1") == ["1\topen\t2027-04-30\tBuilding permit\t"]
    run("settle", *CASE, "1", "1", "--note", "Filed.")
    run("ask-again", *CASE, "1", "1", "--note", "Of another site.")
    run("settle", *CASE, "1", "1", "--note", "No more asked for.", "--waived")
    run("amend", *CASE, "1", "--amount", "500.00", "--agreed-on", "2026-11-20", "--because", "Money was left.")
    run("change", *CASE, "1", "--reference", "A-1b")
    assert run("terms", *CASE, "1") == ["1\tA-1\t480.00\t2026-11-02\t\t2029-10-31\tMoney was left."]
    assert run("sources", *CASE) == [
        "grant\tsilesian-grant\tmedtech-gliwice\t500.00\t500.00\t0.00\t1",
        "loan\tpaca-loan\tmedtech-marseille\t200.10\t0.00\t-200.10\t",
    ]
    run("end", *CASE, "1", "--on", "2026-11-20", "--because", "All was paid.")
    run("reopen", *CASE, "1", "--because", "A tranche is open.")
    run("withdraw", *CASE, "2", "--because", "The bank does not lend.")
    run("plan", *CASE)
    run("remove", *CASE, "3")
    bank = ("--funder", "A bank", "--amount", "9.00", "--reference", "B-1", "--agreed-on", "2026-11-02")
    assert run("record", *CASE, *bank) == ["3"]
    run("remove", *CASE, "3")
    assert [line.split("\t")[:5] for line in run("list", *CASE)] == [
        ["1", "signed", "Silesian grant", "A-1b", "500.00"],
        ["2", "withdrawn", "Paca loan", "", "200.10"],
    ]
    assert run("change", *CASE, "1", "--amount", "1.000", code=2)[-1].startswith("amount: ")
