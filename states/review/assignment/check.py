"""An independent check of an assignment: every rule is derived anew from what was asked, without the solver."""

from collections import Counter
from collections.abc import Iterator, Sequence

from states.review.assignment.problem import (
    Assignment,
    Basis,
    Candidate,
    Dossier,
    Exclusion,
    Proposed,
    Requirement,
    ShortfallCode,
)


def check(
    assignment: Assignment,
    dossiers: Sequence[Dossier],
    candidates: Sequence[Candidate],
    *,
    excluded: Sequence[Exclusion] = (),
    requirements: Sequence[Requirement] = (),
    pinned: Sequence[tuple[str, str]] = (),
    spread_regions: bool = True,
) -> list[str]:
    """Return everything that is wrong with an assignment: a rule broken, or something lacking and not reported."""
    people = {one.person_id: one for one in candidates}
    barred = {(one.dossier_id, one.person_id) for one in excluded}
    faults = [f"{person} is excluded from {dossier}" for dossier, person in sorted(_pairs(assignment) & barred)]
    faults += _loads(assignment, candidates)
    reported = {(one.dossier_id, one.code) for one in assignment.shortfalls}
    sums = []
    for dossier in dossiers:
        seats = [one for one in assignment.seats if one.dossier_id == dossier.id]
        members = [people[one.person_id] for one in seats]
        by_hand = [person for where, person in pinned if where == dossier.id]
        standing = {one for one in (*dossier.kept, *by_hand) if (dossier.id, one) not in barred}
        faults += _seats(dossier, seats, standing)
        missing = set(_missing(dossier, members, requirements, spread_regions=spread_regions))
        faults += [f"{dossier.id}: {code} falls short and is not reported" for code in sorted(missing)
                   if (dossier.id, code) not in reported]  # fmt: skip
        expected = [_percent(one, dossier, requirements) for one in members]
        if [one.affinity for one in seats] != expected:
            faults.append(f"{dossier.id}: affinities should be {expected}")
        sums.append(sum(expected))
    if (assignment.worst, assignment.total) != (min(sums, default=0), sum(sums)):
        faults.append(f"worst and total should be {min(sums, default=0)} and {sum(sums)}")
    return faults


def _pairs(assignment: Assignment) -> set[tuple[str, str]]:
    return {(one.dossier_id, one.person_id) for one in assignment.seats}


def _loads(assignment: Assignment, candidates: Sequence[Candidate]) -> Iterator[str]:
    """A chosen seat needs room below the bound; kept seats are in the load, pinned ones may go beyond it."""
    taken = Counter((one.person_id, one.basis) for one in assignment.seats)
    for one in candidates:
        chosen, pinned = taken[one.person_id, Basis.CHOSEN], taken[one.person_id, Basis.PINNED]
        if chosen and one.load + pinned + chosen > one.most:
            yield f"{one.person_id} holds {one.load + pinned + chosen} seats, more than {one.most}"


def _seats(dossier: Dossier, seats: Sequence[Proposed], standing: set[str]) -> Iterator[str]:
    people = [one.person_id for one in seats]
    if len(set(people)) < len(people):
        yield f"{dossier.id}: somebody has two seats"
    if {one.person_id for one in seats if one.basis is not Basis.CHOSEN} != standing:
        yield f"{dossier.id}: the seats of {sorted(standing)} should stand, and no others"
    if len(people) > max(dossier.wanted, len(standing)):
        yield f"{dossier.id}: {len(people)} reviewers, {dossier.wanted} are wanted"


def _missing(
    dossier: Dossier, members: Sequence[Candidate], requirements: Sequence[Requirement], *, spread_regions: bool
) -> Iterator[ShortfallCode]:
    if len(members) < dossier.wanted:
        yield ShortfallCode.SEATS
    if any(sum(rule.expertise in one.expertise for one in members) < rule.at_least for rule in requirements):
        yield ShortfallCode.COMPOSITION
    regions = [one.region_id for one in members if one.region_id]
    if spread_regions and len(set(regions)) < len(regions):
        yield ShortfallCode.REGIONS


def _percent(candidate: Candidate, dossier: Dossier, requirements: Sequence[Requirement]) -> int:
    fields = set(dossier.topics)
    fields.update(rule.expertise for rule in requirements)
    known = [one for one in fields if one in candidate.expertise]
    return len(known) * 100 // len(fields) if fields else 0
