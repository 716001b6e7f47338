"""Two editors of one section: the later one gets yours, theirs and the base, and may merge what does not touch."""

from pathlib import Path

import pytest

from tests.api.house import PARTNER, House, a_house, problem
from tests.factories import a_collaboration

BASE = {"acronym": "BIOCOMP", "abstract": "A bench for tests of hip stems."}


@pytest.fixture
def section(installation: Path) -> tuple[House, str]:
    house, path = a_house(lambda world: f"/collaborations/{a_collaboration(world).id}/protocol/sections/identity")
    house.manager.put(path, {"content": BASE}, version=0)
    return house, path


def test_a_conflict_holds_what_both_wrote_and_who_was_first(section: tuple[House, str]) -> None:
    house, path = section
    long = "word " * 300
    house.by(PARTNER).put(path, {"content": {"abstract": f"First. {long}"}}, version=1)

    answer = house.manager.put(path, {"content": {"abstract": f"Second. {long}"}}, version=1)

    assert problem(answer) == (412, "stale")
    conflict = answer.json()["conflict"]
    assert conflict["base"] == BASE
    assert conflict["yours"] == BASE | {"abstract": f"Second. {long}"}
    assert conflict["theirs"] == BASE | {"abstract": f"First. {long}"}
    assert [one["place"] for one in conflict["touched"]] == ["identity.abstract"]
    assert (conflict["written_by_role"], conflict["written_at"] is None) == ("partner", False)


def test_what_does_not_touch_is_merged_where_that_is_asked_for(section: tuple[House, str]) -> None:
    house, path = section
    house.by(PARTNER).put(path, {"content": {"abstract": "A bench for tests of hip and knee."}}, version=1)
    house.by(PARTNER).put(path, {"content": {"contact": "head of laboratory"}}, version=2)
    mine = {"content": {"acronym": "BIO", "abstract": "A new bench for tests of hip stems."}}

    refused = house.manager.put(path, mine, version=1)
    merged = house.manager.put(f"{path}?merge=true", mine, version=1)

    assert (problem(refused), refused.json()["conflict"]["touched"]) == ((412, "stale"), [])
    assert (merged.status_code, merged.headers["ETag"]) == (200, '"4"')
    assert merged.json()["content"] == {
        "acronym": "BIO",
        "abstract": "A new bench for tests of hip and knee.",
        "contact": "head of laboratory",
    }


def test_merging_what_touches_writes_nothing(section: tuple[House, str]) -> None:
    house, path = section
    house.by(PARTNER).put(path, {"content": {"acronym": "ONE"}}, version=1)

    answer = house.manager.put(f"{path}?merge=true", {"content": {"acronym": "TWO", "abstract": "New."}}, version=1)

    assert problem(answer) == (412, "stale")
    assert answer.json()["conflict"]["touched"] == [
        {"place": "identity.acronym", "base": "BIOCOMP", "yours": "TWO", "theirs": "ONE"}
    ]
    assert house.manager.get(path).json()["content"] == BASE | {"acronym": "ONE"}


def test_two_who_begin_an_empty_section(section: tuple[House, str]) -> None:
    house, path = section
    market = path.replace("identity", "market")
    house.by(PARTNER).put(market, {"content": {"users": "Hospitals."}}, version=0)

    merged = house.manager.put(f"{market}?merge=true", {"content": {"competition": "None."}}, version=0)

    assert merged.json()["content"] == {"users": "Hospitals.", "competition": "None."}


def test_of_a_version_that_never_was_nothing_is_merged(section: tuple[House, str]) -> None:
    house, path = section

    answer = house.manager.put(f"{path}?merge=true", {"content": {"acronym": "TWO"}}, version=7)

    assert (problem(answer), answer.json()["conflict"]["base"]) == ((412, "stale"), None)


def test_a_field_that_is_left_out_stays_and_null_takes_it_away(section: tuple[House, str]) -> None:
    house, path = section

    kept = house.manager.put(path, {"content": {"acronym": "NEW"}, "illustrative": True}, version=1)
    taken = house.manager.put(path, {"content": {"abstract": None}}, version=2)

    assert kept.json()["content"] == BASE | {"acronym": "NEW"}
    assert (taken.json()["content"], taken.json()["illustrative"]) == ({"acronym": "NEW"}, True)
