"""Routes of conflicts of interest: likely conflicts, declarations and rulings, withdrawal, seats changed by hand."""

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import Session

from api.http.access import ROUND, Allowed
from api.http.conditional import Answered
from api.http.dependencies import CurrentActor, Tx, person_of
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Listing
from api.routes.review.conflict_schemas import (
    DeclarationIn,
    DeclarationOut,
    LikelyOut,
    ProposedOut,
    ReasonIn,
    RulingIn,
    SeatIn,
)
from api.routes.review.review_schemas import RoundDetailOut, RoundOutlineOut
from api.routes.review.review_views import labels, present_outline, present_round
from states.crossings.review.reviewer_assignment import fill_seats
from states.crossings.review.rounds import panel_of
from states.crossings.rights.collaborations import blinding_of
from states.errors import Missing, Refusal, Refused
from states.partners.queries import holders
from states.review.access import RoundAccess
from states.review.conflicts.likely import LikelyConflict
from states.review.conflicts.service import declare, last_declaration, proposed_conflicts, rule
from states.review.conflicts.tables import ConflictKind, Declaration
from states.review.queries import declarations_of, seat_of
from states.review.seats import Place, change_by_hand, end_seat, withdraw
from states.review.states import REMOVE, SEAT_ANEW, need_round
from states.rights.access import Action, may
from states.storage import bump_version

router = APIRouter(prefix="/rounds/{round_id}", tags=["review"], route_class=Idempotent)

See = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.READ_ROUND))]
Run = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.RUN_REVIEW))]
Declare = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.DECLARE))]
Rule = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.RULE_ON_CONFLICT))]


class SeatConflicted(Refused):
    """A conflict of interest keeps this person from the seat."""

    code = "seat_conflicted"


@router.get("/proposed-conflicts")
def list_proposed_conflicts(found: See, session: Tx, actor: CurrentActor, page: Page) -> Listing[ProposedOut]:
    """List the likely conflicts of the panel's members; a reviewer sees the own ones."""
    whole = may(actor, Action.RUN_REVIEW, found.scope)
    asked = None if whole else [person_of(actor)]
    panel = panel_of(session, found.row)
    conflicts = page.each(
        session, lambda: proposed_conflicts(session, found.collaboration, panel=panel, person_ids=asked)
    )
    names = labels(session, conflicts)
    blinding = blinding_of(session, actor, found.collaboration)
    return page.cut(
        sorted(conflicts, key=lambda key: (names[key], key)),
        str,
        show=lambda part: [
            blinding.over(
                ProposedOut(
                    person_id=key,
                    person=names[key],
                    conflicts=[LikelyOut.model_validate(one) for one in conflicts[key]],
                )
            )
            for key in part
        ],
    )


@router.post("/declaration", status_code=201)
def post_declaration(
    found: Declare, sent: DeclarationIn, session: Tx, actor: CurrentActor, answer: Answered
) -> DeclarationOut:
    """Declare whether one has a conflict of interest: none, a potential or a disqualifying one. A later one takes the
    place."""
    row = declare(
        session,
        found.row,
        person_id=person_of(actor),
        kind=sent.kind,
        reason=sent.reason,
        collaboration=found.collaboration,
    )
    answer.created("get_own_declaration", round_id=found.row.id)
    answer.tag(row.number)
    return _shown(session, [row])[0]


@router.get("/declaration")
def get_own_declaration(found: See, session: Tx, actor: CurrentActor) -> DeclarationOut:
    """Read the own declaration that counts, and what was ruled on it."""
    row = last_declaration(session, found.row.id, person_of(actor))
    if row is None:
        raise Missing("declaration", found.row.id)
    return _shown(session, [row])[0]


@router.get("/declarations")
def list_declarations(found: Run, session: Tx, page: Page) -> Listing[DeclarationOut]:
    """List every declaration of a round, with the rulings."""
    rows = page.each(session, lambda: declarations_of(session, found.row.id))
    return page.cut(rows, lambda one: one.id, show=lambda part: _shown(session, list(part)))


