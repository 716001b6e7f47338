"""What the regions have to align, as it is printed: the calendar of calls, and the crosswalk of criteria."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from pydantic import TypeAdapter
from sqlmodel import Session

from documents.formats import plain, short_day
from documents.gathering import Subject
from documents.languages import gettext as _
from documents.languages import ngettext
from documents.meta import Line, Plain
from states.collaborations.tables import MemberPart
from states.deadlines.kinds import Waiting
from states.funding.catalogue.calendar_of_calls import (
    Action,
    Alignment,
    Slip,
    StageDeadline,
    Window,
    alignments,
    slips,
    spans,
    without_window,
)
from states.funding.catalogue.criteria_crosswalk import CommonCriterion, Criterion, Scheme, beside
from states.funding.queries import instruments_of, windows_of
from states.funding.tables import Instrument
from states.partners.tables import Region
from states.places.exonyms import region_said
from states.places.working_days import shift
from states.playbooks.definition import Direction
from states.review.definition import PanelKind
from states.texts.titles import said

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


class StageLine(Plain):
    """A stage that has to be through before one can apply, and when it is due."""

    title: Line
    due: date


class Glue(Plain):
    """Calls and criteria of everybody who could pay, side by side."""

    start: date
    end: date
    stages: tuple[StageLine, ...] = ()
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


def stages_ahead(subject: Subject, panel: str, *, after: date) -> list[StageDeadline]:
    """Return the stages between a panel's own and the first in which one has applied, due by the playbook's terms.

    They follow the first move forward of each, one after the other, in working days at the lead partner's site; a
    playbook without a deadline for the closing of calls does not say when one has applied, so that none is known.
    """
    playbook = subject.playbook
    term = playbook.deadlines.get(Waiting.CALL_CLOSING)
    applied = set(term.done_in) if term else set()
    lead = next((entry.organisation for entry in subject.members if entry.member.part is MemberPart.LEAD), None)
    found: list[StageDeadline] = []
    seen = {stage: None for stage, spec in playbook.stages.items() if spec.panel == panel}
    while applied and seen:
        moves = [move for move in playbook.moves_from(list(seen)[-1]) if move.direction is Direction.FORWARD]
        key = next((move.to for move in moves if move.to in playbook.stages and move.to not in seen), None)
        if key is None or key in applied or (days := playbook.stages[key].due) is None:
            break
        after = shift(after, days, nuts=lead.nuts if lead else "")
        seen[key] = None
        found.append(StageDeadline(said(playbook.stages[key].title), after))
    return found


def glue_of(
    session: Session, subject: Subject, asked: Sequence[Region], *, on: date, stages: Sequence[StageDeadline]
) -> Glue | None:
    """Return calls and criteria for the regions asked, on a day; None where no call and no criterion is known.

    `stages` have to be through, one after the other, before one can apply: a call that closes before is missed.
    """
    rows = instruments_of(session, subject.partnership.id)
    windows = [one for one in _windows(session, rows, asked) if one.closes is None or one.closes >= on]
    schemes = [_scheme(row) for row in rows if row.criteria]
    if not windows and not schemes:
        return None
    names = [region_said(region.name, region.codes) for region in asked]
    last = max((one.closes for one in windows if one.closes), default=on + HORIZON)
    end = min(max([last, *(stage.due for stage in stages)]), on + HORIZON)
    common = next((p for p in subject.playbook.panels.values() if p.kind is PanelKind.SCORES), None)
    scale, found = (common.maximum, common.criteria) if common else (Decimal(0), ())
    criteria = [CommonCriterion(one.key, said(one.title), scale, one.threshold) for one in found]
    answers = beside(criteria, schemes)
    return Glue(
        start=on,
        end=end,
        stages=tuple(StageLine(title=one.title, due=one.due) for one in stages),
        calls=tuple(_listed(windows)),
        common=tuple(
            CommonSpan(start=one.start, end=one.end, regions=one.regions, of_all=one.of_all)
            for one in spans(windows, regions=names, start=on, end=end)
        ),
        slips=tuple(_slips(windows, stages, on=on)),
        without_call=tuple(without_window(windows, regions=names, today=on)),
        alignments=tuple(
            AlignmentLine(start=o.start, end=o.end, days=o.days, actions=tuple(map(_in_words, o.actions)))
            for o in _worth_telling(alignments(windows, regions=names, today=on, length=LENGTH))
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
        payers = (
            [region_said(region.name, region.codes) for region in asked if _around(row, region)]
            if row.territory
            else [""]
        )
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


def _listed(windows: Sequence[Window]) -> Iterator[CallLine]:
    for w in sorted(windows, key=lambda w: (not w.region, w.region, w.closes or date.max, w.name)):
        yield CallLine(region=w.region, name=w.name, opens=w.opens, closes=w.closes, illustrative=w.illustrative)


def _slips(windows: Sequence[Window], stages: Sequence[StageDeadline], *, on: date) -> Iterator[str]:
    """Tell of each call that is missed the first stage that is due too late, and the call that can still be reached."""
    reached = {slip.window: slip.later for slip in slips(windows, stages[-1:], today=on)}
    missed: dict[Window, Slip] = {}
    for slip in slips(windows, stages, today=on):
        missed.setdefault(slip.window, slip)
    for window, slip in missed.items():
        yield _slip(window, slip, reached.get(window))


def _slip(window: Window, slip: Slip, later: Window | None) -> str:
    late = ngettext(
        "%(call)s closes on %(day)s, %(num)s day before this is due: %(stage)s.",
        "%(call)s closes on %(day)s, %(num)s days before this is due: %(stage)s.",
        slip.days_late,
    ) % {
        "call": window.name,
        "day": short_day(window.closes) if window.closes else "",
        "num": slip.days_late,
        "stage": slip.stage.title,
    }
    if later is None:
        after = _("No later call is known.")
    elif later.closes is None:
        after = _("Next: %(call)s.") % {"call": later.name}
    else:
        after = _("Next: %(call)s, until %(day)s.") % {"call": later.name, "day": short_day(later.closes)}
    return f"{late} {after}"


def _worth_telling(found: list[Alignment]) -> list[Alignment]:
    """Leave out what could be moved besides where a common window is open anyway."""
    return found[:1] if found and not found[0].days else found


def _in_words(action: Action) -> str:
    moved = {
        "region": action.window.region,
        "call": action.window.name,
        "opens": action.opens_earlier,
        "closes": action.closes_later,
    }
    if action.opens_earlier and action.closes_later:
        text = _("%(region)s: %(call)s would open earlier (days: %(opens)s) and close later (days: %(closes)s)")
    elif action.opens_earlier:
        text = ngettext(
            "%(region)s: %(call)s would open %(opens)s day earlier",
            "%(region)s: %(call)s would open %(opens)s days earlier",
            action.opens_earlier,
        )
    else:
        text = ngettext(
            "%(region)s: %(call)s would close %(closes)s day later",
            "%(region)s: %(call)s would close %(closes)s days later",
            action.closes_later,
        )
    return text % moved


def _scaled(criterion: Criterion, threshold: Decimal | None) -> str:
    title = {"criterion": criterion.title}
    if criterion.most is None:
        return _("%(criterion)s (scale not published)") % title
    if criterion.threshold is None or threshold is None:
        return _("%(criterion)s, 0 to %(most)s") % (title | {"most": plain(criterion.most)})
    scale = {"asked": plain(criterion.threshold), "most": plain(criterion.most), "here": plain(threshold)}
    return _("%(criterion)s, %(asked)s of %(most)s (here %(here)s)") % (title | scale)
