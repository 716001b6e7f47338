"""What is known of a collaboration's progress, changes and results, as far as moves depend on it."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select as plain

from states.collaborations.tables import Collaboration
from states.implementation.results import is_missed
from states.implementation.tables import ChangeRequest, ChangeState, PartnerProgress, ProgressState, ProjectResult
from states.storage import Keys, PlainSelect, Reading, Readings, columns_of


@dataclass(frozen=True, slots=True)
class Reported:
    """A version of what a partner says of a period."""

    organisation_id: str
    period: int
    revision: int
    state: ProgressState


@dataclass(frozen=True, slots=True)
class Achieved:
    """An indicator with its target and what was achieved."""

    number: int
    indicator: str
    target: Decimal
    achieved: Decimal | None
    explanation: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A change, and how far it is."""

    number: int
    state: ChangeState


@dataclass(frozen=True, slots=True)
class ImplementationFacts:
    """Periods not accepted (by period and how many partners), indicators without or short of their target, changes.

    `unexplained` are indicators that missed the target without a word; `running` changes that nobody ended.
    """

    open_periods: tuple[tuple[int, int], ...]
    reported: int
    results: int
    unachieved: tuple[str, ...]
    unexplained: tuple[str, ...]
    running: tuple[int, ...]


def _reported(keys: Keys) -> PlainSelect:
    row = columns_of(PartnerProgress)
    read = [row[name] for name in Reported.__slots__]
    return plain(row.collaboration_id, *read).where(row.collaboration_id.in_(keys))


def _achieved(keys: Keys) -> PlainSelect:
    row = columns_of(ProjectResult)
    read = [row[name] for name in Achieved.__slots__]
    return plain(row.collaboration_id, *read).where(row.collaboration_id.in_(keys))


def _asked(keys: Keys) -> PlainSelect:
    row = columns_of(ChangeRequest)
    return plain(row.collaboration_id, row.number, row.state).where(row.collaboration_id.in_(keys))


REPORTED = Reading(Reported, _reported)
ACHIEVED = Reading(Achieved, _achieved)
CHANGES = Reading(Asked, _asked)
READS = (REPORTED, ACHIEVED, CHANGES)
_ENDED = (ChangeState.CARRIED_OUT, ChangeState.REFUSED, ChangeState.WITHDRAWN)


def facts_of(read: Readings, row: Collaboration) -> ImplementationFacts:
    """Derive the facts of a collaboration from what was read."""
    reports, results = read.of(REPORTED, row.id), sorted(read.of(ACHIEVED, row.id), key=lambda one: one.number)
    waiting: dict[int, int] = {}
    for one in reports:
        if one.state in (ProgressState.DRAFT, ProgressState.HANDED_IN, ProgressState.RETURNED):
            waiting[one.period] = waiting.get(one.period, 0) + 1
    return ImplementationFacts(
        open_periods=tuple(sorted(waiting.items())),
        reported=len(reports),
        results=len(results),
        unachieved=tuple(one.indicator for one in results if one.achieved is None),
        unexplained=tuple(
            one.indicator
            for one in results
            if one.achieved is not None and is_missed(one.target, one.achieved) and not one.explanation
        ),
        running=tuple(sorted(one.number for one in read.of(CHANGES, row.id) if one.state not in _ENDED)),
    )
