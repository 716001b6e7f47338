"""A brokerage event made and run by pages alone: arranged, joined, asked, placed, published, changed on the day."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from states.clock import set_simulated
from states.computations.service import computation_by_id, note_progress
from states.matchmaking.event_day.tables import BrokerageEvent, Meeting, Participant, ParticipantState
from states.matchmaking.timetable.service import KIND
from states.outbox.tables import OutboxMessage
from states.partners.tables import Organisation
from states.settings import settings
from states.storage import begin
from tests.api.house import OBSERVER, PARTNER
from tests.meeting_factories import compute
from tests.pages.house import PageHouse, Reader, a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

TODAY = datetime(2027, 4, 20, 9, tzinfo=UTC)
DAY = datetime(2027, 6, 10, 7, tzinfo=UTC)  # nine o'clock in Warsaw
PROGRAMME = {
    "mode": "on_site",
    "scheduling": "organiser",
    "time_zone": "Europe/Warsaw",
    "sessions.0.title": "Morning",
    "sessions.0.starts_at": "2027-06-10T09:00",
    "sessions.0.ends_at": "2027-06-10T11:00",
    "sessions.0.tables": "2",
    "sessions.0.breaks.0.starts_at": "2027-06-10T10:00",
    "sessions.0.breaks.0.ends_at": "2027-06-10T10:20",
    "requests_from": "2027-04-01T08:00",
    "requests_until": "2027-06-01T18:00",
    "slot_minutes": "20",
    "pause_minutes": "0",
}
Clock = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installation: Path) -> Iterator[Clock]:
    """Set the installation's time; the threads of the application read it too."""
    monkeypatch.setenv("BANKABLE_CLOCK_FILE", str(tmp_path / "clock"))
    settings.cache_clear()
    set_simulated(TODAY)
    yield set_simulated
    settings.cache_clear()


@dataclass
class Fair:
    """An event that was planned and arranged by pages."""

    house: PageHouse
    address: str

    @property
    def manager(self) -> Reader:
        return self.house.manager

    def register(self, organisation: str, label: str = "head of research", **more: object) -> str:
        """Return the id of somebody who is registered by the manager, and waits."""
        sent = {"organisation": organisation, "label": label, "attendance": "on_site", **more}
        self.manager.send(f"{self.address}/participants", sent, follow=True)
        with begin(read_only=True) as session:
            found = session.exec(select(Participant).where(Participant.label == label)).all()
            return max(found, key=lambda one: one.registered_at).id

    def ask(self, asker: str, *guests: str, **more: str) -> str:
        """Return the address of a meeting that the manager asked for."""
        wish = {"asker": asker, "guests": list(guests), "subject": "Coating", "priority": "4", **more}
        made = self.manager.send(f"{self.address}/meetings/new", wish)
        assert made.status_code == 303, said_on(made.text)
        return made.headers["Location"].partition("?")[0]


def a_fair(**programme: str) -> Fair:
    house, _ = a_page_house()
    planned = house.manager.send(
        "/events/new", {"name": "Medtech days", "kind": "brokerage", "held_on": "2027-06-10", "place": "Katowice"}
    )
    address = planned.headers["Location"].partition("?")[0]
    house.manager.send(f"{address}/brokerage", PROGRAMME | programme, follow=True)
    return Fair(house, address)


def test_meetings_are_arranged_by_the_events_own_clock(installation: Path) -> None:
    fair = a_fair()

    shown = said_on(fair.manager.read(f"{fair.address}/brokerage"))

    assert "Morning" in shown
    assert "5 slots" in shown
    with begin(read_only=True) as session:
        [row] = session.exec(select(BrokerageEvent)).all()
        assert row.sessions[0]["starts_at"] == DAY.isoformat()
        assert row.requests_from == datetime(2027, 4, 1, 6, tzinfo=UTC)


def test_what_is_wrong_is_named_at_its_session_and_stays_typed(installation: Path) -> None:
    fair = a_fair()
    wrong = {**PROGRAMME, "sessions.0.ends_at": "2027-06-10T08:00", "time_zone": "Mars/Base"}

    refused = fair.manager.send(f"{fair.address}/brokerage", wrong)

    assert refused.status_code == 422
    assert 'href="#f-sessions-0-ends_at"' in refused.text
    assert 'href="#f-time_zone"' in refused.text
    assert 'value="2027-06-10T08:00"' in refused.text


