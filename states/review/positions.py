"""Positions: what each region of a consortium says of its own money."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from states.clock import now
from states.collaborations.tables import Collaboration
from states.deadlines.service import close_deadlines
from states.errors import Fault, Invalid
from states.outbox.service import publish
from states.partners.tables import Region
from states.review.definition import PanelKind
from states.review.evaluations import need_cleared_seat
from states.review.queries import position_of, positions_of, seats_of
from states.review.seats import ANSWER_DEADLINE
from states.review.service import tell_if_all_in, wait_for_turn
from states.review.states import ANSWER, need_round
from states.review.tables import Position, PriorityMatch, ReviewRound, Willingness
from states.storage import bump_version, fits_cents

_MAX_RATE = Decimal(100)
_HUNDREDTH = Decimal("0.01")


class PositionInvalid(Invalid):
    """The position does not fit."""

    code = "position_invalid"


@dataclass(frozen=True, slots=True)
class Stance:
    """What a region says of its own money: rate in percent, amount in EUR, window as dates."""

    willingness: Willingness
    priority_match: PriorityMatch
    condition: str = ""
    citation: str = ""
    instrument: str = ""
    window_opens: date | None = None
    window_closes: date | None = None
    maximum_rate: Decimal | None = None
    maximum_amount: Decimal | None = None
    alignment_action: str = ""


def state_position(
    session: Session,
    row: ReviewRound,
    *,
    person_id: str,
    region: Region,
    stance: Stance,
    expected_version: int | None = None,
) -> Position:
    """State, or restate while the round is open, the position of one region on its own money.

    Any member of the region may; with the last region's first statement all answers are in.
    """
    wait_for_turn(session, row)
    need_round(row, ANSWER)
    collaboration = session.get_one(Collaboration, row.collaboration_id)
    need_cleared_seat(session, row, person_id, collaboration=collaboration, region_id=region.id)
    faults = list(_stance_faults(stance))
    if faults:
        raise PositionInvalid(faults=faults)
    bump_version(session, row)
    stated = position_of(session, row.id, region.id)
    if stated is not None:
        bump_version(session, stated, expected=expected_version)
    counted = region.id in {one.id for _, one in positions_of(session, row.id)}
    position = stated or Position(
        round_id=row.id,
        region_id=region.id,
        person_id=person_id,
        willingness=stance.willingness,
        priority_match=stance.priority_match,
        stated_at=now(),
    )
    for name in Stance.__slots__:
        setattr(position, name, getattr(stance, name))
    position.person_id, position.stated_at = person_id, now()
    session.add(position)
    session.flush()
    key = collaboration.id
    publish(session, "review.position_stated", partnership_id=collaboration.partnership_id, collaboration_id=key)
    if not counted:
        for seat, person in seats_of(session, row.id):
            if seat.region_id == region.id:
                close_deadlines(
                    session, ANSWER_DEADLINE[PanelKind.POSITIONS], subject_id=row.id, owner_person_id=person.id
                )
        tell_if_all_in(session, row)
    return position


def _stance_faults(stance: Stance) -> Iterator[Fault]:
    if stance.willingness is Willingness.IF and not stance.condition.strip():
        yield Fault("condition", "missing", remedy="say_under_which_condition_region_willing")
    rate, amount = stance.maximum_rate, stance.maximum_amount
    if rate is not None and not (rate.is_finite() and 0 <= rate <= _MAX_RATE and rate == rate.quantize(_HUNDREDTH)):
        yield Fault("maximum_rate", "no_percentage", remedy="percentage", rate=rate)
    if amount is not None and not (fits_cents(amount) and amount >= 0):
        yield Fault("maximum_amount", "amount_out_of_range", remedy="zero_or_more_to_the_cent", amount=amount)
    opens, closes = stance.window_opens, stance.window_closes
    if opens is not None and closes is not None and closes < opens:
        yield Fault("window_closes", "before_opening_on", remedy="give_dates_in_order", closes=closes, opens=opens)
