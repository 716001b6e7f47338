"""Who wrote what, over HTTP and in a shell: by whom, word by word, and for whoever may read the row."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

from api.cli import app
from tests.api.house import OBSERVER, PARTNER, SECRETARY, House, a_house, problem
from tests.factories import a_collaboration

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

SECTION = "PUT /collaborations/{collaboration_id}/protocol/sections/{key}"
COST = {"organisation": "gliwice", "nuts": "PL229", "category": "Equipment", "amount": "1250000.00"}


@pytest.fixture
def furnished(installation: Path) -> tuple[House, str]:
    """Return a collaboration in which the partner wrote its abstract, and the manager rewrote it."""
    house, path = a_house(lambda world: f"/collaborations/{a_collaboration(world).id}")
    house.by(PARTNER).put(_section(path), {"content": {"abstract": "We make hip stems."}}, version=0)
    house.manager.put(_section(path), {"content": {"abstract": "We make new hip stems."}}, version=1)
    return house, path


def _section(path: str, key: str = "identity") -> str:
    return f"{path}/protocol/sections/{key}"


def test_a_text_is_told_word_by_word_with_its_author(furnished: tuple[House, str]) -> None:
    house, path = furnished

    [newest] = house.manager.get(f"{path}/changes?noun=section_draft&field=content").json()["items"]
    [made] = house.manager.get(f"{path}/changes?noun=section_draft&kind=created").json()["items"]

    assert (newest["subject"], newest["noun_title"], newest["label"]) == (
        "Identity",
        "section of the protocol",
        "Content",
    )
    assert newest["before"] == {"abstract": "We make hip stems."}
    [field] = newest["sections"]
    assert (field["title"], field["became"]) == ("Abstract", "changed")
    assert [(run["kind"], run["text"]) for run in field["runs"]] == [
        ("same", "We make"),
        ("added", " new"),
        ("same", " hip stems."),
    ]
    assert {name: newest["author"][name] for name in ("via", "role", "route", "person")} == {
        "via": "token",
        "role": "project_manager",
        "route": SECTION,
        "person": "project_manager",
    }
    assert (made["author"]["person"], made["author"]["organisation"]) == ("partner", "gliwice")


def test_a_row_is_known_again_by_its_key(furnished: tuple[House, str]) -> None:
    house, path = furnished
    plan = _section(path, "investment_plan")
    other = {**COST, "category": "Other costs", "amount": "10.00"}
    house.manager.put(plan, {"content": {"costs": [COST, other]}}, version=0)
    house.manager.put(plan, {"content": {"costs": [other, {**COST, "amount": "1300000.00"}]}}, version=1)
    # The cost lines keep their order.

    [change] = house.manager.get(f"{path}/changes?noun=section_draft&field=content&limit=1").json()["items"]

    [field] = change["sections"]
    [row] = field["rows"]
    assert (row["became"], row["was"], row["now"]) == ("changed", 1, 1)
    assert [(cell["column"], cell["before"], cell["after"]) for cell in row["cells"]] == [
        ("amount", "1250000.00", "1300000.00")
    ]


def test_values_stand_as_people_read_them(furnished: tuple[House, str]) -> None:
    house, path = furnished
    house.manager.put(_section(path, "investment_plan"), {"content": {"costs": [COST]}}, version=0)

    [made] = house.manager.get(f"{path}/changes?noun=cost_line&kind=created").json()["items"]

    shown = {held["label"]: held["shown"] for held in made["fields"]}
    assert (shown["Amount"], shown["Organisation"]) == ("EUR 1,250,000.00", "gliwice")


def test_the_pages_of_a_period_hold_every_change_once(furnished: tuple[House, str]) -> None:
    house, path = furnished
    whole = [one["number"] for one in house.manager.get(f"{path}/changes").json()["items"]]

    address, paged = f"{path}/changes?limit=2&since=2000-01-01", []
    while address:
        page = house.manager.get(address.removeprefix("/api/v1")).json()
        paged += [one["number"] for one in page["items"]]
        address = page["next"]

    assert paged == whole
    assert len({*whole}) == len(whole) > 2
    assert house.manager.get(f"{path}/changes?until=2000-01-01T00:00:00Z").json()["total"] == 0
    assert house.manager.get(f"{path}/changes?since=yesterday").status_code == 422


def test_each_reads_of_what_may_be_read(furnished: tuple[House, str]) -> None:
    house, path = furnished

    def nouns(who: str) -> set[str]:
        return {one["noun"] for one in house.by(who).get(f"{path}/changes?limit=200").json()["items"]}

    assert "section_draft" in nouns(PARTNER)
    assert "section_draft" in nouns(SECRETARY)
    assert "contact" not in nouns(PARTNER)
    assert problem(house.by(OBSERVER).get(f"{path}/changes")) == (403, "denied")
    assert problem(house.by(PARTNER).get("/partnerships/medtech/changes")) == (403, "denied")


def test_everybody_reads_the_own_hand(furnished: tuple[House, str]) -> None:
    house, _ = furnished

    own = house.by(PARTNER).get("/me/changes").json()["items"]

    assert {(one["author"]["person"], one["noun"]) for one in own} >= {("partner", "section_draft")}
    assert {one["author"]["person"] for one in own} == {"partner"}
    assert house.by(OBSERVER).get("/me/changes").json()["total"] == 0


def test_the_office_finds_a_person_and_a_subject(furnished: tuple[House, str]) -> None:
    house, _ = furnished
    changes = "/partnerships/medtech/changes"
    [made] = house.manager.get(f"{changes}?noun=section_draft&kind=created").json()["items"]

    by_person = house.manager.get(f"{changes}?person={made['author']['person_id']}").json()["items"]
    of_subject = house.manager.get(f"{changes}?subject={made['subject_id']}&act={made['act']}").json()["items"]

    assert {one["author"]["person"] for one in by_person} == {"partner"}
    assert [one["number"] for one in of_subject] == [made["number"]]


def test_a_shell_shows_the_same(furnished: tuple[House, str]) -> None:
    def run(*arguments: str) -> str:
        result = CliRunner().invoke(app, ["changes", "medtech", *arguments])
        assert result.exit_code == 0, result.output
        return result.stdout

    shown = run("centre", "--noun", "section_draft", "--field", "content")
    told = json.loads(run("centre", "--noun", "section_draft", "--kind", "created", "--json"))

    assert "{+ new+}" in shown
    assert "project_manager" in shown
    assert [one["author"]["person"] for one in told] == ["partner"]
    assert run("--person", "partner@medtech.example.org", "--until", "2000-01-01", "--json") == "[]\n"


def test_a_write_is_taken_back_by_who_made_it_or_by_the_office(furnished: tuple[House, str]) -> None:
    house, path = furnished
    house.manager.put(_section(path), {"content": {"acronym": "HIP", "abstract": "We make new hip stems."}}, version=2)
    [_, rewritten] = house.manager.get(f"{path}/changes?noun=section_draft&field=content").json()["items"]
    change = f"{_section(path)}/changes/{rewritten['number']}"

    shown = house.by(PARTNER).get(change).json()
    refused = house.by(PARTNER).post(f"{change}/undoing", version=3)
    undone = house.manager.post(f"{change}/undoing", version=3)
    again = house.manager.post(f"{change}/undoing", version=4)

    assert (shown["before"], shown["after"]) == (
        {"abstract": "We make hip stems."},
        {"abstract": "We make new hip stems."},
    )
    assert problem(refused) == (403, "not_your_write")
    assert undone.json()["content"] == {"acronym": "HIP", "abstract": "We make hip stems."}
    assert problem(again) == (409, "section_changed_since")
    assert house.manager.get(f"{path}/changes?noun=section_draft&field=content").json()["total"] == 3


def test_versions_draft_and_instants_are_compared(furnished: tuple[House, str]) -> None:
    house, path = furnished
    compare = f"{path}/protocol/compare"
    nothing = house.manager.get(compare)
    house.manager.post(f"{path}/protocol/versions")
    [newest, *_] = house.manager.get(f"{path}/changes?noun=section_draft").json()["items"]
    house.manager.put(_section(path), {"content": {"abstract": "We sell hip stems."}}, version=2)

    since_frozen = house.by(PARTNER).get(compare).json()
    since_then = house.manager.get(f"{compare}?from={quote(newest['at'])}&to=1").json()
    unknown = house.manager.get(f"{compare}?from=7")
    unread = house.manager.get(f"{compare}?from=yesterday")
    shown = CliRunner().invoke(app, ["protocol", "compare", "medtech", "centre"]).stdout

    assert problem(nothing) == (409, "nothing_to_compare")
    assert (since_frozen["before"]["number"], since_frozen["after"]["kind"]) == (1, "draft")
    [field] = since_frozen["fields"]
    assert [run["text"] for run in field["runs"] if run["kind"] != "same"] == ["make new", "sell"]
    assert (since_then["same"], since_then["fields"]) == (True, [])
    assert problem(unknown) == (422, "protocol_state_unknown")
    assert problem(unread) == (422, "protocol_state_unknown")
    assert shown == ("From version 1 to the draft:\nIdentity\tAbstract: We [-make new-]{+sell+} hip stems.\n")
