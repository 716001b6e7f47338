"""Profiles over HTTP: a partner writes its own, an organiser of no part in it checks, everybody inside reads."""

from pathlib import Path

import pytest

from tests.api.house import OBSERVER, PARTNER, SECRETARY, House, codes, places, problem
from tests.api.two_partners import CHECK, OFFER, OTHER, a_house_of_two, a_published_profile

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def house(installation: Path) -> House:
    return a_house_of_two()


def test_a_partner_drafts_and_reads_where_the_answer_says(house: House) -> None:
    drafted = house.by(PARTNER).post("/profiles", OFFER)
    path = drafted.headers["Location"].removeprefix("/api/v1")
    read = house.by(PARTNER).get(path)

    assert (drafted.status_code, read.json(), read.headers["ETag"]) == (201, drafted.json(), '"1"')
    found = read.json()
    assert {name: found[name] for name in OFFER} == OFFER
    assert (found["organisation"], found["country"], found["state"]) == ("medtech-gliwice", "PL", "draft")
    assert found["reference"].startswith("TOPL")


def test_a_draft_is_nobody_elses(house: House) -> None:
    path = house.by(PARTNER).post("/profiles", OFFER).headers["Location"].removeprefix("/api/v1")

    assert [problem(house.by(who).get(path)) for who in (OTHER, OBSERVER, SECRETARY)] == [(404, "missing")] * 3
    assert problem(house.by(OTHER).put(path, OFFER, version=1)) == (403, "denied")
    assert [house.by(who).get("/profiles").json()["total"] for who in (PARTNER, OTHER, "project_manager")] == [1, 0, 1]


def test_a_partner_acts_for_its_own_organisation_only(house: House) -> None:
    denied = house.by(PARTNER).post("/profiles", {**OFFER, "organisation": "medtech-marseille"})
    unnamed = house.manager.post("/profiles", OFFER)
    named = house.manager.post("/profiles", {**OFFER, "organisation": "medtech-marseille"})

    assert (problem(denied), problem(unnamed), places(unnamed)) == (
        (403, "denied"),
        (422, "unknown_name"),
        ["organisation"],
    )
    assert named.json()["organisation"] == "medtech-marseille"


def test_a_profile_is_checked_and_then_public(house: House) -> None:
    path = house.by(PARTNER).post("/profiles", OFFER).headers["Location"].removeprefix("/api/v1")
    early = house.manager.post(f"{path}/checks", CHECK)
    submitted = house.by(PARTNER).post(f"{path}/submission")
    checked = house.manager.post(f"{path}/checks", CHECK)

    assert (codes(early), submitted.json()["state"]) == (["wrong_state"], "in_review")
    assert (checked.status_code, checked.json()["grade"], checked.json()["outcome"]) == (201, "good", "published")
    assert house.by(PARTNER).get(f"{path}/checks").json()["items"] == [checked.json()]
    assert problem(house.by(OTHER).get(f"{path}/checks")) == (403, "denied")
    public = house.by(OTHER).get(path).json()
    assert (public["state"], public["valid_until"] > public["valid_from"]) == ("published", True)


def test_who_wrote_a_profile_does_not_check_it(house: House) -> None:
    path = house.manager.post("/profiles", {**OFFER, "organisation": "medtech-marseille"}).headers["Location"]
    path = path.removeprefix("/api/v1")
    house.manager.post(f"{path}/submission")

    assert problem(house.manager.post(f"{path}/checks", CHECK)) == (403, "own_profile")
    assert house.by("administrator").post(f"{path}/checks", CHECK).status_code == 201


def test_what_is_missing_before_a_check_is_named(house: House) -> None:
    path = house.by(PARTNER).post("/profiles", {"type": "business_request", "title": "Wanted"}).headers["Location"]

    refused = house.by(PARTNER).post(f"{path.removeprefix('/api/v1')}/submission")

    assert problem(refused) == (409, "profile_refused")
    assert refused.json()["reasons"][0]["missing"] == [
        "summary",
        "description",
        "development",
        "ipr",
        "partner_role",
        "partner_types",
        "cooperation",
        "keywords",
        "languages",
        "expertise_sought",
    ]


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({"keywords": ["NO.SUCH"], "trl": 0}, "profile_invalid", ["keywords[1]", "trl"]),
        ({"budget": "5.00"}, "profile_invalid", ["budget"]),
        ({"ipr": "none"}, "request_invalid", ["ipr"]),
        ({"email": "a@example.org"}, "request_invalid", ["email"]),
    ],
)
def test_what_does_not_fit_is_named(house: House, change: dict[str, object], code: str, where: list[str]) -> None:
    refused = house.by(PARTNER).post("/profiles", {**OFFER, **change})

    assert (problem(refused), places(refused)) == ((422, code), where)


def test_a_draft_is_written_under_its_version_and_keeps_what_is_left_out(house: House) -> None:
    path = house.by(PARTNER).post("/profiles", OFFER).headers["Location"].removeprefix("/api/v1")

    unversioned = house.by(PARTNER).put(path, OFFER)
    stale = house.by(PARTNER).put(path, OFFER, version=7)
    sent = {"type": "technology_offer", "title": "Coating", "advantages": "", "trl": None}
    shorter = house.by(PARTNER).put(path, sent, version=1)

    assert (problem(unversioned), problem(stale)) == ((428, "precondition_required"), (412, "stale"))
    kept = shorter.json()
    assert (kept["summary"], kept["partner_types"], shorter.headers["ETag"]) == (
        OFFER["summary"],
        OFFER["partner_types"],
        '"2"',
    )
    assert (kept["title"], kept["advantages"], kept["trl"]) == ("Coating", "", None)


def test_the_pool_is_searched(house: House) -> None:
    a_published_profile(house)
    house.by(OTHER).post("/profiles", {"type": "business_request", "title": "Wanted", "keywords": ["CH.TEL"]})

    def titles(who: str, query: str) -> list[str]:
        return [one["title"] for one in house.by(who).get(f"/profiles?{query}").json()["items"]]

    coating = ["Coating that lets bone grow in"]
    assert [titles(OTHER, query) for query in ("", "keyword=BI", "keyword=CH", "type=technology_offer")] == [
        ["Wanted", *coating],
        coating,
        ["Wanted"],
        coating,
    ]
    assert titles(OBSERVER, "") == titles(PARTNER, "organisation=medtech-gliwice") == coating
    assert titles(PARTNER, "state=draft") == []
    assert problem(house.by(PARTNER).get("/profiles?keyword=B")) == (422, "unknown_name")


def test_a_public_profile_is_renewed_reopened_and_withdrawn(house: House) -> None:
    path = a_published_profile(house)

    answers = [house.by(PARTNER).post(f"{path}/{step}") for step in ("renewal", "reopening", "withdrawal")]
    again = house.by(PARTNER).post(f"{path}/withdrawal")

    assert [one.json()["state"] for one in answers] == ["published", "draft", "withdrawn"]
    assert (problem(again), codes(again)) == ((409, "profile_refused"), ["wrong_state"])
