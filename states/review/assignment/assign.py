"""Who should review what: the worst-off dossier gets the best reviewers it can, then the next, and so on.

Assign, then ask `reasons` why somebody was not chosen, and `check` whether the rules are kept. No database here.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from time import perf_counter

from states.computations.host import Processes, Program
from states.errors import Fault, Invalid
from states.review.assignment.check import check
from states.review.assignment.grid import BARRED, Answer, Grid, Problem, Seat, filled, improved, worth
from states.review.assignment.problem import (
    Assignment,
    Basis,
    Candidate,
    Dossier,
    Exclusion,
    Proposed,
    Requirement,
    Shortfall,
    ShortfallCode,
    Terms,
    affinity,
    asked,
)
from states.review.assignment.reasons import reasons, shortfalls

__all__ = [
    "Assignment",
    "Basis",
    "Candidate",
    "Dossier",
    "Exclusion",
    "Proposed",
    "Requirement",
    "Shortfall",
    "ShortfallCode",
    "TermsInvalid",
    "affinity",
    "assign",
    "check",
    "numbers",
    "reasons",
]

_SOLVER: Program[Problem, Answer] = Program("states.review.assignment.solver", Problem.dumps, Answer.loads)


class TermsInvalid(Invalid):
    """What is to be assigned contradicts itself."""

    code = "assignment_terms_invalid"


def assign(
    dossiers: Sequence[Dossier],
    candidates: Sequence[Candidate],
    *,
    excluded: Sequence[Exclusion] = (),
    requirements: Sequence[Requirement] = (),
    pinned: Sequence[tuple[str, str]] = (),
    spread_regions: bool = True,
    seconds: float = 10.0,
    seed: int = 1,
) -> Assignment:
    """Propose reviewers for dossiers; what cannot be had is a shortfall with its remedy, never an error.

    Kept and pinned pairs (dossier, person) have their seats, a pinned one even beyond the person's bound, which is
    then reported; an excluded pair never has. Then, each before the next: as few seats open as possible, as few
    holders of a required expertise lacking, as few reviewers of one dossier from one region, leximin over the
    dossiers' sums of affinities (which settles their total too), and loads as even as can be.

    `seconds` is work, about that of a quiet core: the same terms give the same answer. Raises `TermsInvalid` with every
    fault.
    """
    began = perf_counter()
    terms = Terms(
        tuple(dossiers), tuple(candidates), tuple(excluded), tuple(requirements), tuple(pinned), spread_regions
    )
    faults = list(_faults(terms))
    if faults:
        raise TermsInvalid(faults=faults)
    grid = numbers(terms)
    answer = _search(Problem(grid, filled(grid), seconds, seed)) if any(grid.need) else Answer([], True)
    seats = _proposed(terms, answer.seats)
    values = [sum(seat.affinity for seat in seats if seat.dossier_id == dossier.id) for dossier in dossiers]
    return Assignment(
        seats=seats,
        shortfalls=shortfalls(terms, seats),
        exclusions=tuple(one for one in excluded if _concerns(one, terms)),
        worst=min(values, default=0),
        total=sum(values),
        proven=answer.proven,
        terms=terms,
        seconds=perf_counter() - began,
    )


def _search(problem: Problem) -> Answer:
    """Let the solver's process work as long as it may; whatever becomes of it, there is an answer."""
    last = Answer(problem.start, proven=False)
    with Processes(_SOLVER, [problem], seconds=problem.seconds) as solver:
        for answer in solver:
            last = answer or last
    if last.proven:
        return last
    tries = [improved(problem.grid, start) for start in (problem.start, last.seats)]
    return Answer(min(tries, key=lambda seats: worth(problem.grid, seats)), proven=False)


