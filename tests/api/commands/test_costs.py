"""Costs from a shell: entered, changed and withdrawn; the protocol shows the same."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from tests.api.house import a_house
from tests.factories import World, a_collaboration

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["cost", *arguments])


def _prepare(world: World) -> str:
    return f"/collaborations/{a_collaboration(world).id}"


def test_a_line_is_entered_changed_and_withdrawn(installation: Path) -> None:
    house, path = a_house(_prepare)
    where = ("medtech", "centre", "rigs")
    told = (
        "--organisation",
        "medtech-gliwice",
        "--nuts",
        "PL229",
        "--activity",
        "experimental",
        "--amount",
        "1 000,50",
    )

    entered = run("add", *where, *told, "--category", "equipment")
    odd = run("add", "medtech", "centre", "odd", *told[:-1], "400.000")
    run("change", *where, "--amount", "1200", "--starts-on", "2027-03-01")
    listed = run("list", "medtech", "centre").stdout
    shown = house.manager.get(f"{path}/protocol/sections/investment_plan").json()["content"]["costs"]
    run("withdraw", *where)

    assert (entered.exit_code, odd.exit_code) == (0, 2)
    assert odd.stderr == "amount: may be thousands or decimals (write 1200 or 1.20)\n"
    assert listed == "rigs\tmedtech-gliwice\tPL229\texperimental\tequipment\t1200.00\t2027-03-01\n"
    assert shown == [{"organisation": "gliwice", "nuts": "PL229", "category": "Equipment", "amount": "1200.00"}]
    assert run("list", "medtech", "centre").stdout == ""
