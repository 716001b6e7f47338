"""Expressions of interest over HTTP: each side acts in its turn, and no address shows before the host agrees."""

from pathlib import Path

import pytest

from tests.api.house import OBSERVER, PARTNER, House, codes, places, problem
from tests.api.two_partners import ADDRESSES, OTHER, a_house_of_two, a_published_profile

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

INTEREST = {"message": "We make implants.", "role_proposed": "Tests on implants", "evidence": "Three series."}


@pytest.fixture
def house(installation: Path) -> House:
    return a_house_of_two()


def _sent(house: House) -> str:
    """Return the path of an interest of Marseille in a profile of Gliwice."""
    answer = house.by(OTHER).post(f"{a_published_profile(house)}/interests", INTEREST)
    assert answer.status_code == 201
    return str(answer.headers["Location"].removeprefix("/api/v1"))


def _shows_an_address(house: House, path: str) -> list[str]:
    pages = (path, f"{path}/contacts", "/interests", "/profiles", "/contacts", "/deadlines")
    return [
        f"{who} {page}"
        for who in (PARTNER, OTHER, "project_manager", OBSERVER)
        for page in pages
        if any(address in house.by(who).get(page).text for address in ADDRESSES)
    ]


def test_addresses_show_to_both_sides_once_the_host_agrees(house: House) -> None:
    path = _sent(house)
    before = _shows_an_address(house, path)
    early = house.by(OTHER).get(f"{path}/contacts")
    agreed = house.by(PARTNER).post(f"{path}/answer", {"answer": "interested"})
    people = house.by(OTHER).get(f"{path}/contacts")

    assert (before, problem(early), codes(early)) == ([], (409, "contacts_hidden"), ["not_agreed"])
    assert (agreed.json()["state"], agreed.json()["contact_id"] is not None) == ("interested", True)
    assert sorted((one["organisation"], one["email"]) for one in people.json()["items"]) == [
        ("medtech-gliwice", ADDRESSES[0]),
        ("medtech-marseille", ADDRESSES[1]),
    ]
    assert house.by(PARTNER).get(f"{path}/contacts").json() == people.json()
    assert _shows_an_address(house, path) == [f"{who} {path}/contacts" for who in (PARTNER, OTHER)]
    assert problem(house.manager.get(f"{path}/contacts")) == (403, "denied")


def test_both_sides_read_it_and_each_acts_in_its_turn(house: House) -> None:
    path = _sent(house)

    wrong_turn = [
        house.by(OTHER).post(f"{path}/answer", {"answer": "interested"}),
        house.by(PARTNER).post(f"{path}/information", {"information": "Two thousand."}),
        house.by(PARTNER).post(f"{path}/withdrawal", {}),
    ]
    asked = house.by(PARTNER).post(f"{path}/answer", {"answer": "need_information", "text": "How many?"})
    told = house.by(OTHER).post(f"{path}/information", {"information": "Two thousand."})
    refused = house.by(PARTNER).post(f"{path}/answer", {"answer": "not_interested", "text": "Too few."})
    late = house.by(OTHER).post(f"{path}/withdrawal", {"reason": "Done."})

    assert [problem(one) for one in wrong_turn] == [(403, "denied")] * 3
    assert [one.json()["state"] for one in (asked, told, refused)] == ["need_information", "waiting", "not_interested"]
    assert (problem(late), codes(late)) == ((409, "interest_refused"), ["wrong_state"])
    assert house.by(OTHER).get(path).json() == refused.json()
    assert problem(house.by(OBSERVER).get(path)) == (403, "denied")


def test_each_side_lists_its_own(house: House) -> None:
    path = _sent(house)
    item = house.by(OTHER).get(path).json()

    assert (item["sender"], item["host"], item["state"]) == ("medtech-marseille", "medtech-gliwice", "waiting")
    for who in (PARTNER, OTHER, "project_manager"):
        assert house.by(who).get("/interests").json() == {"items": [item], "total": 1, "next": None}


def test_the_host_has_a_task_that_others_do_not_see(house: House) -> None:
    _sent(house)

    def kinds(who: str) -> list[str]:
        return [one["kind"] for one in house.by(who).get("/deadlines").json()["items"]]

    assert kinds(PARTNER) == kinds("project_manager") == ["interest_answer"]
    assert kinds(OTHER) == kinds("iag_member 1") == kinds("paca") == kinds(OBSERVER) == []


def test_what_does_not_fit_is_named(house: House) -> None:
    path = a_published_profile(house)

    own = house.by(PARTNER).post(f"{path}/interests", {"message": " ", "role_proposed": "x"})
    unknown = house.by(OTHER).post("/profiles/nothing/interests", INTEREST)
    for_another = house.by(OTHER).post(f"{path}/interests", {**INTEREST, "organisation": "medtech-katowice"})
    by_a_manager = house.manager.post(f"{path}/interests", {**INTEREST, "organisation": "medtech-katowice"})

    assert (problem(own), places(own)) == ((422, "interest_invalid"), ["message", "sender"])
    assert (problem(unknown), problem(for_another)) == ((404, "missing"), (403, "denied"))
    assert by_a_manager.json()["sender"] == "medtech-katowice"