def _faults(terms: Terms) -> Iterator[Fault]:
    people = Counter(candidate.person_id for candidate in terms.candidates)
    known = Counter(dossier.id for dossier in terms.dossiers)
    for place, counted in (("candidates", people), ("dossiers", known)):
        yield from (Fault(f"{place}.{one}", "twice") for one, times in counted.items() if times > 1)
    for dossier in terms.dossiers:
        for person_id in dossier.kept:
            if person_id not in people:
                yield Fault(f"dossiers.{dossier.id}.kept", "no_candidate", person=person_id)
    for dossier_id, person_id in terms.pinned:
        if dossier_id not in known or person_id not in people:
            yield Fault("pinned", "pin_unknown", person=person_id, dossier=dossier_id)


def _concerns(exclusion: Exclusion, terms: Terms) -> bool:
    return any(exclusion.dossier_id == one.id for one in terms.dossiers) and any(
        exclusion.person_id == one.person_id for one in terms.candidates
    )


def numbers(terms: Terms) -> Grid:
    """Return the terms as numbers alone; a pinned seat that is not held yet counts as load."""
    standing, against = terms.standing(), terms.reasons_against()
    regions = {one.region_id: at for at, one in enumerate(terms.candidates) if one.region_id and terms.spread_regions}
    region = [regions.get(one.region_id or "", at) for at, one in enumerate(terms.candidates)]
    places = {one.person_id: at for at, one in enumerate(terms.candidates)}
    seated = [[places[who] for where, who in standing if where == dossier.id] for dossier in terms.dossiers]
    pins = Counter(person_id for (_, person_id), basis in standing.items() if basis is Basis.PINNED)
    load = [one.load + pins[one.person_id] for one in terms.candidates]
    fit = [[affinity(one, dossier, terms.requirements) for one in terms.candidates] for dossier in terms.dossiers]
    holds = [[rule.expertise in one.expertise for one in terms.candidates] for rule in terms.requirements]
    return Grid(
        need=[max(0, dossier.wanted - len(sat)) for dossier, sat in zip(terms.dossiers, seated, strict=True)],
        base=[sum(row[one] for one in sat) for row, sat in zip(fit, seated, strict=True)],
        affinity=[
            [
                BARRED if {(dossier.id, one.person_id)} & (standing.keys() | against.keys()) else points
                for one, points in zip(terms.candidates, row, strict=True)
            ]
            for dossier, row in zip(terms.dossiers, fit, strict=True)
        ],
        room=[max(0, one.most - held) for one, held in zip(terms.candidates, load, strict=True)],
        load=load,
        lacking=[
            [
                max(0, rule.at_least - sum(row[one] for one in sat))
                for rule, row in zip(terms.requirements, holds, strict=True)
            ]
            for sat in seated
        ],
        holds=holds,
        region=region,
        taken=[[region[one] for one in sat] for sat in seated],
    )


def _proposed(terms: Terms, chosen: Sequence[Seat]) -> tuple[Proposed, ...]:
    pairs = terms.standing() | {
        (terms.dossiers[dossier].id, terms.candidates[one].person_id): Basis.CHOSEN for dossier, one in chosen
    }
    return tuple(
        Proposed(
            dossier.id,
            one.person_id,
            affinity(one, dossier, terms.requirements),
            _why(terms, dossier, one, basis),
            basis,
        )
        for dossier in terms.dossiers
        for one in terms.candidates
        if (basis := pairs.get((dossier.id, one.person_id)))
    )


def _why(terms: Terms, dossier: Dossier, candidate: Candidate, basis: Basis) -> tuple[str, ...]:
    fields = asked(dossier, terms.requirements)
    known = sorted(candidate.expertise & fields)
    standing = {Basis.KEPT: ("The seat stands already.",), Basis.PINNED: ("Decided by hand.",), Basis.CHOSEN: ()}
    knows = f"Knows {len(known)} of {len(fields)} fields asked for" + (f": {', '.join(known)}." if known else ".")
    required = [one.expertise for one in terms.requirements if one.expertise in candidate.expertise]
    return (*standing[basis], knows, *(f"Brings the required expertise: {one}." for one in required))
