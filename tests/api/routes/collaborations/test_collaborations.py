"""Collaborations over HTTP: opened from a contact, read, changed under their version, in pages."""

from pathlib import Path
from typing import Any

import pytest

from states.storage import new_id
from tests.api.house import OBSERVER, PARTNER, House, a_house, codes, places, problem
from tests.factories import World, a_collaboration

MEETING = {
    "kind": "meeting",
    "requester": "medtech-marseille",
    "host": "medtech-gliwice",
    "subject": "Testing of implants",
    "status": "held",
    "held_on": "2020-01-15",
}


@pytest.fixture
def furnished(installation: Path) -> tuple[House, str]:
    house, key = a_house(lambda world: a_collaboration(world).id)
    return house, key


def _opening(contact: str, **other: object) -> dict[str, object]:
    members = [{"organisation": "medtech-gliwice", "part": "lead"}, {"organisation": "medtech-marseille"}]
    return {"contact_id": contact, "slug": "implants", "title": "Implants", "members": members, **other}


def _contact(house: House, **other: object) -> str:
    made = house.manager.post("/contacts", {**MEETING, **other})
    assert made.status_code == 201
    key: str = made.json()["id"]
    assert made.headers["Location"] == f"/api/v1/contacts/{key}"
    assert house.manager.get(f"/contacts/{key}").json() == made.json()
    return key


def test_a_meeting_becomes_a_collaboration(furnished: tuple[House, str]) -> None:
    house, _ = furnished

    made = house.manager.post("/collaborations", _opening(_contact(house)))

    row = made.json()
    assert made.status_code == 201
    assert made.headers["Location"] == f"/api/v1/collaborations/{row['id']}"
    read = house.manager.get(f"/collaborations/{row['id']}")
    assert (read.json(), read.headers["ETag"]) == (row, made.headers["ETag"])
    assert (row["stage"], row["playbook"], row["working_area"]) == ("matchmaking", "s3@5", None)
    assert [(one["organisation"], one["part"]) for one in row["members"]] == [
        ("medtech-gliwice", "lead"),
        ("medtech-marseille", "partner"),
    ]


def test_a_meeting_that_was_declined_carries_nothing(furnished: tuple[House, str]) -> None:
    house, _ = furnished
    contact = _contact(house, status="declined", held_on=None)

    answer = house.manager.post("/collaborations", _opening(contact))

    assert problem(answer) == (409, "contact_closed")
    assert codes(answer) == ["contact_not_fruitful"]
    assert house.manager.get("/collaborations").json()["total"] == 1


@pytest.mark.parametrize(
    ("change", "expected", "where"),
    [
        ({"titel": "Implants"}, "request_invalid", ["titel"]),
        ({"title": " "}, "request_invalid", ["title"]),
        ({"title": "a\0b"}, "request_invalid", ["body"]),
        ({"members": []}, "request_invalid", ["members"]),
        ({"slug": "Not A Slug"}, "slug_invalid", ["slug"]),
        ({"slug": "centre"}, "slug_invalid", ["slug"]),
        (
            {"members": [{"organisation": "atlantis"}, {"organisation": "lemuria"}]},
            "unknown_name",
            ["members[1].organisation", "members[2].organisation"],
        ),
    ],
)
def test_bad_input_opens_nothing(
    furnished: tuple[House, str], change: dict[str, Any], expected: str, where: list[str]
) -> None:
    house, _ = furnished
    contact = _contact(house)

    answer = house.manager.post("/collaborations", _opening(contact, **change))

    assert problem(answer) == (422, expected)
    assert places(answer) == where
    assert house.manager.get("/collaborations").json()["total"] == 1


