"""Charts as SVG, drawn on the server: sources and uses, the journey, scores. None relies on colour alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

from markupsafe import Markup

from documents.drawing import (
    INK,
    MUTED,
    SMALL,
    TINTS,
    box,
    dot,
    hatch,
    in_two_lines,
    label,
    line,
    picture,
    spread,
)
from documents.formats import DASH, euro, plain, score, share, short_day
from documents.parts import HistoryLine
from states.playbooks.definition import Direction

WIDTH = 640.0
MOST_SEGMENTS = 7
LINE = 13.0
GAP_NAME = "Gap, not yet financed"


class Named(Protocol):
    """A named amount in EUR."""

    @property
    def name(self) -> str: ...

    @property
    def amount(self) -> Decimal: ...


class Scored(Protocol):
    """The score of one criterion, 0 to 5, the spread of its evaluations, and the threshold."""

    @property
    def name(self) -> str: ...

    @property
    def score(self) -> Decimal: ...

    @property
    def lowest(self) -> Decimal: ...

    @property
    def highest(self) -> Decimal: ...

    @property
    def threshold(self) -> Decimal: ...

    @property
    def passed(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Segment:
    name: str
    amount: Decimal
    missing: bool = False


def sources_and_uses(uses: Sequence[Named], sources: Sequence[Named], gap: Decimal) -> Markup:
    """Draw uses beside sources as two stacked columns of equal height; the gap is hatched. Amounts in EUR."""
    total = sum((use.amount for use in uses), Decimal(0))
    left = _segments(uses)
    right = _segments(sources) + ([_Segment(GAP_NAME, gap, missing=True)] if gap else [])
    height = max(180.0, 2.0 + max(_room(left), _room(right)))
    described = (
        f"Uses, {euro(total)}: {_listed(left)}. Sources: {_listed(right)}."
        if total
        else "No uses and no sources are planned."
    )
    marks = [
        *_column(left, total, x=228, height=height, title="Uses", leftwards=True),
        *_column(right, total, x=324, height=height, title="Sources", leftwards=False),
    ]
    return picture(WIDTH, height + 34, described, marks)


def _segments(amounts: Sequence[Named]) -> list[_Segment]:
    known = [_Segment(item.name, item.amount) for item in amounts if item.amount]
    if len(known) <= MOST_SEGMENTS:
        return known
    rest = known[MOST_SEGMENTS - 1 :]
    others = _Segment(f"{len(rest)} others", sum((item.amount for item in rest), Decimal(0)))
    return [*known[: MOST_SEGMENTS - 1], others]


def _listed(segments: list[_Segment]) -> str:
    return "; ".join(f"{segment.name} {euro(segment.amount)}" for segment in segments) or "none"


def _column(
    segments: list[_Segment], total: Decimal, *, x: float, height: float, title: str, leftwards: bool
) -> list[Markup]:
    top, width = 24.0, 88.0
    marks = [label(x + width / 2, 14, title, anchor="middle", strong=True)]
    y, centres = top, []
    for index, segment in enumerate(segments):
        tall = float(segment.amount / total) * height if total else 0.0
        if segment.missing:
            marks.append(hatch(x + 0.5, y, width - 1, tall))
        else:
            marks.append(box(x, y, width, tall, fill=TINTS[index % len(TINTS)], stroke="#ffffff"))
        centres.append(y + tall / 2)
        y += tall
    edge, side, anchor = (x, -1, "end") if leftwards else (x + width, 1, "start")
    gap = _step(segments)
    places = spread(centres, gap=gap, top=top + 12, bottom=top + height - gap + LINE + 10)
    for segment, centre, place in zip(segments, centres, places, strict=True):
        marks.append(line(edge + side * 2, centre, edge + side * 14, place, color=MUTED, width=0.8))
        marks += _told(segment, total, x=edge + side * 18, y=place, anchor=anchor)
    return marks


def _told(segment: _Segment, total: Decimal, *, x: float, y: float, anchor: str) -> list[Markup]:
    names = in_two_lines(segment.name, width=206)
    marks = [label(x, y + LINE * index, text, anchor=anchor, strong=True) for index, text in enumerate(names)]
    amount = f"{euro(segment.amount)} · {share(segment.amount, total)}"
    return [*marks, label(x, y + LINE * len(names), amount, anchor=anchor, size=SMALL, color=MUTED)]


def _step(segments: list[_Segment]) -> float:
    """Return the distance that two labels of a column must keep."""
    return 19.0 + LINE * max((len(in_two_lines(segment.name, width=206)) for segment in segments), default=1)


def _room(segments: list[_Segment]) -> float:
    return _step(segments) * len(segments)


def scores(criteria: Sequence[Scored], maximum: Decimal) -> Markup:
    """Draw a bar from 0 to the maximum for each criterion with its threshold; below it the bar is hatched."""
    left, right, row = 226.0, 484.0, 30.0
    step = (right - left) / float(maximum)
    marked = range(int(maximum) + 1)
    bottom = 22 + row * len(criteria)
    marks = [line(left + step * mark, 18, left + step * mark, bottom) for mark in marked]
    marks += [label(left + step * mark, 12, str(mark), anchor="middle", size=SMALL, color=MUTED) for mark in marked]
    for index, criterion in enumerate(criteria):
        marks += _score_row(criterion, y=24 + row * index, left=left, right=right, step=step)
    marks += [
        line(left, bottom + 14, left, bottom + 26, color=INK, width=2.5),
        label(left + 8, bottom + 24, "threshold", size=SMALL, color=MUTED),
        line(left + 90, bottom + 20, left + 120, bottom + 20, color=INK),
        label(left + 126, bottom + 24, "lowest to highest evaluation", size=SMALL, color=MUTED),
    ]
    said = "; ".join(
        f"{c.name} {score(c.score)} (threshold {score(c.threshold)}, {'passed' if c.passed else 'below threshold'})"
        for c in criteria
    )
    return picture(WIDTH, bottom + 34, f"Scores from 0 to {plain(maximum)}: {said}.", marks)


def _score_row(criterion: Scored, *, y: float, left: float, right: float, step: float) -> list[Markup]:
    end, middle = float(criterion.score) * step, y + 9
    bar = box(left, y, end, 18, fill=TINTS[3]) if criterion.passed else hatch(left, y, end, 18)
    threshold = left + float(criterion.threshold) * step
    low, high = left + float(criterion.lowest) * step, left + float(criterion.highest) * step
    spread_text = f"{score(criterion.lowest)} {DASH} {score(criterion.highest)}"
    note = spread_text if criterion.passed else f"{spread_text}, below threshold"
    return [
        *_name(criterion.name, x=left - 10, middle=y + 9, width=216),
        bar,
        line(low, middle, high, middle, color=INK),
        line(low, middle - 4, low, middle + 4, color=INK),
        line(high, middle - 4, high, middle + 4, color=INK),
        line(threshold, y - 4, threshold, y + 22, color=INK, width=2.5),
        label(right + 12, y + 13, score(criterion.score), strong=True),
        label(right + 38, y + 13, note, size=SMALL, color=MUTED),
    ]


def journey(history: Sequence[HistoryLine], stages: Sequence[str], opened: datetime, until: datetime) -> Markup:
    """Draw time to the right and stages downwards: a bar for each stay, a line for each move, dashed if back.

    Time begins when the collaboration was opened, so that the stay in its first stage is seen too.
    """
    visited = {line.from_stage for line in history} | {line.to_stage for line in history}
    rows = [stage for stage in stages if stage in visited] + sorted(visited - set(stages))
    left, right, row, top = 206.0, WIDTH - 36, 29.0, 10.0
    start = min([opened, *(entry.at for entry in history)])
    length = max((until - start).total_seconds(), 1.0)
    level = {stage: top + row * index + row / 2 for index, stage in enumerate(rows)}
    bottom = top + row * len(rows)

    def across(instant: datetime) -> float:
        return left + (right - left) * (instant - start).total_seconds() / length

    marks = [line(left, level[stage], right, level[stage]) for stage in rows]
    marks += [mark for stage in rows for mark in _name(stage, x=left - 10, middle=level[stage], width=196)]
    for instant in _ticks(start, until):
        marks.append(line(across(instant), top, across(instant), bottom + 4, dashed=True))
        text = short_day(instant)
        marks.append(label(across(instant), bottom + 18, text, anchor="middle", size=SMALL, color=MUTED))
    if history:
        marks.append(_stay(across(start), across(history[0].at), level[history[0].from_stage]))
    ends = [entry.at for entry in history[1:]] + [until]
    for entry, end in zip(history, ends, strict=False):
        marks += _move(entry, x=across(entry.at), end=across(end), level=level)
    moves = "; ".join(f"{short_day(e.at)} {e.direction.value} from {e.from_stage} to {e.to_stage}" for e in history)
    marks += _journey_key(bottom + 38, left)
    return picture(WIDTH, bottom + 48, f"Moves between stages since {short_day(start)}: {moves or 'none yet'}.", marks)


def _name(text: str, *, x: float, middle: float, width: float) -> list[Markup]:
    """Write the name of a row left of x, on one line or on two around the middle of the row."""
    lines = in_two_lines(text, width=width)
    top = middle + 4 - LINE * (len(lines) - 1) / 2
    return [label(x, top + LINE * index, part, anchor="end") for index, part in enumerate(lines)]


def _stay(x: float, end: float, y: float) -> Markup:
    return box(x, y - 4, max(end - x, 1.5), 8, fill=TINTS[2])


def _move(entry: HistoryLine, *, x: float, end: float, level: dict[str, float]) -> list[Markup]:
    forward = entry.direction is Direction.FORWARD
    y = level[entry.to_stage]
    return [
        line(x, level[entry.from_stage], x, y, color=INK, width=1.2, dashed=not forward),
        _stay(x, end, y),
        dot(x, y, hollow=not forward),
    ]


def _journey_key(y: float, x: float) -> list[Markup]:
    return [
        dot(x + 4, y - 4),
        label(x + 14, y, "move forward", size=SMALL, color=MUTED),
        dot(x + 114, y - 4, hollow=True),
        label(x + 124, y, "move back, aside or out", size=SMALL, color=MUTED),
        box(x + 264, y - 8, 24, 8, fill=TINTS[2]),
        label(x + 294, y, "time in the stage", size=SMALL, color=MUTED),
    ]


def _ticks(start: datetime, until: datetime) -> list[datetime]:
    """Return at most five instants at even distances, no two of them on one day."""
    pieces = 4
    instants = [start.astimezone(UTC) + (until - start) * index / pieces for index in range(pieces + 1)]
    return list({instant.date(): instant for instant in instants}.values())
