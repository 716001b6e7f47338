"""The positions of regions over HTTP: each speaks of its own money; where they differ; what the chair may recommend."""

from pathlib import Path

import pytest

from states.crossings.review.rounds import open_requested_round
from tests.api.house import MANAGER, House, a_house, problem
from tests.api.routes.review.test_rounds import everything_kept
from tests.factories import World, a_collaboration_at, clear

STANCE = {"willingness": "yes", "priority_match": "full", "maximum_amount": "600000.00", "maximum_rate": "62.50"}
REGIONS = ("paca", "upper-silesia")


def _opened(world: World) -> str:
    row = a_collaboration_at(world, "wgra_review")
    opened = open_requested_round(world.session, row.id, "wgra")
    for name in REGIONS:
        clear(world, row, opened, name)
    return f"/rounds/{opened.id}"


@pytest.fixture
def wgra(installation: Path) -> tuple[House, str]:
    return a_house(_opened)


def test_a_region_states_and_restates_its_own_position(wgra: tuple[House, str]) -> None:
    house, path = wgra
    region = house.by("paca")

    region.put(f"{path}/positions/paca", {**STANCE, "willingness": "no"})
    unread = [region.put(f"{path}/positions/paca", STANCE, version=version) for version in (None, 7)]
    stated = region.put(f"{path}/positions/paca", STANCE, version=1)

    assert [problem(one) for one in unread] == [(428, "precondition_required"), (412, "stale")]
    assert (stated.status_code, stated.headers["ETag"]) == (200, '"2"')
    assert house.manager.get(f"{path}/positions/paca").json() == stated.json()
    again = {"willingness": STANCE["willingness"], "priority_match": STANCE["priority_match"], "maximum_rate": None}
    kept = region.put(f"{path}/positions/paca", again, version=2)
    assert kept.json() == stated.json() | {
        "maximum_rate": None,
        "version": 3,
        "stated_at": kept.json()["stated_at"],
        "sha256": kept.json()["sha256"],
    }
    stated = kept
    assert house.manager.get(f"{path}/positions/upper-silesia").status_code == 404
    assert (stated.json()["maximum_amount"], stated.json()["maximum_rate"]) == ("600000.00", None)
    assert house.manager.get(f"{path}/positions").json() == {"items": [stated.json()], "total": 1, "next": None}
    assert house.by("upper-silesia").get(f"{path}/positions").json()["total"] == 0  # its own is not stated yet


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
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
    before = everything_kept()

    answer = house.by(who).put(f"{path}/positions/{region}", {**STANCE, **change})

    assert problem(answer) == expected
    assert everything_kept() == before


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("willingness", "outcome", "conditions"),
    [
        (("yes", "yes"), "endorse", []),
        (("yes", "if"), "endorse_with_conditions", ["upper-silesia: A joint call."]),
        (("if", "no"), "revise", []),
    ],
)
def test_what_the_positions_amount_to(
    wgra: tuple[House, str], willingness: tuple[str, str], outcome: str, conditions: list[str]
) -> None:
    house, path = wgra
    for region, willing in zip(REGIONS, willingness, strict=True):
        condition = "A joint call." if willing == "if" else ""
        body = {**STANCE, "willingness": willing, "condition": condition}
        house.by(region).put(f"{path}/positions/{region}", body)

    found = house.by(MANAGER).get(path).json()["recommendation"]

    assert (found["outcome"], found["conditions"]) == (outcome, conditions)
    assert found["because"] == [f"{one}: {said}" for one, said in zip(REGIONS, willingness, strict=True)]


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_where_regions_differ(wgra: tuple[House, str]) -> None:
    house, path = wgra
    house.by("paca").put(f"{path}/positions/paca", STANCE)
    half = house.manager.get(f"{path}/positions/comparison").json()
    early = house.manager.get(path).json()["recommendation"]
    body = {**STANCE, "maximum_rate": "50", "alignment_action": "Synchronise the calls."}
    house.by("upper-silesia").put(f"{path}/positions/upper-silesia", body)

    found = house.manager.get(f"{path}/positions/comparison").json()

    differing = {one["field"]: one["by_region"] for one in found["fields"] if one["differs"]}
    assert (half["regions"], half["silent"], early) == (["paca"], ["upper-silesia"], None)
    assert (found["regions"], found["silent"]) == (["paca", "upper-silesia"], [])
    assert differing == {
        "maximum_rate": {"paca": "62.50", "upper-silesia": "50.00"},
        "alignment_action": {"paca": "", "upper-silesia": "Synchronise the calls."},
    }
