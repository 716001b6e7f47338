"""Sessions and the slots that follow from them."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.matchmaking.event_day.programme import EventSession, Span, load_session, programme_faults, slots_of
from tests.meeting_factories import DAY, a_session


def _at(hour: int, minute: int = 0) -> datetime:
    return DAY.replace(hour=hour, minute=minute)


def test_slots_run_through_sessions_and_around_breaks() -> None:
    morning = EventSession("morning", _at(9), _at(10, 40), 4, (Span(_at(9, 35), _at(9, 50)),))
    slots = slots_of([morning, a_session(14, slots=1)], slot_minutes=20, pause_minutes=5)

    assert [(slot.number, slot.session, slot.starts_at, slot.tables) for slot in slots] == [
        (0, 0, _at(9), 4),
        (1, 0, _at(9, 50), 4),
        (2, 0, _at(10, 15), 4),
        (3, 1, _at(14), 2),
    ]


@given(
    st.integers(5, 60),
    st.integers(0, 20),
    st.integers(10, 600),
    st.lists(st.tuples(st.integers(0, 600), st.integers(1, 90)), max_size=3),
)
def test_no_slot_lies_in_a_break_or_outside_its_session(
    length: int, pause: int, minutes: int, breaks: list[tuple[int, int]]
) -> None:
    start = _at(8)
    spans = tuple(
        Span(start + timedelta(minutes=begins), start + timedelta(minutes=begins + lasts)) for begins, lasts in breaks
    )
    session = EventSession("day", start, start + timedelta(minutes=minutes), 1, spans)

    slots = slots_of([session], slot_minutes=length, pause_minutes=pause)

    assert [slot.number for slot in slots] == list(range(len(slots)))
    for slot in slots:
        assert slot.ends_at - slot.starts_at == timedelta(minutes=length)
        assert session.starts_at <= slot.starts_at < slot.ends_at <= session.ends_at
        assert not any(one.starts_at < slot.ends_at and slot.starts_at < one.ends_at for one in spans)


def test_a_session_survives_its_storage() -> None:
    session = a_session(9, breaks=(Span(_at(9, 20), _at(9, 30)),))

    assert load_session(session.dump()) == session
    with pytest.raises(TypeError):
        load_session({"title": "no times"})


@pytest.mark.parametrize(
    ("sessions", "places"),
    [
        ([], ["sessions"]),
        ([replace(a_session(9), title=" ")], ["sessions[1].title"]),
        ([replace(a_session(9), tables=-1)], ["sessions[1].tables"]),
        ([replace(a_session(9), ends_at=_at(9))], ["sessions[1].ends_at"]),
        ([replace(a_session(9), starts_at=datetime(2026, 5, 4, 9))], ["sessions[1]"]),  # noqa: DTZ001 - the fault
        ([replace(a_session(9), breaks=(Span(_at(9), _at(9)),))], ["sessions[1].breaks[1].ends_at"]),
        ([a_session(12), a_session(9)], ["sessions[2].starts_at"]),
        ([a_session(9, slots=3), replace(a_session(9), ends_at=_at(18))], ["sessions[2].starts_at"]),
        ([replace(a_session(9), ends_at=DAY + timedelta(days=15))], ["sessions"]),
        ([replace(a_session(9), ends_at=_at(9, 19))], ["sessions"]),
    ],
)
def test_what_does_not_fit_is_named(sessions: list[EventSession], places: list[str]) -> None:
    assert [one.place for one in programme_faults(sessions, slot_minutes=20, pause_minutes=0)] == places


def test_lengths_have_bounds() -> None:
    faults = programme_faults([a_session(9)], slot_minutes=4, pause_minutes=61)

    assert [one.place for one in faults] == ["slot_minutes", "pause_minutes"]
