"""Seats of a round: taken, left, taken again by a replacement; changes by hand stay on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from states.clock import now, today
from states.collaborations.blinding import blind_title
from states.collaborations.tables import Collaboration
from states.deadlines.definition import Rung
from states.deadlines.service import On, Owner, close_deadlines, open_deadline
from states.deadlines.states import CANCEL
from states.errors import Fault, Invalid
from states.machines.definition import Move
from states.machines.stepping import need, step
from states.outbox.service import publish
from states.places.working_days import shift
from states.review.definition import Panel, PanelKind
from states.review.queries import seat_of
from states.review.states import ANSWER, GIVE_UP, SEAT, WITHDRAW, need_round
from states.review.tables import ReviewRound, Seat, SeatChange, SeatState
from states.storage import bump_version
from states.texts import Text

DECLARATION_DEADLINE = "declaration"
ANSWER_DEADLINE = {PanelKind.SCORES: "evaluation", PanelKind.POSITIONS: "position"}
SEAT_DEADLINES = (DECLARATION_DEADLINE, *ANSWER_DEADLINE.values())


@dataclass(frozen=True, slots=True)
class Place:
    """Who is to sit, for which region if any, and why."""

    person_id: str
    region_id: str | None = None
    why: tuple[str, ...] = ()


def declare_by(row: ReviewRound, panel: Panel, *, seated_on: date) -> date:
    """Return until when somebody who sits down on that day declares: never later than the round is due."""
    return min(shift(seated_on, panel.declare_within, nuts=""), row.due_on)


def take_seat(
    session: Session,
    row: ReviewRound,
    place: Place,
    *,
    collaboration: Collaboration,
    panel: Panel,
    ladder: Sequence[Rung],
) -> Seat:
    """Seat a person, once, with a deadline to declare and one to answer, and tell of it: that is the invitation."""
    known = seat_of(session, row.id, place.person_id)
    if known is not None:
        return known
    seat = Seat(
        round_id=row.id,
        person_id=place.person_id,
        region_id=place.region_id,
        why=list(place.why),
        invited_at=now(),
    )
    session.add(seat)
    session.flush()
    title = blind_title(session, collaboration) if panel.blind else collaboration.title
    for kind, day, what in (
        (DECLARATION_DEADLINE, declare_by(row, panel, seated_on=today()), Text("waits", "declaration").kept),
        (ANSWER_DEADLINE[panel.kind], row.due_on, panel.title),  # the round closes then, whoever sits down late
    ):
        open_deadline(
            session,
            kind=kind,
            subject_id=row.id,
            title=f"{title}: {what}",
            partnership_id=collaboration.partnership_id,
            collaboration_id=collaboration.id,
            owner=Owner(panel.members, person_id=place.person_id, chair_role=panel.chair, personal=True),
            due=On(day),
            ladder=ladder,
        )
    _tell(session, "review.invited", row, seat, collaboration)
    return seat


def withdraw(session: Session, row: ReviewRound, *, person_id: str, reason: str, collaboration: Collaboration) -> Seat:
    """Give a seat back while the round is open, with a reason; a replacement is looked for."""
    seat = seat_of(session, row.id, person_id)
    held = need_seat(seat, WITHDRAW)
    need_round(row, GIVE_UP)
    if not reason.strip():
        raise Invalid(faults=[Fault("reason", "missing", remedy="say_why_you_withdraw")])
    bump_version(session, row)
    end_seat(session, row, held, WITHDRAW, because=reason, collaboration=collaboration)
    return held


def need_seat(seat: Seat | None, move: Move[SeatState]) -> Seat:
    """Return the seat, or raise that there is none, or none any more, with which this may be done."""
    need(SEAT, seat.state if seat is not None else None, move)
    assert seat is not None
    return seat


def end_seat(
    session: Session,
    row: ReviewRound,
    seat: Seat,
    move: Move[SeatState],
    *,
    because: str,
    collaboration: Collaboration,
) -> None:
    """End a seat: its deadlines are cancelled, its answers no longer count, and a replacement may be found."""
    seat.state = step(SEAT, seat.state, move)
    seat.left_at, seat.left_because = now(), because.strip()
    session.add(seat)
    close_deadlines(session, *SEAT_DEADLINES, subject_id=row.id, owner_person_id=seat.person_id, move=CANCEL)
    session.flush()
    if ANSWER.leaves(row.phase):
        _tell(session, "review.seat_left", row, seat, collaboration)


def change_by_hand(
    session: Session,
    row: ReviewRound,
    *,
    person_id: str,
    seated: bool,
    reason: str,
    changed_by: str,
) -> SeatChange:
    """Record that somebody is put on a seat, or taken off it, by hand."""
    if not reason.strip():
        raise Invalid(faults=[Fault("reason", "missing", remedy="say_why_seats_changed_by_hand")])
    change = SeatChange(
        round_id=row.id,
        person_id=person_id,
        seated=seated,
        reason=reason.strip(),
        changed_by=changed_by,
        changed_at=now(),
    )
    session.add(change)
    session.flush()
    return change


def _tell(session: Session, name: str, row: ReviewRound, seat: Seat, collaboration: Collaboration) -> None:
    publish(
        session,
        name,
        partnership_id=collaboration.partnership_id,
        collaboration_id=collaboration.id,
        round_id=row.id,
        seat_id=seat.id,
    )
