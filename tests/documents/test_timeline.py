"""The time line of calls: what it draws, and what it says to whoever cannot see it."""

import re
from collections.abc import Sequence
from datetime import date

import pytest

from documents.alignment import CallLine, CommonSpan, StageLine
from documents.charts import days_of, timeline

START, END = date(2027, 1, 1), date(2027, 4, 10)  # a hundred days on 402 pixels
CALLS = [
    CallLine(region="Silesia", name="Research", opens=date(2027, 1, 11), closes=date(2027, 2, 9)),
    CallLine(region="Provence", name="Platforms", opens=date(2027, 1, 31)),
    CallLine(name="Union call"),
]


def drawn(*common: CommonSpan, due: Sequence[date] = ()) -> str:
    stages = [StageLine(title=f"Stage {number}", due=day) for number, day in enumerate(due, 1)]
    return str(timeline(CALLS, common, start=START, end=END, stages=stages))


def bars(svg: str) -> list[tuple[float, float]]:
    return [(float(x), float(width)) for x, width in re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', svg)]


def test_bars_are_as_long_as_the_calls_and_open_sides_reach_the_edge() -> None:
    assert bars(drawn()) == [(266.2, 120.6), (346.6, 281.4), (226.0, 402.0)]


def test_days_on_which_all_can_pay_are_filled_and_others_hatched() -> None:
    several = CommonSpan(start=START, end=date(2027, 1, 10), regions=("a", "b"), of_all=False)
    everybody = CommonSpan(start=date(2027, 1, 11), end=date(2027, 1, 20), regions=("a", "b", "c"), of_all=True)

    svg = drawn(several, everybody)

    assert bars(svg)[3:] == [(226.0, 40.2), (266.2, 40.2)]
    assert svg.count("stroke-dasharray") == 1


@pytest.mark.parametrize(
    ("due", "shown"),
    [
        ([], []),
        ([date(2027, 2, 1)], [("350.6", "1")]),
        ([date(2027, 2, 1), date(2028, 2, 1)], [("350.6", "1")]),  # what lies beyond the edge is told in words
        ([date(2027, 2, 1), date(2027, 2, 2)], [("350.6", "1"), ("361.1", "2")]),  # numbers never touch
    ],
)
def test_the_days_on_which_stages_are_due_are_numbered(due: list[date], shown: list[tuple[str, str]]) -> None:
    assert re.findall(r'<text x="([\d.]+)" y="12"[^>]*>(\d)<', drawn(due=due)) == shown


def test_everything_is_told_in_words() -> None:
    common = CommonSpan(start=date(2027, 1, 31), end=date(2027, 2, 9), regions=("Provence", "Silesia"), of_all=False)

    title = re.search(r"<title>(.*?)</title>", drawn(common, due=[date(2027, 2, 1)]))

    assert title is not None
    assert title[1].replace("\u00a0", " ") == (
        "Calls: Silesia, Research: 11 Jan 2027 to 9 Feb 2027; Provence, Platforms: from 31 Jan 2027; "
        "Union, Union call: always open. At once: 31 Jan 2027 to 9 Feb 2027 Provence and Silesia. "
        "Due: Stage 1, 1 Feb 2027."
    )


def test_a_call_that_is_open_already_says_until_when() -> None:
    assert days_of(None, START).replace("\u00a0", " ") == "until 1 Jan 2027"


def test_nothing_known_is_told_too() -> None:
    assert "<title>Calls: none is known. At once: never.</title>" in timeline([], [], start=START, end=END, stages=[])


def test_names_of_months_are_never_too_many() -> None:
    svg = str(timeline(CALLS, [], start=date(2026, 1, 15), end=date(2028, 12, 1), stages=[]))

    assert re.findall(r">(\w{3} \d{4})<", svg) == [
        "Feb 2026", "Jul 2026", "Dec 2026", "May 2027", "Oct 2027", "Mar 2028", "Aug 2028"
    ]  # fmt: skip