def test_a_session_is_added_and_taken_out(installation: Path) -> None:
    fair = a_fair()
    second = {
        "sessions.1.title": "Afternoon",
        "sessions.1.starts_at": "2027-06-10T13:00",
        "sessions.1.ends_at": "2027-06-10T14:00",
        "sessions.1.tables": "3",
    }

    more = fair.manager.send(f"{fair.address}/brokerage", PROGRAMME | second, follow=True)
    less = fair.manager.send(f"{fair.address}/brokerage", PROGRAMME | second | {"sessions.0.out": "true"}, follow=True)

    assert "8 slots" in said_on(more.text)
    assert "3 slots" in said_on(less.text)
    assert "Morning" not in said_on(less.text)


def test_requests_are_closed_and_opened_again(installation: Path) -> None:
    fair = a_fair()
    to = f"{fair.address}/brokerage"

    closed = fair.manager.send(f"{to}/requests", {"then": "close"}, page=to, follow=True)
    opened = fair.manager.send(f"{to}/requests", {"then": "open"}, page=to, follow=True)

    assert "taken no more" in said_on(closed.text)
    assert "Open requests now" in said_on(closed.text)
    assert "Close requests now" in said_on(opened.text)


def test_participants_register_are_accepted_changed_seated_and_leave(installation: Path, clock: Clock) -> None:
    fair = a_fair()
    to = f"{fair.address}/participants"
    first, second = fair.register("medtech-katowice"), fair.register("medtech-marseille", "head of sales")
    own = fair.house.by(PARTNER).send(
        to, {"label": "founder", "attendance": "on_site", "unavailable": "1"}, follow=True
    )

    accepted = fair.manager.send(f"{to}/accepting", page=to, follow=True)
    page = f"/participants/{first}"
    fair.manager.send(
        page, {"label": "head of quality", "attendance": "on_site", "unavailable": ["0", "4"]}, follow=True
    )
    fair.manager.send(page, {"then": "seat", "booth": "2", "most_meetings": "3"}, follow=True)
    seated = fair.manager.send(page, {"then": "check_in"}, follow=True)
    nothing = fair.manager.send(f"/participants/{second}", {"then": "leave", "reason": ""})
    left = fair.manager.send(f"/participants/{second}", {"then": "leave", "reason": "Ill."}, follow=True)

    assert "founder" in said_on(own.text)
    assert "Every registration that waited is accepted." in said_on(accepted.text)
    assert "Own table 2" in said_on(seated.text)
    assert nothing.status_code == 422
    assert "Ill." in said_on(left.text)
    with begin(read_only=True) as session:
        row = session.get_one(Participant, first)
        assert (row.label, row.unavailable, row.booth, row.most_meetings) == ("head of quality", [0, 4], 2, 3)
        assert session.get_one(Participant, second).state is ParticipantState.WITHDRAWN


def test_a_list_of_participants_is_checked_and_brought_in_whole(installation: Path) -> None:
    fair = a_fair()
    page = f"{fair.address}/participants/list"
    with begin(read_only=True) as session:
        names = {one.slug: one.name for one in session.exec(select(Organisation))}
    wanted = [
        "Teilnehmer\tOrganisation\tstate",
        f"head of research\t{names['medtech-katowice'].upper()}\tvalidated",
        "head of sales\tmedtech-marseille\t",
    ]
    pasted = "\n".join(wanted)

    checked = fair.manager.send(page, {"list": pasted, "dry_run": "true"})
    faulty = fair.manager.send(page, {"list": f"{pasted}\nfounder\tNobody knows it\t"})
    empty = fair.manager.send(page, {"list": " "})
    with begin(read_only=True) as session:
        before = session.exec(select(Participant)).all()
    done = fair.manager.send(page, {"list": pasted})
    again = fair.manager.send(page, files={"file": ("list.csv", pasted.encode())})

    assert "2 new, 0 changed, 0 as before." in said_on(checked.text)
    assert "nothing is changed yet" in said_on(checked.text)
    assert "head of sales" in checked.text  # what was pasted stays, to be brought in
    assert faulty.status_code == 422
    assert "availabilities, row 4, organisation (B4) : 'Nobody knows it'" in said_on(faulty.text)
    assert (empty.status_code, list(before)) == (422, [])
    assert "2 new, 0 changed, 0 as before." in said_on(done.text)
    assert "0 new, 0 changed, 2 as before." in said_on(again.text)
    with begin(read_only=True) as session:
        found = {row.label: (row.state, row.attendance.value) for row in session.exec(select(Participant))}
    assert found == {
        "head of research": (ParticipantState.VALIDATED, "on_site"),
        "head of sales": (ParticipantState.REGISTERED, "on_site"),
    }
    assert fair.house.by(PARTNER).get(page).status_code == 403


