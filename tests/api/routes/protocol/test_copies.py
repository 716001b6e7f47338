"""Sections, costs and whole collaborations are copied: what is overwritten is shown, what does not fit is named."""

from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from states.matchmaking.service import record_contact
from states.matchmaking.tables import ContactKind, ContactStatus
from tests.api.house import MANAGER, OBSERVER, PARTNER, House, a_house, places, problem
from tests.api.two_partners import OTHER, speak_for_marseille
from tests.factories import World, a_collaboration

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

IDENTITY = {"acronym": "BIOCOMP", "abstract": "A bench for tests of hip stems."}
GLIWICE = {"organisation": "gliwice", "role": "leads", "nuts": "PL229", "commitment": "cash"}
MARSEILLE = {"organisation": "marseille", "role": "tests", "nuts": "FRL04", "commitment": "staff"}
COSTS = [
    {"organisation": "gliwice", "nuts": "PL229", "category": "Equipment", "amount": "500.00"},
    {"organisation": "marseille", "nuts": "FRL04", "category": "Personnel", "amount": "70.00"},
]


def _prepare(world: World) -> tuple[str, dict[str, str]]:
    token = speak_for_marseille(world)
    first = a_collaboration(world)
    second = a_collaboration(world, slug="second", sites=("gliwice", "katowice"))
    third = a_collaboration(world, slug="third", sites=("katowice", "gliwice"))
    contact = record_contact(
        world.session,
        partnership_id=world.partnership.id,
        kind=ContactKind.MEETING,
        requester=world.organisations["gliwice"],
        host=world.organisations["marseille"],
        subject="A second centre",
        status=ContactStatus.HELD,
        held_on=date(2026, 11, 20),
    )
    return token, {"first": first.id, "second": second.id, "third": third.id, "contact": contact.id}


@pytest.fixture
def furnished(installation: Path) -> tuple[House, dict[str, str]]:
    """Return the house, and collaborations: of Gliwice with Marseille, with Katowice, and of Katowice with Gliwice."""
    house, (token, ids) = a_house(_prepare)
    house.tokens[OTHER] = token
    section = f"/collaborations/{ids['first']}/protocol/sections"
    house.manager.put(f"{section}/identity", {"content": IDENTITY, "illustrative": True}, version=0)
    house.manager.put(f"{section}/partners", {"content": {"roles": [GLIWICE, MARSEILLE]}}, version=0)
    house.manager.put(f"{section}/investment_plan", {"content": {"costs": COSTS}}, version=0)
    return house, ids


def copied(
    house: House, who: str, source: str, target: str, *, dry_run: bool = False, version: int | None = None, **sent: Any
) -> httpx.Response:
    path = f"/collaborations/{target}/protocol/copies?dry_run={str(dry_run).lower()}"
    return house.by(who).post(path, {"source": source, **sent}, version=version)


def test_what_is_overwritten_is_shown_before_and_recorded_after(furnished: tuple[House, dict[str, str]]) -> None:
    house, ids = furnished
    section = f"/collaborations/{ids['second']}/protocol/sections/identity"
    house.manager.put(section, {"content": {"abstract": "A bench for knees.", "contact": "office"}}, version=0)
    about: dict[str, Any] = {"sections": ["identity"]}

    without = copied(house, MANAGER, ids["first"], ids["second"], **about)
    tried = copied(house, MANAGER, ids["first"], ids["second"], dry_run=True, **about)
    before = house.manager.get(section).json()["content"]
    done = copied(house, MANAGER, ids["first"], ids["second"], version=tried.json()["version"], **about)
    again = copied(house, MANAGER, ids["first"], ids["second"], version=tried.json()["version"], **about)

    assert (problem(without), problem(again)) == ((428, "precondition_required"), (412, "stale"))
    [overwritten] = tried.json()["sections"]
    assert [(one["field"], one["became"]) for one in overwritten["fields"]] == [
        ("acronym", "added"),
        ("abstract", "changed"),
    ]
    assert before == {"abstract": "A bench for knees.", "contact": "office"}
    assert done.json() == tried.json() | {"dry_run": False}
    read = house.manager.get(section).json()
    assert (read["content"], read["illustrative"]) == (IDENTITY | {"contact": "office"}, True)
    changes = house.manager.get(f"/collaborations/{ids['second']}/changes?noun=section_draft&field=content").json()
    assert changes["items"][0]["author"]["role"] == "project_manager"


