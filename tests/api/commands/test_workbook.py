"""The workbook on the command line: written, brought in, tried without effect, and taken out again."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from states.storage import begin
from tests.api.house import furnish
from tests.states.workbook.sheets_in import a_workbook, dump

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
HEAD = ["slug", "name", "kind", "nuts"]
ONE = {"organisations": [HEAD, ["bone", "Bone Works", "sme", "PL22"]]}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def folder(installation: Path) -> Path:
    with begin() as session:
        furnish(session)
    return installation


def _everything() -> object:
    with begin(read_only=True) as session:
        return dump(session)


def test_a_workbook_is_tried_brought_in_and_taken_out(folder: Path) -> None:
    file, out = folder / "in.xlsx", folder / "out.xlsx"
    file.write_bytes(a_workbook(ONE))
    before = _everything()

    tried = run("import", file, "--dry-run")
    untouched = _everything() == before
    done, written, back = run("import", file), run("export", out, "--language", "de"), run("import", out)

    assert (tried.exit_code, done.exit_code, written.exit_code, back.exit_code) == (0, 0, 0, 0)
    assert tried.stdout.splitlines() == [
        "organisations: 1 added, 0 changed, 0 unchanged",
        "This was a dry run: nothing was brought in.",
    ]
    assert untouched
    assert done.stdout == "organisations: 1 added, 0 changed, 0 unchanged\n"
    assert {line.split(": ")[1].rpartition(", ")[0] for line in back.stdout.splitlines()} == {"0 added, 0 changed"}


def test_each_fault_has_a_line_and_the_exit_code_is_1(folder: Path) -> None:
    file = folder / "organisations.csv"
    file.write_text("slug;name;kind;nuts\nbone;;factory;PL22\n", encoding="utf-8")
    before = _everything()

    refused = run("import", file, "--partnership", "medtech")

    kinds = "sme, large_enterprise, technology_centre, university, cluster, authority, investor, other"
    assert (refused.exit_code, refused.stderr.splitlines()) == (
        1,
        [
            "organisations, row 2, name (B2): is empty (fill it)",
            f"organisations, row 2, kind (C2): 'factory': is none of the words for this (one of {kinds})",
            "2 faults; nothing was brought in.",
        ],
    )
    assert _everything() == before


def test_the_template_comes_in_as_nothing(folder: Path) -> None:
    file = folder / "template.xlsx"

    made, read = run("template", file, "--language", "pl"), run("import", file)

    assert (made.exit_code, read.exit_code) == (0, 0)
    assert {line.partition(": ")[2] for line in read.stdout.splitlines()} == {"0 added, 0 changed, 0 unchanged"}


def test_another_platforms_table_comes_in_by_a_mapping(folder: Path) -> None:
    table, mapping = folder / "list.csv", folder / "mapping.yaml"
    table.write_text("Company,Site\nBone Works,PL22\n", encoding="utf-8")
    columns = "slug: {column: Company, as: slug}, name: Company, kind: {value: sme}, nuts: Site"
    mapping.write_text(f"sheets: {{organisations: {{{columns}}}}}", encoding="utf-8")

    done = run("import", table, "--mapping", mapping)

    assert (done.exit_code, done.stdout) == (0, "organisations: 1 added, 0 changed, 0 unchanged\n")


def test_what_cannot_be_used_is_said_in_a_line(folder: Path) -> None:
    file = folder / "in.xlsx"
    file.write_bytes(a_workbook(ONE))
    mapping = folder / "mapping.yaml"
    mapping.write_bytes(b"\xff\xfe\xff")

    unknown = run("import", file, "--partnership", "elsewhere")
    unreadable = run("import", file, "--mapping", mapping)
    with begin() as session:
        furnish(session, slug="second")
    several = run("import", file)

    assert (unknown.exit_code, unreadable.exit_code, several.exit_code) == (2, 1, 1)
    assert unknown.stderr == "There is no partnership 'elsewhere' here.\n"
    assert unreadable.stderr.splitlines()[0] == f"{mapping}: is no UTF-8 text (save it as UTF-8)"
    assert several.stderr.splitlines()[0] == "--partnership: which partnership is meant (one of: medtech, second)"
