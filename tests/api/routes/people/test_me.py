"""What the API tells the person who asks: who that is, what is next in each phase, ties and likely conflicts."""

from datetime import date
from pathlib import Path

import pytest

from states.review.consensus import record_consensus
from states.review.queries import round_by_id
from states.review.service import close_round
from states.review.tables import Outcome
from tests.api.house import PARTNER, SECRETARY, House, a_house, problem
from tests.api.routes.review.test_rounds import ENDORSE, scored
from tests.factories import (
    REVIEWERS,
    World,
    a_collaboration_at,
    clear,
    evaluate,
    open_iag,
    s3,
    scores_of,
)

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def kinds(house: House, who: str) -> list[tuple[str, str]]:
    return [(one["kind"], one["state"]) for one in house.by(who).get("/me/tasks").json()["items"]]


def _opened(world: World) -> str:
    return f"/rounds/{open_iag(world, a_collaboration_at(world, 'iag_review')).id}"


def _all_in(world: World) -> str:
    row = a_collaboration_at(world, "iag_review")
    opened = open_iag(world, row)
    for name in REVIEWERS:
        clear(world, row, opened, name)
        evaluate(world, row, opened, name)
    close_round(world.session, opened, panel=s3().panels["iag"])
    return f"/rounds/{opened.id}"


def test_who_a_token_speaks_for(installation: Path) -> None:
    house, _ = a_house()

    found = house.by("paca").get("/me").json()

    assert (found["person"], found["role"], found["partnership"]) == ("paca", "wgra_member", "medtech")
    assert (found["grant"]["region"], found["grant"]["organisation"]) == ("paca", None)
    assert found["scopes"] == ["read", "review", "manage"]


def test_a_reviewer_is_told_step_by_step(installation: Path) -> None:
    house, path = a_house(_opened)
    who = "iag_member 1"
    told = [kinds(house, who)]
    for step, body in ((None, None), ("declaration", {"kind": "none"}), ("evaluations", scored())):
        house.by(who).post("/me/agreement" if step is None else f"{path}/{step}", body)
        told.append(kinds(house, who))

    assert told == [
        [("agree", "open"), ("declare", "open"), ("evaluate", "waiting")],
        [("declare", "open"), ("evaluate", "waiting")],
        [("evaluate", "open")],
        [],
    ]


def test_a_task_has_its_link_and_its_deadline(installation: Path) -> None:
    house, path = a_house(_opened)

    tasks = {one["kind"]: one for one in house.by("iag_member 1").get("/me/tasks").json()["items"]}

    assert tasks["declare"]["title"] == "Centre for Biocompatibility: declare whether you have a conflict of interest"
    assert tasks["declare"]["link"] == f"/api/v1{path}/declaration"
    assert date.fromisoformat(tasks["declare"]["due_on"]) < date.fromisoformat(tasks["evaluate"]["due_on"])
    assert tasks["agree"]["due_on"] == tasks["declare"]["due_on"]
    assert [one["overdue"] for one in tasks.values()] == [False] * 3


def test_the_office_is_told_phase_by_phase(installation: Path) -> None:
    house, path = a_house(_all_in)
    secretary, chair = house.by(SECRETARY), house.by("iag_chair")
    told = [kinds(house, SECRETARY)]
    secretary.put(f"{path}/consensus", scored("4"))
    told.append(kinds(house, SECRETARY))
    secretary.put(f"{path}/minute", {"text": "Nothing to compare."})
    told.append(kinds(house, SECRETARY))
    body = {**ENDORSE, "outcome": Outcome.ENDORSE_WITH_CONDITIONS.value, "conditions": ["Show a letter."]}
    version = secretary.put(f"{path}/decision", body).json()["version"]
    told += [kinds(house, SECRETARY), kinds(house, "iag_chair")]
    version = chair.post(f"{path}/decision/confirmation", version=version).json()["version"]
    told.append(kinds(house, SECRETARY))
    secretary.post(f"{path}/decision/release", version=version)
    told.append(kinds(house, SECRETARY))

    assert [[kind for kind, _ in one] for one in told] == [
        ["record_consensus"],
        ["record_minute"],
        ["prepare"],
        [],
        ["confirm"],
        ["release"],
        ["close_condition"],
    ]


def test_a_condition_is_closed_once_with_what_shows_it(installation: Path) -> None:
    def prepare(world: World) -> str:
        path = _all_in(world)
        opened, panel = round_by_id(world.session, path.removeprefix("/rounds/")), s3().panels["iag"]
        scores, comments = scores_of()
        person_id = world.people[SECRETARY].id
        record_consensus(
            world.session,
            opened,
            scores=scores,
            comments=comments,
            minority_views=(),
            person_id=person_id,
            panel=panel,
        )
        return path

    house, path = a_house(prepare)
    secretary = house.by(SECRETARY)
    secretary.put(f"{path}/minute", {"text": "Nothing to compare."})
    body = {**ENDORSE, "outcome": "endorse_with_conditions", "conditions": ["Show a letter."]}
    version = secretary.put(f"{path}/decision", body).json()["version"]
    version = house.by("iag_chair").post(f"{path}/decision/confirmation", version=version).json()["version"]
    none = secretary.get(f"{path}/conditions/1/closing")
    secretary.post(f"{path}/decision/release", version=version)
    closing = f"{path}/conditions/1/closing"

    bare = secretary.post(closing, {"state": "met", "evidence": " "}, version=1)
    partner = house.by(PARTNER).post(closing, {"state": "met", "evidence": "We say so."}, version=1)
    done = secretary.post(closing, {"state": "met", "evidence": "The letter is annex 7."}, version=1)
    again = secretary.post(closing, {"state": "waived", "evidence": "After all."}, version=2)

    assert (problem(none), problem(bare), problem(partner)) == ((404, "missing"), (422, "invalid"), (403, "denied"))
    assert (done.json()["state"], problem(again)) == ("met", (409, "already_done"))
    assert house.by(PARTNER).get(closing).json() == done.json()


def test_declared_ties_make_likely_conflicts(installation: Path) -> None:
    house, path = a_house(_opened)
    first = house.by("iag_member 1")
    body = {"organisation": "medtech-gliwice", "tie": "employed", "since": "2015-01-01"}

    made = first.post("/me/relations", body)
    wrong = first.post("/me/relations", {**body, "until": "2014-12-31"})
    unknown = first.post("/me/relations", {**body, "organisation": "nobody"})
    own = first.get(f"{path}/proposed-conflicts").json()
    office = house.by(SECRETARY).get(f"{path}/proposed-conflicts").json()

    assert (made.status_code, problem(wrong), problem(unknown)) == (
        201,
        (422, "declaration_invalid"),
        (422, "unknown_name"),
    )
    assert first.get("/me/relations").json() == {"items": [made.json()], "total": 1, "next": None}
    assert [one["conflicts"] for one in own["items"]] == [
        [{"kind": "disqualifying", "message": "employed with gliwice, a partner"}]
    ]
    assert (own["total"], office["total"]) == (1, 3)
