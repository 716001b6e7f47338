"""Events, participants, meetings and timetables over HTTP: from the programme to the collaboration."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from states.clock import set_simulated
from states.computations.service import begin_computation, computation_by_id
from states.matchmaking.timetable.problem import Place
from states.matchmaking.timetable.service import COMPUTING, KIND, record_schedule
from states.settings import settings
from states.storage import begin
from tests.api.house import OBSERVER, PARTNER, House, codes, places, problem
from tests.api.two_partners import OTHER, a_house_of_two
from tests.meeting_factories import BEFORE, DAY, an_outcome

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

PROGRAMME = {
    "mode": "hybrid",
    "scheduling": "participants",
    "time_zone": "Europe/Warsaw",
    "sessions": [
        {
            "title": "Morning",
            "starts_at": "2026-05-04T10:00:00+02:00",
            "ends_at": "2026-05-04T11:20:00+02:00",
            "tables": 2,
        }
    ],
    "requests_from": "2026-04-14T00:00:00Z",
    "requests_until": "2026-05-02T00:00:00Z",
}
DELEGATE = {"label": "head of research", "attendance": "on_site"}
Clock = Callable[[datetime], None]


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installation: Path) -> Iterator[Clock]:
    """Set the installation's time; the threads of the application read it too."""
    monkeypatch.setenv("BANKABLE_CLOCK_FILE", str(tmp_path / "clock"))
    settings.cache_clear()
    set_simulated(BEFORE)
    yield set_simulated
    settings.cache_clear()


