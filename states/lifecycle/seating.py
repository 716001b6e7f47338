"""Who is to sit in a round: the plan is read, the choice is made outside any transaction, the seats are taken."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from states.collaborations.queries import collaboration_by_id
from states.lifecycle.editions import playbook_of
from states.lifecycle.rounds import panel_in
from states.partners.queries import Holder, holders
from states.review.assignment import Assignment, Candidate, Dossier, Exclusion, Requirement, assign
from states.review.firewall import proposed_conflicts
from states.review.firewall_tables import ConflictKind
from states.review.queries import loads, round_by_id, seat_changes_of, seats_of
from states.review.seats import Place, take_seat
from states.review.tables import ReviewRound, RoundState


@dataclass(frozen=True, slots=True)
class SeatingPlan:
    """What the choice of reviewers starts from: plain values, so that it can be made outside a transaction."""

    dossier: Dossier
    candidates: tuple[Candidate, ...]
    exclusions: tuple[Exclusion, ...]
    requirements: tuple[Requirement, ...]
    pinned: tuple[tuple[str, str], ...] = ()


def plan_seats(session: Session, collaboration_id: str, panel_key: str, *, round_id: str | None = None) -> SeatingPlan:
    """Collect who may review a dossier, who may not and why; with a round, who sits there stays."""
    collaboration = collaboration_by_id(session, collaboration_id)
    panel = panel_in(playbook_of(session, collaboration).panels, panel_key)
    held = holders(session, collaboration.partnership_id, panel.members)
    conflicts = proposed_conflicts(session, collaboration, panel=panel)
    busy = loads(session, [one.person.id for one in held])
    everybody = seats_of(session, round_id, every=True) if round_id else []
    kept = tuple(person.id for _, person in seats_of(session, round_id)) if round_id else ()
    by_hand = {one.person_id: one for one in seat_changes_of(session, round_id)} if round_id else {}
    exclusions = [
        Exclusion(person_id, collaboration.id, "conflict", f"{found[0].message}")
        for person_id, found in conflicts.items()
        if found and found[0].kind is ConflictKind.DISQUALIFYING
    ]
    exclusions += [
        Exclusion(person.id, collaboration.id, seat.state.value, seat.left_because)
        for seat, person in everybody
        if person.id not in kept
    ]
    return SeatingPlan(
        Dossier(
            id=collaboration.id,
            title=collaboration.title,
            topics=frozenset(rule.expertise for rule in panel.composition),
            wanted=panel.seats,
            kept=kept,
        ),
        tuple(_candidate(one, load=busy[one.person.id] - (one.person.id in kept), most=panel.load) for one in held),
        tuple(exclusions),
        tuple(Requirement(rule.expertise, rule.at_least) for rule in panel.composition),
        tuple((collaboration.id, key) for key, change in by_hand.items() if change.seated),
    )


def _candidate(one: Holder, *, load: int, most: int) -> Candidate:
    return Candidate(
        person_id=one.person.id,
        label=one.person.label,
        expertise=frozenset(one.grant.expertise),
        organisation_id=one.grant.organisation_id,
        region_id=one.grant.region_id,
        load=load,
        most=most,
    )


def choose_seats(plan: SeatingPlan) -> Assignment:
    """Choose the reviewers: slow, and pure, so never inside a transaction."""
    return assign(
        [plan.dossier],
        plan.candidates,
        excluded=plan.exclusions,
        requirements=plan.requirements,
        pinned=plan.pinned,
    )


def places_of(assignment: Assignment) -> list[Place]:
    """Return the chosen reviewers as places, each with why."""
    return [Place(one.person_id, why=tuple(one.why)) for one in assignment.seats]


def fill_seats(session: Session, round_id: str, *, places: Sequence[Place]) -> ReviewRound:
    """Seat replacements in a round that is still open; who sits or sat there already is left as is."""
    row = round_by_id(session, round_id)
    collaboration = collaboration_by_id(session, row.collaboration_id)
    playbook = playbook_of(session, collaboration)
    panel = panel_in(playbook.panels, row.panel)
    if row.state is RoundState.OPEN:
        for place in places:
            take_seat(
                session, row, place, collaboration=collaboration, panel=panel, ladder=playbook.ladders[panel.ladder]
            )
    return row
