"""The one door over HTTP: moves with every reason, dry runs, moves under a version, history, pipeline."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from states.funding.service import choose_scenario
from states.protocol.queries import latest_versions
from tests.api.house import OBSERVER, PARTNER, Caller, House, a_house, codes, problem
from tests.factories import World, a_collaboration, a_collaboration_at, a_lawful_scenario


@pytest.fixture
def furnished(installation: Path) -> tuple[House, str]:
    return a_house(lambda world: f"/collaborations/{a_collaboration(world).id}")


def _all(caller: Caller, path: str) -> list[object]:
    return [caller.get(f"{path}{part}").json() for part in ("", "/moves", "/history", "/journey")]


def test_moves_say_what_is_open_and_what_speaks_against_the_rest(furnished: tuple[House, str]) -> None:
    house, path = furnished

    moves = {one["name"]: one for one in house.by(PARTNER).get(f"{path}/moves").json()["moves"]}

    assert list(moves) == ["draft_outline", "park", "drop", "merge"]
    assert (moves["park"]["open"], moves["park"]["needs_reason"]) == (True, True)
    assert moves["draft_outline"]["refusals"] == [
        {
            "code": "role",
            "text": "role",
            "message": "This move is made by: project manager.",
            "parameters": {"roles": ["project_manager"]},
            "mend_by": ["project_manager"],
            "where": "",
            "missing": [],
        }
    ]


def test_a_move_is_made_once_and_written_down(furnished: tuple[House, str]) -> None:
    house, path = furnished
    version = house.manager.get(path).json()["version"]

    made = house.manager.post(f"{path}/moves", {"move": "draft_outline"}, version=version)

    line = made.json()
    assert (made.status_code, made.headers["ETag"]) == (201, f'"{version + 1}"')
    assert (line["number"], line["from_stage"], line["to_stage"]) == (1, "matchmaking", "outline")
    assert house.client.get(made.headers["Location"], headers=house.manager.headers).json() == line
    assert house.manager.get(f"{path}/history").json() == {"items": [line], "total": 1, "next": None}
    after = house.manager.get(path).json()
    assert (after["stage"], after["stage_title"], after["version"]) == ("outline", "Outline", version + 1)
    step = house.manager.get(f"{path}/journey").json()["steps"][0]
    assert [event["name"] for event in step["messages"]] == ["collaboration.moved"]


@pytest.mark.parametrize(
    ("move", "status", "code", "reasons"),
    [
        ("endorse", 409, "move_not_offered", ["move_not_offered"]),
        ("start_protocol", 409, "move_not_offered", ["move_not_offered"]),
        ("park", 409, "refused", ["reason_missing"]),
    ],
)
def test_what_is_not_offered_changes_nothing(
    furnished: tuple[House, str], move: str, status: int, code: str, reasons: list[str]
) -> None:
    house, path = furnished
    before = _all(house.manager, path)
    version = house.manager.get(path).json()["version"]

    answer = house.manager.post(f"{path}/moves", {"move": move}, version=version)

    assert problem(answer) == (status, code)
    assert codes(answer) == reasons
    assert _all(house.manager, path) == before


def test_every_reason_comes_at_once(installation: Path) -> None:
    house, path = a_house(lambda world: f"/collaborations/{a_collaboration_at(world, 'outline').id}")
    version = house.manager.get(path).json()["version"]

    answer = house.manager.post(f"{path}/moves", {"move": "start_protocol"}, version=version)

    assert problem(answer) == (409, "refused")
    assert codes(answer) == ["no_working_area", "no_summary"]


def test_a_dry_run_answers_and_changes_nothing(furnished: tuple[House, str]) -> None:
    house, path = furnished
    before = _all(house.manager, path)

    open_, refused, stale = (
        house.manager.post(f"{path}/moves?dry_run=true", {"move": "draft_outline"}),
        house.manager.post(f"{path}/moves?dry_run=true", {"move": "park"}),
        house.manager.post(f"{path}/moves?dry_run=true", {"move": "draft_outline"}, version=1),
    )

    assert (open_.status_code, open_.json()["to"], open_.json()["open"]) == (200, "outline", True)
    assert (codes(refused), problem(stale)) == (["reason_missing"], (412, "stale"))
    assert _all(house.manager, path) == before


def test_a_move_wants_the_version_and_the_right_one(furnished: tuple[House, str]) -> None:
    house, path = furnished
    before = _all(house.manager, path)

    without = house.manager.post(f"{path}/moves", {"move": "draft_outline"})
    stale = house.manager.post(f"{path}/moves", {"move": "draft_outline"}, version=1)

    assert (problem(without), problem(stale)) == ((428, "precondition_required"), (412, "stale"))
    assert _all(house.manager, path) == before


def test_of_two_at_once_one_moves(furnished: tuple[House, str]) -> None:
    house, path = furnished
    version = house.manager.get(path).json()["version"]

    with TestClient(house.app) as client, ThreadPoolExecutor(2) as pool:
        caller = Caller(client, house.tokens["project_manager"])
        sent = [pool.submit(caller.post, f"{path}/moves", {"move": "draft_outline"}, version=version) for _ in "ab"]
        statuses = sorted(one.result().status_code for one in sent)

    assert statuses == [201, 412]
    assert house.manager.get(f"{path}/history").json()["total"] == 1


def test_more_at_once_than_there_are_connections(furnished: tuple[House, str]) -> None:
    house, path = furnished

    with TestClient(house.app) as client, ThreadPoolExecutor(60) as pool:
        caller = Caller(client, house.tokens["project_manager"])
        sent = [pool.submit(caller.post, f"{path}/moves?dry_run=true", {"move": "draft_outline"}) for _ in range(60)]
        statuses = {one.result().status_code for one in sent}

    assert statuses == {200}


def test_an_observer_may_read_and_not_knock(furnished: tuple[House, str]) -> None:
    house, path = furnished

    read = house.by(OBSERVER).get(f"{path}/moves")
    knocked = house.by(OBSERVER).post(f"{path}/moves", {"move": "draft_outline"}, version=1)

    assert (read.status_code, problem(knocked)) == (200, (403, "denied"))


def test_a_line_that_was_never_written_is_missing(furnished: tuple[House, str]) -> None:
    house, path = furnished

    assert problem(house.manager.get(f"{path}/history/1")) == (404, "missing")


def test_the_pipeline_shows_what_stands_in_the_way(furnished: tuple[House, str]) -> None:
    house, path = furnished

    entries = house.manager.get("/pipeline").json()

    assert entries["total"] == 1
    assert entries["items"][0]["moves"] == house.manager.get(f"{path}/moves").json()["moves"]
    assert (entries["items"][0]["stage"], entries["items"][0]["days_in_stage"]) == ("matchmaking", 0)


def test_a_scenario_that_holds_no_longer_is_shown_before_it_is_refused(installation: Path) -> None:
    """Costs rise after the choice, and nobody has looked at the scenario again: all four say so."""

    def prepare(world: World) -> tuple[str, str]:
        row = a_collaboration_at(world, "funding_scenario")
        made = a_lawful_scenario(world, row, latest_versions(world.session, [row.id])[row.id])
        choose_scenario(world.session, made)
        return f"/collaborations/{row.id}", made.id

    house, (path, scenario) = a_house(prepare)
    (line,) = house.manager.get(f"{path}/cost-lines").json()["items"]
    dearer = {"amount": "1200.10"}
    house.manager.patch(f"{path}/cost-lines/{line['slug']}", dearer, version=line["version"])

    shown = house.manager.get(f"{path}/moves").json()
    (entry,) = house.manager.get("/pipeline").json()["items"]
    tried = house.manager.post(f"{path}/moves?dry_run=true", {"move": "declare_bankable"})
    made = house.manager.post(f"{path}/moves", {"move": "declare_bankable"}, version=shown["version"])

    (move,) = (one for one in shown["moves"] if one["name"] == "declare_bankable")
    assert entry["moves"] == shown["moves"]
    assert (tried.status_code, made.status_code) == (409, 409)
    assert move["refusals"] == tried.json()["reasons"] == made.json()["reasons"]
    of_others = ["sources_uncommitted", "no_financial_plan", "checklist_not_passed", "evidence_missing"]
    assert codes(made) == ["scenario_stale", *of_others]
    assert house.manager.get(f"/scenarios/{scenario}").json()["stale"] == []  # what is refused leaves nothing
