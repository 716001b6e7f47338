"""Signed links over HTTP: for one purpose, one subject, one use; never a way to the dossier."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from states.clock import machine_now
from states.credentials.links import LinkPurpose, SignedLink
from states.storage import begin
from tests.api.house import House, a_house, problem
from tests.api.routes.review.test_rounds import everything_kept
from tests.factories import World, a_collaboration_at, open_iag

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def _opened(world: World) -> dict[str, str]:
    opened = open_iag(world, a_collaboration_at(world, "iag_review"))
    return {"round": opened.id, "person": world.people["iag_member 1"].id}


@pytest.fixture
def link(installation: Path) -> tuple[House, str, str]:
    house, keys = a_house(_opened)
    made = house.by("iag_secretary").post(f"/rounds/{keys['round']}/links", {"person": keys["person"]})
    path: str = made.json()["link"]
    return house, path, f"/rounds/{keys['round']}"


def test_a_link_shows_the_outline_and_takes_one_declaration(link: tuple[House, str, str]) -> None:
    house, path, opened = link

    seen = house.client.get(path).json()
    used = house.client.post(path, json={"kind": "none", "agree": True})
    again = house.client.post(path, json={"kind": "disqualifying", "reason": "No."})

    assert [one["code"] for one in seen["missing"]] == ["no_agreement", "not_declared"]
    assert set(seen) == {"id", "title", "panel", "partners", "regions", "due_on", "missing"}
    assert (used.json(), problem(again), problem(house.client.get(path))) == (
        {"ruling": "cleared"},
        (410, "link_ended"),
        (410, "link_ended"),
    )
    assert "scale" in house.by("iag_member 1").get(opened).json()


def test_a_use_that_is_sent_again_is_answered_again(link: tuple[House, str, str]) -> None:
    house, path, _ = link
    send = {"json": {"kind": "none"}, "headers": {"Idempotency-Key": "a"}}

    answers = [house.client.post(path, **send) for _ in range(2)]

    assert [(one.status_code, one.json()) for one in answers] == [(200, {"ruling": "cleared"})] * 2


def test_a_seat_is_given_back_by_link(link: tuple[House, str, str]) -> None:
    house, path, opened = link

    fault = house.client.post(path, json={"reason": " "})
    used = house.client.post(path, json={"reason": "No time."})
    seats = house.by("iag_secretary").get(opened).json()["seats"]

    assert (problem(fault), used.json()) == ((422, "invalid"), {"ruling": None})
    assert [one["state"] for one in seats if one["person"] == "iag_member 1"] == ["withdrawn"]


def test_a_forged_link_changes_nothing(link: tuple[House, str, str]) -> None:
    house, path, _ = link
    before = everything_kept()
    forged = [
        path[:-2] + ("AA" if path[-2:] != "AA" else "BB"),
        path.partition(".")[0],
        path + "ü",
        "/api/v1/links/x.y",
    ]

    answers = [problem(house.client.post(one, json={"kind": "none"})) for one in forged]

    assert answers == [(403, "link_forged")] * 4
    assert everything_kept() == before


@pytest.mark.parametrize("ended", ["expires_at", "revoked_at"])
def test_a_link_that_has_ended_changes_nothing(link: tuple[House, str, str], ended: str) -> None:
    house, path, _ = link
    with begin() as session:
        row = session.exec(select(SignedLink).where(SignedLink.purpose == LinkPurpose.DECLARE)).one()
        if ended == "expires_at":
            row.made_at = machine_now() - timedelta(days=30)
            row.expires_at = machine_now()
        else:
            row.revoked_at = machine_now()
    before = everything_kept()

    answer = house.client.post(path, json={"kind": "none"})

    # What is signed holds the day on which it ends: a link whose day was moved is a forged one.
    expected = (403, "link_forged") if ended == "expires_at" else (410, "link_ended")
    assert (problem(answer), everything_kept()) == (expected, before)


def test_a_link_expires(link: tuple[House, str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    house, path, _ = link
    monkeypatch.setattr("states.credentials.links.machine_now", lambda: machine_now() + timedelta(days=15))

    assert problem(house.client.post(path, json={"kind": "none"})) == (410, "link_ended")


def test_a_link_is_revoked_by_who_runs_the_review(link: tuple[House, str, str]) -> None:
    house, path, opened = link
    key = path.removeprefix("/api/v1/links/").partition(".")[0]

    denied = house.by("iag_member 2").send("DELETE", f"{opened}/links/{key}")
    done = house.by("iag_secretary").send("DELETE", f"{opened}/links/{key}")

    assert (problem(denied), done.status_code) == ((403, "denied"), 204)
    assert problem(house.client.get(path)) == (410, "link_ended")


def test_the_secret_is_its_owners_alone(link: tuple[House, str, str], installation: Path) -> None:
    assert (installation / "secret").stat().st_mode & 0o777 == 0o600
