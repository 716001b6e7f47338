"""What a calendar shows of a deadline and of an event, and how it is known again."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from states.calendars.entries import deadline_entry, event_entry
from states.deadlines.tables import Deadline, DeadlineState
from states.partners.tables import EventKind, PartnershipEvent
from states.rights.access import Role

OPENED = datetime(2026, 1, 5, tzinfo=UTC)


def a_deadline(**changes: Any) -> Deadline:
    given: dict[str, Any] = {
        "id": "d1",
        "due_on": date(2026, 3, 29),
        "title": "Centre: review",
        "changed_at": OPENED,
        **changes,
    }
    return Deadline(
        partnership_id="p",
        kind="stage",
        subject_id="s",
        owner_role=Role.PROJECT_MANAGER,
        ladder=[],
        opened_at=OPENED,
        date_revised_at=OPENED,
        **given,
    )


def an_event(**changes: Any) -> PartnershipEvent:
    given: dict[str, Any] = {
        "id": "e1",
        "name": "Day",
        "kind": EventKind.BROKERAGE,
        "held_on": "2026-10-24",
        "changed_at": OPENED,
    }
    return PartnershipEvent(partnership_id="p", **{**given, **changes})


def test_a_deadline_without_an_hour_is_a_day() -> None:
    entry = deadline_entry(a_deadline())

    assert (entry.uid, entry.title, entry.starts) == ("deadline-d1@bankable", "Centre: review", date(2026, 3, 29))
    assert (entry.zone, entry.text, entry.busy, entry.cancelled) == ("", "", False, False)


def test_a_deadline_with_an_hour_is_a_moment_by_its_own_clock() -> None:
    entry = deadline_entry(a_deadline(due_time=time(17), time_zone="Europe/Brussels"))

    assert entry.starts == datetime(2026, 3, 29, 17, tzinfo=ZoneInfo("Europe/Brussels"))
    assert (entry.zone, entry.ends) == ("Europe/Brussels", None)


@pytest.mark.parametrize(
    ("state", "cancelled"),
    [
        (DeadlineState.OPEN, False),
        (DeadlineState.DONE, True),
        (DeadlineState.WAIVED, True),
        (DeadlineState.CANCELLED, True),
    ],
)
def test_what_is_no_longer_open_is_struck_out(state: DeadlineState, cancelled: bool) -> None:
    entry = deadline_entry(a_deadline(state=state, sequence=2))

    assert (entry.uid, entry.sequence, entry.cancelled) == ("deadline-d1@bankable", 2, cancelled)


def test_an_event_counts_its_changes() -> None:
    first, second = event_entry(an_event()), event_entry(an_event(version=3, name="Another"))

    assert first is not None
    assert second is not None
    assert (first.uid, second.uid) == ("event-e1@bankable", "event-e1@bankable")
    assert (first.sequence, second.sequence) == (0, 2)


def test_an_event_with_an_hour_makes_busy() -> None:
    starts, ends = datetime(2026, 10, 24, 7, tzinfo=UTC), datetime(2026, 10, 24, 9, tzinfo=UTC)

    entry = event_entry(an_event(starts_at=starts, ends_at=ends, time_zone="Europe/Warsaw", place="Gliwice"))

    assert entry is not None
    assert (entry.starts, entry.ends, entry.zone) == (starts, ends, "Europe/Warsaw")
    assert (entry.place, entry.busy) == ("Gliwice", True)


@pytest.mark.parametrize("held_on", ["2026-10", "2026~mid", "2018-11~early"])
def test_an_event_whose_day_is_not_known_has_no_place_in_a_calendar(held_on: str) -> None:
    assert event_entry(an_event(held_on=held_on)) is None


def test_a_cancelled_event_says_why() -> None:
    entry = event_entry(an_event(information="Bring posters.", cancelled_at=OPENED, cancel_reason="The hall is shut."))

    assert entry is not None
    assert (entry.cancelled, entry.text) == (True, "Bring posters.\nThe hall is shut.")
