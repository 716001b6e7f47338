"""The charts of the documents as SVG, drawn on the server. None relies on colour alone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate

from markupsafe import Markup

from documents.alignment import CallLine, CommonSpan, StageLine
from documents.drawing import (
    ACCENT,
    INK,
    LINE,
    MUTED,
    PAPER,
    RULE,
    SMALL,
    TINTS,
    WIDTH,
    Scale,
    box,
    curve,
    dot,
    fitted,
    hatch,
    in_two_lines,
    key,
    label,
    line,
    note,
    picture,
    room_for,
    round_steps,
    row_name,
    spread,
)
from documents.formats import (
    DASH,
    MINUS,
    NO_BREAK_SPACE,
    euro,
    in_euro,
    listed,
    month_name,
    percent,
    plain,
    score,
    share,
    short_day,
)
from documents.funnel.context import Step
from documents.languages import gettext as _
from documents.languages import marked, ngettext, pgettext
from documents.parts import HistoryLine
from documents.proposal.names import term
from documents.proposal.scenario import Amount
from documents.review.rounds import ScoredCriterion
from documents.words import word
from states.funding.finance.returns import payback
from states.funding.finance.sensitivity import Sensitivity
from states.funding.finance.simulation import Simulation, quantile
from states.funding.finance.statements import Cash
from states.playbooks.definition import Direction

GAP_NAME = marked("Gap, not yet financed")
EVERYWHERE = marked("Union")
MOST_SEGMENTS, MOST_ROWS, MOST_NAMED_YEARS, MOST_MONTHS, BINS = 7, 12, 14, 8, 24

_TOP, _TALL, _LEFT, _RIGHT = 14.0, 190.0, 70.0, WIDTH - 16  # of the charts over years
_BELOW = _TOP + _TALL
_UNITS = (Decimal(10**9), Decimal(10**6), Decimal(10**3))
_CALLS_LEFT, _CALLS_RIGHT, _CALLS_TOP, _CALLS_ROW = 226.0, 628.0, 30.0, 30.0


@dataclass(frozen=True, slots=True)
class _Segment:
    name: str
    amount: Decimal
    missing: bool = False

    @property
    def words(self) -> list[str]:
        return in_two_lines(self.name, width=206)


def sources_and_uses(uses: Sequence[Amount], sources: Sequence[Amount], gap: Decimal) -> Markup:
    """Draw uses beside sources as two stacked columns of equal height; the gap is hatched. Amounts in EUR."""
    total = sum((use.amount for use in uses), Decimal(0))
    left = _segments(uses)
    right = _segments(sources) + ([_Segment(_(GAP_NAME), gap, missing=True)] if gap else [])
    height = max(180.0, *(2.0 + _step(column) * len(column) for column in (left, right)))
    described = (
        _("Uses, %(total)s: %(uses)s. Sources: %(sources)s.")
        % {"total": euro(total), "uses": _listed(left), "sources": _listed(right)}
        if total
        else _("No uses and no sources are planned.")
    )
    marks = [
        *_column(left, total, x=228, height=height, title=_("Uses"), leftwards=True),
        *_column(right, total, x=324, height=height, title=_("Sources"), leftwards=False),
    ]
    return picture(height + 34, described, marks)


def _segments(amounts: Sequence[Amount]) -> list[_Segment]:
    known = [_Segment(item.name, item.amount) for item in amounts if item.amount]
    if len(known) <= MOST_SEGMENTS:
        return known
    rest = known[MOST_SEGMENTS - 1 :]
    others = _Segment(
        ngettext("%(num)s other", "%(num)s others", len(rest)) % {"num": len(rest)},
        sum((item.amount for item in rest), Decimal(0)),
    )
    return [*known[: MOST_SEGMENTS - 1], others]


def _listed(segments: list[_Segment]) -> str:
    return "; ".join(f"{segment.name} {euro(segment.amount)}" for segment in segments) or _("none")


def _step(segments: list[_Segment]) -> float:
    """Return the distance that two labels of a column must keep."""
    return 19.0 + LINE * max((len(segment.words) for segment in segments), default=1)


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
            marks.append(box(x, y, width, tall, fill=TINTS[index % len(TINTS)], stroke=PAPER))
        centres.append(y + tall / 2)
        y += tall
    edge, side, anchor = (x, -1, "end") if leftwards else (x + width, 1, "start")
    gap = _step(segments)
    places = spread(centres, gap=gap, top=top + 12, bottom=top + height - gap + LINE + 10)
    for segment, centre, place in zip(segments, centres, places, strict=True):
        marks.append(line(edge + side * 2, centre, edge + side * 14, place, color=MUTED, width=0.8))
        at = edge + side * 18
        marks += [label(at, place + LINE * n, text, anchor=anchor, strong=True) for n, text in enumerate(segment.words)]
        amount = f"{euro(segment.amount)} · {share(segment.amount, total)}"
        marks.append(note(at, place + LINE * len(segment.words), amount, anchor=anchor))
    return marks


def scores(criteria: Sequence[ScoredCriterion], maximum: Decimal) -> Markup:
    """Draw a bar from 0 to the maximum for each criterion with its threshold; below it the bar is hatched."""
    scale = Scale(Decimal(0), maximum, 226.0, 484.0)
    points = [Decimal(point) for point in range(int(maximum) + 1)]
    bottom = 22 + 30.0 * len(criteria)
    marks = [line(scale.at(point), 18, scale.at(point), bottom) for point in points]
    marks += [note(scale.at(point), 12, str(point), anchor="middle") for point in points]
    for index, criterion in enumerate(criteria):
        marks += _score_row(criterion, scale, y=24 + 30.0 * index)
    left = scale.start
    marks += [
        line(left, bottom + 14, left, bottom + 26, color=INK, width=2.5),
        note(left + 8, bottom + 24, _("threshold")),
        line(left + 90, bottom + 20, left + 120, bottom + 20, color=INK),
        note(left + 126, bottom + 24, _("lowest to highest evaluation")),
    ]
    told = "; ".join(_score_told(one) for one in criteria)
    said = _("Scores from 0 to %(most)s: %(scores)s.") % {"most": plain(maximum), "scores": told}
    return picture(bottom + 34, said, marks)


def _score_told(one: ScoredCriterion) -> str:
    text = _("%(name)s %(score)s (threshold %(threshold)s, passed)")
    if not one.passed:
        text = _("%(name)s %(score)s (threshold %(threshold)s, below threshold)")
    return text % {"name": one.name, "score": score(one.score), "threshold": score(one.threshold)}


def _score_row(criterion: ScoredCriterion, scale: Scale[Decimal], *, y: float) -> list[Markup]:
    left, end, middle = scale.start, scale.at(criterion.score) - scale.start, y + 9
    threshold, low, high = map(scale.at, (criterion.threshold, criterion.lowest, criterion.highest))
    note_text = f"{score(criterion.lowest)} {DASH} {score(criterion.highest)}"
    return [
        *row_name(criterion.name, x=left - 10, middle=middle, width=216),
        box(left, y, end, 18, fill=TINTS[3]) if criterion.passed else hatch(left, y, end, 18),
        line(low, middle, high, middle, color=INK),
        line(low, middle - 4, low, middle + 4, color=INK),
        line(high, middle - 4, high, middle + 4, color=INK),
        line(threshold, y - 4, threshold, y + 22, color=INK, width=2.5),
        label(scale.end + 12, y + 13, score(criterion.score), strong=True),
        note(scale.end + 38, y + 13, note_text if criterion.passed else ", ".join((note_text, _("below threshold")))),
    ]


def journey(history: Sequence[HistoryLine], stages: Sequence[str], opened: datetime, until: datetime) -> Markup:
    """Draw time to the right and stages downwards: a bar for each stay, a line for each move, dashed if back.

    Time begins when the collaboration was opened, so that the stay in its first stage is seen too.
    """
    visited = {line.from_stage for line in history} | {line.to_stage for line in history}
    rows = [stage for stage in stages if stage in visited] + sorted(visited - set(stages))
    named = room_for(rows, least=196)
    left, right, row, top = named + 10, WIDTH - 36, 29.0, 10.0
    start = min([opened, *(entry.at for entry in history)])
    time = Scale(start, max(until, start + timedelta(seconds=1)), left, right)
    level = {stage: top + row * index + row / 2 for index, stage in enumerate(rows)}
    bottom = top + row * len(rows)

    marks = [line(left, level[stage], right, level[stage]) for stage in rows]
    marks += [mark for stage in rows for mark in row_name(stage, x=left - 10, middle=level[stage], width=named)]
    for instant in _instants(start, until):
        marks.append(line(time.at(instant), top, time.at(instant), bottom + 4, dashed=True))
        marks.append(note(time.at(instant), bottom + 18, short_day(instant), anchor="middle"))
    if history:
        marks.append(_stay(left, time.at(history[0].at), level[history[0].from_stage]))
    ends = [entry.at for entry in history[1:]] + [until]
    for entry, end in zip(history, ends, strict=False):
        x, y, forward = time.at(entry.at), level[entry.to_stage], entry.direction is Direction.FORWARD
        marks += [
            line(x, level[entry.from_stage], x, y, color=INK, width=1.2, dashed=not forward),
            _stay(x, time.at(end), y),
            dot(x, y, hollow=not forward),
        ]
    marks += key(
        bottom + 38,
        _LEFT,
        (lambda x, y: dot(x + 9, y + 5), _("move forward")),
        (lambda x, y: dot(x + 9, y + 5, hollow=True), _("move back, aside or out")),
        (lambda x, y: box(x, y + 1, 18, 8, fill=TINTS[2]), _("time in the stage")),
    )
    moves = "; ".join(_move_told(e) for e in history)
    return picture(bottom + 48, _moves_told(short_day(start), moves), marks)


def _move_told(move: HistoryLine) -> str:
    values = {"day": short_day(move.at), "direction": word(move.direction), "first": move.from_stage}
    return _("%(day)s %(direction)s from %(first)s to %(second)s") % (values | {"second": move.to_stage})


def _moves_told(since: str, moves: str) -> str:
    values = {"day": since, "moves": moves or _("none yet")}
    return _("Moves between stages since %(day)s: %(moves)s.") % values


def _stay(x: float, end: float, y: float) -> Markup:
    return box(x, y - 4, max(end - x, 1.5), 8, fill=TINTS[2])


def _instants(start: datetime, until: datetime) -> list[datetime]:
    """Return at most five instants at even distances, no two of them on one day."""
    instants = [start.astimezone(UTC) + (until - start) * index / 4 for index in range(5)]
    return list({instant.date(): instant for instant in instants}.values())


def funnel_steps(counted: Sequence[Step]) -> Markup:
    """Draw how many came how far; the first step is the whole."""
    left, right, bar = 130.0, 540.0, 18.0
    whole = max((one.count for one in counted), default=0)
    marks: list[Markup] = []
    for number, one in enumerate(counted):
        y = 8 + number * 30.0
        wide = (right - left) * one.count / whole if whole else 0.0
        marks += [
            label(left - 10, y + bar - 5, one.name, anchor="end"),
            box(left, y, right - left, bar, fill="none", stroke=RULE),
            box(left, y, wide, bar, fill=ACCENT if one.count else TINTS[-1]),
            label(right + 10, y + bar - 5, f"{one.count}", strong=True),
        ]
        if whole and number:
            marks.append(label(right + 50, y + bar - 5, percent(Decimal(round(100 * one.count / whole))), color=MUTED))
    told = "; ".join(f"{one.name} {one.count}" for one in counted) or _("none")
    return picture(12 + len(counted) * 30.0, _("Steps: %(steps)s.") % {"steps": told}, marks)


def timeline(
    calls: Sequence[CallLine], common: Sequence[CommonSpan], *, start: date, end: date, stages: Sequence[StageLine]
) -> Markup:
    """Draw calls between two days, region by region; numbered lines stand where stages are due, in their order.

    Below the calls stands who can pay at once: hatched where several regions can, filled where all can.
    """
    after = end + timedelta(days=1)
    scale = Scale(start, max(after, start + timedelta(days=1)), _CALLS_LEFT, _CALLS_RIGHT)

    def bar(opens: date | None, closes: date | None) -> tuple[float, float]:
        """Return where a bar begins and how wide it is; the last day is part of it."""
        ends = (closes or end) + timedelta(days=1)
        x, to = (scale.at(min(max(day, start), after)) for day in (opens or start, ends))
        return x, max(to - x, 1.5)

    bottom = _CALLS_TOP + _CALLS_ROW * (len(calls) + 1)
    marks = []
    for month in _months(start, end):
        marks.append(line(scale.at(month), _CALLS_TOP - 6, scale.at(month), bottom))
        marks.append(note(scale.at(month), bottom + 14, month_name(month), anchor="middle"))
    for index, call in enumerate(calls):
        y = _CALLS_TOP + _CALLS_ROW * index
        marks += _call(call, y=y, first=index == 0 or calls[index - 1].region != call.region)
        x, width = bar(call.opens, call.closes)
        marks.append(box(x, y + 3, width, 12, fill=TINTS[2] if call.region else TINTS[4], stroke=ACCENT))
    y = bottom - _CALLS_ROW
    marks.append(line(0, y - 3, _CALLS_RIGHT, y - 3, color=INK))
    marks.append(label(0, y + 12, _("Several at once, all at once"), size=SMALL, strong=True))
    for span in common:
        x, width = bar(span.start, span.end)
        marks.append(box(x, y + 3, width, 12, fill=ACCENT) if span.of_all else hatch(x, y + 3, width, 12))
    shown = [(number, scale.at(one.due)) for number, one in enumerate(stages, 1) if start <= one.due <= end]
    places = spread([x for _, x in shown], gap=SMALL, top=_CALLS_LEFT, bottom=_CALLS_RIGHT)
    for (number, x), place in zip(shown, places, strict=True):
        marks.append(line(x, 18, x, bottom, color=INK, width=1.5, dashed=True))
        marks.append(label(place, 12, str(number), anchor="middle", size=SMALL, strong=True))
    return picture(bottom + 28, _calls_told(calls, common, stages), marks)


def _call(call: CallLine, *, y: float, first: bool) -> Iterator[Markup]:
    if first:
        yield line(0, y - 3, _CALLS_RIGHT, y - 3, color=MUTED, width=0.6)
        for n, part in enumerate(in_two_lines(call.region or _(EVERYWHERE), width=92, size=SMALL)):
            yield label(0, y + 9 + 12 * n, part, size=SMALL, strong=True)
    for n, part in enumerate(in_two_lines(call.name, width=_CALLS_LEFT - 106, size=SMALL)):
        yield label(98, y + 9 + 12 * n, part, size=SMALL)


def _months(start: date, end: date) -> list[date]:
    """Return first days of months, at even distances, so few that their names do not touch."""
    years = range(start.year, end.year + 1)
    months = [first for year in years for month in range(1, 13) if start <= (first := date(year, month, 1)) <= end]
    return months[:: -(-len(months) // MOST_MONTHS) or 1]


def _calls_told(calls: Sequence[CallLine], common: Sequence[CommonSpan], stages: Sequence[StageLine]) -> str:
    every = "; ".join(f"{one.region or _(EVERYWHERE)}, {one.name}: {days_of(one.opens, one.closes)}" for one in calls)
    everybody = _("all regions")
    at_once = "; ".join(
        f"{days_of(one.start, one.end)} {everybody if one.of_all else listed(one.regions)}" for one in common
    )
    due = "; ".join(f"{one.title}, {short_day(one.due)}" for one in stages)
    sentences = (
        _("Calls: %(calls)s.") % {"calls": every or _("none is known")},
        _("At once: %(spans)s.") % {"spans": at_once or _("never")},
        _("Due: %(stages)s.") % {"stages": due} if due else "",
    )
    return " ".join(filter(None, sentences))


def days_of(opens: date | None, closes: date | None) -> str:
    if opens and closes:
        return _("%(first)s to %(last)s") % {"first": short_day(opens), "last": short_day(closes)}
    if opens:
        return _("from %(day)s") % {"day": short_day(opens)}
    return _("until %(day)s") % {"day": short_day(closes)} if closes else _("always open")


def tornado(rows: Sequence[Sensitivity], base: Decimal, change: Decimal) -> Markup:
    """Draw how far NPV moves when each variable falls and rises by `change` percent; the widest on top. EUR."""
    shown, left, top = rows[:MOST_ROWS], 196.0, 34.0
    bottom = top + 25.0 * len(shown)
    scale, ticks = _amounts(
        [base, *(end for row in shown for end in (row.fallen, row.risen))], start=left + 66, end=WIDTH - 70
    )
    marks = _grid_down(scale, ticks, top, bottom)
    for index, row in enumerate(shown):
        marks += _tornado_row(row, base, scale, y=top + 25.0 * index, left=left)
    swing, centre = percent(change), scale.at(base)
    npv = _("NPV %(amount)s") % {"amount": in_euro(_short(base))}
    marks += [
        line(centre, top - 6, centre, bottom, color=INK, width=1.5),
        label(centre, top - 12, npv, anchor="middle", size=SMALL, strong=True),
        *key(
            bottom + 40,
            _LEFT,
            (_sample(fill=TINTS[0]), _("falls by %(part)s") % {"part": swing}),
            (_sample(fill=TINTS[4], stroke=INK), _("rises by %(part)s") % {"part": swing}),
        ),
    ]
    if rest := len(rows) - len(shown):
        marks.append(
            note(
                left + 300,
                bottom + 40,
                ngettext("%(num)s more moves less", "%(num)s more move less", rest) % {"num": rest},
            )
        )
    said = "; ".join(
        _("%(name)s %(fallen)s and %(risen)s")
        % {"name": term(row.variable), "fallen": euro(row.fallen), "risen": euro(row.risen)}
        for row in shown
    ) or _("none")
    values = {"npv": euro(base), "part": swing, "variables": said}
    title = _("NPV of %(npv)s when one variable falls and rises by %(part)s: %(variables)s.") % values
    return picture(bottom + 50, title, marks)


def _tornado_row(row: Sensitivity, base: Decimal, scale: Scale[Decimal], *, y: float, left: float) -> list[Markup]:
    marks, centre = [label(left - 10, y + 16, fitted(term(row.variable), width=184), anchor="end")], scale.at(base)
    for end, fill, stroke in ((row.fallen, TINTS[0], "none"), (row.risen, TINTS[4], INK)):
        x = scale.at(end)
        marks.append(box(min(x, centre), y + 4, abs(x - centre), 16, fill=fill, stroke=stroke))
    low, high = sorted((row.fallen, row.risen))
    if max(high, base) > min(low, base):
        marks.append(label(scale.at(min(low, base)) - 5, y + 16, _short(low), anchor="end", size=SMALL))
        marks.append(label(scale.at(max(high, base)) + 5, y + 16, _short(high), size=SMALL))
    else:
        marks.append(note(centre + 5, y + 16, _("does not move it")))
    return marks


def cash_flow(years: Sequence[Cash]) -> Markup:
    """Draw what each year adds to or takes from the cash as columns, and the cash at its end as a line. EUR."""
    scale, marks = _amounts_over_years([amount for one in years for amount in (one.net, one.closing)])
    middles, wide = _years([one.year for one in years], marks)
    zero = scale.at(Decimal(0))
    for one, x in zip(years, middles, strict=True):
        y = scale.at(one.net)
        marks.append(box(x - wide * 0.3, min(y, zero), wide * 0.6, abs(y - zero), fill=TINTS[3]))
    points = [(x, scale.at(one.closing)) for x, one in zip(middles, years, strict=True)]
    marks += curve(points)
    marks += [dot(*point, hollow=one.closing < 0) for point, one in zip(points, years, strict=True)]
    marks += key(
        _BELOW + 44,
        _LEFT,
        (_sample(fill=TINTS[3]), _("cash flow of the year, EUR")),
        (lambda x, y: dot(x + 9, y + 5), _("cash at its end")),
        (lambda x, y: dot(x + 9, y + 5, hollow=True), _("below zero: not financed")),
    )
    said = "; ".join(
        _("%(year)s %(net)s, then %(closing)s") % {"year": one.year, "net": euro(one.net), "closing": euro(one.closing)}
        for one in years
    )
    return picture(_BELOW + 54, _("Cash flow and cash at the end of each year: %(years)s.") % {"years": said}, marks)


def cumulated(first_year: int, flows: Sequence[Decimal], discounted: Sequence[Decimal]) -> Markup:
    """Draw the cumulated flow as a line and the discounted one dashed, each with its payback. EUR."""
    sums = [list(accumulate(series)) for series in (flows, discounted)]
    scale, marks = _amounts_over_years([amount for series in sums for amount in series])
    years = range(first_year, first_year + len(flows))
    middles, wide = _years(years, marks)
    paid = [payback(flows), payback(discounted)]
    for series, when, dashed in zip(sums, paid, (False, True), strict=True):
        marks += curve([(x, scale.at(total)) for x, total in zip(middles, series, strict=True)], dashed=dashed)
        if when is not None:
            marks.append(dot(middles[0] + wide * float(when), scale.at(Decimal(0)), hollow=dashed))
    told = [
        _("after %(years)s years") % {"years": plain(round(when, 1))} if when is not None else _("never")
        for when in paid
    ]
    marks += key(
        _BELOW + 44,
        _LEFT,
        (
            lambda x, y: line(x, y + 5, x + 18, y + 5, color=TINTS[0], width=2),
            _("cumulated EUR, paid back %(when)s") % {"when": told[0]},
        ),
        (
            lambda x, y: line(x, y + 5, x + 18, y + 5, color=TINTS[0], width=2, dashed=True),
            _("discounted, paid back %(when)s") % {"when": told[1]},
        ),
    )
    title = _(
        "Cumulated flow %(years)s: %(end)s, discounted %(discounted)s; paid back %(first)s, discounted %(second)s."
    ) % {
        "years": f"{years[0]} {DASH} {years[-1]}",
        "end": euro(sums[0][-1]),
        "discounted": euro(sums[1][-1]),
        "first": told[0],
        "second": told[1],
    }
    return picture(_BELOW + 54, title, marks)


def distribution(simulated: Simulation) -> Markup:
    """Draw how often each range of NPV came out of a simulation; below zero it is hatched. EUR."""
    values, top = simulated.npv, _TOP + 14
    scale, ticks = _amounts([values[0], values[-1]], start=_LEFT, end=_RIGHT - 24)
    width = (scale.high - scale.low) / BINS
    counts = [0] * BINS
    for value in values:
        counts[min(int((value - scale.low) / width), BINS - 1)] += 1
    bottom, tallest = top + _TALL, max(counts)
    marks = _grid_down(scale, ticks, top, bottom)
    for index, count in enumerate(counts):
        begins, ends = scale.at(scale.low + width * index), scale.at(scale.low + width * (index + 1))
        tall = _TALL * count / tallest
        # A range that holds zero is hatched up to zero only.
        cut = min(max(scale.at(Decimal(0)), begins), ends)
        if count and cut > begins:
            marks.append(hatch(begins, bottom - tall, cut - begins, tall))
        if count and cut < ends:
            marks.append(box(cut, bottom - tall, ends - cut, tall, fill=TINTS[2], stroke=PAPER))
    low, high = percent(Decimal(5)), percent(Decimal(95))
    figures = {low: quantile(values, 5), _("median"): quantile(values, 50), high: quantile(values, 95)}
    for (name, value), anchor in zip(figures.items(), ("end", "middle", "start"), strict=True):
        marks.append(line(scale.at(value), _TOP + 6, scale.at(value), bottom, color=INK, width=1.2, dashed=True))
        marks.append(label(scale.at(value), _TOP, name, anchor=anchor, size=SMALL))
    marks += key(
        bottom + 44,
        _LEFT,
        (
            lambda x, y: hatch(x, y, 18, 9),
            _("NPV in EUR below zero: %(part)s of the runs") % {"part": percent(round(simulated.loses, 1))},
        ),
        (_sample(fill=TINTS[2]), _("NPV of zero and more")),
    )
    said = ", ".join(f"{name} {euro(value)}" for name, value in figures.items())
    title = _("NPV in %(runs)s runs: %(figures)s; mean %(mean)s; %(part)s below zero.") % {
        "runs": simulated.runs,
        "figures": said,
        "mean": euro(simulated.mean),
        "part": percent(simulated.loses),
    }
    return picture(bottom + 54, title, marks)


def _sample(*, fill: str, stroke: str = "none") -> Callable[[float, float], Markup]:
    return lambda x, y: box(x, y, 18, 9, fill=fill, stroke=stroke)


def _amounts(amounts: Sequence[Decimal], *, start: float, end: float) -> tuple[Scale[Decimal], tuple[Decimal, ...]]:
    ticks = round_steps(amounts)
    return Scale(ticks[0], ticks[-1], start, end), ticks


def _short(amount: Decimal) -> str:
    """Write an amount for an axis to three digits or so: 1.25 M, 80 k."""
    signs = (pgettext("amount", "bn"), pgettext("amount", "M"), pgettext("amount", "k"))
    units = zip(_UNITS, signs, strict=True)
    unit, sign = next(((unit, sign) for unit, sign in units if abs(amount) >= unit), (Decimal(1), ""))
    text = plain(round(abs(amount) / unit, 2))
    return f"{MINUS if amount < 0 else ''}{text}{NO_BREAK_SPACE if sign else ''}{sign}"


def _grid_down(scale: Scale[Decimal], ticks: Sequence[Decimal], top: float, bottom: float) -> list[Markup]:
    marks = [line(scale.at(tick), top, scale.at(tick), bottom) for tick in ticks]
    named = ticks if len(ticks) < 9 else ticks[::2]
    return marks + [note(scale.at(tick), bottom + 16, _short(tick), anchor="middle") for tick in named]


def _amounts_over_years(amounts: Sequence[Decimal]) -> tuple[Scale[Decimal], list[Markup]]:
    """Return the scale of a chart over years, which holds zero, and its lines with their amounts."""
    scale, ticks = _amounts([*amounts, Decimal(0)], start=_BELOW, end=_TOP)
    marks = [line(_LEFT, scale.at(tick), _RIGHT, scale.at(tick), color=RULE if tick else INK) for tick in ticks]
    return scale, marks + [note(_LEFT - 8, scale.at(tick) + 4, _short(tick), anchor="end") for tick in ticks]


def _years(years: Sequence[int], marks: list[Markup]) -> tuple[list[float], float]:
    """Add the names of years; return the middle of each year's column, and how wide a column is."""
    wide = (_RIGHT - _LEFT) / len(years)
    middles = [_LEFT + wide * (index + 0.5) for index in range(len(years))]
    every = -(-len(years) // MOST_NAMED_YEARS)
    named = list(zip(years, middles, strict=True))[::every]
    marks += [note(x, _BELOW + 20, str(year), anchor="middle") for year, x in named]
    return middles, wide
