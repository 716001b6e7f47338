"""Who is to sit in a round: the plan is read, the choice is made outside any transaction, the seats are taken."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from states.collaborations.queries import collaboration_by_id
from states.computations.service import record_computation
from states.computations.tables import Computation
from states.crossings.review.rounds import panel_in, panel_of, regional_places
from states.outbox.service import publish
from states.partners.queries import Holder, holders
from states.playbooks.editions import playbook_of
from states.review.assignment.assign import (
    Assignment,
    Candidate,
    Dossier,
    Exclusion,
    Requirement,
    Shortfall,
    ShortfallCode,
    assign,
)
from states.review.conflicts.service import proposed_conflicts
from states.review.conflicts.tables import ConflictKind
from states.review.definition import PanelKind
from states.review.queries import (
    answers_in,
    loads,
    round_by_id,
    seat_changes_of,
    seats_of,
)
from states.review.seats import Place, take_seat
from states.review.service import nobody_for, tell_if_all_in
from states.review.tables import ReviewRound, RoundState
from states.storage import bump_version

log = logging.getLogger(__name__)

_SECONDS = 10  # of work, to choose reviewers for one dossier

# What leaves a seat or a rule of composition open; the other shortfalls are for whoever asks for a dry run.
_OPEN = frozenset({ShortfallCode.SEATS, ShortfallCode.COMPOSITION})


@dataclass(frozen=True, slots=True)
class SeatingPlan:
    """What the choice of reviewers starts from: plain values, so that it can be made outside a transaction."""

    dossier: Dossier
    candidates: tuple[Candidate, ...]
    exclusions: tuple[Exclusion, ...]
    requirements: tuple[Requirement, ...]
    pinned: tuple[tuple[str, str], ...] = ()


def plan_seats(session: Session, collaboration_id: str, panel_key: str, *, round_id: str | None = None) -> SeatingPlan:
    """Collect who may review a dossier, who may not and why; with a round, who sits there stays.

    A panel of positions seats the members of its regions by itself: its plan wants nobody.
    """
    collaboration = collaboration_by_id(session, collaboration_id)
    panel = panel_in(playbook_of(session, collaboration).panels, panel_key)
    held = {one.person.id: one for one in holders(session, collaboration.partnership_id, panel.members)}
    conflicts = proposed_conflicts(session, collaboration, panel=panel)
    busy = loads(session, list(held))
    everybody = seats_of(session, round_id, every=True) if round_id else []
    sitting = [person.id for _, person in seats_of(session, round_id)] if round_id else []
    wanted = panel.seats if panel.kind is PanelKind.SCORES else 0
    by_hand = {one.person_id: one for one in seat_changes_of(session, round_id)} if round_id else {}
    exclusions = [
        Exclusion(person_id, collaboration.id, "conflict", found[0].message)
        for person_id, found in conflicts.items()
        if found and found[0].kind is ConflictKind.DISQUALIFYING and person_id not in sitting
    ]
    exclusions += [
        Exclusion(person.id, collaboration.id, seat.state.value, seat.left_because)
        for seat, person in everybody
        if person.id not in sitting
    ]
    return SeatingPlan(
        Dossier(
            id=collaboration.id,
            title=collaboration.title,
            topics=frozenset(rule.expertise for rule in panel.composition),
            # Who sits and has lost the role since keeps the seat, and is no candidate.
            wanted=max(0, wanted - sum(one not in held for one in sitting)),
            kept=tuple(one for one in sitting if one in held),
        ),
        tuple(_candidate(one, load=busy[key], most=panel.load) for key, one in held.items()),
        tuple(exclusions),
        tuple(Requirement(rule.expertise, rule.at_least) for rule in panel.composition),
        tuple((collaboration.id, key) for key, change in by_hand.items() if change.seated and key in held),
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
        seconds=_SECONDS,
    )


def places_of(assignment: Assignment) -> list[Place]:
    """Return the chosen reviewers as places, each with why."""
    return [Place(one.person_id, why=tuple(one.why)) for one in assignment.seats]


def fill_seats(session: Session, round_id: str, *, places: Sequence[Place]) -> ReviewRound:
    """Seat replacements in a round that is still open; who sits or sat there already is left as is.

    A panel of positions also seats whoever speaks for its regions now.
    """
    row = round_by_id(session, round_id)
    if row.state is not RoundState.OPEN:
        return row
    bump_version(session, row)  # it may be closed at this moment
    collaboration = collaboration_by_id(session, row.collaboration_id)
    playbook = playbook_of(session, collaboration)
    panel = panel_in(playbook.panels, row.panel)
    if panel.kind is PanelKind.POSITIONS:
        regional = regional_places(session, collaboration.partnership_id, panel=panel, region_ids=row.asked_regions)
        places = [*places, *regional]
    for place in places:
        take_seat(session, row, place, collaboration=collaboration, panel=panel, ladder=playbook.ladders[panel.ladder])
    return row


def record_assignment(
    session: Session, row: ReviewRound, chosen: Assignment, *, person_id: str | None = None
) -> Computation | None:
    """Keep in the ledger how the seats of a round were chosen: for whom, by what affinity and why, and what is lacking.

    None where nobody was to be chosen, or the seats of this round were not: it was open already.
    """
    (dossier,) = chosen.terms.dossiers
    kept = set(dossier.kept)
    new = [one for one in chosen.seats if one.person_id not in kept]
    sitting = {person.id for _, person in seats_of(session, row.id)}
    if not dossier.wanted or not sitting.issuperset(one.person_id for one in new):
        return None
    return record_computation(
        session,
        "seating",
        subject_id=row.id,
        partnership_id=collaboration_by_id(session, row.collaboration_id).partnership_id,
        collaboration_id=row.collaboration_id,
        person_id=person_id,
        seconds=_SECONDS,
        task={"wanted": dossier.wanted, "kept": list(dossier.kept), "candidates": len(chosen.terms.candidates)},
        answer={
            "seats": [
                {"person_id": one.person_id, "affinity": one.affinity, "why": list(one.why), "basis": one.basis.value}
                for one in chosen.seats
            ],
            "shortfalls": [f"{one.message} {one.remedy}" for one in chosen.shortfalls],
            "proven": chosen.proven,
            "took": round(chosen.seconds, 3),
        },
    )


def check_coverage(session: Session, row: ReviewRound, shortfalls: Sequence[Shortfall]) -> list[str]:
    """After seats were given or left: tell of what stays open, and that all answers are in where that is so now.

    Returns what stays open in words. Answers are all in only with the quorum; below it somebody must act by hand.
    """
    if row.state is not RoundState.OPEN:
        return []
    panel = panel_of(session, row)
    short = [f"{one.message} {one.remedy}" for one in shortfalls if one.code in _OPEN]
    short += nobody_for(session, row)
    if short:
        log.warning("short of reviewers round=%s panel=%s open=%d", row.id, row.panel, len(short))
        publish(
            session,
            "review.short_of_reviewers",
            partnership_id=collaboration_by_id(session, row.collaboration_id).partnership_id,
            collaboration_id=row.collaboration_id,
            round_id=row.id,
            message="\n".join(short),
        )
    if panel.has_quorum(answers_in(session, row.id)):
        tell_if_all_in(session, row)
    return short
