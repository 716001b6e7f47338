"""The law changes: docs/how-to/when-the-law-changes.md by command, and the same by API with roles."""

import json
import re
import shlex
import subprocess
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from states.credentials.tokens import create_token
from states.funding.case.instruments import Call
from states.partners.queries import holders
from states.rights.access import Role
from states.storage import begin
from tests.api.funding_house import DECLARED, items
from tests.api.house import House, a_house, codes, problem
from tests.conventions.sources import ROOT
from tests.factories import a_collaboration_at, a_world
from tests.rule_documents import A_MAP, successor
from tests.states.funding.builders import case, instrument

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

GUIDE = ROOT / "docs/how-to/when-the-law-changes.md"
NEXT_YEAR = Call(closes=date(2027, 2, 26), months_to_award=5)


class Shell:
    """A person at a shell, who types the lines of the guide."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self.folder, self.variables = folder, variables

    def type(self, line: str) -> Result:
        for name, value in self.variables.items():
            line = line.replace(f"${name}", value)
        words = shlex.split(line)
        into = self.folder / words[-1] if words[-2:-1] == [">"] else None
        words = words[:-2] if into else words
        if words[0] == "sed":
            subprocess.run(words, cwd=self.folder, check=True)
            return Result(CliRunner(), b"", b"", b"", None, 0, None)
        given = dict(word.split("=", 1) for word in words if word.startswith("BANKABLE_TOKEN="))
        said = CliRunner(env=given).invoke(app, [self._here(word) for word in words[len(given) + 1 :]])
        if into:
            into.write_text(said.stdout, encoding="utf-8")
        return said

    def _here(self, word: str) -> str:
        return str(self.folder / word) if word.endswith(".yaml") else word


def blocks() -> list[list[str]]:
    found = re.findall(r"```console\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return [[line for line in block.splitlines() if not line.startswith("#")] for block in found]


@pytest.fixture
def shell(installation: Path, tmp_path: Path) -> Shell:
    with begin() as session:
        world = a_world(session)
        manager, secretary = (
            create_token(session, holders(session, world.partnership.id, role)[0].grant)
            for role in (Role.PROJECT_MANAGER, Role.IAG_SECRETARY)
        )
        slug = world.partnership.slug
    file = tmp_path / "case.json"
    awarded_next_year = case(instruments=(instrument(call=NEXT_YEAR),))
    file.write_text(awarded_next_year.model_dump_json(exclude={"rule_set"}), encoding="utf-8")
    return Shell(tmp_path, {"OFFICE": manager, "SECOND": secretary, "CASE": str(file), "PARTNERSHIP": slug})


def test_the_guide_by_command(shell: Shell) -> None:
    first, second = blocks()

    before = shell.type("bankable funding explain $CASE --of $PARTNERSHIP")
    said = {line: shell.type(line) for line in first}
    alone = shell.type("BANKABLE_TOKEN=$OFFICE bankable rules verify eu-2027")
    listed = shell.type("BANKABLE_TOKEN=$OFFICE bankable rules list").stdout
    withdrawn = [shell.type(line) for line in second]
    after = shell.type("bankable funding explain $CASE --of $PARTNERSHIP").stdout

    assert {line: answer.output for line, answer in said.items() if answer.exit_code} == {}
    assert "no set of rules is known that holds on 26 July 2027" in before.stdout
    assert "docs/how-to/when-the-law-changes.md" in before.stdout.replace("\n", "").replace(" ", "").replace("│", "")
    assert said["bankable rules check eu-2027.yaml"].stdout.endswith("eu-2027@1 (rule_set) has no fault.\n")
    assert said["BANKABLE_TOKEN=$SECOND bankable rules verify eu-2027"].stdout == "eu-2027@1\tverified\n"
    assert said["BANKABLE_TOKEN=$OFFICE bankable rules put-in-force eu-2027"].stdout == "eu-2027@1\tin_force\n"
    assert "eu-2027 holds on 26 July 2027" in said[first[-1]].stdout
    assert alone.exit_code != 0
    assert "eu-2027@1\trule_set\tin_force\t2027-01-01\t2033-12-31" in listed
    assert [one.stdout for one in withdrawn] == ["eu-2027@1\twithdrawn\n"]
    assert "no set of rules is known that holds on 26 July 2027" in after


def test_who_added_a_document_does_not_verify_it(shell: Shell) -> None:
    (shell.folder / "own.yaml").write_text(successor(), encoding="utf-8")

    added = shell.type("BANKABLE_TOKEN=$OFFICE bankable rules add own.yaml")
    refused = shell.type("BANKABLE_TOKEN=$OFFICE bankable rules verify eu-2027")
    early = shell.type("BANKABLE_TOKEN=$OFFICE bankable rules put-in-force eu-2027")
    again = shell.type("BANKABLE_TOKEN=$OFFICE bankable rules add own.yaml")

    assert added.stdout == "eu-2027@1\tdraft\n"
    assert 0 not in (refused.exit_code, early.exit_code, again.exit_code)
    assert "a second person compares it" in refused.output
    assert "Verify it against the official text" in early.output
    assert "give it version 2" in again.output


@pytest.mark.long
def test_two_sets_are_compared_article_by_article(shell: Shell) -> None:
    (shell.folder / "own.yaml").write_text(successor(), encoding="utf-8")

    said = shell.type("bankable rules compare eu-2023 own.yaml --json")
    solved = shell.type("bankable funding solve $CASE --rules own.yaml --seconds 5 --json")

    differences = {(one["rule"], one["field"]): (one["before"], one["after"]) for one in loads(said)["differences"]}
    assert differences["gber-25-5-b", "percent"] == ("50", "60")
    assert differences["eu-2027", "valid_from"] == ("2023-07-01", "2027-01-01")
    assert set(differences) == {
        ("gber-25-5-b", "percent"),
        *(("eu-2027", field) for field in ("eli", "valid_from", "valid_to", "transition")),
    }
    assert {one["what"] for one in loads(solved)["differences"]} >= {"grant", "own"}


def loads(said: Result) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = json.loads(said.stdout)
    return found


LINE = {
    "slug": "rigs",
    "organisation": "medtech-gliwice",
    "nuts": "PL229",
    "activity": "industrial",
    "amount": "1000.10",
    "starts_on": "2027-09-01",
    "title": "Test rigs",
}
VOUCHERS = {"slug": "vouchers", "name": "Silesian vouchers", "programme": "Regional", "kind": "grant"}
TERMS = {"terms": {"basis": ["gber-25"], "member_state": "PL", "rates": [{"percent": "100"}]}}
CALL = {"slug": "2027", "opens_on": "2027-01-04", "closes_on": "2027-02-26", "months_to_award": 5}


@pytest.fixture
def house(installation: Path) -> tuple[House, str]:
    house, key = a_house(lambda world: a_collaboration_at(world, "iag_review").id)
    path = f"/collaborations/{key}"
    partners = {"medtech-gliwice": DECLARED, "medtech-marseille": DECLARED}
    for answer in (
        house.manager.post("/instruments", VOUCHERS),
        house.manager.put("/instruments/vouchers/terms", TERMS, version=1),
        house.manager.post("/instruments/vouchers/calls", CALL),
        house.manager.post(f"{path}/cost-lines", LINE),
        house.manager.put(f"{path}/funding-question", {"partners": partners}, version=0),
    ):
        assert answer.status_code in (200, 201), answer.text
    return house, path


def test_the_guide_by_api_with_roles(house: tuple[House, str]) -> None:
    doors, path = house
    manager, secretary = doors.manager, doors.by("iag_secretary")

    unknown = manager.get(f"{path}/funding-rules").json()
    faulty = manager.post("/rules/checks", {"text": successor(percent="160")}).json()
    denied = doors.by("partner").post("/rules", {"text": successor()})
    added = manager.post("/rules", {"text": successor()})
    where = "/rules/eu-2027@1"
    compared = manager.get(f"{path}/rules-comparison?rules=eu-2027").json()
    early = manager.post(f"{where}/entry-into-force", version=1)
    own = manager.post(f"{where}/verification", version=1)
    verified = secretary.post(f"{where}/verification", version=1)
    not_hers = secretary.post(f"{where}/entry-into-force", version=2)
    in_force = manager.post(f"{where}/entry-into-force", version=2)
    known = manager.get(f"{path}/funding-rules").json()

    assert "no set of rules is known that holds on 26 July 2027" in unknown["why"]
    open_points = [one for one in unknown["rules"] if one["answer"] == "unknown" and one["instrument"]]
    assert any("bankable rules check" in one["remedy"] for one in open_points)
    [fault] = faulty["faults"]
    assert fault["message"].endswith("percent: is over 100")
    assert fault["place"].startswith("line ")
    assert (problem(denied)[0], added.status_code, added.json()["state"]) == (403, 201, "draft")
    assert any(one["percent_before"] != one["percent_after"] for one in compared["ceilings"])
    assert (problem(early)[0], problem(own)[0], codes(own)) == (409, 409, ["verified_by_who_added"])
    assert (verified.json()["state"], verified.json()["verified_as"]) == ("verified", "iag_secretary")
    assert (problem(not_hers)[0], in_force.json()["state"]) == (403, "in_force")
    assert known["rule_set"] == "eu-2027"
    assert known["why"] == "eu-2027 holds on 26 July 2027, the day of the first award of aid"
    text = manager.get(where).json()["text"]
    assert text == successor()


def test_a_version_is_superseded_by_the_next_and_withdrawn_with_a_reason(house: tuple[House, str]) -> None:
    doors, path = house
    manager, secretary = doors.manager, doors.by("iag_secretary")
    for version in (1, 2):
        manager.post("/rules", {"text": successor(version=version, percent=str(50 + 5 * version))})
        secretary.post(f"/rules/eu-2027@{version}/verification", version=1)
        manager.post(f"/rules/eu-2027@{version}/entry-into-force", version=2)

    listed = {one["key"]: (one["state"], one["reason"]) for one in items(manager.get("/rules?limit=50"))}
    nothing = manager.post("/rules/eu-2027@2/withdrawal", {"reason": "  "}, version=3)
    gone = manager.post("/rules/eu-2027@2/withdrawal", {"reason": "Article 25 was misread."}, version=3)
    back = manager.post("/rules/eu-2027@1/entry-into-force", version=4)
    known = manager.get(f"{path}/funding-rules").json()

    assert listed["eu-2027@1"] == ("superseded", "version 2 is in force")
    assert listed["eu-2027@2"] == ("in_force", "")
    assert problem(nothing)[0] == 422
    assert (gone.json()["state"], gone.json()["reason"]) == ("withdrawn", "Article 25 was misread.")
    assert (back.status_code, known["rule_set"]) == (200, "eu-2027")


def test_a_map_of_ones_own_is_for_its_days(house: tuple[House, str]) -> None:
    doors, _ = house
    doors.manager.post("/rules", {"text": A_MAP})
    doors.by("iag_secretary").post("/rules/own-map/verification", version=1)

    put = doors.manager.post("/rules/own-map/entry-into-force", version=2)

    assert (put.json()["state"], put.json()["holds"]) == ("in_force", False)
