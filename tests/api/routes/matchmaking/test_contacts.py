"""Contacts over HTTP: corrected and withdrawn with a reason, never under a collaboration that came from them."""

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from states.changes.tables import ChangeRecord
from states.storage import begin
from tests.api.house import OBSERVER, PARTNER, Caller, a_house, codes, places, problem
from tests.factories import World, a_collaboration, contacts_behind

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

HELD = {
    "kind": "meeting",
    "requester": "medtech-gliwice",
    "host": "medtech-marseille",
    "subject": "Coatings",
    "status": "held",
    "held_on": "2026-11-20",
}


def _record(manager: Caller, **other: object) -> tuple[str, dict[str, Any]]:
    made = manager.post("/contacts", HELD | other)
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    return f"/contacts/{made.json()['id']}", made.json()


def test_a_contact_is_corrected_by_the_version_that_was_read(installation: Path) -> None:
    house, _ = a_house()
    path, made = _record(house.manager)
    new = {"host": "medtech-katowice", "subject": "Coatings for hips", "status": "no_show", "held_on": None}

    blind = house.manager.patch(path, new)
    done = house.manager.patch(path, new, version=1)
    late = house.manager.patch(path, new, version=1)

    assert (problem(blind), problem(late)) == ((428, "precondition_required"), (412, "stale"))
    assert (done.status_code, done.headers["ETag"]) == (200, '"2"')
    assert done.json() == made | new | {"version": 2}
    assert house.manager.get(path).json() == done.json()
    with begin(read_only=True) as session:
        records = session.exec(select(ChangeRecord.field).where(ChangeRecord.noun == "contact")).all()
    assert {"subject", "status", "host_id", "held_on"} < set(records)


def test_a_correction_is_held_to_what_a_record_is(installation: Path) -> None:
    house, _ = a_house()
    path, made = _record(house.manager)

    wrong = house.manager.patch(path, {"host": "medtech-gliwice", "status": "withdrawn"}, version=1)
    unknown = [
        house.manager.patch(path, sent, version=1) for sent in ({"requester": "nobody"}, {"event_id": "nothing"})
    ]
    dateless = house.manager.patch(path, {"held_on": None}, version=1)

    assert (problem(wrong), places(wrong)) == ((422, "contact_invalid"), ["host", "status"])
    assert [places(one) for one in unknown] == [["requester"], ["event_id"]]
    assert places(dateless) == ["held_on"]
    assert house.manager.get(path).json() == made


def test_a_mistaken_contact_is_withdrawn_and_stays(installation: Path) -> None:
    house, _ = a_house()
    path, made = _record(house.manager)
    reason = {"reason": "Recorded twice."}

    mute = house.manager.post(f"{path}/withdrawal", {"reason": "  "}, version=1)
    gone = house.manager.post(f"{path}/withdrawal", reason, version=1)
    again = house.manager.post(f"{path}/withdrawal", reason, version=2)
    corrected = house.manager.patch(path, {"subject": "Other"}, version=2)
    members = [{"organisation": "medtech-gliwice", "part": "lead"}, {"organisation": "medtech-marseille"}]
    opened = house.manager.post(
        "/collaborations", {"contact_id": made["id"], "slug": "coat", "title": "Coat", "members": members}
    )

    assert mute.status_code == 422
    assert gone.json() == made | {"status": "withdrawn", "withdraw_reason": "Recorded twice.", "version": 2}
    assert house.manager.get("/contacts?status=withdrawn").json()["items"] == [gone.json()]
    for refused in (again, corrected):
        assert (problem(refused), codes(refused)) == ((409, "contact_closed"), ["contact_withdrawn"])
        assert "(Recorded twice.): record it anew" in refused.text
    assert codes(opened) == ["contact_not_fruitful"]
    assert house.manager.get("/funnel").json()["total"]["requested"] == 0


def _behind(world: World) -> str:
    return f"/contacts/{contacts_behind(world.session, a_collaboration(world).id)[0].id}"


def test_what_a_collaboration_came_from_stays(installation: Path) -> None:
    house, path = a_house(_behind)
    read = house.manager.get(path)
    version = int(read.headers["ETag"].strip('"'))

    for refused in (
        house.manager.post(f"{path}/withdrawal", {"reason": "By mistake."}, version=version),
        house.manager.patch(path, {"host": "medtech-katowice"}, version=version),
        house.manager.patch(path, {"status": "declined"}, version=version),
    ):
        assert (problem(refused), codes(refused)) == ((409, "contact_closed"), ["contact_carries"])
        assert "The collaboration centre came from this contact" in refused.text
    done = house.manager.patch(path, {"subject": "The centre", "held_on": "2026-11-19"}, version=version)
    assert done.json() == read.json() | {"subject": "The centre", "held_on": "2026-11-19", "version": version + 1}


def test_only_managers_put_contacts_right(installation: Path) -> None:
    house, _ = a_house()
    path, made = _record(house.manager)

    for who in (PARTNER, OBSERVER):
        assert house.by(who).patch(path, {"subject": "Other"}, version=1).status_code in (403, 404)
        assert house.by(who).post(f"{path}/withdrawal", {"reason": "No."}, version=1).status_code in (403, 404)
    assert house.manager.get(path).json() == made
