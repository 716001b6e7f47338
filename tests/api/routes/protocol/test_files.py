"""The protocol in people's tools: taken out, edited and brought in again, with the diff before and rights as ever."""

from pathlib import Path

import pytest

from tests.api.house import PARTNER, House, a_house, places, problem
from tests.api.protocol_files import brought_in, edited, say, taken_out
from tests.api.two_partners import OTHER, speak_for_marseille
from tests.factories import a_collaboration

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

IDENTITY = {"acronym": "BIOCOMP", "abstract": "A bench for tests of hip stems."}
GLIWICE = {"organisation": "gliwice", "role": "leads", "nuts": "PL229", "commitment": "cash"}
MARSEILLE = {"organisation": "marseille", "role": "tests", "nuts": "FRL04", "commitment": "staff"}
COST = {"organisation": "gliwice", "nuts": "PL229", "category": "Equipment", "amount": "1250000.00"}


@pytest.fixture
def furnished(installation: Path) -> tuple[House, str]:
    """Return the house, and the path of a collaboration that Gliwice leads and in which Marseille takes part."""
    house, (token, path) = a_house(
        lambda world: (speak_for_marseille(world), f"/collaborations/{a_collaboration(world).id}")
    )
    house.tokens[OTHER] = token
    lead = house.by(PARTNER)
    for key, content in (("identity", IDENTITY), ("partners", {"roles": [GLIWICE, MARSEILLE]})):
        lead.put(f"{path}/protocol/sections/{key}", {"content": content}, version=0)
    lead.put(f"{path}/protocol/sections/investment_plan", {"content": {"costs": [COST]}}, version=0)
    return house, path


def test_a_file_that_nobody_edited_changes_nothing(furnished: tuple[House, str]) -> None:
    house, path = furnished

    for who in (house.by(PARTNER), house.by(OTHER), house.manager):
        answer = brought_in(who, path, taken_out(who, path))
        assert (answer.status_code, answer.json()["sections"], answer.json()["conflicts"]) == (200, [], [])


def test_a_change_is_shown_word_by_word_before_it_is_taken(furnished: tuple[House, str]) -> None:
    house, path = furnished
    lead = house.by(PARTNER)
    file = edited(taken_out(lead, path), say("identity.abstract", "A bench for tests of knees."))

    tried = brought_in(lead, path, file, dry_run=True)
    before = lead.get(f"{path}/protocol/sections/identity").json()["content"]
    done = brought_in(lead, path, file, version=tried.json()["version"])

    [section] = tried.json()["sections"]
    assert [(run["kind"], run["text"]) for run in section["fields"][0]["runs"]] == [
        ("same", "A bench for tests of "),
        ("removed", "hip stems"),
        ("added", "knees"),
        ("same", "."),
    ]
    assert tried.headers["ETag"] == f'"{tried.json()["version"]}"'
    assert (before, tried.json()["dry_run"]) == (IDENTITY, True)
    assert done.json() == tried.json() | {"dry_run": False}
    after = lead.get(f"{path}/protocol/sections/identity").json()["content"]
    assert after == IDENTITY | {"abstract": "A bench for tests of knees."}


def test_nobody_takes_a_file_on_a_draft_that_is_another_one(furnished: tuple[House, str]) -> None:
    house, path = furnished
    lead = house.by(PARTNER)
    file = edited(taken_out(lead, path), say("identity.acronym", "BIO"))
    seen = brought_in(lead, path, file, dry_run=True).json()["version"]
    house.manager.put(f"{path}/protocol/sections/identity", {"content": {"contact": "office"}}, version=1)

    without = lead.client.post(f"/api/v1{path}/protocol/imports", content=file, headers=lead.headers)
    stale = brought_in(lead, path, file, version=seen)
    anew = brought_in(lead, path, file)

    assert (problem(without), problem(stale)) == ((428, "precondition_required"), (412, "stale"))
    assert anew.status_code == 200
    content = lead.get(f"{path}/protocol/sections/identity").json()["content"]
    assert content == IDENTITY | {"acronym": "BIO", "contact": "office"}


@pytest.mark.parametrize(
    ("settle", "stands"), [("yours", "The file's words."), ("theirs", "The manager's words."), ("refuse", None)]
)
def test_what_both_changed_is_a_conflict_with_all_three(
    furnished: tuple[House, str], settle: str, stands: str | None
) -> None:
    house, path = furnished
    lead = house.by(PARTNER)
    file = edited(taken_out(lead, path), say("identity.abstract", "The file's words."))
    section = f"{path}/protocol/sections/identity"
    house.manager.put(section, {"content": {"abstract": "The manager's words."}}, version=1)

    tried = brought_in(lead, path, file, dry_run=True, query=f"&conflicts={settle}").json()
    done = brought_in(lead, path, file, version=tried["version"], query=f"&conflicts={settle}")

    assert tried["conflicts"] == [
        {
            "place": "identity.abstract",
            "base": IDENTITY["abstract"],
            "yours": "The file's words.",
            "theirs": "The manager's words.",
        }
    ]
    if stands is None:
        assert problem(done) == (412, "protocol_touched")
        assert done.json()["conflicts"] == tried["conflicts"]
    else:
        assert done.status_code == 200
    assert lead.get(section).json()["content"]["abstract"] == (stands or "The manager's words.")


def test_a_partner_changes_its_own_rows_and_no_others(furnished: tuple[House, str]) -> None:
    house, path = furnished
    out = taken_out(house.by(OTHER), path, "?section=partners&section=identity")
    own = edited(out, say("partners.roles", "staff and cash", column=5, below=4))
    theirs = edited(out, say("partners.roles", "follows", column=3, below=3))
    text = edited(out, say("identity.acronym", "OTHER"))

    answers = [brought_in(house.by(OTHER), path, file) for file in (own, theirs, text)]

    assert [answer.status_code for answer in answers] == [200, 403, 403]
    assert problem(answers[1]) == (403, "part_of_another")
    assert places(answers[1])[0] == "sheet Partners and commitment, row 6"
    assert places(answers[2]) == ["sheet Identity, Acronym (row 3)"]
    roles = house.manager.get(f"{path}/protocol/sections/partners").json()["content"]["roles"]
    assert roles == [GLIWICE, MARSEILLE | {"commitment": "staff and cash"}]


def test_costs_in_the_file_become_the_cost_lines(furnished: tuple[House, str]) -> None:
    house, path = furnished
    lead = house.by(PARTNER)
    file = edited(taken_out(lead, path), say("investment_plan.costs", 500.5, column=5, below=3))

    answer = brought_in(lead, path, file)

    assert answer.status_code == 200, answer.text
    [line] = lead.get(f"{path}/cost-lines").json()["items"]
    assert (line["organisation"], line["amount"]) == ("medtech-gliwice", "500.50")


def test_a_frozen_version_is_merged_into_the_draft(furnished: tuple[House, str]) -> None:
    house, path = furnished
    lead = house.by(PARTNER)
    assert lead.post(f"{path}/protocol/versions").status_code == 201
    lead.put(f"{path}/protocol/sections/identity", {"content": {"acronym": "NEWER"}}, version=1)
    frozen = lead.get(f"{path}/protocol/versions/1/file").content

    answer = brought_in(lead, path, edited(frozen, say("identity.abstract", "Mended.")))

    assert (answer.status_code, answer.json()["made_from"]) == (200, 1)
    content = lead.get(f"{path}/protocol/sections/identity").json()["content"]
    assert content == {"acronym": "NEWER", "abstract": "Mended."}
