"""Meetings and interests answered in a browser; how one is written to, and days away."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from states.clock import at, today
from states.mail.tables import MailPreference
from states.matchmaking.event_day.tables import Meeting
from states.partners.tables import Absence
from states.storage import begin
from tests.api.house import OBSERVER, PARTNER
from tests.factories import World
from tests.meeting_factories import a_brokerage_event, a_participant, a_request
from tests.pages.house import a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


ASKED = datetime(2026, 4, 20, 9, tzinfo=UTC)  # before the time to answer is over


def a_meeting_asked_of_gliwice(world: World) -> str:
    event = a_brokerage_event(world)
    guest, asker = a_participant(world, event, "gliwice"), a_participant(world, event, "marseille")
    return a_request(world, event, asker, guest).id


def test_a_request_for_a_meeting_is_accepted_by_whom_it_is_asked_of(installation: Path) -> None:
    with at(ASKED):
        house, key = a_page_house(a_meeting_asked_of_gliwice)
        told = house.by(PARTNER).send(f"/meetings/{key}", {"then": "accept"}, follow=True)

    assert "Accepted; who asked is told." in said_on(told.text)
    with begin(read_only=True) as session:
        assert session.get_one(Meeting, key).state.value in ("accepted", "scheduled")
    assert 'name="then"' not in house.by(OBSERVER).get(f"/meetings/{key}").text


def test_mails_are_chosen_and_what_is_wrong_is_named(installation: Path) -> None:
    house, _ = a_page_house()
    manager = house.manager
    wanted = {
        "wanted": "reminder",
        "digest": "true",
        "digest_at": "7",
        "quiet_from": "19:00",
        "quiet_until": "08:00",
        "language": "de",
        "time_zone": "Europe/Warsaw",
    }

    wrong = manager.send("/account/mails", {**wanted, "time_zone": "Mars/Base"})
    saved = manager.send("/account/mails", wanted, follow=True)

    assert (wrong.status_code, 'value="Mars/Base"' in wrong.text) == (422, True)
    assert "Saved." in said_on(saved.text)
    with begin(read_only=True) as session:
        [row] = session.exec(select(MailPreference)).all()
        assert (row.digest, row.digest_at, set(row.opted_out)) == (True, 7, {"digest", "event"})


def test_days_away_are_entered_and_taken_back(installation: Path) -> None:
    house, _ = a_page_house()
    partner = house.by(PARTNER)
    day = today() + timedelta(days=20)

    partner.send("/account/away", {"first_day": str(day), "last_day": str(day + timedelta(days=3))}, follow=True)
    with begin(read_only=True) as session:
        [row] = session.exec(select(Absence)).all()
    backwards = partner.send("/account/away", {"first_day": str(day), "last_day": str(day - timedelta(days=3))})
    gone = partner.send(f"/account/away/{row.id}", page="/account/away", follow=True)

    assert backwards.status_code == 422
    assert "Nobody is away." in said_on(gone.text)
