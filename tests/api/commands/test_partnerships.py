"""The commands of a partnership of one's own: founded, described, with regions and working areas, without a route."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select
from typer.testing import CliRunner, Result

from api.cli import app
from states.changes.tables import ChangeRecord
from states.rights.authors import Via
from states.storage import begin

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
CREATE = ("partnership", "create", "agrifood", "--name", "Agri-food", "--manager", "office@fields.example")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def lines(*arguments: str) -> list[list[str]]:
    said = run(*arguments)
    assert said.exit_code == 0, said.output
    return [line.split("\t") for line in said.stdout.splitlines()]


def test_a_partnership_is_founded_described_closed_and_opened(installation: Path) -> None:
    assert run(*CREATE).exit_code == 0
    assert run("partnership", "edit", "agrifood", "--slug", "food", "--acknowledges", "European Union").exit_code == 0

    assert lines("partnership", "list") == [["food", "Agri-food", "tssp", "s3", "open"]]
    assert json.loads(run("partnership", "show", "food").stdout)["acknowledges"] == ["European Union"]
    assert run("partnership", "close", "food", "--reason", "Over.").exit_code == 0
    assert lines("partnership", "list")[0][4].startswith("closed ")
    assert run("partnership", "reopen", "food").exit_code == 0
    with begin(read_only=True) as session:
        records = session.exec(select(ChangeRecord).where(ChangeRecord.noun == "partnership")).all()
    assert {(one.via, one.key) for one in records} == {
        (Via.COMMAND, f"bankable partnership {name}") for name in ("create", "edit", "close", "reopen")
    }


def test_what_is_taken_or_unknown_is_said_in_a_line(installation: Path) -> None:
    run(*CREATE)

    again = run(*CREATE, "--playbook", "sheep")

    assert again.exit_code == 2
    assert again.stderr == (
        'playbook: there is no playbook "sheep" (one of i3, lean, s3, s3@5)\n'
        "slug: 'agrifood' is taken (choose another short name)\n"
    )


def test_a_word_in_the_database_that_nobody_knows_is_said_in_a_line(installation: Path) -> None:
    run(*CREATE)
    with begin() as session:
        session.connection().execute(text("UPDATE partnership SET kind = 'guild'"))

    said = run("partnership", "show", "agrifood")

    assert (said.exit_code, said.stderr.count("\n")) == (2, 1)
    assert "'guild' is not a valid PartnershipKind (one of tssp, escp_s3" in said.stderr


def test_regions_and_areas_by_name(installation: Path) -> None:
    run(*CREATE)

    added = lines("region", "add", "agrifood", "Upper Silesia", "--slug", "silesia", "--leading")
    run("region", "add", "agrifood", "ITC1")
    made = lines("area", "add", "agrifood", "Soil and water", "--in-charge", "silesia", "--involved", "piemonte")
    run("region", "edit", "agrifood", "piemonte", "--slug", "piedmont", "--valid-until", "2030-12-31")
    run("area", "edit", "agrifood", "1", "--name", "Soil")
    run("area", "end", "agrifood", "1")

    assert (added, made) == ([["silesia", "Śląskie", "PL22"]], [["1", "Soil and water"]])
    assert [row[:2] for row in lines("region", "list", "agrifood")] == [
        ["silesia", "Śląskie"],
        ["piedmont", "Piemonte"],
    ]
    [area] = lines("area", "list", "agrifood")
    assert (area[:4], area[4].startswith("ended ")) == (["1", "Soil", "silesia", "piedmont"], True)
    assert run("area", "resume", "agrifood", "1").exit_code == 0
    assert run("region", "add", "agrifood", "Mars").stderr.startswith("codes[1]: ")


def test_collaborations_go_on_under_the_newest_edition(installation: Path) -> None:
    run(*CREATE)

    assert lines("playbook", "list") == [
        ["i3", "i3@2", "Maturation towards the Interregional Innovation Investments Instrument", "not verified"],
        ["lean", "lean@2", "Short maturation for a small cluster"],
        ["s3", "s3@5", "Maturation of an interregional investment project"],
    ]
    shown = lines("playbook", "show", "s3")
    assert [line for line in shown if line[0] == "expertise"] == [
        ["expertise", "iag", "finance", "1"],
        ["expertise", "iag", "market", "1"],
    ]
    assert lines("playbook", "change", "agrifood", "s3") == []
    assert run("playbook", "change", "agrifood", "s3", "--collaboration", "nothing").exit_code == 2


def test_an_address_that_few_servers_take_is_said_on_standard_error(installation: Path) -> None:
    founded = run(*CREATE[:-1], "Groß@fields.example")
    invited = run("people", "invite", "agrifood", "Jörg Groß <lab@fields.example>", "--role", "observer")

    assert (founded.exit_code, invited.exit_code) == (0, 0)
    assert "Groß@fields.example has letters outside ASCII before the @" in founded.stderr
    assert (invited.stdout, invited.stderr) == ("lab@fields.example\tobserver\tobserver\n", "")
