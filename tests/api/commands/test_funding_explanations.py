"""The commands that load the catalogue and explain the rules by partner."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.commands.funding_explanations import collaboration_named
from states.funding.case.gathering import case_of
from states.funding.case.reader import read_case
from states.funding.case.vocabulary import Activity
from states.funding.inputs.tables import CostLine
from states.funding.tables import Instrument, SourceKind
from states.storage import begin
from tests.factories import a_collaboration, a_world

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["funding", *arguments])


@pytest.fixture
def furnished(installation: Path) -> Path:
    with begin() as session:
        world = a_world(session)
        row = a_collaboration(world)
        line = CostLine(
            collaboration_id=row.id,
            slug="prototypes",
            organisation_id=world.organisations["gliwice"].id,
            nuts="PL22A",
            activity=Activity.EXPERIMENTAL,
            amount=Decimal("610000.50"),
            starts_on=date(2027, 9, 1),
        )
        partnership = world.partnership.id
        unread = Instrument(partnership_id=partnership, slug="bank", name="Bank", programme="", kind=SourceKind.LOAN)
        session.add_all([line, unread])
        a_collaboration(a_world(session, slug="food"))
    return installation


def test_the_rules_are_explained_by_partner_and_what_is_left_out_is_said(furnished: Path) -> None:
    run("catalogue", "medtech")

    answer = run("explain", "centre", "--of", "medtech")

    assert answer.exit_code == 0
    said = " ".join(answer.stdout.split())
    assert "(not verified)" in said
    assert "medtech-gliwice" in said
    regional = [
        f"ERDF programme {name}, 2021-2027"
        for name in ("Comunidad Foral de Navarra", "Provence-Alpes-Côte d'Azur", "Śląskie")
    ]
    left = "; ".join(["Bank", *regional, "Eurostars", "InvestEU, guarantees through intermediaries."])
    assert answer.stderr.strip() == f"Left out, because nobody put in their terms: {left}"


def test_the_case_that_is_printed_is_one_that_can_be_solved(furnished: Path) -> None:
    run("catalogue", "medtech")

    answer = run("case", "centre", "--of", "medtech")

    with begin(read_only=True) as session:
        expected = case_of(session, collaboration_named(session, "centre", "medtech"))
    assert (answer.exit_code, read_case(answer.stdout)) == (0, expected)


def test_the_catalogue_is_put_in_once(furnished: Path) -> None:
    assert run("catalogue", "medtech").stdout.strip() == "medtech: 12 instruments are new."
    assert run("catalogue", "medtech").stdout.strip() == "medtech: 0 instruments are new."


def test_a_partnership_brings_a_catalogue_of_its_own(furnished: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("instruments: [{slug: fund, name: Fund, programme: Own, kind: equity}]")

    assert run("catalogue", "medtech", "--file", str(file)).stdout.strip() == "medtech: 1 instrument is new."


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere",), "There is no collaboration 'nowhere' here."),
        (("centre",), "collaboration: 2 partnerships have 'centre' (name one with --of)"),
        (
            ("centre", "--of", "food"),
            "cost_items: centre has no cost lines (record what the partners will spend: one line for each partner, "
            "site and activity)",
        ),
    ],
)
def test_what_cannot_be_explained_is_said_in_a_line(furnished: Path, arguments: tuple[str, ...], says: str) -> None:
    answer = run("explain", *arguments)

    assert (answer.exit_code, answer.stderr.strip()) == (2, says)
