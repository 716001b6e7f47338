"""The advisory reviews over HTTP: each declares, each judges alone, four eyes decide, bad input changes nothing."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from states.review.tables import Decision
from states.schema import METADATA
from states.storage import begin
from tests.api.house import MANAGER, PARTNER, SECRETARY, House, a_house, codes, places, problem
from tests.expect import race
from tests.factories import (
    COMMENT,
    World,
    a_collaboration_at,
    answer_iag,
    clear,
    evaluate,
    open_iag,
    s3,
)

CRITERIA = [criterion.key for criterion in s3().panels["iag"].criteria]
ENDORSE = {"outcome": "endorse", "reasons": "Every threshold is met."}
ON_SQLITE = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
ON_POSTGRES = pytest.mark.parametrize("installation", ["postgresql"], indirect=True)


def scored(score: str = "4.5", **change: object) -> dict[str, object]:
    return {"scores": {**dict.fromkeys(CRITERIA, score), **change}, "comments": dict.fromkeys(CRITERIA, COMMENT)}


def _opened(world: World) -> dict[str, str]:
    row = a_collaboration_at(world, "iag_review")
    opened = open_iag(world, row)
    for name in ("iag_member 1", "iag_member 2"):
        clear(world, row, opened, name)
    return {"round": f"/rounds/{opened.id}", "collaboration": row.id, "third": world.people["iag_member 3"].id}


def _answered(world: World) -> str:
    row = a_collaboration_at(world, "iag_review")
    return f"/rounds/{answer_iag(world, row).id}"


def everything_kept() -> dict[str, list[str]]:
    """Return every row of every table, as text."""
    with begin(read_only=True) as session:
        return {table.name: sorted(map(str, session.execute(table.select()))) for table in METADATA.sorted_tables}


@pytest.fixture
def iag(installation: Path) -> tuple[House, dict[str, str]]:
    return a_house(_opened)


@ON_SQLITE
def test_before_the_declaration_only_the_outline_is_shown(iag: tuple[House, dict[str, str]]) -> None:
    house, keys = iag

    seen = house.by("iag_member 3").get(keys["round"]).json()

    assert (seen["title"], seen["panel"], seen["regions"]) == (
        "Centre for Biocompatibility",
        "Investment Advisory Group",
        ["FRL0", "PL22"],
    )
    assert seen["partners"] == [
        {"name": "gliwice", "kind": "sme", "region": "PL22"},
        {"name": "marseille", "kind": "sme", "region": "FRL0"},
    ]
    assert [one["code"] for one in seen["missing"]] == ["no_agreement", "not_declared"]
    assert set(seen) == {"id", "title", "panel", "partners", "regions", "due_on", "missing"}


@ON_SQLITE
def test_agreement_and_declaration_open_the_round(iag: tuple[House, dict[str, str]]) -> None:
    house, keys = iag
    third = house.by("iag_member 3")
    third.post("/me/agreement")
    third.post(f"{keys['round']}/declaration", {"kind": "none"})

    assert third.get(keys["round"]).json()["scale"] == "0 to 5 in steps of 0.5"
    assert house.by("iag_member 3").get("/me/tasks").json()["items"][0]["kind"] == "evaluate"


@ON_SQLITE
def test_a_potential_conflict_waits_for_another_to_rule(iag: tuple[House, dict[str, str]]) -> None:
    house, keys = iag
    third, chair = house.by("iag_member 3"), house.by("iag_chair")
    third.post("/me/agreement")
    third.post(f"{keys['round']}/declaration", {"kind": "potential", "reason": "A grant two years ago."})
    path = f"{keys['round']}/declarations/{keys['third']}/ruling"

    waiting = third.get(keys["round"]).json()["missing"]
    todo = [one["kind"] for one in chair.get("/me/tasks").json()["items"]]
    ruled = chair.post(path, {"cleared": False, "reason": "Too close."})
    again = chair.post(path, {"cleared": True, "reason": "After all."})

    assert [one["code"] for one in waiting] == ["ruling_pending"]
    assert (todo, ruled.json()["ruling"], problem(again)) == (
        ["rule_on_conflict"],
        "excluded",
        (409, "dossier_closed"),
    )
    assert problem(third.get(f"{keys['round']}/evaluations")) == (403, "denied")


@ON_SQLITE
def test_a_late_conflict_closes_what_was_open(iag: tuple[House, dict[str, str]]) -> None:
    house, keys = iag
    first, path = house.by("iag_member 1"), keys["round"]
    versions = f"/collaborations/{keys['collaboration']}/protocol/versions"
    first.post(f"{path}/evaluations", scored())
    before = [first.get(versions).status_code, house.manager.get(f"{path}/evaluations").json()["total"]]

    first.post(f"{path}/declaration", {"kind": "disqualifying", "reason": "A tie came to mind."})

    after = [problem(first.get(where)) for where in (versions, f"{versions}/1", f"{path}/evaluations")]
    assert before == [200, 1]
    assert after == [(403, "denied")] * 3
    assert set(first.get(f"/collaborations/{keys['collaboration']}").json()) == {
        "id",
        "title",
        "members",
        "regions",
        "illustrative",
    }


@ON_SQLITE
def test_each_judges_alone(iag: tuple[House, dict[str, str]]) -> None:
    house, keys = iag
    first, second, path = house.by("iag_member 1"), house.by("iag_member 2"), keys["round"]
    made = first.post(f"{path}/evaluations", scored()).json()

    seen = {who: house.by(who).get(f"{path}/evaluations").json()["total"] for who in (MANAGER, "iag_chair")}
    hidden = second.get(f"{path}/evaluations/{made['id']}")
    second.post(f"{path}/evaluations", scored("3"))

    assert seen == {MANAGER: 1, "iag_chair": 0}
    assert (problem(hidden), second.get(f"{path}/evaluations").json()["total"]) == ((404, "missing"), 2)


@ON_SQLITE
def test_a_draft_is_ones_own_and_versioned(iag: tuple[House, dict[str, str]]) -> None:
    house, keys = iag
    first, path = house.by("iag_member 1"), f"{keys['round']}/draft"
    none = first.get(path)
    saved = first.put(path, {"scores": {"market": "4"}}, version=0)
    stale = first.put(path, {"scores": {"market": "5"}}, version=0)

    assert problem(none) == (404, "missing")
    assert (saved.status_code, first.get(path).json(), first.get(path).headers["ETag"]) == (200, saved.json(), '"1"')
    assert problem(stale) == (412, "stale")
    assert problem(house.by("iag_member 2").get(path)) == (404, "missing")
    assert problem(house.manager.get(path)) == (403, "denied")


BAD: list[tuple[str, str, str, Callable[[], object], tuple[int, str]]] = [
    ("iag_member 1", "POST", "/evaluations", lambda: scored(market="4.3"), (422, "scores_invalid")),
    ("iag_member 1", "POST", "/evaluations", lambda: scored(poetry="5"), (422, "scores_invalid")),
    ("iag_member 1", "POST", "/evaluations", lambda: scored(market=4.5), (422, "request_invalid")),
    ("iag_member 1", "POST", "/evaluations", lambda: {"scores": scored()["scores"]}, (422, "scores_invalid")),
    ("iag_member 1", "POST", "/corrections", lambda: {**scored(), "reason": "None is in."}, (409, "not_seated")),
    ("iag_member 3", "POST", "/evaluations", scored, (409, "dossier_closed")),
    ("iag_member 1", "POST", "/declaration", lambda: {"kind": "potential"}, (422, "declaration_invalid")),
    ("iag_member 1", "POST", "/withdrawal", lambda: {"reason": " "}, (422, "invalid")),
    ("paca", "POST", "/declaration", lambda: {"kind": "none"}, (409, "dossier_closed")),
    ("paca", "POST", "/evaluations", scored, (403, "denied")),
    (SECRETARY, "POST", "/evaluations", scored, (403, "denied")),
    (SECRETARY, "PUT", "/decision", lambda: ENDORSE, (409, "phase_refused")),
    (SECRETARY, "PUT", "/consensus", scored, (409, "phase_refused")),
    (SECRETARY, "POST", "/seats", lambda: {"person": "nobody", "reason": "Why not?"}, (404, "missing")),
    (PARTNER, "GET", "/decision", lambda: None, (404, "missing")),
]


@ON_SQLITE
def test_bad_input_changes_nothing(iag: tuple[House, dict[str, str]]) -> None:
    house, keys = iag
    before = everything_kept()

    found = [problem(house.by(who).send(method, keys["round"] + path, body())) for who, method, path, body, _ in BAD]

    assert found == [expected for *_, expected in BAD]
    assert everything_kept() == before


@ON_SQLITE
def test_a_late_evaluation_and_a_second_decision_change_nothing(iag: tuple[House, dict[str, str]]) -> None:
    house, keys = iag
    house.by(SECRETARY).post(f"{keys['round']}/closing")
    before = everything_kept()

    late = house.by("iag_member 1").post(f"{keys['round']}/evaluations", scored())

    assert problem(late) == (409, "round_closed")
    assert everything_kept() == before


@ON_SQLITE
def test_four_eyes_decide_and_it_is_pending_until_released(installation: Path) -> None:
    house, path = a_house(_answered)
    secretary, chair, partner = house.by(SECRETARY), house.by("iag_chair"), house.by(PARTNER)

    prepared = chair.put(f"{path}/decision", ENDORSE).json()
    own = chair.post(f"{path}/decision/confirmation", version=prepared["version"])
    unconfirmed = secretary.post(f"{path}/decision/release", version=prepared["version"])
    stale = house.by("wgra_chair").post(f"{path}/decision/confirmation", version=prepared["version"] - 1)
    done = house.by("wgra_chair").post(f"{path}/decision/confirmation", version=prepared["version"])
    again = house.by("wgra_chair").post(f"{path}/decision/confirmation", version=done.json()["version"])
    pending = partner.get(f"{path}/decision")
    released = secretary.post(f"{path}/decision/release", version=done.json()["version"])
    shown = partner.get(f"{path}/decision").json()

    assert (codes(own), codes(unconfirmed), problem(stale)) == (["four_eyes"], ["not_confirmed"], (412, "stale"))
    assert (done.json()["prepared_by"], done.json()["confirmed_by"]) == ("iag_chair", "wgra_chair")
    assert (problem(again), problem(pending)) == ((409, "already_done"), (404, "missing"))
    late = secretary.put(f"{path}/decision", ENDORSE, version=shown["version"])
    assert problem(late) == (409, "phase_refused")
    assert shown == {**released.json(), "prepared_by": None, "confirmed_by": None}


@ON_SQLITE
def test_nobody_prepares_over_a_decision_that_they_have_not_read(installation: Path) -> None:
    house, path = a_house(_answered)
    secretary, chair = house.by(SECRETARY), house.by("iag_chair")

    first = secretary.put(f"{path}/decision", ENDORSE)
    blind = chair.put(f"{path}/decision", {**ENDORSE, "reasons": "Otherwise."})
    stale = chair.put(f"{path}/decision", {**ENDORSE, "reasons": "Otherwise."}, version=7)
    kept = chair.get(f"{path}/decision")
    anew = chair.put(f"{path}/decision", {**ENDORSE, "reasons": "Otherwise."}, version=first.json()["version"])

    assert (problem(blind), problem(stale)) == ((428, "precondition_required"), (412, "stale"))
    assert kept.json() == first.json()
    assert (anew.json()["reasons"], anew.json()["prepared_by"]) == ("Otherwise.", "iag_chair")


@ON_POSTGRES
def test_of_two_chairs_at_once_one_wins(installation: Path) -> None:
    house, path = a_house(_answered)
    version = house.by(SECRETARY).put(f"{path}/decision", ENDORSE).json()["version"]

    def confirm(who: str) -> Callable[[], httpx.Response]:
        return lambda: house.by(who).post(f"{path}/decision/confirmation", version=version)

    answers = race(confirm("iag_chair"), confirm("wgra_chair"))

    with begin(read_only=True) as session:
        kept = session.exec(select(Decision)).one()
    assert sorted(one.status_code for one in answers if isinstance(one, httpx.Response)) == [200, 409]
    assert (kept.confirmed_by is not None, kept.version) == (True, version + 1)


@ON_SQLITE
def test_seats_by_hand_stay_on_record(iag: tuple[House, dict[str, str]]) -> None:
    house, keys = iag
    secretary, path = house.by(SECRETARY), keys["round"]

    off = secretary.send("DELETE", f"{path}/seats/{keys['third']}", {"reason": "Ill."}).json()
    on = secretary.post(f"{path}/seats", {"person": keys["third"], "reason": "Well again."})

    assert [(one["person"], one["seated"], one["reason"]) for one in off["changes"]] == [
        ("iag_member 3", False, "Ill.")
    ]
    assert (problem(on), codes(on)) == ((409, "seat_conflicted"), ["seat_held"])


@ON_SQLITE
def test_a_dry_run_says_why_and_why_not_and_keeps_nothing(iag: tuple[House, dict[str, str]]) -> None:
    house, keys = iag
    before = everything_kept()

    found = house.by(SECRETARY).post(f"/collaborations/{keys['collaboration']}/rounds/seating?panel=iag").json()

    assert sorted(one["person"] for one in found["seats"]) == ["iag_member 1", "iag_member 2", "iag_member 3"]
    assert (all(one["why"] for one in found["seats"]), bool(found["shortfalls"]), found["exclusions"]) == (
        True,
        True,
        [],
    )
    assert everything_kept() == before


@ON_SQLITE
def test_an_evaluation_is_corrected_beside_the_first(iag: tuple[House, dict[str, str]]) -> None:
    house, keys = iag
    first, path = house.by("iag_member 1"), keys["round"]
    made = first.post(f"{path}/evaluations", scored())
    first.post(f"{path}/corrections", {**scored("3"), "reason": "An annex was overlooked."})

    last = first.get(f"{path}/evaluations").json()["items"]
    every = first.get(f"{path}/evaluations?every=true").json()["items"]

    assert made.headers["Location"] == f"/api/v1{path}/evaluations/{made.json()['id']}"
    assert [(one["number"], one["scores"]["market"]) for one in last] == [(2, "3.0")]
    assert [one["number"] for one in every] == [1, 2]


@ON_SQLITE
def test_a_wide_spread_is_discussed_before_a_consensus(installation: Path) -> None:
    def prepare(world: World) -> str:
        row = a_collaboration_at(world, "iag_review")
        opened = open_iag(world, row)
        for name, score in (("iag_member 1", "5"), ("iag_member 2", "3"), ("iag_member 3", "4")):
            clear(world, row, opened, name)
            evaluate(world, row, opened, name, score=score)
        return f"/rounds/{opened.id}"

    house, path = a_house(prepare)
    secretary = house.by(SECRETARY)
    closed = secretary.post(f"{path}/closing").json()

    early = secretary.put(f"{path}/consensus", scored("4"))
    for key in CRITERIA:
        secretary.post(f"{path}/discussions", {"criterion": key, "record": "Talked through."})
    made = secretary.put(f"{path}/consensus", {**scored("4"), "minority_views": ["One sees less."]})

    assert (closed["status"], all(one["discuss"] for one in closed["result"]["criteria"])) == ("conflicting", True)
    assert (problem(early), made.json()["minority_views"]) == ((409, "discussion_missing"), ["One sees less."])
    assert places(secretary.put(f"{path}/minute", {"text": " "})) == ["text"]
