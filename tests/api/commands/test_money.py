"""Rates, VAT and simplified costs from a shell: brought in, ruled on, ended and taken out; faults name their place."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from tests.api.house import a_house
from tests.factories import World, a_collaboration

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
TRAVEL = ["--title", "Travel", "--kind", "flat_rate", "--under", "interreg-travel-15", "--base", "personnel"]
TRAVEL += ["--covers", "travel", "--source", "programme manual", "--valid-from", "2027-01-01"]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def _prepare(world: World) -> None:
    a_collaboration(world)


def test_rates_are_brought_in_corrected_and_ruled_on(installation: Path, tmp_path: Path) -> None:
    a_house(_prepare)
    file, odd = tmp_path / "rates.csv", tmp_path / "odd.csv"
    file.write_text("ISO code,Value\nPLN,4.2583\nSEK,11.003\n")
    first = run("rates", "import", "medtech", str(file), "--month", "2026-11").stdout
    file.write_text("ISO code,Value\nPLN,4.26\nSEK,11.003\n")
    second = run("rates", "import", "medtech", str(file), "--month", "2026-11").stdout
    odd.write_text("ISO code,Value\nPLN,four\n")
    faulty, no_month = (run("rates", "import", "medtech", str(odd), *of) for of in (("--month", "2026-11"), ()))
    never = run("rates", "list", "medtech", "--month", "soon")

    assert (first, second) == ("2 added, 0 superseded, 0 unchanged\n", "0 added, 1 superseded, 1 unchanged\n")
    assert run("rates", "list", "medtech", "--currency", "PLN", "--superseded").stdout.splitlines() == [
        "PLN\t2026-11\t4.26\t2\tInforEuro",
        "PLN\t2026-11\t4.2583\t1\tInforEuro",
    ]
    assert (
        run("rates", "list", "medtech").stdout
        == "PLN\t2026-11\t4.26\t2\tInforEuro\nSEK\t2026-11\t11.003\t1\tInforEuro\n"
    )
    assert (faulty.exit_code, "odd, row 2, rate (B2): is no number" in faulty.stderr) == (2, True)
    assert "odd, row 2: no month is named" in no_month.stderr
    assert (never.exit_code, never.stderr.startswith("month: 'soon' is no month")) == (2, True)
    assert [run("rates", "rule", "medtech", *of).stdout for of in ((), ("--month", "month_of_award"), ())] == [
        "month_of_entry\n",
        "month_of_award\n",
        "month_of_award\n",
    ]


def test_options_are_added_chosen_ended_and_withdrawn(installation: Path) -> None:
    a_house(_prepare)
    bold = run("simplified", "add", "medtech", "our-travel", *TRAVEL, "--percent", "22")
    odd = run("simplified", "add", "medtech", "our-travel", *TRAVEL, "--percent", "much")
    added = run("simplified", "add", "medtech", "our-travel", *TRAVEL, "--percent", "10").stdout
    unknown = run("simplified", "choose", "medtech", "--option", "nobody")
    chosen = run("simplified", "choose", "medtech", "--option", "our-travel")
    listed = [line.split("\t") for line in run("simplified", "list", "medtech").stdout.splitlines()]
    early = run("simplified", "end", "medtech", "our-travel", "--on", "2026-01-01")
    ended = run("simplified", "end", "medtech", "our-travel", "--on", "2027-12-31")
    gone = run("simplified", "withdraw", "medtech", "our-travel")
    again = run("simplified", "withdraw", "medtech", "our-travel")

    assert [(one.exit_code, one.stderr.partition(":")[0]) for one in (bold, odd, unknown, early)] == [
        (2, "percent"),
        (2, "percent"),
        (2, "options[0]"),
        (2, "valid_to"),
    ]
    assert (added, chosen.exit_code, ended.exit_code, gone.exit_code, again.exit_code) == ("our-travel\n", 0, 0, 0, 2)
    assert listed[-1] == [
        "our-travel",
        "at most 10 % of personnel",
        "travel",
        "Reg. 2021/1059 Art. 41(5)",
        "unverified",
        "chosen",
    ]
    assert {one[-1] for one in listed[:-1]} == {"not chosen"}


def test_who_bears_vat_is_said_once_and_lines_follow(installation: Path) -> None:
    a_house(_prepare)
    where = ("medtech", "centre", "rigs", "--organisation", "medtech-gliwice", "--nuts", "PL229")
    line = (*where, "--activity", "experimental", "--amount", "1230", "--vat", "23", "--vat-included")
    unknown = run("cost", "add", *line)
    before = run("organisation", "vat", "medtech", "medtech-gliwice").stdout
    said = run("organisation", "vat", "medtech", "medtech-gliwice", "--recovers", "--source", "register").stdout
    run("cost", "add", *line)
    net = run("cost", "list", "medtech", "centre").stdout.split("\t")[5]
    run("organisation", "vat", "medtech", "medtech-gliwice", "--bears", "--source", "register")
    gross = run("cost", "list", "medtech", "centre").stdout.split("\t")[5]
    run("cost", "change", "medtech", "centre", "rigs", "--in-kind")
    summed = run("cost", "summary", "medtech", "centre").stdout.splitlines()

    assert (unknown.exit_code, unknown.stderr.partition(":")[0]) == (2, "vat_recoverable")
    assert (before, said) == (
        "medtech-gliwice: nobody has said\n",
        "medtech-gliwice: recovers VAT (register)\n",
    )
    assert (net, gross) == ("1000.00", "1230.00")
    assert summed[:2] == ["medtech-gliwice\t1230.00\t1230.00\t1230.00\t0.00", "all\t1230.00\t1230.00\t1230.00\t0.00"]
    assert summed[2:] == [
        "The costs come to EUR 1,230.00 with VAT, less than EUR 5,000,000.00: a fund of the Union may pay VAT too "
        "that comes back; EUR 0.00 of it are left out here. "
        "(Reg. 2021/1060 Art. 64(1)(c), not compared with the text yet)",
        "EUR 1,230.00 are brought in kind: public support is at most EUR 0.00. "
        "(Reg. 2021/1060 Art. 67(1), not compared with the text yet)",
    ]
