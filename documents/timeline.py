"""The time line of calls as SVG: a bar for each call, a band where several regions can pay at once."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Protocol

from markupsafe import Markup

from documents.drawing import (
    ACCENT,
    INK,
    MUTED,
    SMALL,
    TINTS,
    box,
    hatch,
    in_two_lines,
    label,
    line,
    picture,
    spread,
)
from documents.formats import short_day

WIDTH, LEFT, RIGHT = 640.0, 226.0, 628.0
ROW, TOP = 30.0, 30.0
MOST_TICKS = 8
LINE = 12.0
EVERYWHERE = "Union"


class Staged(Protocol):
    """A stage that has to be through before one can apply, and when it is due."""

    @property
    def title(self) -> str: ...

    @property
    def due(self) -> date: ...


class Called(Protocol):
    """One call: whose money, its name, and its days; without one it is open on that side."""

    @property
    def region(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def opens(self) -> date | None: ...

    @property
    def closes(self) -> date | None: ...


class Common(Protocol):
    """Days, both included, on which several regions can pay, and whether all of them can."""

    @property
    def start(self) -> date: ...

    @property
    def end(self) -> date: ...

    @property
    def regions(self) -> tuple[str, ...]: ...

    @property
    def of_all(self) -> bool: ...


def timeline(
    calls: Sequence[Called], common: Sequence[Common], *, start: date, end: date, stages: Sequence[Staged]
) -> Markup:
    """Draw calls between two days, region by region; numbered lines stand where stages are due, in their order.

    Below the calls stands who can pay at once: hatched where several regions can, filled where all can.
    """
    axis = _Axis(start, end)
    bottom = TOP + ROW * (len(calls) + 1)
    marks = [mark for tick in _ticks(start, end) for mark in axis.tick(tick, bottom)]
    for index, call in enumerate(calls):
        marks += _call(call, axis, y=TOP + ROW * index, first=index == 0 or calls[index - 1].region != call.region)
    marks += _common(common, axis, y=TOP + ROW * len(calls))
    shown = [(number, axis.x(one.due)) for number, one in enumerate(stages, 1) if start <= one.due <= end]
    places = spread([x for _, x in shown], gap=SMALL, top=LEFT, bottom=RIGHT)
    for (number, x), place in zip(shown, places, strict=True):
        marks += [
            line(x, 18, x, bottom, color=INK, width=1.5, dashed=True),
            label(place, 12, str(number), anchor="middle", size=SMALL, strong=True),
        ]
    return picture(WIDTH, bottom + 28, _told(calls, common, stages), marks)


class _Axis:
    """Days to pixels."""

    def __init__(self, start: date, end: date) -> None:
        self.start, self.end = start, end
        self.step = (RIGHT - LEFT) / max((end - start).days + 1, 1)

    def x(self, day: date) -> float:
        return LEFT + self.step * (min(max(day, self.start), self.end + timedelta(days=1)) - self.start).days

    def span(self, opens: date | None, closes: date | None) -> tuple[float, float]:
        """Return where a bar begins and how wide it is; the last day is part of it."""
        x = self.x(opens or self.start)
        return x, max(self.x((closes or self.end) + timedelta(days=1)) - x, 1.5)

    def tick(self, day: date, bottom: float) -> list[Markup]:
        x = self.x(day)
        text = label(x, bottom + 14, f"{day:%b %Y}", anchor="middle", size=SMALL, color=MUTED)
        return [line(x, TOP - 6, x, bottom), text]


def _call(call: Called, axis: _Axis, *, y: float, first: bool) -> Iterator[Markup]:
    x, width = axis.span(call.opens, call.closes)
    if first:
        yield line(0, y - 3, RIGHT, y - 3, color=MUTED, width=0.6)
        for n, part in enumerate(in_two_lines(call.region or EVERYWHERE, width=92, size=SMALL)):
            yield label(0, y + 9 + LINE * n, part, size=SMALL, strong=True)
    for n, part in enumerate(in_two_lines(call.name, width=LEFT - 106, size=SMALL)):
        yield label(98, y + 9 + LINE * n, part, size=SMALL)
    yield box(x, y + 3, width, 12, fill=TINTS[2] if call.region else TINTS[4], stroke=ACCENT)


def _common(common: Sequence[Common], axis: _Axis, *, y: float) -> Iterator[Markup]:
    yield line(0, y - 3, RIGHT, y - 3, color=INK)
    yield label(0, y + 12, "Several at once, all at once", size=SMALL, strong=True)
    for span in common:
        x, width = axis.span(span.start, span.end)
        yield box(x, y + 3, width, 12, fill=ACCENT) if span.of_all else hatch(x, y + 3, width, 12)


def _ticks(start: date, end: date) -> list[date]:
    """Return first days of months, at even distances, so few that their names do not touch."""
    months = [
        date(year, month, 1)
        for year in range(start.year, end.year + 1)
        for month in range(1, 13)
        if start <= date(year, month, 1) <= end
    ]
    return months[:: -(-len(months) // MOST_TICKS) or 1]


def _told(calls: Sequence[Called], common: Sequence[Common], stages: Sequence[Staged]) -> str:
    listed = "; ".join(f"{one.region or EVERYWHERE}, {one.name}: {days_of(one.opens, one.closes)}" for one in calls)
    at_once = "; ".join(
        f"{days_of(one.start, one.end)} {'all regions' if one.of_all else ' and '.join(one.regions)}" for one in common
    )
    due = "; ".join(f"{one.title}, {short_day(one.due)}" for one in stages)
    return f"Calls: {listed or 'none is known'}. At once: {at_once or 'never'}.{f' Due: {due}.' if due else ''}"


def days_of(opens: date | None, closes: date | None) -> str:
    """Say when a call is open."""
    if opens and closes:
        return f"{short_day(opens)} to {short_day(closes)}"
    if opens:
        return f"from {short_day(opens)}"
    return f"until {short_day(closes)}" if closes else "always open"
