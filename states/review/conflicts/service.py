"""Conflicts of interest: nobody reads a dossier before agreeing to the rules and declaring for that version of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlmodel import Session, col, select

from states.clock import now, today
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.deadlines.service import close_deadlines
from states.errors import Fault, Invalid, Refusal
from states.machines.stepping import begin, need, step
from states.outbox.service import publish
from states.partners.queries import holders
from states.review.conflicts.likely import Applicant, LikelyConflict, Reviewer, likely_conflicts
from states.review.conflicts.states import CLEAR, DECLARATION, DECLARED, EXCLUDE, RETRACT, DossierClosed
from states.review.conflicts.tables import (
    ConflictKind,
    Declaration,
    Relation,
    ReviewerAgreement,
    Ruling,
)
from states.review.definition import Panel
from states.review.queries import declarations_of, seat_of
from states.review.seats import DECLARATION_DEADLINE, end_seat, need_seat
from states.review.service import wait_for_turn
from states.review.states import DECLARE, DISQUALIFY
from states.review.tables import ReviewRound, SeatState
from states.storage import bump_version

_REVIEWERS = ("iag_member", "wgra_member")
_MANAGERS = ("iag_secretary", "project_manager")


class DeclarationInvalid(Invalid):
    """The declaration does not fit."""

    code = "declaration_invalid"


@dataclass(frozen=True, slots=True)
class Clearance:
    """Whether a seat opens the dossier, and what stands in the way."""

    refusals: tuple[Refusal, ...]

    @property
    def open(self) -> bool:
        """Tell whether the whole dossier may be read."""
        return not self.refusals


def agree(session: Session, *, partnership_id: str, person_id: str) -> ReviewerAgreement:
    """Record that a reviewer agrees to the rules of the review for this year; twice is once."""
    key = (partnership_id, person_id, today().year)
    known = session.get(ReviewerAgreement, key)
    if known is not None:
        return known
    row = ReviewerAgreement(partnership_id=key[0], person_id=key[1], year=key[2], agreed_at=now())
    session.add(row)
    session.flush()
    return row


def agreed(session: Session, *, partnership_id: str, person_id: str) -> bool:
    """Tell whether a reviewer has agreed for this year."""
    return session.get(ReviewerAgreement, (partnership_id, person_id, today().year)) is not None


def declare_relation(session: Session, row: Relation) -> Relation:
    """Record a tie to an organisation; what ends before it begins is refused."""
    if row.until is not None and row.until < row.since:
        raise DeclarationInvalid(
            faults=[
                Fault("until", "ends_before_it_begins", remedy="give_dates_in_order", until=row.until, since=row.since)
            ]
        )
    session.add(row)
    session.flush()
    return row


def proposed_conflicts(
    session: Session, collaboration: Collaboration, *, panel: Panel, person_ids: Sequence[str] | None = None
) -> dict[str, list[LikelyConflict]]:
    """Return the likely conflicts of the panel's members (or of these people) with the consortium, by person."""
    members = members_of(session, [collaboration.id])[collaboration.id]
    applicants = [
        Applicant(entry.organisation.id, entry.organisation.name, frozenset(entry.organisation.domains))
        for entry in members
    ]
    held = holders(session, collaboration.partnership_id, panel.members)
    wanted = [one for one in held if person_ids is None or one.person.id in person_ids]
    relations = session.exec(
        select(Relation).where(col(Relation.person_id).in_([one.person.id for one in wanted]))
    ).all()
    return {
        one.person.id: likely_conflicts(
            Reviewer(
                one.person.id,
                one.grant.organisation_id,
                one.person.email,
                tuple(tie for tie in relations if tie.person_id == one.person.id),
            ),
            applicants,
            on=today(),
            lookback=panel.lookback,
        )
        for one in wanted
    }


def declare(
    session: Session,
    row: ReviewRound,
    *,
    person_id: str,
    kind: ConflictKind,
    reason: str,
    collaboration: Collaboration,
) -> Declaration:
    """Declare for this round; a disqualifying conflict ends the seat at once, a potential one waits for a ruling.

    Until the ruling nobody takes a potential conflict back: that would be ruling on one's own.
    """
    wait_for_turn(session, row)
    seat = seat_of(session, row.id, person_id)
    held = need_seat(seat, DECLARE)
    if kind is not ConflictKind.NONE and not reason.strip():
        raise DeclarationInvalid(faults=[Fault("reason", "missing", remedy="say_what_conflict")])
    past = [one for one in declarations_of(session, row.id) if one.person_id == person_id]
    if kind is ConflictKind.NONE and past:
        need(DECLARATION, past[-1].ruling, RETRACT)
    bump_version(session, row)
    declaration = Declaration(
        round_id=row.id,
        person_id=person_id,
        number=len(past) + 1,
        kind=kind,
        reason=reason.strip(),
        declared_at=now(),
        ruling=begin(DECLARATION, DECLARED[kind]),
    )
    session.add(declaration)
    session.flush()
    close_deadlines(session, DECLARATION_DEADLINE, subject_id=row.id, owner_person_id=person_id)
    publish_declared(session, row, declaration, collaboration)
    if kind is ConflictKind.DISQUALIFYING:
        end_seat(session, row, held, DISQUALIFY, because=reason, collaboration=collaboration)
    return declaration


