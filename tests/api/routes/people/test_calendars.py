"""Calendar feeds over HTTP: what each person's shows, read without a token, by two readers; and how one ends."""

from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import select

from states.calendars.event_announcements import announce_event, cancel_event
from states.calendars.tables import CalendarFeed
from states.clock import at, machine_now, now
from states.credentials.tokens import create_token
from states.deadlines.service import On, Owner, close_deadlines, extend, open_deadline
from states.deadlines.states import CANCEL
from states.deadlines.tables import Deadline
from states.partners.event_plans import EventPlan
from states.partners.queries import holders
from states.partners.tables import EventKind, PartnershipEvent, RoleGrant
from states.rights.access import Actor, Role, TokenScope
from states.storage import begin
from tests.api.house import Caller, House, a_house, problem
from tests.factories import World, a_collaboration_at, open_iag
from tests.statements import counted
from tests.states.calendars.readers import READERS, by_vobject

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

NEXT_WEEK = now().date() + timedelta(days=7)
WHOLE = "/partnerships/medtech/calendar-feeds"
OWN = "/me/calendar-feeds"


def a_deadline(world: World, title: str, owner: Owner, *, collaboration_id: str | None = None) -> Deadline:
    return open_deadline(
        world.session,
        kind="stage",
        subject_id=title,
        title=title,
        partnership_id=world.partnership.id,
        owner=owner,
        due=On(NEXT_WEEK, time(17), "Europe/Brussels"),
        ladder=[],
        collaboration_id=collaboration_id,
    )


def address(house: House, who: str, path: str = OWN) -> str:
    """Make a feed and return its address, as the client of these tests knows it."""
    url: str = house.by(who).post(path, {}).json()["url"]
    return url.removeprefix("http://127.0.0.1:8400")


