"""Record what was aimed at and what was achieved, indicator by indicator."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from states.clock import now
from states.errors import Fault, Invalid
from states.implementation.queries import results_of
from states.implementation.tables import ProjectResult
from states.storage import bump_version, new_id

_MOST = Decimal("99999999999999")
_FINEST = Decimal("0.0001")


class ResultInvalid(Invalid):
    """The result cannot be kept so."""

    code = "result_invalid"


@dataclass(frozen=True, slots=True)
class ResultPlan:
    """An indicator with its target; once it is known, what was achieved and where that can be seen.

    A target that was missed is explained.
    """

    indicator: str
    target: Decimal
    unit: str = ""
    achieved: Decimal | None = None
    source: str = ""
    explanation: str = ""


def result_plan_of(row: ProjectResult) -> ResultPlan:
    """Return a result as it stands, to change some of it with `dataclasses.replace`."""
    return ResultPlan(**{name: getattr(row, name) for name in ResultPlan.__slots__})


def record_result(session: Session, plan: ResultPlan, *, partnership_id: str, collaboration_id: str) -> ProjectResult:
    """Record an indicator, with what was achieved or before it is known."""
    standing = results_of(session, collaboration_id)
    _need(plan, {one.indicator for one in standing})
    row = ProjectResult(
        id=new_id(),
        partnership_id=partnership_id,
        collaboration_id=collaboration_id,
        number=max((one.number for one in standing), default=0) + 1,
        recorded_at=now(),
        **_tidied(plan),
    )
    session.add(row)
    session.flush()
    return row


def change_result(
    session: Session, row: ProjectResult, plan: ResultPlan, *, expected_version: int | None = None
) -> ProjectResult:
    """Put what is right in the place of what was recorded."""
    _need(plan, {one.indicator for one in results_of(session, row.collaboration_id) if one.id != row.id})
    bump_version(session, row, expected=expected_version)
    for name, value in _tidied(plan).items():
        setattr(row, name, value)
    session.flush()
    return row


def remove_result(session: Session, row: ProjectResult, *, expected_version: int | None = None) -> None:
    """Take an indicator out that was recorded by mistake; its record of change stays."""
    bump_version(session, row, expected=expected_version)
    session.delete(row)
    session.flush()


def is_missed(target: Decimal, achieved: Decimal) -> bool:
    """Tell whether less was achieved than was aimed at."""
    return achieved < target


def _tidied(plan: ResultPlan) -> dict[str, Any]:
    return {name: value.strip() if isinstance(value, str) else value for name, value in asdict(plan).items()}


def _need(plan: ResultPlan, others: set[str]) -> None:
    if faults := list(_faults(plan, others)):
        raise ResultInvalid(faults=faults)


def _faults(plan: ResultPlan, others: set[str]) -> Iterator[Fault]:
    if not plan.indicator.strip():
        yield Fault("indicator", "missing", remedy="name_indicator")
    elif plan.indicator.strip() in others:
        yield Fault("indicator", "named_twice", remedy="name_once", name=plan.indicator.strip())
    for place, value in (("target", plan.target), ("achieved", plan.achieved)):
        if value is not None and not (value.is_finite() and abs(value) <= _MOST and value == value.quantize(_FINEST)):
            yield Fault(place, "figure_out_of_range", remedy="four_decimals_at_most", figure=value)
    if plan.achieved is None:
        return
    if not plan.source.strip():
        yield Fault("source", "missing", remedy="say_where_it_can_be_seen")
    if is_missed(plan.target, plan.achieved) and not plan.explanation.strip():
        yield Fault("explanation", "missing", remedy="say_why_target_was_missed")
