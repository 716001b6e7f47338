"""A partnership over HTTP: itself and its working areas."""

from pathlib import Path

import pytest

from tests.api.house import Caller, House, a_house, codes, places, problem
from tests.factories import a_collaboration


@pytest.fixture
def house(installation: Path) -> House:
    return a_house()[0]


def test_the_token_opens_one_partnership(house: House) -> None:
    listed = house.manager.get("/partnerships").json()

    assert (listed["total"], listed["items"][0]["slug"]) == (1, "medtech")
    assert house.manager.get("/partnerships/medtech").json() == listed["items"][0]


FIELD = {"slug": "agrifood", "name": "Agri-food", "manager": {"email": "Office@Fields.example"}}


def test_who_administers_founds_another_and_reaches_it_by_the_new_token(house: House) -> None:
    founded = house.by("administrator").post("/partnerships", FIELD)
    administrator = Caller(house.client, founded.json()["token"])

    assert (founded.status_code, founded.headers["Location"]) == (201, "/api/v1/partnerships/agrifood")
    assert administrator.get("/partnerships/agrifood").json() == founded.json()["partnership"]
    assert house.by("administrator").get("/partnerships/agrifood").status_code == 404
    assert problem(house.manager.post("/partnerships", FIELD)) == (403, "denied")


def test_every_fault_of_a_founding_comes_at_once(house: House) -> None:
    wrong = {"slug": "medtech", "name": " x", "playbook": "../s3", "manager": {"email": "nobody", "language": "xx"}}

    answer = house.by("administrator").post("/partnerships", wrong)

    assert problem(answer) == (422, "founding_invalid")
    assert places(answer) == ["playbook", "slug"]
    assert places(house.by("administrator").post("/partnerships", wrong | {"slug": "agri", "playbook": "s3"})) == [
        "manager.email",
        "manager.language",
    ]


def test_a_description_changes_under_its_version(house: House) -> None:
    changed = house.manager.patch("/partnerships/medtech", {"name": "Medtech", "playbook": "s3@5"}, version=1)

    assert (changed.status_code, changed.json()["name"], changed.headers["ETag"]) == (200, "Medtech", '"2"')
    assert changed.json()["playbook"] == "s3@5"
    assert problem(house.manager.patch("/partnerships/medtech", {"name": "Late"}, version=1)) == (412, "stale")
    unknown = house.manager.patch("/partnerships/medtech", {"playbook": "s3@7"}, version=2)
    assert (problem(unknown), places(unknown)) == ((422, "playbook_unknown"), ["playbook"])


def test_what_may_be_chosen_and_whom_its_panels_want_is_told(house: House) -> None:
    told = house.by("observer").get("/partnerships/medtech/playbooks").json()

    assert (told["chosen"], [one["edition"] for one in told["playbooks"]]) == ("s3", ["i3@2", "lean@2", "s3@5"])
    assert [one["verified"] for one in told["playbooks"]] == [False, None, None]
    wanted = told["playbooks"][2]["expertise"]
    assert [(one["panel"], one["role"], one["expertise"], one["at_least"]) for one in wanted] == [
        ("iag", "iag_member", "finance", 1),
        ("iag", "iag_member", "market", 1),
    ]


def test_a_closed_partnership_is_read_only_until_it_is_opened_again(house: House) -> None:
    administrator = house.by("administrator")

    closed = administrator.post("/partnerships/medtech/closing", {"reason": "The programme is over."}, version=1)

    assert closed.json()["close_reason"] == "The programme is over."
    assert house.manager.get("/partnerships/medtech/regions").status_code == 200
    refused = house.manager.post("/partnerships/medtech/working-areas", {"name": "Soil"})
    assert (problem(refused), "closed" in refused.json()["detail"]) == ((403, "denied"), True)
    assert codes(administrator.post("/partnerships/medtech/closing", {"reason": "Again."}, version=2)) == [
        "partnership_closed_already"
    ]
    assert administrator.post("/partnerships/medtech/reopening", version=2).json()["closed_at"] is None
    assert house.manager.post("/partnerships/medtech/working-areas", {"name": "Soil"}).status_code == 201


def test_nothing_is_closed_over_a_collaboration_that_runs(installation: Path) -> None:
    house, _ = a_house(a_collaboration)

    refused = house.by("administrator").post("/partnerships/medtech/closing", {"reason": "Over."}, version=1)

    assert (codes(refused), refused.json()["reasons"][0]["missing"]) == (["collaborations_run"], ["centre"])


def test_an_area_is_made_assigned_ended_and_taken_up_again(house: House) -> None:
    path = "/partnerships/medtech/working-areas"

    made = house.manager.post(path, {"name": "Soil", "in_charge": ["paca"], "involved": ["navarra"]})
    changed = house.manager.patch(f"{path}/3", {"name": "Soils", "in_charge": ["navarra"], "involved": []}, version=1)
    ended = house.manager.post(f"{path}/3/ending", version=2)

    assert (made.status_code, made.headers["Location"]) == (201, f"/api/v1{path}/3")
    assert (changed.json()["name"], changed.json()["in_charge"], changed.json()["involved"]) == (
        "Soils",
        ["navarra"],
        [],
    )
    assert ended.json()["ended_at"] is not None
    assert house.manager.post(f"{path}/3/resumption", version=3).json()["ended_at"] is None
    wrong = house.manager.post(path, {"number": 3, "name": " ", "in_charge": ["mars", "paca"], "involved": ["paca"]})
    assert problem(wrong) == (422, "request_invalid")
    wrong = house.manager.post(path, {"number": 3, "name": "x", "in_charge": ["mars", "paca"], "involved": ["paca"]})
    assert places(wrong) == ["number", "in_charge[1]", "involved[1]"]


def test_no_collaboration_takes_up_an_area_that_has_ended(installation: Path) -> None:
    house, key = a_house(lambda world: a_collaboration(world).id)
    house.manager.post("/partnerships/medtech/working-areas/2/ending", version=1)

    path = f"/collaborations/{key}"
    version = int(house.manager.get(path).headers["ETag"].strip('"'))
    refused = house.manager.patch(path, {"working_area": 2}, version=version)

    assert (problem(refused), places(refused)) == ((422, "area_ended"), ["working_area"])


def test_areas_come_with_their_regions(house: House) -> None:
    areas = house.manager.get("/partnerships/medtech/working-areas").json()

    assert [(one["number"], one["in_charge"]) for one in areas["items"]] == [(2, [])]
