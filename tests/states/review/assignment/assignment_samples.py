"""Dossiers and candidates to assign: short forms, and panels made up by a seed (illustrative)."""

from dataclasses import dataclass
from random import Random

from states.review.assignment.assign import Assignment, Candidate, Dossier, Exclusion, Requirement, assign, check

FIELDS = tuple(f"field {number}" for number in range(1, 13))
FINANCE = Requirement("finance")


@dataclass(frozen=True, slots=True)
class Panel:
    """All that an assignment is asked with."""

    dossiers: tuple[Dossier, ...]
    candidates: tuple[Candidate, ...]
    excluded: tuple[Exclusion, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    pinned: tuple[tuple[str, str], ...] = ()
    spread_regions: bool = True

    def assigned(self, *, seconds: float = 10.0) -> Assignment:
        return assign(
            self.dossiers,
            self.candidates,
            excluded=self.excluded,
            requirements=self.requirements,
            pinned=self.pinned,
            spread_regions=self.spread_regions,
            seconds=seconds,
        )

    def faults(self, assignment: Assignment) -> list[str]:
        return check(
            assignment,
            self.dossiers,
            self.candidates,
            excluded=self.excluded,
            requirements=self.requirements,
            pinned=self.pinned,
            spread_regions=self.spread_regions,
        )


def person(key: str, *expertise: str, region: str | None = None, load: int = 0, most: int = 3) -> Candidate:
    return Candidate(key, f"Reviewer {key}", frozenset(expertise), None, region, load, most)


def dossier(key: str, *topics: str, wanted: int = 1, kept: tuple[str, ...] = ()) -> Dossier:
    return Dossier(key, f"Dossier {key}", frozenset(topics), wanted, kept)


def conflict(person_id: str, dossier_id: str, message: str = "Works for a partner.") -> Exclusion:
    return Exclusion(person_id, dossier_id, "conflict", message)


def a_panel(seed: int, *, dossiers: int = 50, candidates: int = 60, most: int = 3) -> Panel:
    """Make up a round: three reviewers each, one with finance, an eighth of all pairs in conflict, 15 regions."""
    chance = Random(seed)
    files = tuple(dossier(f"d{one}", *chance.sample(FIELDS, chance.randint(3, 5)), wanted=3) for one in range(dossiers))
    people = tuple(
        person(
            f"p{one}",
            *chance.sample(FIELDS, chance.randint(2, 5)),
            *(["finance"] if chance.random() < 0.35 else []),
            region=f"R{chance.randrange(15)}",
            most=most,
        )
        for one in range(candidates)
    )
    conflicts = tuple(conflict(who.person_id, what.id) for what in files for who in people if chance.random() < 0.125)
    return Panel(files, people, conflicts, (FINANCE,))


def seats(assignment: Assignment) -> set[tuple[str, str]]:
    return {(one.dossier_id, one.person_id) for one in assignment.seats}


def fairness(panel: Panel, assignment: Assignment) -> list[int]:
    """Return the dossiers' sums of affinities, the worst-off first."""
    return sorted(sum(one.affinity for one in assignment.seats if one.dossier_id == file.id) for file in panel.dossiers)
