"""What an assignment says of itself: what it could not give and how to mend that, and why somebody was not chosen."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from states.errors import Missing
from states.review.assignment.problem import (
    Assignment,
    Basis,
    Candidate,
    Dossier,
    Proposed,
    Requirement,
    Shortfall,
    ShortfallCode,
    Terms,
    affinity,
)


def reasons(assignment: Assignment, dossier_id: str) -> dict[str, str]:
    """Say of each candidate without a seat on the dossier why not; raise `Missing` where there is no such dossier."""
    view = _View(assignment.terms, assignment.seats)
    dossier = next((one for one in assignment.terms.dossiers if one.id == dossier_id), None)
    if dossier is None:
        raise Missing("dossier", dossier_id)
    seated = {one.person_id for one in view.members(dossier)}
    return {
        one.person_id: _why_not(view, dossier, one)
        for one in assignment.terms.candidates
        if one.person_id not in seated
    }


def shortfalls(terms: Terms, seats: Sequence[Proposed]) -> tuple[Shortfall, ...]:
    """Return what each dossier does not get, with what would mend it; then who holds more than the bound."""
    view = _View(terms, seats)
    found: list[Shortfall] = []
    for dossier in terms.dossiers:
        found += [*_vacated(view, dossier), *_overloaded(view, dossier), *_open(view, dossier)]
        found += [short for rule in terms.requirements for short in _lacking(view, dossier, rule)]
        found += _repeated(view, dossier)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _View:
    terms: Terms
    seats: Sequence[Proposed]

    def person(self, person_id: str) -> Candidate:
        return next(one for one in self.terms.candidates if one.person_id == person_id)

    def members(self, dossier: Dossier, *basis: Basis) -> list[Candidate]:
        return [
            self.person(seat.person_id)
            for seat in self.seats
            if seat.dossier_id == dossier.id and seat.basis in (basis or tuple(Basis))
        ]

    def added(self, candidate: Candidate) -> list[str]:
        """Return the titles of the dossiers that the candidate gets beyond the seats held now."""
        titles = {one.id: one.title for one in self.terms.dossiers}
        return [
            titles[seat.dossier_id]
            for seat in self.seats
            if seat.person_id == candidate.person_id and seat.basis is not Basis.KEPT
        ]

    def full(self, candidate: Candidate) -> bool:
        return candidate.load + len(self.added(candidate)) >= candidate.most

    def points(self, candidate: Candidate, dossier: Dossier) -> int:
        return affinity(candidate, dossier, self.terms.requirements)

    def worse(self, dossier: Dossier, gone: Candidate, come: Candidate) -> str:
        """Return which rule a change of one member would break more than it is broken now, or nothing."""
        before = self.members(dossier)
        after = [one for one in before if one != gone] + [come]
        for rule in self.terms.requirements:
            if lacking(rule, after) > lacking(rule, before):
                return f"{gone.label} brings the required expertise {rule.expertise}"
        if self.terms.spread_regions and sum(repeats(after).values()) > sum(repeats(before).values()):
            return f"the region {come.region_id} has a reviewer of this dossier already"
        return ""


def lacking(rule: Requirement, members: Sequence[Candidate]) -> int:
    """Return how many holders of the rule's expertise are lacking."""
    return max(0, rule.at_least - sum(rule.expertise in one.expertise for one in members))


def repeats(members: Sequence[Candidate]) -> dict[str, int]:
    """Return the regions that more than one member comes from, with how many more."""
    regions = Counter(one.region_id for one in members if one.region_id)
    return {region: times - 1 for region, times in sorted(regions.items()) if times > 1}


def _why_not(view: _View, dossier: Dossier, candidate: Candidate) -> str:
    against = view.terms.reasons_against().get((dossier.id, candidate.person_id))
    if against is not None:
        return against
    if view.full(candidate):
        elsewhere = view.added(candidate)
        gets = f", with {', '.join(elsewhere)} in this proposal" if elsewhere else " already"
        return f"Holds {candidate.load + len(elsewhere)} of at most {candidate.most} seats{gets}."
    chosen = view.members(dossier, Basis.CHOSEN)
    if not chosen:
        return "Every seat stands already, or was decided by hand."
    barriers = [(view.worse(dossier, gone, candidate), gone) for gone in chosen]
    rivals = [gone for barrier, gone in barriers if not barrier]
    if not rivals:
        return "No seat could be changed: " + "; ".join(dict.fromkeys(barrier for barrier, _ in barriers)) + "."
    rival = min(rivals, key=lambda one: view.points(one, dossier))
    by = view.points(rival, dossier) - view.points(candidate, dossier)
    if by:
        return f"{rival.label} fits better by {by} points."
    return f"{rival.label} fits as well, and the loads would be no more even the other way round."


def _vacated(view: _View, dossier: Dossier) -> Iterator[Shortfall]:
    against = view.terms.reasons_against()
    pinned = [person_id for dossier_id, person_id in view.terms.pinned if dossier_id == dossier.id]
    for person_id in dict.fromkeys([*dossier.kept, *pinned]):
        if (dossier.id, person_id) in against:
            yield Shortfall(
                dossier.id,
                ShortfallCode.EXCLUDED,
                f"{view.person(person_id).label} cannot have the seat: {against[dossier.id, person_id]}",
                "Choose somebody else by hand, or leave the seat to the proposal.",
            )


def _overloaded(view: _View, dossier: Dossier) -> Iterator[Shortfall]:
    for one in view.members(dossier, Basis.PINNED):
        held = one.load + len(view.added(one))
        if held > one.most:
            yield Shortfall(
                dossier.id,
                ShortfallCode.LOAD,
                f"{one.label} holds {held} seats, more than the bound of {one.most}, as decided by hand.",
                "Take back a decision, or raise the bound.",
            )


def _open(view: _View, dossier: Dossier) -> Iterator[Shortfall]:
    members = view.members(dossier)
    if len(members) < dossier.wanted:
        missing = dossier.wanted - len(members)
        rest = [one for one in view.terms.candidates if one not in members]
        yield Shortfall(
            dossier.id,
            ShortfallCode.SEATS,
            f"{len(members)} of {dossier.wanted} reviewers found. {_state(view, dossier, rest)}",
            f"Invite {missing} more without a conflict, or raise the bound of somebody who is full.",
        )


def _lacking(view: _View, dossier: Dossier, rule: Requirement) -> Iterator[Shortfall]:
    members = view.members(dossier)
    missing = lacking(rule, members)
    if missing:
        rest = [one for one in view.terms.candidates if one not in members and rule.expertise in one.expertise]
        holders = rule.at_least - missing
        yield Shortfall(
            dossier.id,
            ShortfallCode.COMPOSITION,
            f"{holders} of at least {rule.at_least} reviewers with {rule.expertise}. {_state(view, dossier, rest)}",
            f"Invite somebody with {rule.expertise} without a conflict, or raise the bound of somebody who is full.",
        )


def _repeated(view: _View, dossier: Dossier) -> Iterator[Shortfall]:
    if view.terms.spread_regions:
        for region, more in repeats(view.members(dossier)).items():
            yield Shortfall(
                dossier.id,
                ShortfallCode.REGIONS,
                f"{more + 1} reviewers come from {region}.",
                "Invite somebody from another region, or accept it.",
            )


def _state(view: _View, dossier: Dossier, others: Sequence[Candidate]) -> str:
    against = view.terms.reasons_against()
    free = [one for one in others if (dossier.id, one.person_id) not in against]
    full = sum(view.full(one) for one in free)
    return f"Of {len(others)} others who could do it, {len(others) - len(free)} are excluded and {full} are full."
