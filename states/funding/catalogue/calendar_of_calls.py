"""The calendar of calls over all regions: who can pay when, who at once, and what would bring that about."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """A call of one payer: `region` is whose money it is, empty for money of the Union; both days count.

    Without an opening or a closing it is open on that side.
    """

    region: str
    name: str
    opens: date | None = None
    closes: date | None = None
    illustrative: bool = False

    def open_on(self, day: date) -> bool:
        """Whether one may apply on that day."""
        return (self.opens is None or self.opens <= day) and (self.closes is None or day <= self.closes)


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both ends included, on which the same regions can pay; `of_all` where none of the partners' is missing."""

    start: date
    end: date
    regions: tuple[str, ...]
    of_all: bool


@dataclass(frozen=True, slots=True)
class StageDeadline:
    """When a stage of a collaboration is due; it has to be through before a call closes."""

    title: str
    due: date


@dataclass(frozen=True, slots=True)
class Slip:
    """A stage is due after a call has closed; `later` is the region's next window that can still be reached."""

    stage: StageDeadline
    window: Window
    days_late: int
    later: Window | None


@dataclass(frozen=True, slots=True)
class Action:
    """One region moves one call: its opening forward by so many days, and its closing back by so many."""

    window: Window
    opens_earlier: int
    closes_later: int

    @property
    def days(self) -> int:
        """How many days are moved in all."""
        return self.opens_earlier + self.closes_later


@dataclass(frozen=True, slots=True)
class Alignment:
    """What would open a common window; without actions it is open already."""

    start: date
    end: date
    actions: tuple[Action, ...]

    @property
    def days(self) -> int:
        """How many days are moved in all."""
        return sum(action.days for action in self.actions)


def spans(windows: Sequence[Window], *, regions: Iterable[str], start: date, end: date) -> list[Span]:
    """Return the spans between two days in which two or more of the regions can pay, in their order."""
    asked = set(regions)
    mine = [window for window in windows if window.region in asked]
    edges = {start, end + _DAY}
    edges |= {window.opens for window in mine if window.opens is not None}
    edges |= {window.closes + _DAY for window in mine if window.closes is not None}
    days = sorted(edge for edge in edges if start <= edge <= end + _DAY)
    found: list[Span] = []
    for first, after in pairwise(days):
        paying = tuple(sorted({window.region for window in mine if window.open_on(first)}))
        if len(paying) < 2:
            continue
        if found and found[-1].regions == paying and found[-1].end + _DAY == first:
            first = found.pop().start
        found.append(Span(first, after - _DAY, paying, of_all=len(paying) == len(asked)))
    return found


def slips(windows: Sequence[Window], stages: Sequence[StageDeadline], *, today: date) -> list[Slip]:
    """Return which stages are due after a call that is not over yet has closed, the first to close first."""
    coming = [window for window in windows if window.closes is not None and window.closes >= today]
    found = [
        Slip(stage, window, (stage.due - window.closes).days, _later(windows, window, stage.due))
        for window in coming
        for stage in stages
        if window.closes is not None and stage.due > window.closes
    ]
    return sorted(found, key=lambda slip: (slip.window.closes, slip.window.region, slip.window.name, slip.stage.due))


def _later(windows: Sequence[Window], missed: Window, due: date) -> Window | None:
    reachable = [w for w in windows if w.region == missed.region and (w.closes is None or w.closes >= due)]
    return min(reachable, key=lambda window: (window.opens or due, window.name), default=None)


def without_window(windows: Sequence[Window], *, regions: Iterable[str], today: date) -> list[str]:
    """Return the regions of which no call is known that is open or still to come."""
    paying = {window.region for window in windows if window.closes is None or window.closes >= today}
    return sorted(set(regions) - paying)


def alignments(
    windows: Sequence[Window], *, regions: Iterable[str], today: date, length: int = 14, most: int = 3
) -> list[Alignment]:
    """Return how a common window of at least `length` days could be opened: the fewest days moved first.

    Of each region the call that has to move least is taken; one that is over cannot be extended, and none can be
    opened before today. A region without any call makes it impossible: `without_window` names it. The least sum of
    days is found exactly: it changes its slope only where some call opens or, `length` days on, closes.
    """
    by_region = {
        region: [w for w in windows if w.region == region and (w.closes is None or w.closes >= today)]
        for region in sorted(set(regions))
    }
    if not by_region or not all(by_region.values()):
        return []
    known = [window for mine in by_region.values() for window in mine]
    starts = sorted({today, *_turns(known, today=today, length=length)})
    found: list[Alignment] = []
    for start in starts:
        end = start + (length - 1) * _DAY
        moved = (min((_move(one, start, end) for one in mine), key=_least) for mine in by_region.values())
        actions = tuple(action for action in moved if action.days)
        found.append(Alignment(start, end, actions))
    # Of those that ask the same of the same calls, only the one that asks least.
    least: dict[tuple[tuple[Window, bool], ...], Alignment] = {}
    for one in sorted(found, key=lambda one: (one.days, len(one.actions), one.start)):
        least.setdefault(tuple((action.window, action.opens_earlier > 0) for action in one.actions), one)
    return list(least.values())[:most]


def _turns(windows: Iterable[Window], *, today: date, length: int) -> Iterator[date]:
    for window in windows:
        last = None if window.closes is None else window.closes - (length - 1) * _DAY
        yield from (day for day in (window.opens, last) if day is not None and day >= today)


def _move(window: Window, start: date, end: date) -> Action:
    earlier = 0 if window.opens is None else max(0, (window.opens - start).days)
    later = 0 if window.closes is None else max(0, (end - window.closes).days)
    return Action(window, earlier, later)


def _least(action: Action) -> tuple[int, str]:
    return action.days, action.window.name
