"""The calendar of calls: who can pay when, and the least that would have to move; pure, so on no database."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from states.funding.catalogue.calendar_of_calls import (
    Action,
    Alignment,
    Slip,
    Span,
    StageDeadline,
    Window,
    alignments,
    slips,
    spans,
    without_window,
)

TODAY = date(2027, 1, 1)


def on(day: int) -> date:
    return TODAY + timedelta(days=day)


def window(region: str, opens: int | None, closes: int | None, name: str = "call") -> Window:
    return Window(region, name, None if opens is None else on(opens), None if closes is None else on(closes))


def test_spans_say_who_can_pay_at_once_and_when_all_can() -> None:
    windows = [window("a", 0, 30), window("b", 10, 40), window("c", 20, 25), window("", 0, 90, "union")]

    found = spans(windows, regions=["a", "b", "c"], start=on(0), end=on(60))

    assert found == [
        Span(on(10), on(19), ("a", "b"), of_all=False),
        Span(on(20), on(25), ("a", "b", "c"), of_all=True),
        Span(on(26), on(30), ("a", "b"), of_all=False),
    ]


def test_a_change_of_calls_within_a_region_does_not_cut_a_span() -> None:
    windows = [window("a", 0, 10, "first"), window("a", 11, 20, "second"), window("b", None, None)]

    assert spans(windows, regions=["a", "b"], start=on(0), end=on(20)) == [Span(on(0), on(20), ("a", "b"), of_all=True)]


def test_a_stage_that_is_due_after_a_call_has_closed_slips_and_the_next_call_is_named() -> None:
    missed, reachable, over = window("a", 0, 30), window("a", 60, 90, "next"), window("b", -30, -1)
    stage = StageDeadline("Protocol", on(35))

    found = slips([missed, reachable, over], [stage, StageDeadline("Outline", on(30))], today=TODAY)

    assert found == [Slip(stage, missed, 5, reachable)]


def test_a_slip_without_another_call_says_so() -> None:
    stage, missed = StageDeadline("Protocol", on(31)), window("a", 0, 30)

    assert slips([missed, window("b", 0, None)], [stage], today=TODAY) == [Slip(stage, missed, 1, None)]


def test_the_least_move_opens_a_common_window() -> None:
    early, late = window("a", 0, 30), window("b", 40, 80)

    best, *others = alignments([early, late], regions=["a", "b"], today=TODAY, length=14)

    assert best == Alignment(on(17), on(30), (Action(late, opens_earlier=23, closes_later=0),))
    assert [one.actions for one in others] == [(Action(early, opens_earlier=0, closes_later=23),)]


def test_a_common_window_that_is_there_needs_no_action() -> None:
    found = alignments([window("a", 0, 30), window("b", 10, 50)], regions=["a", "b"], today=TODAY, length=14)

    assert found[0] == Alignment(on(10), on(23), ())


def test_a_region_without_a_call_is_named_and_makes_alignment_impossible() -> None:
    windows = [window("a", 0, 30), window("b", -20, -1)]

    assert without_window(windows, regions=["a", "b", "c"], today=TODAY) == ["b", "c"]
    assert alignments(windows, regions=["a", "b"], today=TODAY) == []


_SIDES = st.integers(0, 60).flatmap(lambda first: st.tuples(st.just(first), st.integers(first, 70)))
_WINDOWS = st.lists(
    st.tuples(st.sampled_from("abc"), _SIDES).map(lambda one: window(one[0], *one[1])), min_size=1, max_size=6
)


@given(windows=_WINDOWS, length=st.integers(1, 20))
def test_no_common_window_of_any_day_costs_less(windows: list[Window], length: int) -> None:
    regions = sorted({one.region for one in windows})

    found = alignments(windows, regions=regions, today=TODAY, length=length)

    def cost(start: int) -> int:
        ends = start + length - 1
        moves = {
            region: min(
                max(0, (one.opens - on(start)).days) + max(0, (on(ends) - one.closes).days)
                for one in windows
                if one.region == region and one.opens and one.closes
            )
            for region in regions
        }
        return sum(moves.values())

    assert found[0].days == min(cost(start) for start in range(100))


@given(windows=_WINDOWS)
def test_spans_are_right_on_every_day(windows: list[Window]) -> None:
    found = spans(windows, regions="abc", start=on(0), end=on(80))

    for day in map(on, range(81)):
        paying = tuple(sorted({one.region for one in windows if one.open_on(day)}))
        held = [span.regions for span in found if span.start <= day <= span.end]
        assert held == ([paying] if len(paying) >= 2 else [])