def test_a_partner_registers_its_own_alone_and_an_observer_nobody(installation: Path) -> None:
    fair = a_fair()
    to = f"{fair.address}/participants"
    partner = fair.house.by(PARTNER)

    foreign = partner.send(to, {"organisation": "medtech-katowice", "label": "x", "attendance": "on_site"})
    walked = partner.send(to, {"label": "x", "attendance": "on_site", "walk_in": "true"})

    assert (foreign.status_code, walked.status_code) == (403, 403)
    assert fair.house.by(OBSERVER).get(to).status_code == 403
    assert fair.house.by(OBSERVER).get(f"{fair.address}/brokerage").status_code == 200
    assert "Accept all that wait" not in partner.read(to)


def test_a_consent_is_recorded_with_how_it_was_given_and_withdrawn(installation: Path) -> None:
    fair = a_fair()
    key = fair.register("medtech-katowice")
    page = f"/participants/{key}"
    version = re.search(r'name="text_version" value="([^"]+)"', fair.manager.read(page))
    assert version is not None
    said = {"purpose": "booklet", "given": "true", "text_version": version[1]}

    blank = fair.manager.send(f"{page}/consents", said, page=page)
    given = fair.manager.send(f"{page}/consents", {**said, "evidence": "Signed."}, page=page, follow=True)
    gone = fair.manager.send(f"{page}/consents", {**said, "given": "false"}, page=page, follow=True)

    assert (blank.status_code, 'href="#f-evidence"' in blank.text) == (422, True)
    assert "Signed." in said_on(given.text)
    assert "Withdraw this consent" not in said_on(gone.text)


def an_event_of_three() -> tuple[Fair, list[str], list[str]]:
    """Return an event, three who come, and the addresses of their meetings, each with each, all agreed."""
    fair = a_fair()
    people = [
        fair.register(who, label)
        for who, label in (("medtech-katowice", "a"), ("medtech-marseille", "b"), ("medtech-gliwice", "c"))
    ]
    to = f"{fair.address}/participants"
    fair.manager.send(f"{to}/accepting", page=to, follow=True)
    meetings = []
    for one, other in ((0, 1), (0, 2), (1, 2)):
        meetings.append(fair.ask(people[one], people[other]))
        fair.manager.send(meetings[-1], {"then": "accept", "participant": people[other]}, follow=True)
    return fair, people, meetings


def test_a_timetable_is_computed_watched_and_published(installation: Path) -> None:
    fair, _, meetings = an_event_of_three()
    to = f"{fair.address}/timetable"

    asked = fair.manager.send(to, {"seconds": "5"}, follow=True)
    run = str(asked.url).rpartition("run=")[2]
    with begin() as session:
        note_progress(session, computation_by_id(session, KIND, run), breaks=3, unplaced=1, bound=None)
    watched = fair.manager.read(f"{to}?run={run}")
    hidden = fair.house.by(PARTNER).read(meetings[1])
    compute(run)
    done = fair.manager.read(f"{to}?run={run}")
    published = fair.manager.send(f"/timetables/{run}/publication", page=f"{to}?run={run}", follow=True)
    seen = fair.house.by(PARTNER).read(meetings[1])

    assert f'data-poll="{to}?run={run}"' in watched
    assert "Without a place so far: 1. Breaks so far: 3." in said_on(watched)
    assert "data-poll" not in done
    assert "3 of 3 meetings" in said_on(done)
    assert "Published: everybody is told" in said_on(published.text)
    assert ("10 Jun 2027" in said_on(hidden), "10 Jun 2027" in said_on(seen)) == (False, True)
    with begin(read_only=True) as session:
        assert all(one.slot is not None for one in session.exec(select(Meeting)))
    assert fair.house.by(PARTNER).get(to).status_code == 403


@pytest.mark.long
def test_what_cannot_be_is_told_with_what_mends_it(installation: Path) -> None:
    fair, people, _ = an_event_of_three()
    closed = {"label": "a", "attendance": "on_site", "unavailable": ["0", "1", "2", "3"]}
    fair.manager.send(f"/participants/{people[0]}", closed, follow=True)
    to = f"{fair.address}/timetable"

    run = str(fair.manager.send(to, {"seconds": "5"}, follow=True).url).rpartition("run=")[2]
    compute(run)
    shown = fair.manager.read(f"{to}?run={run}")

    assert "What cannot be, and why" in said_on(shown)
    assert "Any one of these mends it:" in said_on(shown)
    assert f'href="/participants/{people[0]}"' in shown


