"""The catalogue of a partnership by command: there from the start, and a region's own call is typed in."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from states.funding.catalogue.loading import catalogue_of_places
from states.funding.queries import instruments_of
from states.partners.queries import partnership_by_slug
from states.storage import begin

INIT = ["init", "--name", "Timber", "--region", "ITC1", "--region", "PL22", "--area", "Houses", "--cluster", ""]
INIT += ["--manager", "office@timber.example"]
OWN = ["instrument", "add", "timber", "vouchers", "--name", "Wood vouchers", "--territory", "Upper Silesia"]
OWN += ["--basis", "de_minimis", "--percent", "62,5", "--partner-most", "60 000"]
OWN += ["--opens", "2026-09-01", "--closes", "2126-03-31"]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def lines(*arguments: str) -> list[list[str]]:
    said = run(*arguments)
    assert said.exit_code == 0, said.output
    return [line.split("\t") for line in said.stdout.splitlines()]


@pytest.fixture
def founded(installation: Path) -> Path:
    assert run(*INIT).exit_code == 0
    return installation


def test_a_new_partnership_has_what_may_pay_in_its_regions(founded: Path) -> None:
    listed = {line[0]: line[1:] for line in lines("instrument", "list", "timber")}

    assert sorted(slug for slug in listed if slug.startswith("erdf")) == ["erdf-itc1", "erdf-pl22"]
    assert listed["erdf-pl22"] == ["ERDF programme Śląskie, 2021-2027", "PL22", "open", "without terms", "not verified"]
    assert (listed["i3-strand-1"][1], listed["i3-strand-1"][3]) == ("anywhere", "with terms")
    assert not [line for line in listed.values() if "illustrative" in line[0]]
    assert lines("funding", "catalogue", "timber") == [["timber: 0 instruments are new."]]
    run("region", "add", "timber", "ES24")
    assert "erdf-es24" in [line[0] for line in lines("instrument", "list", "timber")]


def test_every_region_of_the_union_finds_a_programme_of_its_own() -> None:
    for code in ("BE335", "DE111", "EL303", "FRY10", "PL911", "PT170", "SE110", "FI1B1"):
        own = [one.slug for one in catalogue_of_places([code]).instruments if one.slug.startswith("erdf")]
        assert len(own) == 1, code


def test_a_call_of_a_region_is_typed_in_corrected_and_closed(founded: Path) -> None:
    assert lines(*OWN) == [["vouchers", "Wood vouchers", "with terms"]]
    with begin(read_only=True) as session:
        rows = instruments_of(session, partnership_by_slug(session, "timber").id)
        terms = next(row.terms for row in rows if row.slug == "vouchers")
    assert terms == {
        "basis": ["de_minimis"],
        "member_state": "PL",
        "whom": {"territory": ["PL22"]},
        "rates": [{"percent": "62.5"}],
        "partner_most": "60000",
    }

    def listed() -> list[str]:
        return next(line for line in lines("instrument", "list", "timber") if line[0] == "vouchers")

    run("instrument", "call", "timber", "vouchers", "2126", "--closes", "2126-04-15")
    run("instrument", "edit", "timber", "vouchers", "--name", "Timber vouchers", "--verified-on", "2026-11-20")
    assert listed()[1:] == ["Timber vouchers", "PL22", "closes 2126-04-15", "with terms", "verified 2026-11-20"]
    run("instrument", "close", "timber", "vouchers", "--on", "2026-11-01")
    assert listed()[3] == "closed 2026-11-01"
    assert "62.5" in run("instrument", "show", "timber", "vouchers").stdout


def test_what_is_wrong_is_said_with_its_place(founded: Path) -> None:
    wrong = run("instrument", "add", "timber", "a b", "--name", "x", "--percent", "400.000")
    assert (wrong.exit_code, wrong.stderr.partition(":")[0]) == (2, "--percent")
    wrong = run("instrument", "add", "timber", "other", "--name", "x", "--percent", "140")
    assert (wrong.exit_code, "maximum_rate" in wrong.stderr) == (2, True)
    unknown = run("instrument", "add", "timber", "other", "--name", "x", "--basis", "gber-99")
    assert (unknown.exit_code, "gber-99" in unknown.stderr) == (2, True)
    assert run("instrument", "show", "timber", "nothing").exit_code == 2


def test_terms_come_from_a_file(founded: Path, tmp_path: Path) -> None:
    file = tmp_path / "terms.yaml"
    file.write_text("terms: {basis: [gber-25], member_state: IT, rates: [{percent: 45}]}\n", encoding="utf-8")
    assert lines("instrument", "terms", "timber", "erdf-itc1", str(file)) == [["It is changed."]]
    assert "gber-25" in run("instrument", "show", "timber", "erdf-itc1").stdout
    file.write_text("terms: {bases: [gber-25]}\n", encoding="utf-8")
    assert run("instrument", "terms", "timber", "erdf-itc1", str(file)).exit_code == 2