def test_a_contact_that_does_not_exist_opens_nothing(furnished: tuple[House, str]) -> None:
    house, _ = furnished

    assert problem(house.manager.post("/collaborations", _opening(new_id()))) == (404, "missing")


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b'"text"', b"", b"[" * 600 + b"]" * 600, b'{"\\ud800": 1}', b'{"subject": "\\ud800"}']
)
def test_what_is_no_contact_is_told_so(furnished: tuple[House, str], content: bytes) -> None:
    house, _ = furnished
    headers = {**house.manager.headers, "Content-Type": "application/json"}

    answer = house.client.post("/api/v1/contacts", content=content, headers=headers)

    assert problem(answer) == (422, "request_invalid")


def test_a_change_under_the_version_that_was_read(furnished: tuple[House, str]) -> None:
    house, key = furnished
    before = house.manager.get(f"/collaborations/{key}")
    version = before.json()["version"]

    changed = house.manager.patch(f"/collaborations/{key}", {"summary": "Shared.", "working_area": 2}, version=version)

    assert changed.status_code == 200
    assert changed.json() == {**before.json(), "summary": "Shared.", "working_area": 2, "version": version + 1}
    assert changed.headers["ETag"] == f'"{version + 1}"'


def test_a_weak_etag_is_the_version_too(furnished: tuple[House, str]) -> None:
    house, key = furnished
    version = house.manager.get(f"/collaborations/{key}").json()["version"]

    changed = house.manager.send(
        "PATCH", f"/collaborations/{key}", {"title": "New"}, headers={"If-Match": f'W/"{version}"'}
    )

    assert changed.json()["title"] == "New"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (428, "precondition_required")),
        ({"If-Match": "3"}, (400, "precondition_malformed")),
        ({"If-Match": '"3", "4"'}, (400, "precondition_malformed")),
        ({"If-Match": "*"}, (400, "precondition_malformed")),
        ({"If-Match": '"999"'}, (412, "stale")),
    ],
)
def test_a_change_without_the_right_version_changes_nothing(
    furnished: tuple[House, str], headers: dict[str, str], expected: tuple[int, str]
) -> None:
    house, key = furnished
    before = house.manager.get(f"/collaborations/{key}").json()

    answer = house.manager.send("PATCH", f"/collaborations/{key}", {"title": "New"}, headers=headers)

    assert problem(answer) == expected
    assert house.manager.get(f"/collaborations/{key}").json() == before


def test_a_stale_version_says_which_one_is_there(furnished: tuple[House, str]) -> None:
    house, key = furnished
    version = house.manager.get(f"/collaborations/{key}").json()["version"]

    body = house.manager.patch(f"/collaborations/{key}", {"title": "New"}, version=version - 1).json()

    assert (body["expected_version"], body["actual_version"]) == (version - 1, version)


def test_a_working_area_that_nobody_knows(furnished: tuple[House, str]) -> None:
    house, key = furnished
    version = house.manager.get(f"/collaborations/{key}").json()["version"]

    answer = house.manager.patch(f"/collaborations/{key}", {"working_area": 9}, version=version)

    assert problem(answer) == (422, "unknown_name")
    assert answer.json()["faults"] == [
        {
            "place": "working_area",
            "code": "working_area_unknown",
            "message": "there is no working area 9",
            "remedy_code": "one_of",
            "remedy": "one of 2",
            "parameters": {"area": 9, "known": [2]},
        }
    ]


def test_what_the_client_has_is_not_sent_again(furnished: tuple[House, str]) -> None:
    house, key = furnished
    tag = house.manager.get(f"/collaborations/{key}").headers["ETag"]

    same = house.manager.get(f"/collaborations/{key}", If_None_Match=f'"0", W/{tag}')
    other = house.manager.get(f"/collaborations/{key}", If_None_Match='"0"')

    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    assert other.status_code == 200