def test_a_computation_is_cancelled_and_an_outdated_one_is_not_published(installation: Path) -> None:
    fair, people, _ = an_event_of_three()
    to = f"{fair.address}/timetable"
    first = str(fair.manager.send(to, {"seconds": "5"}, follow=True).url).rpartition("run=")[2]
    cancelled = fair.manager.send(f"/timetables/{first}/cancellation", page=f"{to}?run={first}", follow=True)
    second = str(fair.manager.send(to, {"seconds": "5"}, follow=True).url).rpartition("run=")[2]
    compute(second)
    page = f"{to}?run={second}"
    fair.manager.send(
        f"/participants/{people[0]}", {"label": "a", "attendance": "on_site", "unavailable": "4"}, follow=True
    )

    refused = fair.manager.send(f"/timetables/{second}/publication", page=page)

    assert "Cancelled" in said_on(cancelled.text)
    assert refused.status_code == 409
    with begin(read_only=True) as session:
        assert [one.published_at for one in session.exec(select(BrokerageEvent))] == [None]


def test_the_day_a_meeting_moves_is_held_missed_and_becomes_a_case(installation: Path, clock: Clock) -> None:
    fair, people, meetings = an_event_of_three()
    for number, address in enumerate(meetings):
        fair.manager.send(address, {"then": "place", "slot": str(number), "table": "1", "locked": "true"}, follow=True)
    taken = fair.manager.send(meetings[0], {"then": "place", "slot": "1", "table": "1", "locked": "true"})
    moved = fair.manager.send(meetings[0], {"then": "place", "slot": "4", "locked": "true"}, follow=True)
    bound = fair.manager.send(meetings[1], {"then": "bind", "session": "0", "after_id": meetings[2][10:]}, follow=True)
    clock(DAY + timedelta(hours=5))

    missed = fair.manager.send(meetings[1], {"then": "attend", "missed": people[0]}, follow=True)
    held = fair.manager.send(meetings[0], {"then": "attend"}, follow=True)
    said = fair.manager.send(
        meetings[0], {"participant": people[0], "rating": "4", "next_step": "visit", "note": "In autumn."}, follow=True
    )
    opened = fair.manager.send(meetings[0], {"then": "open", "title": "Coated hip stems"}, follow=True)

    assert taken.status_code == 409
    assert "stays there" in said_on(moved.text)
    assert "The next timetable keeps to it." in said_on(bound.text)
    assert "did not come" in said_on(missed.text)
    assert "How did it go?" in said_on(held.text)
    assert "In autumn." in said_on(said.text)
    assert "Coated hip stems" in said_on(opened.text)
    assert "The case that came of it" in said_on(fair.manager.read(meetings[0]))


def test_a_meeting_is_arranged_on_the_spot(installation: Path, clock: Clock) -> None:
    fair, people, meetings = an_event_of_three()
    fair.manager.send(meetings[0], {"then": "cancel", "reason": "Late."}, follow=True)

    address = fair.ask(people[0], people[1], slot="3", table="2", subject="By the coffee")
    partner = fair.house.by(PARTNER).send(
        f"{fair.address}/meetings/new",
        {"asker": people[2], "guests": people[0], "subject": "x", "priority": "3", "slot": "2"},
    )

    assert "table 2" in said_on(fair.manager.read(address))
    assert partner.status_code == 403


def test_meetings_are_found_by_state_and_participant(installation: Path) -> None:
    fair, people, meetings = an_event_of_three()
    fair.manager.send(meetings[0], {"then": "cancel", "reason": "Late."}, follow=True)
    to = f"{fair.address}/meetings"

    cancelled = fair.manager.read(f"{to}?state=cancelled")
    of_one = fair.manager.read(f"{to}?participant={people[2]}")

    assert [one for one in meetings if f'href="{one}"' in cancelled] == meetings[:1]
    assert [one for one in meetings if f'href="{one}"' in of_one] == meetings[1:]


def test_papers_are_asked_for(installation: Path) -> None:
    fair, _, _ = an_event_of_three()
    to = f"{fair.address}/papers"

    early = fair.manager.send(to, {"kind": "table-plan"})
    asked = fair.manager.send(to, {"kind": "event-booklet"}, follow=True)

    assert early.status_code == 409
    assert "1 document is being made." in said_on(asked.text)
    with begin(read_only=True) as session:
        named = select(OutboxMessage).where(OutboxMessage.name == "document.requested")
        assert [one.payload["kind"] for one in session.exec(named)] == ["event-booklet"]
