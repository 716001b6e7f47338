"""Charts of a financial plan as SVG: tornado, cash flow, cumulated flow, distribution. None relies on colour alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, pairwise

from markupsafe import Markup

from documents.drawing import INK, MUTED, PAPER, RULE, SMALL, TINTS, box, dot, fitted, hatch, label, line, picture
from documents.formats import DASH, MINUS, NO_BREAK_SPACE, euro, percent, plain
from states.funding.finance.returns import payback
from states.funding.finance.sensitivity import Sensitivity
from states.funding.finance.simulation import Simulation, quantile
from states.funding.finance.statements import Cash

WIDTH = 640.0
MOST_ROWS = 12
MOST_NAMED_YEARS = 14
BINS = 24

_TOP, _TALL, _LEFT, _RIGHT = 14.0, 190.0, 70.0, WIDTH - 16
_UNITS = ((Decimal(10**9), "bn"), (Decimal(10**6), "M"), (Decimal(10**3), "k"))


@dataclass(frozen=True, slots=True)
class _Scale:
    """Turns amounts into pixels, from `start` for the lowest tick to `end` for the highest."""

    ticks: tuple[Decimal, ...]
    start: float
    end: float

    def at(self, amount: Decimal) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return self.start + (self.end - self.start) * float((amount - low) / (high - low))


def tornado(rows: Sequence[Sensitivity], base: Decimal, change: Decimal) -> Markup:
    """Draw how far NPV moves when each variable falls and rises by `change` percent; the widest on top. EUR."""
    shown, step, left, top = rows[:MOST_ROWS], 25.0, 196.0, 34.0
    bottom = top + step * len(shown)
    scale = _scale(
        [base, *(end for row in shown for end in (row.fallen, row.risen))], left + 46, WIDTH - 58, zero=False
    )
    swing = percent(change)
    marks = [*_grid_down(scale, top, bottom)]
    for index, row in enumerate(shown):
        marks += _tornado_row(row, base, scale, y=top + step * index, left=left)
    marks += [
        line(scale.at(base), top - 6, scale.at(base), bottom, color=INK, width=1.5),
        label(
            scale.at(base), top - 12, f"NPV {_short(base)}{NO_BREAK_SPACE}EUR", anchor="middle", size=SMALL, strong=True
        ),
        *_key(
            bottom + 40,
            (lambda x, y: box(x, y, 18, 9, fill=TINTS[0]), f"falls by {swing}"),
            (lambda x, y: box(x, y, 18, 9, fill=TINTS[4], stroke=INK), f"rises by {swing}"),
        ),
    ]
    if rest := len(rows) - len(shown):
        marks.append(label(left + 300, bottom + 40, f"{rest} more move less", size=SMALL, color=MUTED))
    said = "; ".join(f"{row.variable} {euro(row.fallen)} and {euro(row.risen)}" for row in shown) or "no variable"
    title = f"NPV of {euro(base)} when one variable falls and rises by {swing}: {said}."
    return picture(WIDTH, bottom + 50, title, marks)


def _tornado_row(row: Sensitivity, base: Decimal, scale: _Scale, *, y: float, left: float) -> list[Markup]:
    middle, marks = y + 12, [label(left - 10, y + 16, fitted(row.variable, width=184), anchor="end")]
    centre = scale.at(base)
    for end, fill, stroke in ((row.fallen, TINTS[0], "none"), (row.risen, TINTS[4], INK)):
        x = scale.at(end)
        marks.append(box(min(x, centre), middle - 8, abs(x - centre), 16, fill=fill, stroke=stroke))
    low, high = sorted((row.fallen, row.risen))
    if max(high, base) > min(low, base):
        marks.append(label(scale.at(min(low, base)) - 5, y + 16, _short(low), anchor="end", size=SMALL))
        marks.append(label(scale.at(max(high, base)) + 5, y + 16, _short(high), size=SMALL))
    else:
        marks.append(label(centre + 5, y + 16, "does not move it", size=SMALL, color=MUTED))
    return marks


def cash_flow(years: Sequence[Cash]) -> Markup:
    """Draw what each year adds to or takes from the cash as columns, and the cash at its end as a line. EUR."""
    scale = _scale([amount for one in years for amount in (one.net, one.closing)], _TOP + _TALL, _TOP)
    middles, wide = _middles(len(years))
    marks = [*_grid_across(scale), *_year_names([one.year for one in years], middles)]
    zero = scale.at(Decimal(0))
    for one, x in zip(years, middles, strict=True):
        y = scale.at(one.net)
        marks.append(box(x - wide * 0.3, min(y, zero), wide * 0.6, abs(y - zero), fill=TINTS[3]))
    marks += _curve([(x, scale.at(one.closing)) for x, one in zip(middles, years, strict=True)])
    marks += [dot(x, scale.at(one.closing), hollow=one.closing < 0) for x, one in zip(middles, years, strict=True)]
    marks += _key(
        _TOP + _TALL + 44,
        (lambda x, y: box(x, y, 18, 9, fill=TINTS[3]), "cash flow of the year, EUR"),
        (lambda x, y: dot(x + 9, y + 5), "cash at its end"),
        (lambda x, y: dot(x + 9, y + 5, hollow=True), "below zero: not financed"),
    )
    said = "; ".join(f"{one.year} {euro(one.net)}, then {euro(one.closing)}" for one in years)
    return picture(WIDTH, _TOP + _TALL + 54, f"Cash flow and cash at the end of each year: {said}.", marks)


def cumulated(first_year: int, flows: Sequence[Decimal], discounted: Sequence[Decimal]) -> Markup:
    """Draw the cumulated flow as a line and the discounted one dashed, each with its payback. EUR."""
    sums = [list(accumulate(series)) for series in (flows, discounted)]
    scale = _scale([amount for series in sums for amount in series], _TOP + _TALL, _TOP)
    middles, wide = _middles(len(flows))
    years = range(first_year, first_year + len(flows))
    marks = [*_grid_across(scale), *_year_names(years, middles)]
    paid = [payback(flows), payback(discounted)]
    for series, when, dashed in zip(sums, paid, (False, True), strict=True):
        marks += _curve([(x, scale.at(total)) for x, total in zip(middles, series, strict=True)], dashed=dashed)
        if when is not None:
            marks.append(dot(middles[0] + wide * float(when), scale.at(Decimal(0)), hollow=dashed))
    told = [f"after {plain(round(when, 1))} years" if when is not None else "never" for when in paid]
    marks += _key(
        _TOP + _TALL + 44,
        (lambda x, y: line(x, y + 5, x + 18, y + 5, color=TINTS[0], width=2), f"cumulated EUR, paid back {told[0]}"),
        (
            lambda x, y: line(x, y + 5, x + 18, y + 5, color=TINTS[0], width=2, dashed=True),
            f"discounted, paid back {told[1]}",
        ),
    )
    ends = f"{euro(sums[0][-1])} and discounted {euro(sums[1][-1])}"
    title = f"Cumulated flow {years[0]} {DASH} {years[-1]}: {ends}; paid back {told[0]}, discounted {told[1]}."
    return picture(WIDTH, _TOP + _TALL + 54, title, marks)


def distribution(simulated: Simulation) -> Markup:
    """Draw how often each range of NPV came out of a simulation; below zero it is hatched. EUR."""
    values = simulated.npv
    scale = _scale([values[0], values[-1]], _LEFT, _RIGHT - 24, zero=False)
    low, width = scale.ticks[0], (scale.ticks[-1] - scale.ticks[0]) / BINS
    counts = [0] * BINS
    for value in values:
        counts[min(int((value - low) / width), BINS - 1)] += 1
    bottom, tallest = _TOP + 14 + _TALL, max(counts)
    marks = [*_grid_down(scale, _TOP + 14, bottom)]
    for index, count in enumerate(counts):
        begins, ends = scale.at(low + width * index), scale.at(low + width * (index + 1))
        tall = _TALL * count / tallest
        # A range that holds zero is hatched up to zero only.
        cut = min(max(scale.at(Decimal(0)), begins), ends)
        if count and cut > begins:
            marks.append(hatch(begins, bottom - tall, cut - begins, tall))
        if count and cut < ends:
            marks.append(box(cut, bottom - tall, ends - cut, tall, fill=TINTS[2], stroke=PAPER))
    figures = {"5 %": quantile(values, 5), "median": quantile(values, 50), "95 %": quantile(values, 95)}
    for (name, value), anchor in zip(figures.items(), ("end", "middle", "start"), strict=True):
        marks.append(line(scale.at(value), _TOP + 6, scale.at(value), bottom, color=INK, width=1.2, dashed=True))
        marks.append(label(scale.at(value), _TOP, name, anchor=anchor, size=SMALL))
    marks += _key(
        bottom + 44,
        (lambda x, y: hatch(x, y, 18, 9), f"NPV in EUR below zero: {percent(round(simulated.loses, 1))} of the runs"),
        (lambda x, y: box(x, y, 18, 9, fill=TINTS[2]), "NPV of zero and more"),
    )
    said = ", ".join(f"{name} {euro(value)}" for name, value in figures.items())
    title = f"NPV in {simulated.runs} runs: {said}; mean {euro(simulated.mean)}; {percent(simulated.loses)} below zero."
    return picture(WIDTH, bottom + 54, title, marks)


def _scale(amounts: Sequence[Decimal], start: float, end: float, *, zero: bool = True) -> _Scale:
    """Put four to nine ticks of 1, 2 or 5 times a power of ten around the amounts, and zero if asked."""
    low, high = min([*amounts, Decimal(0)] if zero else amounts), max([*amounts, Decimal(0)] if zero else amounts)
    spread = max(high - low, Decimal(1))
    power = Decimal(10) ** (spread.adjusted() - 1)
    step = next(power * factor for factor in (1, 2, 5, 10, 20) if spread / (power * factor) <= 7)
    first, last = int(low // step) - (low % step < 0), int(high // step)
    last += last * step < high or last == first
    return _Scale(tuple(step * index for index in range(first, last + 1)), start, end)


def _short(amount: Decimal) -> str:
    """Write an amount for an axis to three digits or so: 1.25 M, 80 k."""
    unit, sign = next(((unit, sign) for unit, sign in _UNITS if abs(amount) >= unit), (Decimal(1), ""))
    text = plain(round(abs(amount) / unit, 2))
    return f"{MINUS if amount < 0 else ''}{text}{NO_BREAK_SPACE if sign else ''}{sign}"


def _grid_across(scale: _Scale) -> list[Markup]:
    colors = [RULE if tick else INK for tick in scale.ticks]
    heights = [scale.at(tick) for tick in scale.ticks]
    marks = [line(_LEFT, y, _RIGHT, y, color=color) for y, color in zip(heights, colors, strict=True)]
    marks += [
        label(_LEFT - 8, scale.at(tick) + 4, _short(tick), anchor="end", size=SMALL, color=MUTED)
        for tick in scale.ticks
    ]
    return marks


def _grid_down(scale: _Scale, top: float, bottom: float) -> list[Markup]:
    marks = [line(scale.at(tick), top, scale.at(tick), bottom) for tick in scale.ticks]
    named = scale.ticks if len(scale.ticks) < 9 else scale.ticks[::2]
    marks += [
        label(scale.at(tick), bottom + 16, _short(tick), anchor="middle", size=SMALL, color=MUTED) for tick in named
    ]
    return marks


def _middles(count: int) -> tuple[list[float], float]:
    """Return the middle of each year's column, and how wide a column is."""
    wide = (_RIGHT - _LEFT) / count
    return [_LEFT + wide * (index + 0.5) for index in range(count)], wide


def _year_names(years: Sequence[int], middles: Sequence[float]) -> list[Markup]:
    every = -(-len(years) // MOST_NAMED_YEARS)
    named = list(zip(years, middles, strict=True))[::every]
    return [label(x, _TOP + _TALL + 20, str(year), anchor="middle", size=SMALL, color=MUTED) for year, x in named]


def _curve(points: Sequence[tuple[float, float]], *, dashed: bool = False) -> list[Markup]:
    return [line(*start, *end, color=TINTS[0], width=2, dashed=dashed) for start, end in pairwise(points)]


def _key(y: float, *entries: tuple[Callable[[float, float], Markup], str]) -> list[Markup]:
    """Explain marks side by side below a chart; each is drawn 18 pixels wide and 9 high."""
    marks, x = [], _LEFT
    for drawn, text in entries:
        marks += [drawn(x, y - 9), label(x + 24, y, text, size=SMALL, color=MUTED)]
        x += 48 + len(text) * SMALL * 0.5
    return marks