def test_rows_and_costs_of_who_takes_no_part_are_left_out_and_named(furnished: tuple[House, dict[str, str]]) -> None:
    house, ids = furnished

    answer = copied(house, MANAGER, ids["first"], ids["second"], version=0, costs=True)

    assert answer.status_code == 200, answer.text
    assert [one["place"] for one in answer.json()["left_out"]] == ["partners.roles[2]", "costs.cost-002"]
    assert {one["code"] for one in answer.json()["left_out"]} == {"organisation_takes_no_part"}
    assert answer.json()["costs"] == ["cost-001"]
    sections = f"/collaborations/{ids['second']}/protocol/sections"
    assert house.manager.get(f"{sections}/partners").json()["content"] == {"roles": [GLIWICE]}
    assert house.manager.get(f"{sections}/investment_plan").json()["content"] == {"costs": COSTS[:1]}


def test_nobody_copies_what_they_may_not_read_or_write(furnished: tuple[House, dict[str, str]]) -> None:
    house, ids = furnished
    identity: dict[str, Any] = {"sections": ["identity"]}

    unread = copied(house, OTHER, ids["second"], ids["first"], version=3, **identity)
    unwritten = copied(house, OTHER, ids["first"], ids["second"], version=0, **identity)
    texts = copied(house, PARTNER, ids["first"], ids["third"], version=0, **identity)
    observed = copied(house, OBSERVER, ids["first"], ids["second"], version=0, **identity)
    unknown = copied(house, MANAGER, "nobody", ids["second"], version=0, **identity)
    no_section = copied(house, MANAGER, ids["first"], ids["second"], version=0, sections=["poem"])

    assert [problem(one) for one in (unread, unwritten, observed)] == [(403, "denied")] * 3
    assert (problem(texts), places(texts)) == ((403, "part_of_another"), ["identity.acronym", "identity.abstract"])
    assert problem(unknown) == (404, "missing")
    assert (problem(no_section)[0], places(no_section)) == (422, ["poem"])
    assert house.manager.get(f"/collaborations/{ids['third']}/protocol/sections/identity").json()["content"] == {}


def test_a_frozen_version_can_be_copied_from(furnished: tuple[House, dict[str, str]]) -> None:
    house, ids = furnished
    first = f"/collaborations/{ids['first']}/protocol"
    assert house.manager.post(f"{first}/versions").status_code == 201
    house.manager.put(f"{first}/sections/identity", {"content": {"acronym": "NEWER"}}, version=1)
    copies = f"/collaborations/{ids['second']}/protocol/copies"

    absent = house.manager.post(copies, {"source": ids["first"], "version": 7}, version=0)
    done = house.manager.post(copies, {"source": ids["first"], "sections": ["identity"], "version": 1}, version=0)

    assert (problem(absent), done.status_code) == ((404, "missing"), 200)
    content = house.manager.get(f"/collaborations/{ids['second']}/protocol/sections/identity").json()["content"]
    assert content == IDENTITY


def test_a_collaboration_is_copied_without_what_was_decided(furnished: tuple[House, dict[str, str]]) -> None:
    house, ids = furnished
    house.manager.post(f"/collaborations/{ids['first']}/protocol/versions")
    sent = {"contact_id": ids["contact"], "slug": "copy", "title": "A second centre"}

    denied = house.by(PARTNER).post(f"/collaborations/{ids['first']}/copies", sent)
    made = house.manager.post(f"/collaborations/{ids['first']}/copies", sent)
    taken = house.manager.post(f"/collaborations/{ids['first']}/copies", sent)

    assert (problem(denied), made.status_code, made.json()["left_out"]) == ((403, "denied"), 201, [])
    assert taken.status_code == 409 or problem(taken)[0] == 422
    path = made.headers["Location"].removeprefix("/api/v1")
    row = house.manager.get(path).json()
    stage = house.manager.get(f"/collaborations/{ids['second']}").json()["stage"]
    assert (row["title"], row["stage"]) == ("A second centre", stage)
    assert [(one["organisation"], one["part"]) for one in row["members"]] == [
        ("medtech-gliwice", "lead"),
        ("medtech-marseille", "partner"),
    ]
    draft = {one["key"]: one["content"] for one in house.manager.get(f"{path}/protocol").json()["sections"]}
    assert (draft["identity"], draft["partners"]) == (IDENTITY, {"roles": [GLIWICE, MARSEILLE]})
    assert (draft["investment_plan"], made.json()["costs"]) == ({"costs": COSTS}, ["cost-001", "cost-002"])
    assert house.manager.get(f"{path}/protocol/versions").json()["items"] == []