def fetch(house: House, path: str, **headers: str) -> httpx.Response:
    answer: httpx.Response = house.client.get(path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    return answer


def titles(house: House, path: str) -> set[str]:
    found = [{seen.title for seen in read(fetch(house, path).content).values()} for read in READERS]
    assert found[0] == found[1]
    return found[0]


def _some(world: World) -> str:
    a_deadline(world, "For the office", Owner(Role.PROJECT_MANAGER))
    a_deadline(world, "For the first member", Owner(Role.IAG_MEMBER, person_id=world.people["iag_member 1"].id))
    a_deadline(world, "For every member", Owner(Role.IAG_MEMBER))
    mine, other = (world.organisations[name].id for name in ("gliwice", "marseille"))
    a_deadline(world, "For one partner", Owner(Role.PARTNER, organisation_id=mine))
    a_deadline(world, "For another partner", Owner(Role.PARTNER, organisation_id=other))
    plan = EventPlan("Plenary", EventKind.PLENARY, held_on=(NEXT_WEEK + timedelta(days=20)).isoformat())
    announce_event(world.session, world.partnership, plan)
    announce_event(
        world.session,
        world.partnership,
        EventPlan("Chairs meet", EventKind.STEERING_COMMITTEE, held_on=NEXT_WEEK.isoformat()),
        audience=[Role.IAG_CHAIR],
    )
    announce_event(world.session, world.partnership, EventPlan("Fair", EventKind.OUTREACH, held_on="2019"))
    return world.partnership.id


def test_each_calendar_shows_what_waits_for_its_person(installation: Path) -> None:
    house, _ = a_house(_some)
    people = ("project_manager", "iag_member 1", "iag_member 2", "partner", "iag_chair", "observer")

    assert {who: titles(house, address(house, who)) for who in people} == {
        "project_manager": {"For the office", "Plenary"},
        "iag_member 1": {"For the first member", "For every member", "Plenary"},
        "iag_member 2": {"For every member", "Plenary"},
        "partner": {"For one partner", "Plenary"},
        "iag_chair": {"Chairs meet", "Plenary"},
        "observer": {"Plenary"},
    }


def test_the_partnerships_calendar_shows_all_of_it(installation: Path) -> None:
    house, _ = a_house(_some)

    assert titles(house, address(house, "project_manager", WHOLE)) == {
        "For the office",
        "For the first member",
        "For every member",
        "For one partner",
        "For another partner",
        "Plenary",
        "Chairs meet",
    }


def test_a_partner_sees_what_waits_for_the_own_organisation(installation: Path) -> None:
    def prepare(world: World) -> None:
        key = a_collaboration_at(world, "outline").id
        for name in ("gliwice", "marseille"):
            owner = Owner(Role.PARTNER, organisation_id=world.organisations[name].id)
            a_deadline(world, f"Sign off: {name}", owner, collaboration_id=key)

    house, _ = a_house(prepare)

    assert titles(house, address(house, "partner")) == {"Sign off: gliwice"}


def test_a_reviewer_sees_the_own_seat_and_no_other(installation: Path) -> None:
    house, _ = a_house(lambda world: open_iag(world, a_collaboration_at(world, "iag_review")))

    first, unseated = (fetch(house, address(house, who)).content for who in ("iag_member 1", "paca"))

    assert len(by_vobject(first)) == 2  # to declare, and to answer
    assert by_vobject(unseated) == {}


def test_two_readers_see_the_hour_by_the_deadlines_own_clock(installation: Path) -> None:
    house, _ = a_house(_some)
    body = fetch(house, address(house, "iag_member 1")).content

    starts = {next(one.starts for one in read(body).values() if one.title == "For every member") for read in READERS}

    assert starts == {datetime.combine(NEXT_WEEK, time(17), ZoneInfo("Europe/Brussels"))}
    assert f"DTSTART;TZID=Europe/Brussels:{NEXT_WEEK:%Y%m%d}T170000".encode() in body


def test_a_calendar_is_sent_once_until_it_changes(installation: Path) -> None:
    house, _ = a_house(_some)
    path = address(house, "project_manager")

    first = fetch(house, path)
    again = fetch(house, path, If_None_Match=first.headers["ETag"])
    with begin() as session:
        close_deadlines(session, "stage", subject_id="For the office")
    changed = fetch(house, path, If_None_Match=first.headers["ETag"])

    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert (again.headers["ETag"], again.content) == (first.headers["ETag"], b"")
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert first.headers["Cache-Control"] == "private, no-cache"


def test_equal_states_are_equal_bytes_in_every_feed_of_a_person(installation: Path) -> None:
    house, _ = a_house(_some)

    first, second = (fetch(house, address(house, "iag_member 1")).content for _ in range(2))

    assert first == second


def test_a_change_is_known_by_its_number_and_an_end_is_struck_out_for_a_while(installation: Path) -> None:
    house, _ = a_house(_some)
    path = address(house, "project_manager", WHOLE)
    before = by_vobject(fetch(house, path).content)
    with begin() as session:
        rows = {row.title: row for row in session.exec(select(Deadline))}
        manager = Actor(Role.PROJECT_MANAGER, rows["For the office"].partnership_id)
        extend(session, rows["For the office"], due_on=NEXT_WEEK + timedelta(days=7), reason="Ill.", actor=manager)
        close_deadlines(session, "stage", subject_id="For every member")
        close_deadlines(session, "stage", subject_id="For one partner", move=CANCEL)
        meeting = session.exec(select(PartnershipEvent).where(PartnershipEvent.name == "Plenary")).one()
        cancel_event(session, meeting, reason="The hall is shut.")

    after = by_vobject(fetch(house, path).content)
    with at(now() + timedelta(days=31)):
        later = by_vobject(fetch(house, path).content)

    changed = {seen.title: (seen.sequence, seen.status) for uid, seen in after.items() if before[uid] != seen}
    assert before.keys() == after.keys()
    assert changed == {
        "For the office": (1, "CONFIRMED"),
        "For every member": (1, "CANCELLED"),
        "For one partner": (1, "CANCELLED"),
        "Plenary": (1, "CANCELLED"),
    }
    gone = {"For every member", "For one partner", "Plenary"}
    assert {before[uid].title for uid in after.keys() - later.keys()} == gone


def test_a_revoked_calendar_is_as_unknown_as_one_that_never_was(installation: Path) -> None:
    house, _ = a_house()
    made = house.manager.post(OWN, {"label": "laptop"}).json()
    path = made.pop("url").removeprefix("http://127.0.0.1:8400")
    listed = house.manager.get(OWN).json()
    before = fetch(house, path)
    revoked = house.manager.send("DELETE", f"{OWN}/{made['id']}")
    after, never = fetch(house, path), fetch(house, "/calendars/never.ics")

    assert listed == {"items": [made], "total": 1, "next": None}
    assert (before.status_code, revoked.status_code) == (200, 204)
    assert (problem(after), problem(never)) == ((404, "missing"), (404, "missing"))
    secret = path.removeprefix("/calendars/").removesuffix(".ics")
    assert after.text.replace(secret, "-") == never.text.replace("never", "-")
    assert problem(house.manager.send("DELETE", f"{OWN}/{made['id']}")) == (404, "missing")
    assert house.manager.get(OWN).json()["total"] == 0


@pytest.mark.parametrize(
    ("scopes", "status"),
    [
        ({TokenScope.READ}, 403),
        ({TokenScope.READ, TokenScope.MANAGE}, 403),
        ({TokenScope.READ, TokenScope.REVIEW}, 201),
    ],
)
def test_a_token_to_read_alone_makes_no_address_that_outlives_it(
    installation: Path, scopes: set[TokenScope], status: int
) -> None:
    def prepare(world: World) -> str:
        (holder, *_) = holders(world.session, world.partnership.id, Role.IAG_MEMBER)
        return create_token(world.session, holder.grant, scopes=scopes)

    house, token = a_house(prepare)

    assert Caller(house.client, token).post(OWN, {}).status_code == status


def test_nobody_ends_or_sees_the_feed_of_another(installation: Path) -> None:
    house, _ = a_house()
    own = house.by("iag_chair").post(OWN, {}).json()["id"]
    whole = house.manager.post(WHOLE, {}).json()["id"]

    answers = [
        house.manager.send("DELETE", f"{OWN}/{own}"),
        house.manager.send("DELETE", f"{WHOLE}/{own}"),
        house.manager.send("DELETE", f"{OWN}/{whole}"),
    ]

    assert [problem(one) for one in answers] == [(404, "missing")] * 3
    assert house.manager.get(OWN).json()["total"] == 0
    assert [one["id"] for one in house.manager.get(WHOLE).json()["items"]] == [whole]
    assert house.manager.send("DELETE", f"{WHOLE}/{whole}").status_code == 204


def test_whoever_holds_no_role_any_more_reads_nothing(installation: Path) -> None:
    house, _ = a_house(_some)
    path = address(house, "iag_member 1")
    with begin() as session:
        row = session.exec(select(CalendarFeed)).one()
        for grant in session.exec(select(RoleGrant).where(RoleGrant.person_id == row.person_id)):
            grant.until = now()
            session.add(grant)

    assert problem(fetch(house, path)) == (404, "missing")


def test_a_reading_is_noted_also_where_nothing_has_changed(installation: Path) -> None:
    house, _ = a_house()
    path = address(house, "project_manager")
    tag = fetch(house, path).headers["ETag"]
    with begin() as session:
        session.exec(select(CalendarFeed)).one().last_read_at = None
    before = house.manager.get(OWN).json()["items"][0]["last_read_at"]
    assert fetch(house, path, If_None_Match=tag).status_code == 304

    read = house.manager.get(OWN).json()["items"][0]["last_read_at"]
    assert before is None
    assert machine_now() - datetime.fromisoformat(read) < timedelta(minutes=5)


def test_a_calendar_is_named_in_the_language_of_its_person(installation: Path) -> None:
    def prepare(world: World) -> None:
        world.people["observer"].language = "it"

    house, _ = a_house(prepare)

    own = fetch(house, address(house, "observer")).text
    whole = fetch(house, address(house, "project_manager", WHOLE)).text

    assert "NAME;LANGUAGE=it:Scadenze ed eventi: Medical technology" in own
    assert "NAME;LANGUAGE=en:Deadlines and events: Medical technology" in whole


def test_a_deadline_is_named_in_the_language_of_who_reads_the_calendar(installation: Path) -> None:
    def prepare(world: World) -> None:
        world.people["project_manager"].language = "de"
        a_deadline(world, "Soil: risk review 2", Owner(Role.PROJECT_MANAGER))

    house, _ = a_house(prepare)

    assert titles(house, address(house, "project_manager")) == {"Soil: Risikoprüfung 2"}
    assert titles(house, address(house, "project_manager", WHOLE)) == {"Soil: risk review 2"}


def test_a_key_under_which_a_secret_would_be_kept_is_not_taken(installation: Path) -> None:
    house, _ = a_house()

    made = [house.by("observer").send("POST", OWN, {}, headers={"Idempotency-Key": "one"}).json() for _ in range(2)]

    assert made[0]["url"] != made[1]["url"]
    with begin() as session:
        kept = repr([dict(row) for row in session.connection().exec_driver_sql("SELECT * FROM kept_answer").mappings()])
    assert kept == "[]"


@pytest.mark.parametrize("path", [OWN, WHOLE])
def test_a_thousand_deadlines_take_as_many_queries_as_one(installation: Path, path: str) -> None:
    def prepare(world: World) -> None:
        a_deadline(world, "One", Owner(Role.PROJECT_MANAGER), collaboration_id=a_collaboration_at(world, "outline").id)

    house, _ = a_house(prepare)
    feed = address(house, "project_manager", path)
    fetch(house, feed)  # the first reading is noted
    with counted() as few:
        before = by_vobject(fetch(house, feed).content)
    with begin() as session:
        one = session.exec(select(Deadline).where(Deadline.title == "One")).one().model_dump(exclude={"id", "title"})
        session.add_all(Deadline(**one, title=str(number)) for number in range(1000))
    with counted() as many:
        after = by_vobject(fetch(house, feed).content)

    assert len(after) == len(before) + 1000
    assert len(few) == len(many)
    assert 0 < len(many) < 20


@pytest.mark.parametrize(
    ("column", "value"), [("due_on", "9999-12-31"), ("owner_role", "emperor"), ("changed_at", "infinity")]
)
@pytest.mark.parametrize("path", [WHOLE, OWN])
def test_one_entry_that_cannot_be_shown_is_left_out_and_said(
    installation: Path, path: str, column: str, value: str
) -> None:
    def furnished(world: World) -> dict[str, str]:
        owner = Owner(Role.PROJECT_MANAGER)
        return {title: a_deadline(world, title, owner).id for title in ("first", "wrong", "last")}

    house, keys = a_house(furnished)
    feed = address(house, "project_manager", path)
    put = text(f"UPDATE deadline SET {column} = :value WHERE id = :key")
    with begin() as session:
        was = session.execute(text(f"SELECT {column} FROM deadline WHERE id = :key"), {"key": keys["wrong"]}).scalar()
        session.execute(put, {"value": value, "key": keys["wrong"]})

    assert (titles(house, feed), fetch(house, feed).status_code) == ({"first", "last"}, 200)

    (fault,) = house.manager.get("/operations/faults").json()["items"]
    assert (fault["sweep"], fault["noun"], fault["subject_id"], fault["times"]) == (
        *("calendar", "deadline", keys["wrong"]),
        1,
    )
    with begin() as session:
        session.execute(put, {"value": was, "key": keys["wrong"]})
    assert titles(house, feed) == {"first", "wrong", "last"}
    assert house.manager.get("/operations/faults").json()["items"] == []


def test_one_event_in_the_last_year_takes_no_feed_from_anybody(installation: Path) -> None:
    def furnished(world: World) -> dict[str, str]:
        for name in ("Fair", "Never"):
            plan = EventPlan(name, EventKind.OUTREACH, held_on=NEXT_WEEK.isoformat())
            announce_event(world.session, world.partnership, plan)
        # No door lets such a year in; a release before this one did.
        world.session.execute(text("UPDATE partnership_event SET held_on = '9999-12-31' WHERE name = 'Never'"))
        return {}

    house, _ = a_house(furnished)

    assert titles(house, address(house, "project_manager", WHOLE)) == {"Fair"}
    assert [one["noun"] for one in house.manager.get("/operations/faults").json()["items"]] == ["partnership_event"]
