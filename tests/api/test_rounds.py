"""The advisory reviews over HTTP: each judges alone, each region speaks for itself, four eyes decide."""

from pathlib import Path
from typing import Any

import pytest

from tests.api.house import MANAGER, SECRETARY, House, a_house, codes, places, problem
from tests.factories import a_collaboration_at, s3

SCORES = {criterion.key: "4.5" for criterion in s3().panels["iag"].criteria}
STANCE = {"willingness": "yes", "priority_match": "full", "maximum_amount": "600000.00", "maximum_rate": "62.50"}
ENDORSE = {"outcome": "endorse", "reasons": "Every threshold is met."}


def _opened(house: House, key: str, panel: str) -> str:
    made = house.by(SECRETARY).post(f"/collaborations/{key}/rounds", {"panel": panel})
    assert made.status_code == 201
    round_id: str = made.json()["id"]
    assert made.headers["Location"] == f"/api/v1/rounds/{round_id}"
    return f"/rounds/{round_id}"


@pytest.fixture
def iag(installation: Path) -> tuple[House, str]:
    house, key = a_house(lambda world: a_collaboration_at(world, "iag_review").id)
    return house, _opened(house, key, "iag")


@pytest.fixture
def wgra(installation: Path) -> tuple[House, str]:
    house, key = a_house(lambda world: a_collaboration_at(world, "wgra_review").id)
    return house, _opened(house, key, "wgra")


def _score(house: House, path: str, number: int, **change: object) -> Any:
    return house.by(f"iag_member {number}").post(f"{path}/evaluations", {"scores": {**SCORES, **change}})


def test_reviewers_judge_alone_until_the_round_is_closed(iag: tuple[House, str]) -> None:
    house, path = iag
    made = [_score(house, path, number) for number in (1, 2)]
    last = house.by("iag_member 2")

    seen = {
        who: house.by(who).get(f"{path}/evaluations").json()["total"] for who in ("iag_member 1", MANAGER, "iag_chair")
    }
    others = last.get(f"{path}/evaluations/{made[0].json()['id']}")
    own = house.client.get(made[1].headers["Location"], headers=last.headers)
    closed = house.by(SECRETARY).post(f"{path}/closing")

    assert seen == {"iag_member 1": 1, MANAGER: 2, "iag_chair": 0}
    assert (problem(others), own.json()) == ((404, "missing"), made[1].json())
    assert (closed.json()["state"], closed.json()["missing"]) == ("closed", ["iag_member 3"])
    assert last.get(f"{path}/evaluations").json()["total"] == 2


def test_a_result_is_shown_once_the_round_is_closed(iag: tuple[House, str]) -> None:
    house, path = iag
    for number in (1, 2, 3):
        _score(house, path, number, market="3.5" if number == 1 else "4")
    before = house.manager.get(path).json()

    after = house.by(SECRETARY).post(f"{path}/closing").json()

    assert (before["result"], before["awaited"], len(before["seats"])) == (None, [], 3)
    assert (after["result"]["overall"], after["result"]["passed"]) == ("26.33", True)
    market = next(one for one in after["result"]["criteria"] if one["key"] == "market")
    assert (market["score"], market["spread"], market["threshold"]) == ("3.83", "0.50", "3.00")


def test_an_evaluation_is_given_once_and_on_the_scale(iag: tuple[House, str]) -> None:
    house, path = iag

    off = _score(house, path, 1, market="4.3", team="6", poetry="5")
    number = _score(house, path, 1, market=4.5)
    first, second = _score(house, path, 1), _score(house, path, 1)

    assert (problem(off), places(off)) == ((422, "scores_invalid"), ["scores.poetry", "scores.market", "scores.team"])
    assert (problem(number), places(number)) == ((422, "request_invalid"), ["scores.market"])
    assert (first.status_code, problem(second)) == (201, (409, "already_done"))


def test_four_eyes_decide_what_they_read(iag: tuple[House, str]) -> None:
    house, path = iag
    chair, secretary = house.by("iag_chair"), house.by(SECRETARY)
    early = secretary.put(f"{path}/decision", ENDORSE)
    for number in (1, 2, 3):
        _score(house, path, number)
    secretary.post(f"{path}/closing")
    none = chair.get(f"{path}/decision")

    chair.put(f"{path}/decision", ENDORSE)
    prepared = chair.put(f"{path}/decision", ENDORSE).json()
    other = house.by("wgra_chair")
    own = chair.post(f"{path}/decision/confirmation", version=prepared["version"])
    stale = other.post(f"{path}/decision/confirmation", version=prepared["version"] - 1)
    done = other.post(f"{path}/decision/confirmation", version=prepared["version"])
    again = other.post(f"{path}/decision/confirmation", version=prepared["version"] + 1)

    assert (codes(early), problem(none)) == (["round_open"], (404, "missing"))
    assert (codes(own), problem(stale)) == (["four_eyes"], (412, "stale"))
    assert (done.json()["prepared_by"], done.json()["confirmed_by"]) == ("iag_chair", "wgra_chair")
    assert problem(again) == (409, "already_done")
    assert chair.get(f"{path}/decision").json() == done.json()


def test_a_region_states_and_restates_its_own_position(wgra: tuple[House, str]) -> None:
    house, path = wgra
    region = house.by("paca")

    region.put(f"{path}/positions/paca", {**STANCE, "willingness": "no"})
    stated = region.put(f"{path}/positions/paca", STANCE)

    assert (stated.status_code, stated.json()["maximum_amount"], stated.json()["maximum_rate"]) == (
        200,
        "600000.00",
        "62.50",
    )
    assert house.manager.get(f"{path}/positions").json() == {"items": [stated.json()], "total": 1}


@pytest.mark.parametrize(
    ("who", "region", "change", "expected"),
    [
        ("paca", "upper-silesia", {}, (403, "denied")),
        ("paca", "atlantis", {}, (404, "missing")),
        ("project_manager", "paca", {}, (403, "denied")),
        ("paca", "paca", {"maximum_amount": "-0.01"}, (422, "position_invalid")),
        ("paca", "paca", {"maximum_amount": 600000.0}, (422, "request_invalid")),
        ("paca", "paca", {"maximum_rate": "101"}, (422, "position_invalid")),
        ("paca", "paca", {"willingness": "if"}, (422, "position_invalid")),
        ("paca", "paca", {"willingness": "perhaps"}, (422, "request_invalid")),
    ],
)
def test_a_position_that_may_not_be(
    wgra: tuple[House, str], who: str, region: str, change: dict[str, object], expected: tuple[int, str]
) -> None:
    house, path = wgra

    answer = house.by(who).put(f"{path}/positions/{region}", {**STANCE, **change})

    assert problem(answer) == expected
    assert house.manager.get(f"{path}/positions").json()["total"] == 0


def test_a_panel_that_no_playbook_has_is_missing(iag: tuple[House, str]) -> None:
    house, path = iag
    key = house.manager.get(path).json()["collaboration_id"]

    assert problem(house.manager.post(f"/collaborations/{key}/rounds", {"panel": "jury"})) == (404, "missing")
    assert house.manager.get(f"/collaborations/{key}/rounds").json()["total"] == 1