def test_members_come_and_go(furnished: tuple[House, str]) -> None:
    house, key = furnished
    path = f"/collaborations/{key}/members"
    version = house.manager.get(f"/collaborations/{key}").json()["version"]

    joined = house.manager.post(path, {"organisation": "medtech-katowice", "part": "lead"}, version=version)
    again = house.manager.post(path, {"organisation": "medtech-katowice"}, version=version + 1)
    left = house.manager.send("DELETE", f"{path}/medtech-marseille", version=version + 1)
    gone = house.manager.send("DELETE", f"{path}/medtech-marseille", version=version + 2)

    assert (joined.status_code, problem(again)) == (201, (422, "already_member"))
    assert (left.status_code, left.headers["ETag"], problem(gone)) == (204, f'"{version + 2}"', (404, "missing"))
    members = house.manager.get(f"/collaborations/{key}").json()["members"]
    assert [(one["organisation"], one["part"]) for one in members] == [
        ("medtech-katowice", "lead"),
        ("medtech-gliwice", "partner"),
    ]


def test_a_member_becomes_lead_and_the_former_one_leaves(furnished: tuple[House, str]) -> None:
    house, key = furnished
    path = f"/collaborations/{key}/members"
    version = house.manager.get(f"/collaborations/{key}").json()["version"]

    alone = house.manager.send("DELETE", f"{path}/medtech-gliwice", version=version)
    unknown = house.manager.send("DELETE", f"{path}/medtech-gliwice?next_lead=medtech-katowice", version=version)
    led = house.manager.patch(f"{path}/medtech-marseille", {"part": "lead", "contribution": "Data"}, version=version)
    back = house.manager.patch(f"{path}/medtech-marseille", {"part": "partner"}, version=version + 1)
    left = house.manager.send("DELETE", f"{path}/medtech-gliwice", version=version + 1)

    assert (problem(alone), codes(alone)) == ((409, "lead_needed"), ["lead_leaves"])
    assert problem(unknown) == (404, "missing")
    assert [(one["organisation"], one["part"], one["contribution"]) for one in led.json()["members"]] == [
        ("medtech-marseille", "lead", "Data"),
        ("medtech-gliwice", "partner", ""),
    ]
    assert (problem(back), codes(back)) == ((409, "lead_needed"), ["lead_steps_back"])
    assert (left.status_code, left.headers["ETag"]) == (204, f'"{version + 2}"')
    assert house.manager.get(f"/collaborations/{key}/open-points").json()["items"] == []


@pytest.fixture
def five(installation: Path) -> House:
    return a_house(_five)[0]


def _five(world: World) -> None:
    for number in range(5):
        a_collaboration(world, slug=f"centre-{number}", sites=("marseille",) if number else ("gliwice", "marseille"))


def test_pages_lead_to_each_other(five: House) -> None:
    first = five.manager.get("/collaborations?limit=2&stage=matchmaking")
    slugs = [one["slug"] for one in first.json()["items"]]
    answer = first
    while answer.json()["next"]:
        assert answer.links["next"]["url"] == answer.json()["next"]
        answer = five.client.get(answer.json()["next"], headers=five.manager.headers)
        slugs += [one["slug"] for one in answer.json()["items"]]

    assert slugs == [f"centre-{number}" for number in range(5)]
    assert first.json()["total"] == 5
    assert first.json()["next"].startswith("/api/v1/collaborations?limit=2&stage=matchmaking&after=")
    assert "Link" not in answer.headers


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=many"])
def test_a_page_that_cannot_be_is_refused(five: House, query: str) -> None:
    answer = five.manager.get(f"/collaborations?{query}")

    assert problem(answer) == (422, "request_invalid")
    assert places(answer) == [f"query.{query.partition('=')[0]}"]


def test_a_stage_where_nobody_stands_is_an_empty_page(five: House) -> None:
    assert five.manager.get("/collaborations?stage=bankable").json() == {"items": [], "total": 0, "next": None}


def test_a_partner_sees_its_own_collaborations_only(five: House) -> None:
    everything = five.by(OBSERVER).get("/collaborations").json()

    own = five.by(PARTNER).get("/collaborations").json()
    foreign = five.by(PARTNER).get(f"/collaborations/{everything['items'][1]['id']}")

    assert ([one["slug"] for one in own["items"]], everything["total"]) == (["centre-0"], 5)
    assert problem(foreign) == (403, "denied")