def rule(
    session: Session,
    row: ReviewRound,
    *,
    person_id: str,
    cleared: bool,
    reason: str,
    ruled_by: str,
    collaboration: Collaboration,
) -> Declaration:
    """Rule on a potential conflict, with a reason; never on one's own."""
    last = last_declaration(session, row.id, person_id)
    need(DECLARATION, last.ruling if last is not None else None, CLEAR)
    assert last is not None
    if ruled_by == person_id:
        raise DossierClosed([Refusal("own_conflict", mend_by=_MANAGERS)])
    if not reason.strip():
        raise DeclarationInvalid(faults=[Fault("reason", "missing", remedy="say_why")])
    bump_version(session, row)
    last.ruling = step(DECLARATION, last.ruling, CLEAR if cleared else EXCLUDE)
    last.ruled_by, last.ruling_reason, last.ruled_at = ruled_by, reason.strip(), now()
    session.add(last)
    session.flush()
    seat = seat_of(session, row.id, person_id)
    if not cleared and seat is not None and DISQUALIFY.leaves(seat.state):
        end_seat(session, row, seat, DISQUALIFY, because=reason, collaboration=collaboration)
    return last


def clearance(session: Session, row: ReviewRound, *, person_id: str, partnership_id: str) -> Clearance:
    """Say whether this person's seat opens the dossier of this round now."""
    return clearance_of(
        row.id,
        seat_of(session, row.id, person_id),
        last_declaration(session, row.id, person_id),
        agreed=agreed(session, partnership_id=partnership_id, person_id=person_id),
    )


class Sits(Protocol):
    """A seat, as far as it opens a dossier."""

    @property
    def state(self) -> SeatState: ...


class Ruled(Protocol):
    """A declaration, as far as it opens a dossier."""

    @property
    def ruling(self) -> Ruling: ...


def clearance_of(round_id: str, seat: Sits | None, last: Ruled | None, *, agreed: bool) -> Clearance:
    """Say whether a seat opens the dossier of a round, by the declaration that counts and this year's agreement."""
    if seat is None or seat.state is SeatState.REMOVED:
        return Clearance((Refusal("not_seated", mend_by=_MANAGERS, where="rounds"),))
    if excluded(seat, last):
        return Clearance((Refusal("disqualified"),))
    if seat.state is SeatState.WITHDRAWN:
        return Clearance((Refusal("withdrawn"),))
    refusals = []
    if not agreed:
        refusals.append(Refusal("no_agreement", year=today().year, mend_by=_REVIEWERS, where="me/agreement"))
    if last is None:
        refusals.append(Refusal("not_declared", mend_by=_REVIEWERS, where=f"rounds/{round_id}/declaration"))
    elif last.ruling is Ruling.PENDING:
        chairs = ("iag_chair", "wgra_chair")
        refusals.append(Refusal("ruling_pending", mend_by=chairs, where=f"rounds/{round_id}/declarations"))
    return Clearance(tuple(refusals))


def excluded(seat: Sits, last: Ruled | None) -> bool:
    """Tell whether a conflict of interest ended this seat."""
    return seat.state is SeatState.DISQUALIFIED or (last is not None and last.ruling is Ruling.EXCLUDED)


def need_no_conflict(session: Session, row: ReviewRound, person_id: str) -> None:
    """Raise `DossierClosed` where a conflict keeps this person out: who must not read does not write."""
    seat, last = seat_of(session, row.id, person_id), last_declaration(session, row.id, person_id)
    excluded = last is not None and last.ruling is not Ruling.CLEARED
    if excluded or (seat is not None and seat.state is SeatState.DISQUALIFIED):
        raise DossierClosed([Refusal("disqualified", mend_by=_MANAGERS)])


def last_declaration(session: Session, round_id: str, person_id: str) -> Declaration | None:
    """Return the declaration of this person that counts for this round."""
    found = [one for one in declarations_of(session, round_id) if one.person_id == person_id]
    return found[-1] if found else None


def publish_declared(
    session: Session, row: ReviewRound, declaration: Declaration, collaboration: Collaboration
) -> None:
    """Tell that somebody has declared: ids only, never what."""
    publish(
        session,
        "review.declared",
        partnership_id=collaboration.partnership_id,
        collaboration_id=collaboration.id,
        round_id=row.id,
        declaration_id=declaration.id,
    )
