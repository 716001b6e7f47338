"""What is planned of an event: exact times by its own clock, dates as exact as they are known, all faults at once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from states.partners.event_plans import EventPlan, checked, day_of, plan_of, write_plan
from states.partners.registry_faults import RegistryInvalid
from states.partners.tables import EventKind, PartnershipEvent
from states.rights.access import Role
from tests.expect import places

wall = datetime.fromisoformat  # a time by the clock on the wall, without an offset
DATED = EventPlan(" Day ", EventKind.BROKERAGE, held_on="24/10/2026", place=" Gliwice ")
TIMED = EventPlan(
    "Day",
    EventKind.BROKERAGE,
    starts_at=wall("2026-10-24T09:30"),
    ends_at=wall("2026-10-24T17:00"),
    time_zone="Europe/Warsaw",
)


def written(plan: EventPlan, *, others: tuple[PartnershipEvent, ...] = ()) -> PartnershipEvent:
    row = PartnershipEvent(partnership_id="1", name="", kind=EventKind.PLENARY, held_on="")
    write_plan(row, checked(plan, others=others), audience=())
    return row


def test_times_are_those_of_the_events_clock() -> None:
    row = written(TIMED)

    assert (row.starts_at, row.ends_at) == (
        datetime(2026, 10, 24, 7, 30, tzinfo=UTC),
        datetime(2026, 10, 24, 15, 0, tzinfo=UTC),
    )
    assert (row.held_on, day_of(row)) == ("2026-10-24", date(2026, 10, 24))


def test_the_day_is_the_one_on_the_events_calendar() -> None:
    late = replace(TIMED, starts_at=datetime(2026, 10, 24, 23, 0, tzinfo=UTC), ends_at=None)

    assert written(late).held_on == "2026-10-25"


@pytest.mark.parametrize(
    ("held_on", "kept", "day"),
    [("24/10/2026", "2026-10-24", date(2026, 10, 24)), ("October 2026", "2026-10", None), ("2026", "2026", None)],
)
def test_a_date_is_kept_as_exact_as_it_is_known(held_on: str, kept: str, day: date | None) -> None:
    row = written(replace(DATED, held_on=held_on))

    assert (row.name, row.place, row.held_on, day_of(row)) == ("Day", "Gliwice", kept, day)


@pytest.mark.parametrize("plan", [DATED, TIMED])
def test_a_plan_is_read_back_as_it_was_written(plan: EventPlan) -> None:
    row = written(plan)
    before = row.model_dump(exclude={"changed_at", "id"})

    write_plan(row, checked(plan_of(row), others=()), audience=())

    assert row.model_dump(exclude={"changed_at", "id"}) == before


def test_a_time_that_comes_twice_is_told_by_its_offset() -> None:
    second = datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=1)))

    assert written(replace(TIMED, starts_at=second, ends_at=None)).starts_at == datetime(
        2026, 10, 25, 1, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (replace(DATED, name=" ", held_on="soon"), ["name", "held_on"]),
        (replace(DATED, held_on=""), ["held_on"]),
        (replace(DATED, ends_at=TIMED.ends_at, time_zone="Europe/Warsaw"), ["ends_at", "time_zone"]),
        *(
            (replace(DATED, held_on=far), ["held_on"])
            for far in ("9999-12-31", "31/12/9999", "mid-3000", "1899", "2200")
        ),
        (replace(DATED, url="example.org"), ["url"]),
        (replace(DATED, url="https://example.org/\r\nATTENDEE:mailto:x@example.org"), ["url"]),
        (replace(TIMED, time_zone=""), ["time_zone"]),
        (replace(TIMED, time_zone="Mars/Olympus"), ["time_zone"]),
        (replace(TIMED, ends_at=TIMED.starts_at), ["ends_at"]),
        (replace(TIMED, held_on="2026-10-25"), ["held_on"]),
        (replace(TIMED, starts_at=wall("2026-03-29T02:30")), ["starts_at"]),
        (replace(TIMED, starts_at=wall("2026-10-25T02:30"), ends_at=None), ["starts_at"]),
        (
            replace(TIMED, starts_at=wall("0202-10-24T09:00"), ends_at=wall("9999-12-31T00:00")),
            ["starts_at", "ends_at"],
        ),
    ],
)
def test_what_does_not_fit_is_named_all_at_once(plan: EventPlan, expected: list[str]) -> None:
    with pytest.raises(RegistryInvalid) as caught:
        written(plan)

    assert places(caught.value) == expected


def test_a_skipped_time_says_what_to_do() -> None:
    with pytest.raises(RegistryInvalid) as caught:
        written(replace(TIMED, starts_at=wall("2026-03-29T02:30")))

    assert str(caught.value.faults[0]) == (
        "starts_at: 2026-03-29 02:30 does not exist in Europe/Warsaw (the clock is put forward then: another time)"
    )


def test_one_event_of_a_name_and_date() -> None:
    first = written(DATED)

    with pytest.raises(RegistryInvalid, match="on that date is there already"):
        written(replace(DATED, kind=EventKind.PLENARY), others=(first,))


def test_the_audience_is_kept_in_the_order_of_roles() -> None:
    row = written(DATED)

    write_plan(row, DATED, audience={Role.PARTNER, Role.IAG_CHAIR})

    assert row.audience == ["iag_chair", "partner"]
