"""Organisations over HTTP: registered at a site, sized by their figures, changed under their version."""

from pathlib import Path

import pytest

from tests.api.house import OBSERVER, House, a_house, codes, places, problem
from tests.factories import a_collaboration

PATH = "/partnerships/medtech/organisations"
IMPLANTS = {
    "slug": "implants",
    "name": "Implants",
    "kind": "sme",
    "country": "pl",
    "nuts": "pl229",
    "headcount": 12,
    "turnover": "1900000.00",
    "illustrative": True,
}


@pytest.fixture
def house(installation: Path) -> House:
    return a_house()[0]


def test_organisations_come_by_name(house: House) -> None:
    items = house.manager.get(PATH).json()["items"]

    assert [(one["slug"], one["part"], one["turnover"], one["version"]) for one in items] == [
        ("medtech-gliwice", "member", None, 1),
        ("medtech-katowice", "member", None, 1),
        ("medtech-marseille", "member", None, 1),
    ]


def test_an_organisation_is_registered_and_read_where_the_answer_says(house: House) -> None:
    registered = house.manager.post(PATH, {**IMPLANTS, "part": "cluster_partner"})
    read = house.by(OBSERVER).get(f"{PATH}/implants")

    assert (registered.status_code, registered.headers["Location"]) == (201, f"/api/v1{PATH}/implants")
    assert (read.json(), read.headers["ETag"], registered.headers["ETag"]) == (registered.json(), '"1"', '"1"')
    found = read.json()
    assert (found["country"], found["nuts"], found["size_class"]) == ("PL", "PL229", "small")
    assert (found["part"], found["turnover"], found["balance_sheet"]) == ("cluster_partner", "1900000.00", None)


def test_every_fault_is_named_and_nothing_is_kept(house: House) -> None:
    wrong = {"slug": "medtech-gliwice", "country": "FR", "headcount": -1, "turnover": "-5.00"}

    refused = house.manager.post(PATH, {**IMPLANTS, **wrong})

    assert (problem(refused), places(refused)) == (
        (422, "registry_invalid"),
        ["slug", "country", "headcount", "turnover"],
    )
    assert house.manager.get(PATH).json()["total"] == 3


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({"nuts": "PL2299"}, "registry_invalid", "nuts"),
        ({"part": "king"}, "request_invalid", "part"),
        ({"turnover": 5.5}, "request_invalid", "turnover"),
        ({"colour": "red"}, "request_invalid", "colour"),
    ],
)
def test_what_does_not_fit_is_named(house: House, change: dict[str, object], code: str, where: str) -> None:
    refused = house.manager.post(PATH, {**IMPLANTS, **change})

    assert (problem(refused), places(refused)) == ((422, code), [where])


def test_a_change_keeps_what_it_leaves_out_and_clears_what_is_null(house: House) -> None:
    house.manager.post(PATH, IMPLANTS)

    grown = house.manager.patch(f"{PATH}/implants", {"headcount": 300, "illustrative": False}, version=1)
    cleared = house.manager.patch(f"{PATH}/implants", {"headcount": None}, version=2)

    assert [(one.headers["ETag"], one.json()["size_class"]) for one in (grown, cleared)] == [
        ('"2"', "large"),
        ('"3"', "unknown"),
    ]
    assert (grown.json()["illustrative"], cleared.json()["turnover"]) == (False, "1900000.00")
    assert (cleared.json()["name"], cleared.json()["headcount"]) == ("Implants", None)
    assert house.manager.get(f"{PATH}/implants").json() == cleared.json()


@pytest.mark.parametrize(
    ("who", "slug", "body", "version", "expected"),
    [
        ("project_manager", "implants", {"name": "x"}, None, (428, "precondition_required")),
        ("project_manager", "implants", {"name": "x"}, 9, (412, "stale")),
        ("project_manager", "implants", {"balance_sheet": "-0.01"}, 1, (422, "registry_invalid")),
        ("project_manager", "nobody", {"name": "x"}, 1, (404, "missing")),
        ("partner", "implants", {"name": "x"}, 1, (403, "denied")),
    ],
)
def test_a_change_that_does_not_fit_changes_nothing(
    house: House, who: str, slug: str, body: dict[str, object], version: int | None, expected: tuple[int, str]
) -> None:
    registered = house.manager.post(PATH, IMPLANTS)

    refused = house.by(who).patch(f"{PATH}/{slug}", body, version=version)

    assert problem(refused) == expected
    assert house.manager.get(f"{PATH}/implants").json() == registered.json()


def test_numbers_and_domains_are_kept_in_one_spelling_and_a_short_name_is_corrected(house: House) -> None:
    path = "/partnerships/medtech/organisations/medtech-gliwice"
    said = {"slug": "gliwice-implants", "nace": "3250", "domains": ["@www.Implants.example", "implants.example."]}

    changed = house.manager.patch(path, said, version=1)
    wrong = house.manager.patch("/partnerships/medtech/organisations/gliwice-implants", {"pic": "1"}, version=2)

    shown = changed.json()
    assert (shown["slug"], shown["nace"], shown["domains"]) == ("gliwice-implants", "32.50", ["implants.example"])
    assert (problem(wrong), places(wrong)) == ((422, "registry_invalid"), ["pic"])
    assert house.manager.get(path).status_code == 404


def test_who_takes_part_in_what_runs_does_not_leave(installation: Path) -> None:
    house, _ = a_house(a_collaboration)
    path = "/partnerships/medtech/organisations/medtech-gliwice/withdrawal"

    refused = house.manager.post(path, {"reason": "Sold."}, version=1)

    assert (codes(refused), refused.json()["reasons"][0]["missing"]) == (["takes_part_still"], ["centre"])


def test_who_leaves_is_listed_no_more_and_may_come_back(house: House) -> None:
    home = "/partnerships/medtech/organisations"

    left = house.manager.post(f"{home}/medtech-gliwice/withdrawal", {"reason": "Sold."}, version=1)

    listed = [one["slug"] for one in house.manager.get(home).json()["items"]]
    assert (left.json(), "medtech-gliwice" in listed) == ({"roles": 1, "profiles": 0}, False)
    assert problem(house.by("partner").get("/me")) == (401, "token_invalid")
    assert house.manager.get(f"{home}?left=true").json()["total"] == len(listed) + 1
    assert house.manager.post(f"{home}/medtech-gliwice/return", version=2).json()["left_at"] is None
    assert codes(house.manager.post(f"{home}/medtech-gliwice/return", version=3)) == ["is_a_member"]
