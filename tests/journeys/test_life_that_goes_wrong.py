"""The life of a case that goes wrong, over HTTP: nothing ends in a wall, and nothing old passes afterwards."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from states import clock
from states.archive.service import Rendered, record_document
from states.archive.store import keep_bytes
from states.archive.tables import DocumentClass, DocumentKind
from states.collaborations.queries import collaboration_by_id
from states.credentials.tokens import create_token
from states.partners.people import grant_role, person_by_email
from states.rights.access import Actor, Role
from states.storage import begin
from tests.api.house import Caller, House, a_house, codes
from tests.factories import PRINTING, World, a_collaboration, a_collaboration_at, fulfil, submit_to_lender

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
DEPUTIES = {
    "deputy secretary": Role.IAG_SECRETARY,
    "deputy chair": Role.IAG_CHAIR,
    "second manager": Role.PROJECT_MANAGER,
    "third manager": Role.PROJECT_MANAGER,
}
JOINING = ("medtech-katowice", "medtech-gliwice")
_PAPER = DocumentKind.INVESTMENT_PROTOCOL


def _begun(world: World) -> tuple[str, str, dict[str, str]]:
    """A collaboration that is about to be submitted, another one that doubles it, and deputies with their tokens."""
    tokens = {}
    for key, role in DEPUTIES.items():
        person = person_by_email(world.session, email=f"{key.replace(' ', '-')}@example.org", label=key)
        tokens[key] = create_token(world.session, grant_role(world.session, world.partnership, person, role))
    hero = a_collaboration_at(world, "bankable")
    submit_to_lender(world, hero)
    twin = a_collaboration(world, slug="twin", sites=("katowice", "gliwice"))
    paper = Rendered(_PAPER, DocumentClass.PUBLIC, "Twin", twin.id, "{}", b"%PDF-", PRINTING)
    keep_bytes(paper.content)
    record_document(world.session, paper, partnership_id=world.partnership.id, collaboration_id=twin.id)
    return f"/collaborations/{hero.id}", f"/collaborations/{twin.id}", tokens


def _version(caller: Caller, path: str) -> int:
    version: int = caller.get(path).json()["version"]
    return version


def _moves(caller: Caller, path: str) -> dict[str, list[str]]:
    moves = caller.get(f"{path}/moves").json()["moves"]
    return {one["name"]: [reason["code"] for reason in one["refusals"]] for one in moves}


def _members(caller: Caller, path: str) -> list[tuple[str, str]]:
    return [(one["organisation"], one["part"]) for one in caller.get(path).json()["members"]]


def _mistaken_move(house: House, hero: str) -> None:
    manager = house.manager
    manager.post(f"{hero}/moves", {"move": "park", "reason": "Wrong line."}, version=_version(manager, hero))
    assert manager.get(f"{hero}/moves/undoing").json()["open"] is True
    undone = manager.post(f"{hero}/moves/undoing", {"reason": "Wrong line."}, version=_version(manager, hero))
    assert (undone.status_code, undone.json()["to_stage"]) == (201, "bankable")
    assert _moves(manager, hero)["submit"] == []


def _another_lead(house: House, hero: str) -> None:
    manager, path = house.manager, f"{hero}/members/medtech-marseille"
    led = manager.patch(path, {"part": "lead"}, version=_version(manager, hero))
    assert led.json()["members"][0]["organisation"] == "medtech-marseille"
    assert _moves(manager, hero)["submit"] == ["consortium_changed", "not_signed_off"]
    late = manager.post(f"{hero}/moves/undoing", {"reason": "Too late."}, version=_version(manager, hero))
    assert codes(late) == ["nothing_to_undo"]


def _a_partner_leaves(house: House, hero: str) -> None:
    manager, path = house.manager, f"{hero}/members/medtech-gliwice"
    left = manager.send("DELETE", f"{path}?costs_to=medtech-marseille", version=_version(manager, hero))
    points = [one["code"] for one in manager.get(f"{hero}/open-points").json()["items"]]
    named = ["consortium_changed", "scenario_of_former_partner", "protocol_names_former_partner"]
    assert (left.status_code, points) == (204, named)
    assert [one["organisation"] for one in manager.get(f"{hero}/cost-lines").json()["items"]] == ["medtech-marseille"]


def _merged(house: House, hero: str, twin: str) -> None:
    manager = house.manager
    assert _moves(manager, twin)["merge"] == ["no_merge_target"]
    manager.patch(twin, {"merges_into": "centre"}, version=_version(manager, twin))
    merge = {"move": "merge", "reason": "One is enough."}
    tried = manager.post(f"{twin}/moves?dry_run=true", merge, version=_version(manager, twin)).json()["hands_over"]
    assert (tried["target"], tried["joining"], tried["staying"]) == ("centre", [*JOINING], {"documents": 1})
    made = manager.post(f"{twin}/moves", merge, version=_version(manager, twin))
    assert (made.status_code, manager.get(twin).json()["merges_into"]) == (201, "centre")
    assert _members(manager, hero) == [
        ("medtech-marseille", "lead"),
        ("medtech-gliwice", "partner"),
        ("medtech-katowice", "partner"),
    ]
    assert "not_signed_off" in _moves(manager, hero)["submit"]  # who came back keeps no signature
    papers = manager.get(f"/documents?collaboration={hero.rpartition('/')[2]}").json()["items"]
    assert ("Twin", twin.rpartition("/")[2]) in [(one["title"], one["collaboration_id"]) for one in papers]


def _decision_corrected(house: House, hero: str, deputies: dict[str, Caller]) -> None:
    rounds = house.manager.get(f"{hero}/rounds").json()["items"]
    path = f"/rounds/{next(one['id'] for one in rounds if one['panel'] == 'iag')}/decision"
    text = {"because": "A threshold was misread.", "outcome": "revise", "reasons": "The market is not shown."}
    text |= {"departure": "The scores were given before the market study was withdrawn."}
    same = house.by("iag_secretary").put(f"{path}/correction", text)
    prepared = deputies["deputy secretary"].put(f"{path}/correction", text)
    released = deputies["deputy chair"].post(f"{path}/correction/release", version=prepared.json()["version"])
    assert (codes(same), released.json()["outcome"]) == (["other_hands"], "revise")
    (shown,) = house.manager.get(f"{path}/corrections").json()["items"]
    assert (shown["because"], shown["replaced"]["outcome"]) == ("A threshold was misread.", "endorse")


def _begun_anew(house: House, hero: str) -> None:
    manager = house.manager
    back = {"move": "rework", "reason": "Another lead, other partners."}
    manager.post(f"{hero}/moves", back, version=_version(manager, hero))
    frozen = manager.post(f"{hero}/protocol/versions")
    asked = manager.get(f"{hero}/protocol/sign-offs").json()["items"]
    assert (frozen.json()["number"], [one["signed_at"] for one in asked]) == (2, [None, None, None])
    assert _moves(manager, hero)["submit_to_iag"] == ["evidence_missing"]  # of who joined since
    with begin() as session:
        row = collaboration_by_id(session, hero.rpartition("/")[2])
        office = Actor(Role.PROJECT_MANAGER, row.partnership_id)
        fulfil(session, row, by=office, second=office)
    assert _moves(manager, hero)["submit_to_iag"] == []


def _report_too_early(house: House) -> None:
    with clock.at(datetime(2026, 11, 30, tzinfo=UTC)):
        drafted = house.manager.post("/reports", {"period": "2026-H2"})
        early = house.manager.post("/reports/2026-H2/issuing", version=drafted.json()["version"])
    assert codes(early) == ["period_not_over"]


def _mistaken_moves_aside_and_out(house: House, twin: str) -> None:
    """A wrong step aside, and one out, each taken back before anybody has built on it."""
    manager = house.manager
    for name, reason in (("park", "Wrong line."), ("drop", "Wrong line.")):
        manager.post(f"{twin}/moves", {"move": name, "reason": reason}, version=_version(manager, twin))
        back = manager.post(f"{twin}/moves/undoing", {"reason": "By mistake."}, version=_version(manager, twin))
        assert (back.status_code, back.json()["to_stage"]) == (201, "matchmaking")


def _costs_entered_once(house: House, hero: str) -> None:
    manager = house.manager
    section = f"{hero}/protocol/sections/investment_plan"
    (line,) = manager.get(f"{hero}/cost-lines").json()["items"]
    assert [one["amount"] for one in manager.get(section).json()["content"]["costs"]] == [line["amount"]]


def _report_corrected(house: House, second: Caller, third: Caller) -> None:
    """Two issue a report, in which a slip is found; two others put it right, and the first edition stays."""
    manager, path = house.manager, "/reports/2026-H1"
    manager.post("/reports", {"period": "2026-H1"})
    for name in manager.get(path).json()["unexplained"]:
        place = f"{path}/reasons/{name.split()[0]}"
        manager.put(place, {"text": "Nothing to tell."}, version=_version(manager, path))
    manager.post(f"{path}/preparing", version=_version(manager, path))
    own = manager.post(f"{path}/issuing", version=_version(manager, path))
    administrator = house.by("administrator")
    issued = administrator.post(f"{path}/issuing", version=_version(manager, path))
    assert (codes(own), issued.json()["state"]) == (["report_four_eyes"], "issued")

    manager.post(f"{path}/correction", {"because": "A meeting was left out."}, version=_version(manager, path))
    manager.put(f"{path}/answers/II.1", {"text": "One meeting more."}, version=_version(manager, path))
    second.post(f"{path}/preparing", version=_version(manager, path))
    hers = administrator.post(f"{path}/issuing", version=_version(manager, path))
    corrected = third.post(f"{path}/issuing", version=_version(manager, path))
    first, now = manager.get(f"{path}/editions").json()["items"]
    assert (codes(hers), corrected.status_code) == (["report_other_hands"], 200)
    assert (first["replaced_at"], now["because"]) == (now["issued_at"], "A meeting was left out.")


def test_everything_goes_wrong_and_goes_on(installation: Path) -> None:
    house, (hero, twin, tokens) = a_house(_begun)
    deputies = {key: Caller(house.client, token) for key, token in tokens.items()}

    _mistaken_move(house, hero)
    _mistaken_moves_aside_and_out(house, twin)
    _another_lead(house, hero)
    _a_partner_leaves(house, hero)
    _merged(house, hero, twin)
    _decision_corrected(house, hero, deputies)
    _begun_anew(house, hero)
    _costs_entered_once(house, hero)
    _report_too_early(house)
    _report_corrected(house, deputies["second manager"], deputies["third manager"])

    history = [one["move"] for one in house.manager.get(f"{hero}/history").json()["items"]]
    assert history[-3:] == ["park", "taken-back", "rework"]
