"""Events over HTTP: recorded with dates as exact as they are known, announced, changed and cancelled with a mail."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from states import clock
from states.mail.tables import Mail, MailState
from states.storage import begin
from tests.api.house import House, a_house, places, problem

sqlite = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
PATH = "/partnerships/medtech/events"
TIMES = {"starts_at": "2031-10-24T09:00", "ends_at": "2031-10-24T17:00", "time_zone": "Europe/Warsaw"}
DAY = {"name": "Matchmaking day", "kind": "brokerage", "held_on": "24/10/2019", "place": "Gliwice"}


@pytest.fixture
def house(installation: Path) -> House:
    return a_house()[0]


def test_events_come_in_the_order_of_their_dates(house: House) -> None:
    later = house.manager.post(PATH, {**DAY, "name": "Session", "held_on": "mid-2020"})
    sooner = house.manager.post(PATH, DAY)

    assert (later.status_code, later.json()["held_on"], sooner.json()["held_on"]) == (201, "2020~mid", "2019-10-24")
    assert house.manager.get(PATH).json() == {"items": [sooner.json(), later.json()], "total": 2, "next": None}


def test_an_event_is_read_where_the_answer_says(house: House) -> None:
    added = house.manager.post(PATH, DAY)

    read = house.manager.get(f"{PATH}/{added.json()['id']}")

    assert added.headers["Location"] == f"/api/v1{PATH}/{added.json()['id']}"
    assert (read.json(), read.headers["ETag"]) == (added.json(), added.headers["ETag"])
    assert problem(house.manager.get(f"{PATH}/1")) == (404, "missing")


def test_an_event_that_does_not_fit_changes_nothing(house: House) -> None:
    house.manager.post(PATH, DAY)

    answers = [house.manager.post(PATH, {**DAY, **change}) for change in ({"held_on": "31 June 2020"}, {})]

    assert [(problem(one), places(one)) for one in answers] == [
        ((422, "registry_invalid"), ["held_on"]),
        ((422, "registry_invalid"), ["name"]),
    ]
    assert house.manager.get(PATH).json()["total"] == 1


def told() -> list[tuple[object, object]]:
    """Return what each waiting mail says, and of which place."""
    with begin() as session:
        query = select(Mail).where(Mail.state == MailState.WAITING).order_by(Mail.key)
        return [(mail.values["change"], mail.values["place"]) for mail in session.exec(query)]


def announced(house: House) -> str:
    body = {**DAY, **TIMES, "audience": ["iag_chair"], "announce": True}
    body.pop("held_on")
    answer = house.manager.post(PATH, body)
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    return f"{PATH}/{answer.json()['id']}"


@sqlite
def test_an_event_with_an_hour_is_kept_by_its_own_clock(house: House) -> None:
    read = house.manager.get(announced(house)).json()

    assert (read["held_on"], read["starts_at"], read["ends_at"], read["time_zone"]) == (
        "2031-10-24",
        "2031-10-24T07:00:00Z",
        "2031-10-24T15:00:00Z",
        "Europe/Warsaw",
    )
    assert (read["audience"], read["version"], read["cancelled_at"]) == (["iag_chair"], 1, None)
    assert told() == [("announced", "Gliwice")]


@sqlite
def test_a_change_that_does_not_fit_what_stays_changes_nothing(house: House) -> None:
    path = announced(house)

    changed = house.manager.patch(path, {"starts_at": "2031-10-25T10:00", "place": None, "name": None}, version=1)
    faulty = house.manager.patch(path, {"held_on": "2031-12-24"}, version=1)

    assert (problem(changed), places(changed)) == ((422, "registry_invalid"), ["ends_at"])
    assert (problem(faulty), places(faulty)) == ((422, "registry_invalid"), ["held_on"])
    assert house.manager.get(path).json()["version"] == 1


@sqlite
def test_a_change_moves_the_day_along(house: House) -> None:
    path = announced(house)
    body = {"starts_at": "2031-10-25T10:00", "ends_at": None, "place": None, "url": "https://example.org/day"}

    changed = house.manager.patch(path, body, version=1)

    read = changed.json()
    assert (changed.status_code, changed.headers["ETag"], read["name"]) == (200, '"2"', DAY["name"])
    assert (read["held_on"], read["starts_at"], read["ends_at"]) == ("2031-10-25", "2031-10-25T08:00:00Z", None)
    assert (read["place"], read["url"], told()) == (
        "",
        "https://example.org/day",
        [("announced", "https://example.org/day")],
    )


@sqlite
def test_an_exact_time_may_be_taken_back(house: House) -> None:
    path = announced(house)

    changed = house.manager.patch(path, {"starts_at": None, "held_on": "30 October 2031"}, version=1).json()

    assert (changed["held_on"], changed["starts_at"], changed["ends_at"], changed["time_zone"]) == (
        "2031-10-30",
        None,
        None,
        "",
    )


@sqlite
def test_a_change_needs_the_version_that_was_read(house: House) -> None:
    path = announced(house)

    answers = [house.manager.patch(path, {"place": "Lyon"}, version=version) for version in (None, 7)]

    assert [problem(one) for one in answers] == [(428, "precondition_required"), (412, "stale")]
    assert house.manager.get(path).json()["place"] == "Gliwice"


@sqlite
def test_a_cancelled_event_says_why_and_stays_so(house: House) -> None:
    path = announced(house)

    bare = house.manager.send("POST", f"{path}/cancellation", {"reason": " "}, version=1)
    cancelled = house.manager.send("POST", f"{path}/cancellation", {"reason": "The hall is shut."}, version=1)
    again = house.manager.send("POST", f"{path}/cancellation", {"reason": "Once more."}, version=2)
    changed = house.manager.patch(path, {"place": "Lyon"}, version=2)

    assert (problem(bare), places(bare)) == ((422, "registry_invalid"), ["reason"])
    assert (cancelled.status_code, cancelled.json()["cancel_reason"], cancelled.headers["ETag"]) == (
        200,
        "The hall is shut.",
        '"2"',
    )
    assert [problem(one) for one in (again, changed)] == [(409, "event_refused")] * 2
    assert told() == []  # the announcement was not sent yet, so there is nothing to take back


@sqlite
def test_an_announcement_that_is_sent_again_is_one(house: House) -> None:
    sent = {**DAY, **TIMES, "held_on": "2031-10-24", "announce": True}

    made = [house.manager.send("POST", PATH, sent, headers={"Idempotency-Key": "one"}).json()["id"] for _ in range(2)]

    assert made[0] == made[1]
    assert len(told()) == len(house.tokens)


@sqlite
def test_announcing_is_a_step_of_its_own(house: House) -> None:
    planned = house.manager.post(PATH, {**DAY, **TIMES, "held_on": "2031-10-24", "audience": ["iag_chair"]})
    path = f"{PATH}/{planned.json()['id']}"
    house.manager.patch(path, {"place": "Lyon", "audience": ["iag_secretary"]}, version=1)
    before = told()
    foreseen = house.manager.get(f"{path}/announcement").json()
    announced = house.manager.post(f"{path}/announcement", version=2)
    again = house.manager.post(f"{path}/announcement", version=3)

    assert (planned.json()["announced_at"], before) == (None, [])
    assert [one["person"] for one in foreseen["mails"]] == ["iag_secretary"]
    assert announced.json()["announced_at"] is not None
    assert told() == [("announced", "Lyon")]
    assert problem(again) == (409, "event_refused")
    assert house.manager.get(f"{path}/announcement").json()["mails"] == []


@sqlite
def test_an_event_that_nobody_heard_of_is_cancelled_in_silence(house: House) -> None:
    made = house.manager.post(PATH, {**DAY, **TIMES, "held_on": "2031-10-24"}).json()

    house.manager.post(f"{PATH}/{made['id']}/cancellation", {"reason": "No hall."}, version=1)

    assert told() == []


@sqlite
def test_what_is_announced_on_a_sunday_evening_goes_out_in_working_hours(house: House) -> None:
    made = house.manager.post(PATH, {**DAY, **TIMES, "held_on": "2031-10-24"}).json()

    with clock.at(datetime(2031, 9, 7, 18, tzinfo=UTC)):
        foreseen = house.manager.get(f"{PATH}/{made['id']}/announcement").json()["mails"]
        house.manager.post(f"{PATH}/{made['id']}/announcement", version=1)

    with begin(read_only=True) as session:
        kept = {mail.not_before for mail in session.exec(select(Mail).where(Mail.state == MailState.WAITING))}
    assert {datetime.fromisoformat(one["not_before"]) for one in foreseen} == kept
    assert {at.date() for at in kept} == {date(2031, 9, 8)}