@router.post("/declarations/{person_id}/ruling", status_code=201)
def post_ruling(
    found: Rule, person_id: str, sent: RulingIn, session: Tx, actor: CurrentActor, answer: Answered
) -> DeclarationOut:
    """Rule on a potential conflict, with a reason."""
    row = rule(
        session,
        found.row,
        person_id=person_id,
        cleared=sent.cleared,
        reason=sent.reason,
        ruled_by=person_of(actor),
        collaboration=found.collaboration,
    )
    answer.created("list_declarations", round_id=found.row.id)
    return _shown(session, [row])[0]


@router.post("/withdrawal", status_code=201)
def post_seat_withdrawal(
    found: Declare, sent: ReasonIn, session: Tx, actor: CurrentActor, answer: Answered
) -> RoundOutlineOut:
    """Give the own seat back, with a reason; a replacement is looked for."""
    withdraw(session, found.row, person_id=person_of(actor), reason=sent.reason, collaboration=found.collaboration)
    answer.created("get_round", round_id=found.row.id)
    return present_outline(session, found.row, actor, found.collaboration)


@router.post("/seats", status_code=201)
def post_seat(found: Run, sent: SeatIn, session: Tx, actor: CurrentActor, answer: Answered) -> RoundDetailOut:
    """Seat a member of the panel by hand, with a reason that stays on record; never one with a clear conflict."""
    need_round(found.row, SEAT_ANEW)
    panel = panel_of(session, found.row)
    held = {one.person.id: one.grant for one in holders(session, actor.partnership_id, panel.members)}
    if sent.person not in held:
        raise Missing("member_of_this_panel", sent.person)
    conflicts = proposed_conflicts(session, found.collaboration, panel=panel, person_ids=[sent.person])[sent.person]
    _need_free(session, found, sent.person, conflicts)
    bump_version(session, found.row)
    change_by_hand(
        session, found.row, person_id=sent.person, seated=True, reason=sent.reason, changed_by=person_of(actor)
    )
    place = Place(sent.person, held[sent.person].region_id, (f"By hand: {sent.reason.strip()}",))
    fill_seats(session, found.row.id, places=[place])
    answer.created("get_round", round_id=found.row.id)
    return present_round(session, found.row, actor, found.collaboration)


def _need_free(session: Session, found: RoundAccess, person_id: str, conflicts: list[LikelyConflict]) -> None:
    reasons = [Refusal("conflict", conflict=one.why) for one in conflicts if one.kind is ConflictKind.DISQUALIFYING]
    seat = seat_of(session, found.row.id, person_id)
    if seat is not None:
        reasons.append(Refusal("seat_held", state=seat.state.value))
    if reasons:
        raise SeatConflicted(reasons)


@router.delete("/seats/{person_id}")
def delete_seat(found: Run, person_id: str, sent: ReasonIn, session: Tx, actor: CurrentActor) -> RoundDetailOut:
    """Take somebody off a seat by hand, with a reason that stays on record."""
    need_round(found.row, SEAT_ANEW)
    seat = seat_of(session, found.row.id, person_id)
    if seat is None or not REMOVE.leaves(seat.state):
        raise Missing("seat", person_id)
    bump_version(session, found.row)
    change_by_hand(
        session, found.row, person_id=person_id, seated=False, reason=sent.reason, changed_by=person_of(actor)
    )
    end_seat(
        session,
        found.row,
        seat,
        REMOVE,
        because=sent.reason,
        collaboration=found.collaboration,
    )
    return present_round(session, found.row, actor, found.collaboration)


def _shown(session: Session, rows: list[Declaration]) -> list[DeclarationOut]:
    names = labels(session, [one.person_id for one in rows])
    shown = set(DeclarationOut.model_fields) - {"person"}
    return [DeclarationOut(person=names[one.person_id], **one.model_dump(include=shown)) for one in rows]