class Fair:
    """A house with an event at which both partners' delegates are validated."""

    def __init__(self, house: House, **programme: object) -> None:
        self.house = house
        body = {"name": "Medtech days", "kind": "brokerage", "held_on": "2026-05-04"}
        event = house.manager.post("/partnerships/medtech/events", body).json()
        self.event = f"/events/{event['id']}"
        arranged = house.manager.put(f"{self.event}/brokerage", PROGRAMME | programme)
        assert arranged.status_code == 200, arranged.text
        self.own, self.other = self.validated(PARTNER), self.validated(OTHER)

    def validated(self, who: str, **delegate: object) -> str:
        """Return the id of a participant whom the organiser has validated."""
        made = self.house.by(who).post(f"{self.event}/participants", DELEGATE | delegate).json()
        self.house.manager.post(f"/participants/{made['id']}/validation", {"accepted": True})
        return str(made["id"])

    def ask(self, who: str = OTHER, **wish: object) -> dict[str, Any]:
        """Let a partner ask the other one's delegate; return the meeting."""
        guest = self.own if who == OTHER else self.other
        body = {"subject": "Coating of hip stems", "priority": 5, "guests": [guest], **wish}
        answer = self.house.by(who).post(f"{self.event}/meetings", body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def agreed(self) -> dict[str, Any]:
        key = self.ask()["id"]
        found: dict[str, Any] = self.house.by(PARTNER).post(f"/meetings/{key}/answer", {"accepted": True}).json()
        return found


@pytest.fixture
def house(clock: Clock) -> House:
    return a_house_of_two()


def test_an_event_is_arranged_once_and_then_under_its_version(house: House) -> None:
    fair = Fair(house)
    path = f"{fair.event}/brokerage"

    read = house.by(OBSERVER).get(path)
    unversioned = house.manager.put(path, PROGRAMME)
    changed = house.manager.put(path, {**PROGRAMME, "most_meetings": 3}, version=1)
    slots = house.by(OBSERVER).get(f"{fair.event}/slots").json()

    assert (read.json()["sessions"][0]["title"], read.headers["ETag"]) == ("Morning", '"1"')
    assert (problem(unversioned), changed.json()["most_meetings"]) == ((428, "precondition_required"), 3)
    assert [(one["number"], one["starts_at"]) for one in slots["items"]] == [
        (0, "2026-05-04T08:00:00Z"),
        (1, "2026-05-04T08:20:00Z"),
        (2, "2026-05-04T08:40:00Z"),
        (3, "2026-05-04T09:00:00Z"),
    ]
    assert problem(house.by(PARTNER).put(path, PROGRAMME, version=2)) == (403, "denied")


def test_what_does_not_fit_an_event_is_named(house: House) -> None:
    body = {"name": "Plenary", "kind": "plenary", "held_on": "2026"}
    event = house.manager.post("/partnerships/medtech/events", body).json()["id"]
    sessions = [PROGRAMME["sessions"][0] | {"tables": -1}]  # type: ignore[operator]

    refused = house.manager.put(f"/events/{event}/brokerage", PROGRAMME | {"sessions": sessions, "time_zone": "Mars"})
    naive = house.manager.put(f"/events/{event}/brokerage", PROGRAMME | {"requests_from": "2026-04-14T00:00:00"})

    assert (problem(refused), places(refused)) == (
        (422, "brokerage_invalid"),
        ["sessions[1].tables", "time_zone", "event"],
    )
    assert (problem(naive), places(naive)) == ((422, "request_invalid"), ["requests_from"])
    assert problem(house.manager.get(f"/events/{event}/brokerage")) == (404, "missing")


def test_a_partner_registers_its_own_and_sees_of_others_what_is_public(house: House) -> None:
    fair = Fair(house)
    waiting = house.by(OTHER).post(f"{fair.event}/participants", {**DELEGATE, "label": "buyer", "unavailable": [1]})

    seen = {
        who: [
            (one["organisation"], one["label"], one["state"], "unavailable" in one)
            for one in house.by(who).get(f"{fair.event}/participants").json()["items"]
        ]
        for who in (PARTNER, OTHER)
    }

    assert seen == {
        PARTNER: [
            ("medtech-gliwice", "head of research", "validated", True),
            ("medtech-marseille", "head of research", "validated", False),
        ],
        OTHER: [
            ("medtech-gliwice", "head of research", "validated", False),
            ("medtech-marseille", "buyer", "registered", True),
            ("medtech-marseille", "head of research", "validated", True),
        ],
    }
    hidden = house.by(PARTNER).get(f"/participants/{waiting.json()['id']}")
    walk_in = house.by(PARTNER).post(f"{fair.event}/participants", {**DELEGATE, "label": "b", "walk_in": True})
    assert (problem(hidden), problem(walk_in)) == ((404, "missing"), (403, "denied"))


def test_a_participant_is_described_seated_and_checked_in(house: House) -> None:
    fair = Fair(house)
    path = f"/participants/{fair.own}"

    described = house.by(PARTNER).put(path, {**DELEGATE, "label": "chemist", "unavailable": [3, 0]}, version=2)
    foreign = house.by(OTHER).put(path, DELEGATE, version=3)
    seated = house.manager.put(f"{path}/seating", {"booth": 7, "most_meetings": 2}, version=3)
    there = house.manager.post(f"{path}/check-in")

    assert (described.json()["label"], described.json()["unavailable"]) == ("chemist", [0, 3])
    assert (problem(foreign), seated.json()["booth"]) == ((403, "denied"), 7)
    assert (there.json()["checked_in_at"], there.json()["version"]) == ("2026-04-24T00:00:00Z", 5)


def test_a_request_is_accepted_and_has_a_place_at_once(house: House) -> None:
    fair = Fair(house)

    asked = fair.ask()
    agreed = house.by(PARTNER).post(f"/meetings/{asked['id']}/answer", {"accepted": True}).json()

    assert (asked["state"], asked["slot"], asked["changed_by"]) == ("requested", None, "medtech-marseille")
    assert (agreed["state"], agreed["slot"], agreed["table"]) == ("scheduled", 0, 1)
    assert (agreed["starts_at"], agreed["ends_at"]) == ("2026-05-04T08:00:00Z", "2026-05-04T08:20:00Z")
    assert [(one["organisation"], one["asked"], one["answer"]) for one in agreed["parties"]] == [
        ("medtech-marseille", True, "accepted"),
        ("medtech-gliwice", False, "accepted"),
    ]
    assert house.by(OTHER).get(f"/meetings/{agreed['id']}").json() == agreed


def test_each_side_acts_in_its_turn_and_strangers_not_at_all(house: House) -> None:
    fair = Fair(house)
    key = fair.ask()["id"]
    buyer = fair.validated(PARTNER, label="buyer")
    of_buyer = fair.ask(OTHER, guests=[buyer])["id"]

    denied = [
        house.by(OTHER).post(f"/meetings/{key}/answer", {"accepted": True}),
        house.by(PARTNER).post(f"/meetings/{key}/withdrawal", {}),
        house.by(PARTNER).post(f"/meetings/{key}/cancellation", {"reason": "x"}),
        house.by(OBSERVER).get(f"/meetings/{key}"),
        house.by(PARTNER).post(f"/meetings/{key}/answer", {"accepted": True, "participant": buyer}),
    ]
    unclear = house.manager.post(f"/meetings/{of_buyer}/answer", {"accepted": True})
    silent = house.by(PARTNER).post(f"/meetings/{key}/answer", {"accepted": False})
    declined = house.by(PARTNER).post(f"/meetings/{key}/answer", {"accepted": False, "reason": "No time."})
    withdrawn = house.by(OTHER).post(f"/meetings/{of_buyer}/withdrawal", {"reason": "Found another."})

    assert [problem(one) for one in denied] == [(403, "denied")] * 5
    assert (problem(unclear), places(unclear)) == ((422, "whose_unclear"), ["participant"])
    assert (problem(silent), places(silent)) == ((422, "meeting_invalid"), ["reason"])
    assert (declined.json()["state"], declined.json()["reason"]) == ("declined", "No time.")
    assert (withdrawn.json()["state"], withdrawn.json()["changed_by"]) == ("withdrawn", "medtech-marseille")


def test_requests_have_their_time_but_for_the_organiser(house: House, clock: Clock) -> None:
    fair = Fair(house)
    clock(DAY - timedelta(days=1))
    body = {"subject": "Late", "priority": 1, "guests": [fair.own]}

    late = house.by(OTHER).post(f"{fair.event}/meetings", body)
    unclear = house.manager.post(f"{fair.event}/meetings", body)
    by_organiser = house.manager.post(f"{fair.event}/meetings", {**body, "asker": fair.other})
    for_another = house.by(OTHER).post(f"{fair.event}/meetings", {**body, "asker": fair.own})
    unknown = house.by(OTHER).post(f"{fair.event}/meetings", {**body, "guests": ["nobody"]})

    assert (problem(late), codes(late)) == ((409, "meeting_refused"), ["requests_closed"])
    assert (problem(unclear), places(unclear), by_organiser.status_code) == ((422, "whose_unclear"), ["asker"], 201)
    assert (problem(for_another), problem(unknown)) == ((403, "denied"), (404, "missing"))


def test_a_request_sent_twice_under_one_key_is_one_request(house: House) -> None:
    fair = Fair(house)
    body = {"subject": "Coating", "priority": 5, "guests": [fair.own]}

    first, again = (
        house.by(OTHER).send("POST", f"{fair.event}/meetings", body, headers={"Idempotency-Key": "1"}) for _ in "12"
    )

    assert (first.json(), first.status_code) == (again.json(), again.status_code)
    assert house.by(OTHER).get(f"{fair.event}/meetings").json()["total"] == 1


def test_a_partner_lists_its_own_meetings(house: House) -> None:
    fair = Fair(house)
    body = {**DELEGATE, "organisation": "medtech-katowice"}
    third = house.manager.post(f"{fair.event}/participants", body).json()["id"]
    house.manager.post(f"/participants/{third}/validation", {"accepted": True})
    mine, foreign = fair.ask()["id"], fair.ask(guests=[third])["id"]

    def listed(who: str, query: str = "") -> list[str]:
        return [one["id"] for one in house.by(who).get(f"{fair.event}/meetings{query}").json()["items"]]

    assert set(listed("project_manager")) == set(listed(OTHER)) == {mine, foreign}
    assert listed(PARTNER) == listed(OTHER, f"?participant={fair.own}") == [mine]
    assert listed(PARTNER, "?state=accepted") == []
    assert problem(house.by(PARTNER).get(f"/meetings/{foreign}")) == (403, "denied")
    nobody = house.manager.get(f"{fair.event}/meetings?participant=nobody")
    assert (problem(nobody), places(nobody)) == ((422, "unknown_name"), ["query.participant"])


@contextmanager
def _computed(key: str, slot: int) -> Iterator[None]:
    """Let a timetable be computed that puts the one meeting into this slot."""
    with begin() as session:
        row = computation_by_id(session, KIND, key)
        begin_computation(session, COMPUTING, row)
        record_schedule(session, row, an_outcome(Place(slot, 2)))
    yield


def test_places_are_hidden_until_the_timetable_is_published(house: House) -> None:
    fair = Fair(house, scheduling="organiser")
    meeting = fair.agreed()
    path = f"/meetings/{meeting['id']}"
    by_hand = house.manager.put(f"{path}/place", {"slot": 1, "locked": False}, version=meeting["version"])
    hidden = house.by(PARTNER).get(path)
    run = house.manager.post(f"{fair.event}/timetables", {"seconds": 5})
    with _computed(run.json()["id"], 2):
        still_hidden = house.by(PARTNER).get(path)
    done = house.manager.get(f"/timetables/{run.json()['id']}").json()
    published = house.manager.post(f"/timetables/{run.json()['id']}/publication")
    shown = house.by(PARTNER).get(path, if_none_match=hidden.headers["ETag"])

    assert (by_hand.json()["state"], by_hand.json()["slot"]) == ("scheduled", 1)
    for read in (hidden, still_hidden):
        found = read.json()
        assert (found["state"], found["slot"], found["starts_at"], found["table"]) == ("accepted", None, None, None)
        assert found["changed_at"] == meeting["changed_at"]
    assert (done["state"], done["moved"], done["placements"]) == (
        "done",
        1,
        [{"meeting_id": meeting["id"], "slot": 2, "table": 2}],
    )
    assert (published.status_code, published.json()["published_at"]) == (200, "2026-04-24T00:00:00Z")
    assert (shown.json()["state"], shown.json()["slot"], shown.json()["table"]) == ("scheduled", 2, 2)


def test_a_timetable_is_one_at_a_time_and_can_be_cancelled(house: House) -> None:
    fair = Fair(house, scheduling="organiser")

    first = house.manager.post(f"{fair.event}/timetables", {"seconds": 5, "keep": True}).json()
    second = house.manager.post(f"{fair.event}/timetables", {"seconds": 5})
    early = house.manager.post(f"/timetables/{first['id']}/publication")
    cancelled = house.manager.post(f"/timetables/{first['id']}/cancellation").json()
    listed = house.manager.get(f"{fair.event}/timetables").json()

    assert (problem(second), codes(second)) == ((409, "timetable_refused"), ["timetable_open"])
    assert (codes(early), cancelled["state"], cancelled["progress"]) == (["wrong_state"], "cancelled", [])
    assert [(one["id"], one["state"], one["keep"]) for one in listed["items"]] == [(first["id"], "cancelled", True)]


def test_what_a_timetable_keeps_is_bound_under_its_version(house: House) -> None:
    fair = Fair(house, scheduling="organiser")
    meeting = fair.agreed()
    path = f"/meetings/{meeting['id']}/binding"

    stale = house.manager.put(path, {"session": 0}, version=99)
    wrong = house.manager.put(path, {"session": 1, "locked": True}, version=meeting["version"])
    bound = house.manager.put(path, {"session": 0}, version=meeting["version"])

    assert (problem(stale), problem(wrong), places(wrong)) == (
        (412, "stale"),
        (422, "place_invalid"),
        ["session", "locked"],
    )
    assert (bound.json()["session"], bound.json()["locked"]) == (0, False)


def test_on_the_day_people_come_meet_and_leave(house: House, clock: Clock) -> None:
    fair = Fair(house)
    agreed = fair.agreed()
    early = house.by(PARTNER).post(f"/meetings/{agreed['id']}/attendance", {})
    clock(DAY + timedelta(hours=8, minutes=5))
    missed = house.by(PARTNER).post(f"/meetings/{agreed['id']}/attendance", {"missed": [fair.other]})
    body = {**DELEGATE, "organisation": "medtech-katowice", "walk_in": True}
    walked_in = house.manager.post(f"{fair.event}/participants", body).json()
    wish = {"subject": "At lunch", "priority": 5, "asker": walked_in["id"], "guests": [fair.own], "slot": 2}
    met = house.manager.post(f"{fair.event}/walk-in-meetings", wish)
    left = house.by(PARTNER).post(f"/participants/{fair.own}/leaving", {"reason": "Ill."})

    assert (codes(early), missed.json()["state"]) == (["not_begun"], "no_show")
    assert [one["organisation"] for one in missed.json()["parties"] if one["missed"]] == ["medtech-marseille"]
    assert (walked_in["state"], met.json()["state"], met.json()["slot"]) == ("validated", "scheduled", 2)
    assert left.json()["state"] == "withdrawn"
    ended = house.manager.get(f"/meetings/{met.json()['id']}").json()
    assert (ended["state"], ended["reason"], ended["changed_by"]) == ("cancelled", "Ill.", "medtech-gliwice")


def test_from_a_held_meeting_to_a_collaboration_and_the_funnel(house: House, clock: Clock) -> None:
    fair = Fair(house)
    path = f"/meetings/{fair.agreed()['id']}"
    clock(DAY + timedelta(hours=9))
    held = house.by(OTHER).post(f"{path}/attendance", {})
    said = house.by(PARTNER).post(f"{path}/outcomes", {"rating": 5, "next_step": "joint_idea", "note": "Try it."})
    house.by(OTHER).post(f"{path}/outcomes", {"rating": 1, "next_step": "none"})
    opened = house.manager.post(f"{path}/collaboration", {"slug": "bone", "title": "Bone"})
    again = house.manager.post(f"{path}/collaboration", {"slug": "bone-2", "title": "Bone"})
    closed = house.by(PARTNER).post(f"{path}/closing", {"reason": "No."})

    assert (held.json()["state"], said.status_code) == ("held", 201)
    own, all_ = (house.by(who).get(f"{path}/outcomes").json() for who in (PARTNER, "project_manager"))
    assert ([one["rating"] for one in own["items"]], all_["total"]) == ([5], 2)
    assert [(one["organisation"], one["part"]) for one in opened.json()["members"]] == [
        ("medtech-marseille", "lead"),
        ("medtech-gliwice", "partner"),
    ]
    assert (opened.json()["stage"], codes(again), codes(closed)) == ("matchmaking", ["contact_taken"], ["not_open"])
    assert house.manager.get("/collaborations?stage=matchmaking").json()["total"] == 1
    found = house.manager.get("/funnel?by=region").json()
    figures = {"requested": 1, "accepted": 1, "held": 1, "followed_up": 1, "collaborations": 1, "protocols": 0}
    money = {"funded": 0, "money": "0.00"}
    assert found["total"] == {"key": "", "title": "total", **figures, **money}
    assert [line["key"] for line in found["lines"]] == ["paca", "upper-silesia"]
    assert problem(house.by(PARTNER).get("/funnel")) == (403, "denied")
