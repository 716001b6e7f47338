"""The charts of a proposal: what is committed, how work and money run, the cash bridge, the matrix of risks."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate

from markupsafe import Markup

from documents.drawing import (
    ACCENT,
    INK,
    LINE,
    PAPER,
    RULE,
    SMALL,
    TINTS,
    WIDTH,
    Scale,
    box,
    hatch,
    in_two_lines,
    key,
    label,
    line,
    note,
    picture,
    round_steps,
    row_name,
)
from documents.formats import DASH, euro, share, short_day
from documents.languages import gettext, ngettext
from documents.proposal.context import Risk
from documents.proposal.decision import Standing, millions
from documents.proposal.delivery import GanttRow, MonthsRow, Task
from documents.proposal.finances import BridgeStep
from documents.proposal.names import BANDS

_SIGNED, _COMMITTED = ACCENT, TINTS[3]
_ROW, _LEFT = 17.0, 176.0
MOST_TASKS = 24


def standing(standings: Sequence[Standing], gap: Decimal) -> Markup:
    """Draw one bar of all sources: signed, committed, hatched what is neither, and the gap. Amounts in EUR."""
    signed = sum((one.signed for one in standings), Decimal(0))
    committed = sum((one.committed for one in standings), Decimal(0))
    still_open = sum((one.open for one in standings), Decimal(0))
    total = signed + committed + still_open + gap
    parts = [
        ("signed", gettext("signed"), signed),
        ("committed", gettext("committed"), committed),
        ("", gettext("not committed"), still_open),
        ("", gettext("no source"), gap),
    ]
    marks, x, tall = [], 0.0, 20.0
    for sure, _, amount in parts:
        wide = WIDTH * float(amount / total) if total else 0.0
        if wide:
            if sure:
                marks.append(box(x, 2, wide, tall, fill=_SIGNED if sure == "signed" else _COMMITTED, stroke=PAPER))
            else:
                marks.append(hatch(x + 0.5, 2, max(wide - 1, 1), tall))
        x += wide
    marks += key(
        42,
        0,
        (lambda x, y: box(x, y, 18, 9, fill=_SIGNED), gettext("signed %(part)s") % {"part": share(signed, total)}),
        (
            lambda x, y: box(x, y, 18, 9, fill=_COMMITTED),
            gettext("committed %(part)s") % {"part": share(committed, total)},
        ),
        (
            lambda x, y: hatch(x, y, 18, 9),
            gettext("neither, or no source %(part)s") % {"part": share(still_open + gap, total)},
        ),
    )
    said = ", ".join(f"{name} {euro(amount)}" for _, name, amount in parts if amount) or gettext("none")
    return picture(48, gettext("Sources: %(sources)s.") % {"sources": said}, marks)


def gantt(rows: Sequence[GanttRow]) -> Markup:
    """Draw work, days and money over the years, each in a row of its own; money is paler, a day is a diamond."""
    shown = rows[:MOST_TASKS]
    first, last = min(row.start for row in shown).year, max(row.end for row in shown).year
    scale = Scale(date(first, 1, 1), date(last + 1, 1, 1), _LEFT, WIDTH - 4)
    top = 20.0
    bottom = top + _ROW * len(shown)
    marks = []
    every = -(-(last + 1 - first) // 12)
    for year in range(first, last + 1):
        x = scale.at(date(year, 1, 1))
        marks.append(line(x, top - 4, x, bottom))
        if (year - first) % every == 0:
            marks.append(note(x + 3, 12, str(year)))
    for index, row in enumerate(shown):
        y = top + _ROW * index
        marks.append(line(0, y, WIDTH, y))
        marks += [
            label(0, y + 12, part, size=SMALL) for part in in_two_lines(row.name, width=_LEFT - 12, size=SMALL)[:1]
        ]
        marks += _task(row, scale, y)
    marks.append(line(0, bottom, WIDTH, bottom))
    if rest := len(rows) - len(shown):
        marks.append(
            note(
                0,
                bottom + 14,
                ngettext("%(num)s more stands in the tables", "%(num)s more stand in the tables", rest) % {"num": rest},
            )
        )
    said = "; ".join(
        f"{row.name} {short_day(row.start)}{'' if row.task is Task.DAY else f' {DASH} {short_day(row.end)}'}"
        for row in shown
    )
    return picture(bottom + (20 if rest else 6), gettext("Gantt chart: %(rows)s.") % {"rows": said}, marks)


def months_chart(rows: Sequence[MonthsRow]) -> Markup:
    """Draw work packages over the months of their plan, each in a row of its own."""
    shown = rows[:MOST_TASKS]
    last = max(row.last for row in shown)
    scale = Scale(0, last, _LEFT, WIDTH - 4)
    top, bottom = 20.0, 20.0 + _ROW * len(shown)
    step = next(step for step in (1, 3, 6, 12, 24) if last / step <= 12 or step == 24)
    marks = []
    for month in range(0, last + 1, step):
        marks.append(line(scale.at(month), top - 4, scale.at(month), bottom))
        if month < last:
            marks.append(note(scale.at(month) + 3, 12, str(month + 1)))
    for index, row in enumerate(shown):
        y = top + _ROW * index
        marks.append(line(0, y, WIDTH, y))
        marks += [
            label(0, y + 12, part, size=SMALL) for part in in_two_lines(row.name, width=_LEFT - 12, size=SMALL)[:1]
        ]
        x, end = scale.at(row.first - 1), scale.at(row.last)
        marks.append(box(x, y + _ROW / 2 - 5, max(end - x, 2), 10, fill=ACCENT))
    marks.append(line(0, bottom, WIDTH, bottom))
    said = "; ".join(f"{row.name} {row.first}{DASH}{row.last}" for row in shown)
    return picture(bottom + 6, gettext("Work packages by month: %(rows)s.") % {"rows": said}, marks)


def _task(row: GanttRow, scale: Scale[date], y: float) -> Iterator[Markup]:
    x, middle = scale.at(row.start), y + _ROW / 2
    if row.task is Task.DAY:
        corners = ((x, middle - 6), (x + 6, middle), (x, middle + 6), (x - 6, middle))
        points = " ".join(f"{cx:.1f},{cy:.1f}" for cx, cy in corners)
        yield Markup('<polygon points="{}" fill="{}" stroke="{}" stroke-width="1.5"/>').format(points, PAPER, INK)
        yield note(x + 10, middle + 4, short_day(row.start))
    else:
        fill = ACCENT if row.task is Task.WORK else TINTS[3]
        yield box(x, middle - 5, max(scale.at(row.end) - x, 2), 10, fill=fill)


def bridge(steps: Sequence[BridgeStep]) -> Markup:
    """Draw how all years lead from no cash to the cash at the end: what adds is dark, what takes is hatched. EUR."""
    sums = list(accumulate((step.amount for step in steps), initial=Decimal(0)))
    ticks = round_steps([*sums, Decimal(0)])
    scale = Scale(ticks[0], ticks[-1], _LEFT, WIDTH - 70)
    top = 18.0
    bottom = top + _ROW * (len(steps) + 1)
    marks = [line(scale.at(tick), top - 4, scale.at(tick), bottom, color=RULE if tick else INK) for tick in ticks]
    marks += [note(scale.at(tick), 10, millions(tick), anchor="middle") for tick in ticks[::2]]
    for index, (step, before, after) in enumerate(zip(steps, sums, sums[1:], strict=False)):
        y = top + _ROW * index
        low, high = sorted((scale.at(before), scale.at(after)))
        marks += row_name(step.name, x=_LEFT - 10, middle=y + _ROW / 2, width=_LEFT - 20)
        if step.amount > 0:
            marks.append(box(low, y + 3, max(high - low, 1), _ROW - 6, fill=TINTS[1]))
        else:
            marks.append(hatch(low, y + 3, max(high - low, 1), _ROW - 6))
        marks.append(label(high + 5, y + 13, f"{'+' if step.amount > 0 else ''}{millions(step.amount)}", size=SMALL))
    y, end = top + _ROW * len(steps), sums[-1]
    low, high = sorted((scale.at(Decimal(0)), scale.at(end)))
    marks += row_name(gettext("Cash at the end"), x=_LEFT - 10, middle=y + _ROW / 2, width=_LEFT - 20)
    marks.append(box(low, y + 3, max(high - low, 1), _ROW - 6, fill=ACCENT))
    marks.append(label(high + 5, y + 13, millions(end), size=SMALL, strong=True))
    said = "; ".join(f"{step.name} {euro(step.amount)}" for step in steps)
    return picture(
        bottom + 8,
        gettext("Cash bridge over all years: %(steps)s; cash at the end %(end)s.") % {"steps": said, "end": euro(end)},
        marks,
    )


def risk_matrix(risks: Sequence[Risk]) -> Markup:
    """Draw probability to the right and impact upwards; a risk by its number, an arrow's end where it is after."""
    side, left, top = 44.0, 150.0, 8.0
    marks = []
    for probability in range(1, 6):
        for impact in range(1, 6):
            x, y = left + side * (probability - 1), top + side * (5 - impact)
            marks.append(box(x, y, side, side, fill=_shade(probability * impact), stroke=PAPER))
    places: dict[tuple[int, int], list[str]] = {}
    for risk in risks:
        places.setdefault((risk.probability, risk.impact), []).append(risk.id)
        if risk.residual_probability is not None and risk.residual_impact is not None:
            places.setdefault((risk.residual_probability, risk.residual_impact), []).append(f"({risk.id})")
    for (probability, impact), names in places.items():
        x, y = left + side * (probability - 0.5), top + side * (5.5 - impact)
        dark = probability * impact >= 10
        for index, name in enumerate(names[:3]):
            color = PAPER if dark else INK
            marks.append(
                label(x, y + 4 + LINE * (index - (min(len(names), 3) - 1) / 2), name, anchor="middle", color=color)
            )
    for step in range(1, 6):
        marks.append(note(left + side * (step - 0.5), top + side * 5 + 15, str(step), anchor="middle"))
        marks.append(note(left - 8, top + side * (5.5 - step) + 4, str(step), anchor="end"))
    marks.append(label(left + side * 2.5, top + side * 5 + 32, gettext("Probability"), anchor="middle", size=SMALL))
    marks.append(label(left - 24, top + side * 2.5 + 4, gettext("Impact"), anchor="end", size=SMALL))
    tops = (25, *(floor - 1 for floor, _ in BANDS))
    for index, ((score, band), most) in enumerate(zip(BANDS, tops, strict=False)):
        y = top + 20 * index
        marks.append(box(left + side * 5 + 24, y, 18, 12, fill=_shade(score), stroke=RULE))
        marks.append(note(left + side * 5 + 50, y + 10, f"{gettext(band)}, {score}{DASH}{most}"))
    if any(risk.residual for risk in risks):
        marks.append(note(left + side * 5 + 24, top + 96, gettext("(R1) after the response")))
    said = "; ".join(map(_risk_told, risks))
    return picture(
        top + side * 5 + 40,
        gettext("Risks by probability and impact: %(risks)s.") % {"risks": said or gettext("none")},
        marks,
    )


def _risk_told(risk: Risk) -> str:
    said = gettext("%(risk)s: %(probability)s by %(impact)s")
    if risk.residual:
        said = gettext("%(risk)s: %(probability)s by %(impact)s, after the response %(residual)s")
    values = {"risk": risk.id, "probability": risk.probability, "impact": risk.impact}
    return said % (values | {"residual": risk.residual})


def _shade(score: int) -> str:
    return next(
        tint for floor, tint in ((15, TINTS[0]), (10, TINTS[1]), (5, TINTS[4]), (0, TINTS[5])) if score >= floor
    )
