"""Likely conflicts of interest, proposed before anybody declares: pure functions on what is known.

The kinds follow the Union's contracts with experts: who works for an applicant, or did or had a contract
with one in the last years, and whoever could reasonably appear partial to a third person.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from states.partners.identity import same_house
from states.review.conflicts.tables import ConflictKind, Relation, Tie
from states.texts import Text

_STRONG = frozenset({Tie.EMPLOYED, Tie.DIRECTOR, Tie.SHAREHOLDER, Tie.FAMILY})


@dataclass(frozen=True, slots=True)
class Applicant:
    """A partner of the collaboration under review."""

    organisation_id: str
    name: str
    domains: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reviewer:
    """What is known of somebody who may review: organisation, e-mail address, declared ties, region."""

    person_id: str
    organisation_id: str | None
    email: str
    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True)
class LikelyConflict:
    """One reason to think that a reviewer is not free."""

    kind: ConflictKind
    organisation_id: str
    why: Text

    @property
    def message(self) -> str:
        """Say it in English, of the person."""
        return str(self.why)


def likely_conflicts(
    reviewer: Reviewer, applicants: Sequence[Applicant], *, on: date, lookback: int
) -> list[LikelyConflict]:
    """Return every likely conflict, disqualifying ones first; `lookback` in years."""
    found = [conflict for applicant in applicants for conflict in _of(reviewer, applicant, on, lookback)]
    return sorted(found, key=lambda conflict: conflict.kind is not ConflictKind.DISQUALIFYING)


def _of(reviewer: Reviewer, applicant: Applicant, on: date, lookback: int) -> Iterator[LikelyConflict]:
    key, name = applicant.organisation_id, applicant.name
    if reviewer.organisation_id == key:
        yield LikelyConflict(ConflictKind.DISQUALIFYING, key, Text("why", "belongs_to_partner", partner=name))
    houses = {same_house(reviewer.email.rpartition("@")[2], one) for one in applicant.domains}
    if True in houses:
        yield LikelyConflict(ConflictKind.DISQUALIFYING, key, Text("why", "address_of_partner", partner=name))
    elif None in houses:
        yield LikelyConflict(ConflictKind.POTENTIAL, key, Text("why", "address_above_partner", partner=name))
    for relation in reviewer.relations:
        if relation.organisation_id != key:
            continue
        ended = relation.until
        if ended is None or ended >= on:
            kind = ConflictKind.DISQUALIFYING if relation.tie in _STRONG else ConflictKind.POTENTIAL
            yield LikelyConflict(kind, key, Text("why", "tie_to_partner", tie=relation.tie, partner=name))
        elif ended >= years_before(on, lookback):
            why = Text("why", "tie_ended", tie=relation.tie, partner=name, until=ended, years=lookback)
            yield LikelyConflict(ConflictKind.POTENTIAL, key, why)


def years_before(day: date, years: int) -> date:
    """Return the same day so many years before; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
