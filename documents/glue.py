"""What the regions have to align, as it is printed: the calendar of calls, and the crosswalk of criteria."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from pydantic import TypeAdapter
from sqlmodel import Session

from documents.formats import plain
from documents.gathering import Subject
from documents.meta import Line, Plain
from states.funding.calendar_of_calls import Action, StageDeadline, Window, alignments, slips, spans, without_window
from states.funding.crosswalk import CommonCriterion, Criterion, Scheme, beside
from states.funding.queries import instruments_of, windows_of
from states.funding.tables import Instrument
from states.partners.tables import Region
from states.review.definition import PanelKind

HORIZON = timedelta(days=425)
LENGTH = 14


class CallLine(Plain):
    """A call, by region; money of the Union has none."""

    region: str = ""
    name: Line
    opens: date | None = None
    closes: date | None = None
    illustrative: bool = False


class CommonSpan(Plain):
    """Days, both included, on which several regions can pay."""

    start: date
    end: date
    regions: tuple[str, ...]
    of_all: bool


class AlignmentLine(Plain):
    """What would open a common window of all regions; `actions` in words, none where it is open anyway."""

    start: date
    end: date
    days: int
    actions: tuple[str, ...]


class CriterionLine(Plain):
    """A criterion of the partnership, and what each payer asks in its place."""

    title: Line
    threshold: Decimal
    asked: tuple[str, ...]


class Glue(Plain):
    """Calls and criteria of everybody who could pay, side by side."""

    start: date
    end: date
    due: date
    calls: tuple[CallLine, ...]
    common: tuple[CommonSpan, ...]
    slips: tuple[str, ...]
    without_call: tuple[str, ...]
    alignments: tuple[AlignmentLine, ...]
    length: int
    maximum: Decimal
    criteria: tuple[CriterionLine, ...]
    unanswered: tuple[str, ...]

    @property
    def illustrative(self) -> bool:
        """Whether some of the calls are made up."""
        return any(call.illustrative for call in self.calls)


def glue_of(session: Session, subject: Subject, asked: Sequence[Region], *, on: date, due: date) -> Glue | None:
    """Return calls and criteria for the regions asked, on a day; None where no call and no criterion is known.

    `due` is the day on which the stage is due that has to come before the calls close.
    """
    rows = instruments_of(session, subject.partnership.id)
    windows = [one for one in _windows(session, rows, asked) if one.closes is None or one.closes >= on]
    schemes = [_scheme(row) for row in rows if row.criteria]
    if not windows and not schemes:
        return None
    names = [region.name for region in asked]
    end = min(max((one.closes for one in windows if one.closes), default=on + HORIZON), on + HORIZON)
    common = next((p for p in subject.playbook.panels.values() if p.kind is PanelKind.SCORES), None)
    scale = common.maximum if common else Decimal(0)
    criteria = [
        CommonCriterion(one.key, one.title, scale, one.threshold) for one in (common.criteria if common else ())
    ]
    answers = beside(criteria, schemes)
    return Glue(
        start=on,
        end=end,
        due=due,
        calls=tuple(
            CallLine(region=w.region, name=w.name, opens=w.opens, closes=w.closes, illustrative=w.illustrative)
            for w in sorted(windows, key=lambda w: (not w.region, w.region, w.closes or date.max, w.name))
        ),
        common=tuple(
            CommonSpan(start=one.start, end=one.end, regions=one.regions, of_all=one.of_all)
            for one in spans(windows, regions=names, start=on, end=end)
        ),
        slips=tuple(_slips(windows, on=on, due=due)),
        without_call=tuple(without_window(windows, regions=names, today=on)),
        alignments=tuple(
            AlignmentLine(start=o.start, end=o.end, days=o.days, actions=tuple(map(_in_words, o.actions)))
            for o in alignments(windows, regions=names, today=on, length=LENGTH)
        ),
        length=LENGTH,
        maximum=scale,
        criteria=tuple(
            CriterionLine(
                title=one.title,
                threshold=one.threshold,
                asked=tuple(f"{cell.payer}: {_scaled(cell.criterion, cell.threshold)}" for cell in answers[one.key]),
            )
            for one in criteria
        ),
        unanswered=tuple(f"{s.payer}: {one.title}" for s in schemes for one in s.criteria if not one.common),
    )


def _windows(session: Session, rows: Sequence[Instrument], asked: Sequence[Region]) -> Iterator[Window]:
    calls = windows_of(session, [row.id for row in rows])
    for row in rows:
        payers = [region.name for region in asked if _around(row, region)] if row.territory else [""]
        several = len(calls[row.id]) > 1
        known = [
            (f"{row.name}, {one.slug}" if several else row.name, one.opens_on, one.closes_on, one.illustrative)
            for one in calls[row.id]
        ]
        for payer in payers:
            for name, opens, closes, illustrative in known:
                yield Window(payer, name, opens, closes, illustrative or row.illustrative)


def _around(row: Instrument, region: Region) -> bool:
    """Tell whether the instrument's territory and the region have a part in common."""
    return any(a.startswith(b) or b.startswith(a) for a in row.territory for b in region.codes)


def _scheme(row: Instrument) -> Scheme:
    return Scheme(row.name, tuple(TypeAdapter(list[Criterion]).validate_python(row.criteria)), row.overall_threshold)


def _slips(windows: Sequence[Window], *, on: date, due: date) -> Iterator[str]:
    for slip in slips(windows, [StageDeadline("this stage", due)], today=on):
        later = "no later call is known"
        if slip.later is not None:
            later = f"next: {slip.later.name}" + (f", until {slip.later.closes}" if slip.later.closes else "")
        yield f"{slip.window.name} closes {slip.days_late} days before {slip.stage.title} is due; {later}."


def _in_words(action: Action) -> str:
    parts = []
    if action.opens_earlier:
        parts.append(f"open {action.opens_earlier} days earlier")
    if action.closes_later:
        parts.append(f"close {action.closes_later} days later")
    return f"{action.window.region}: {action.window.name} would {' and '.join(parts)}"


def _scaled(criterion: Criterion, threshold: Decimal | None) -> str:
    if criterion.most is None:
        return f"{criterion.title} (scale not published)"
    if criterion.threshold is None or threshold is None:
        return f"{criterion.title}, 0 to {plain(criterion.most)}"
    asked = f"{plain(criterion.threshold)} of {plain(criterion.most)}"
    return f"{criterion.title}, {asked} (here {plain(threshold)})"
