"""The meter: points by section, and of each point that is missing what it is, who mends it, where, what it adds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from states.bankability.facts import BankabilityFacts
from states.texts import Text

_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that is missing: in words, and how much of the whole it is; `partner` names whose it is."""

    text: Text
    part: Decimal = Decimal(1)
    partner: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """How much there should be, in any unit, and what of it is lacking."""

    whole: Decimal
    lacking: tuple[Lack, ...] = ()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing a bank looks for; `mend_by` are roles, `where` the part of the case in which it is mended."""

    key: str
    points: int
    mend_by: tuple[str, ...]
    where: str
    judge: Callable[[BankabilityFacts], Judged]


@dataclass(frozen=True, slots=True)
class Section:
    """What belongs together in a bank's eye."""

    key: str
    title: Text
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Owed:
    """A lack as it is told: `adds` are the points that mending it would bring, to a tenth."""

    criterion: str
    text: Text
    partner: str
    mend_by: tuple[str, ...]
    where: str
    adds: Decimal


@dataclass(frozen=True, slots=True)
class Reached:
    """A section with the points it has, of how many, to a tenth; with `missing` they make the whole."""

    key: str
    title: Text
    points: Decimal
    most: int
    missing: tuple[Owed, ...]


@dataclass(frozen=True, slots=True)
class Meter:
    """How near a case is to what a bank asks for: the whole points that it has, of 100."""

    sections: tuple[Reached, ...]

    @property
    def score(self) -> int:
        """Whole points, rounded down."""
        return int(sum((one.points for one in self.sections), Decimal(0)))

    @property
    def missing(self) -> tuple[Owed, ...]:
        """All that is missing, what adds most first."""
        found = (one for section in self.sections for one in section.missing)
        return tuple(sorted(found, key=lambda one: -one.adds))


def measure(facts: BankabilityFacts, sections: Sequence[Section]) -> Meter:
    """Judge a case by all criteria."""
    return Meter(tuple(_reached(facts, section) for section in sections))


def _reached(facts: BankabilityFacts, section: Section) -> Reached:
    missing = [one for criterion in section.criteria for one in _missing(criterion, criterion.judge(facts))]
    most = sum(criterion.points for criterion in section.criteria)
    lost = sum((one.adds for one in missing), Decimal(0))
    return Reached(section.key, section.title, Decimal(most).quantize(_TENTH) - lost, most, tuple(missing))


def _missing(criterion: Criterion, judged: Judged) -> list[Owed]:
    """Share the points of a criterion among its lacks, in tenths that add up to what is lost, rounded up."""
    lost, given, found = Decimal(0), Decimal(0), []
    for one in judged.lacking:
        lost += criterion.points * one.part / judged.whole
        adds = lost.quantize(_TENTH, rounding=ROUND_UP) - given
        given += adds
        found.append(Owed(criterion.key, one.text, one.partner, criterion.mend_by, criterion.where, adds))
    return found
