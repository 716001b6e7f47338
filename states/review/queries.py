"""Reads of review rounds, evaluations, positions and decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, case, distinct, exists, false
from sqlalchemy import select as plain
from sqlmodel import Session, and_, col, func, or_, select

from states.collaborations.tables import Collaboration
from states.errors import Missing
from states.partners.tables import Person, Region
from states.review.conflicts.tables import Declaration, Ruling
from states.review.definition import Phase
from states.review.tables import (
    Condition,
    ConditionState,
    Consensus,
    Decision,
    Discussion,
    Evaluation,
    EvaluationDraft,
    Outcome,
    PanelMinute,
    Position,
    ReviewRound,
    RoundState,
    Seat,
    SeatChange,
    SeatState,
    Willingness,
)
from states.storage import Keys, Length, PlainSelect, Reading, Readings, columns_of, is_one_of, table_of


@dataclass(frozen=True, slots=True)
class RoundRead:
    """A round as far as moves and obligations depend on it; `outcome` is that of its released decision.

    When its decision was prepared and confirmed, released or not, stands beside it.
    """

    id: str
    number: int
    panel: str
    protocol_version_id: str
    state: RoundState
    phase: Phase
    opened_at: datetime
    closed_at: datetime | None
    asked_regions: list[str]
    outcome: Outcome | None
    prepared_at: datetime | None
    confirmed_at: datetime | None


_OF_DECISION = ("outcome", "prepared_at", "confirmed_at")


@dataclass(frozen=True, slots=True)
class PositionRead:
    """A position that counts, with the region that states it: rate in percent, amount in EUR."""

    round_id: str
    region_id: str
    willingness: Willingness
    window_opens: date | None
    window_closes: date | None
    maximum_rate: Decimal | None
    maximum_amount: Decimal | None
    region: str
    codes: list[str]


@dataclass(frozen=True, slots=True)
class OpenCondition:
    """A condition of a decision that is neither met nor waived, and the round of the decision."""

    id: str
    number: int
    panel: str
    opened_at: datetime
    round_id: str


def _rounds(keys: Keys) -> PlainSelect:
    opened, decision = columns_of(ReviewRound), columns_of(Decision)
    read = [opened[name] for name in RoundRead.__slots__ if name not in _OF_DECISION]
    with_decision = table_of(ReviewRound).outerjoin(table_of(Decision), decision.round_id == opened.id)
    released = case((decision.released_at.is_not(None), decision.outcome))
    steps = (released.label("outcome"), decision.prepared_at, decision.confirmed_at)
    by_key = plain(opened.collaboration_id, *read, *steps).select_from(with_decision)
    return by_key.where(opened.collaboration_id.in_(keys))


def _positions(keys: Keys) -> PlainSelect:
    opened, position, region = columns_of(ReviewRound), columns_of(Position), columns_of(Region)
    read = [position[name] for name in PositionRead.__slots__ if name not in ("region", "codes")]
    of_round = (position.round_id == opened.id, region.id == position.region_id, _free_of_conflict())
    by_key = plain(opened.collaboration_id, *read, region.name, region.codes)
    return by_key.where(opened.collaboration_id.in_(keys), *of_round)


def _open_conditions(keys: Keys) -> PlainSelect:
    opened, condition = columns_of(ReviewRound), columns_of(Condition)
    read = [condition.id, condition.number, opened.panel, opened.opened_at, opened.id]
    of_round = (condition.round_id == opened.id, condition.state == ConditionState.OPEN)
    return plain(opened.collaboration_id, *read).where(opened.collaboration_id.in_(keys), *of_round)


def _free_of_conflict() -> ColumnElement[bool]:
    seat, position = columns_of(Seat), columns_of(Position)
    disqualified = plain(seat.id).where(
        seat.round_id == position.round_id,
        seat.person_id == position.person_id,
        seat.state == SeatState.DISQUALIFIED,
    )
    return ~disqualified.exists()


ROUNDS = Reading(RoundRead, _rounds)
POSITIONS = Reading(PositionRead, _positions)
OPEN_CONDITIONS = Reading(OpenCondition, _open_conditions)


def rounds_read(read: Readings, key: str) -> list[RoundRead]:
    """Return the rounds of a collaboration, oldest first."""
    return sorted(read.of(ROUNDS, key), key=lambda one: (one.opened_at, one.number))


def latest_positions(read: Readings, key: str) -> list[PositionRead]:
    """Return what each region has said last of its own money, by the region's name."""
    order = {one.id: place for place, one in enumerate(rounds_read(read, key))}
    stated = sorted(read.of(POSITIONS, key), key=lambda one: order[one.round_id])
    return sorted({one.region_id: one for one in stated}.values(), key=lambda one: one.region)


def open_conditions(read: Readings, key: str) -> list[OpenCondition]:
    """Return the open conditions of a collaboration's decisions, oldest round first."""
    return sorted(read.of(OPEN_CONDITIONS, key), key=lambda one: (one.opened_at, one.round_id, one.number))


def round_by_id(session: Session, key: str) -> ReviewRound:
    """Return the round, or raise `Missing`."""
    found = session.get(ReviewRound, key)
    if found is None:
        raise Missing("review_round", key)
    return found


def rounds_of(session: Session, collaboration_ids: Sequence[str]) -> list[ReviewRound]:
    """Return the rounds of these collaborations, oldest first."""
    query = select(ReviewRound).where(col(ReviewRound.collaboration_id).in_(collaboration_ids))
    return list(session.exec(query.order_by(col(ReviewRound.opened_at), col(ReviewRound.number))))


def seats_of(session: Session, round_id: str, *, every: bool = False) -> list[tuple[Seat, Person]]:
    """Return the active seats of a round (or every one) with the people on them, by label."""
    query = select(Seat, Person).join(Person, col(Person.id) == col(Seat.person_id)).where(Seat.round_id == round_id)
    if not every:
        query = query.where(Seat.state == SeatState.ACTIVE)
    return list(session.exec(query.order_by(col(Person.label), col(Person.id))))


def seated_in_rounds(session: Session, round_ids: Sequence[str]) -> dict[str, set[str]]:
    """Return who ever had a seat, by round."""
    found: dict[str, set[str]] = {key: set() for key in round_ids}
    for key, person_id in session.exec(select(Seat.round_id, Seat.person_id).where(col(Seat.round_id).in_(round_ids))):
        found[key].add(person_id)
    return found


def seat_of(session: Session, round_id: str, person_id: str) -> Seat | None:
    """Return a person's seat in a round, active or not."""
    query = select(Seat).where(Seat.round_id == round_id, Seat.person_id == person_id)
    return session.exec(query).one_or_none()


def open_seats_of(session: Session, person_id: str, partnership_id: str) -> list[tuple[Seat, ReviewRound]]:
    """Return a person's active seats in a partnership's open rounds, the newest round first."""
    query = (
        select(Seat, ReviewRound)
        .join(ReviewRound, col(ReviewRound.id) == col(Seat.round_id))
        .join(Collaboration, col(Collaboration.id) == col(ReviewRound.collaboration_id))
        .where(Seat.person_id == person_id, Seat.state == SeatState.ACTIVE)
        .where(ReviewRound.state == RoundState.OPEN, Collaboration.partnership_id == partnership_id)
    )
    return list(session.exec(query.order_by(col(ReviewRound.opened_at).desc(), col(ReviewRound.id))))


def rounds_at_work(
    session: Session, partnership_id: str, *conditions: ColumnElement[bool], seats: Mapping[tuple[str, str], int] | None
) -> list[tuple[ReviewRound, Collaboration]]:
    """Return the rounds in which an office may have something to do, with their collaborations, oldest first.

    Those with a ruling that is pending, those with an open seat, and the closed ones until their decision is released
    and its conditions are closed. `conditions` are on the collaboration; `seats` says how many a panel of scores has,
    by the playbook's key and its own; None: open seats are not asked for.
    """
    opened = col(ReviewRound.id)
    pending = exists().where(col(Declaration.round_id) == opened, col(Declaration.ruling) == Ruling.PENDING)
    unreleased = exists().where(col(Decision.round_id) == opened, col(Decision.released_at).is_(None))
    unmet = exists().where(col(Condition.round_id) == opened, col(Condition.state) == ConditionState.OPEN)
    before_release = col(ReviewRound.phase).in_((Phase.CONSENSUS, Phase.PANEL, Phase.DECISION))
    closed = and_(ReviewRound.state == RoundState.CLOSED, or_(before_release, unreleased, unmet))
    short = false() if seats is None else and_(ReviewRound.state == RoundState.OPEN, _has_open_seat(seats))
    at_work = or_(pending, closed, short)
    query = (
        select(ReviewRound, Collaboration)
        .join(Collaboration, col(Collaboration.id) == col(ReviewRound.collaboration_id))
        .where(Collaboration.partnership_id == partnership_id, at_work, *conditions)
    )
    return list(session.exec(query.order_by(col(ReviewRound.opened_at), col(ReviewRound.number))))


def _has_open_seat(seats: Mapping[tuple[str, str], int]) -> ColumnElement[bool]:
    """Return the condition that fewer sit in a round than its panel has seats, or for fewer regions than are asked."""
    sits = and_(col(Seat.round_id) == col(ReviewRound.id), col(Seat.state) == SeatState.ACTIVE)
    people = select(func.count()).select_from(Seat).where(sits).scalar_subquery()
    regions = select(func.count(distinct(col(Seat.region_id)))).where(sits).scalar_subquery()
    of_panels = [
        and_(Collaboration.playbook == key, ReviewRound.panel == panel, people < number)
        for (key, panel), number in sorted(seats.items())
    ]
    return or_(Length(col(ReviewRound.asked_regions)) > regions, *of_panels)


def sitting_in_rounds(session: Session, round_ids: Sequence[str]) -> dict[str, list[str | None]]:
    """Return for which region each active seat is (None: for none), by round."""
    found: dict[str, list[str | None]] = {key: [] for key in round_ids}
    query = select(col(Seat.round_id), col(Seat.region_id)).where(
        col(Seat.round_id).in_(round_ids), Seat.state == SeatState.ACTIVE
    )
    for key, region_id in session.exec(query):
        found[key].append(region_id)
    return found


def loads(session: Session, person_ids: Sequence[str]) -> dict[str, int]:
    """Return how many active seats in open rounds each of these people holds."""
    query = (
        select(Seat.person_id, func.count())
        .join(ReviewRound, col(ReviewRound.id) == col(Seat.round_id))
        .where(
            col(Seat.person_id).in_(person_ids),
            Seat.state == SeatState.ACTIVE,
            ReviewRound.state == RoundState.OPEN,
        )
        .group_by(col(Seat.person_id))
    )
    found = dict(session.exec(query).all())
    return {key: found.get(key, 0) for key in person_ids}


def seat_changes_of(session: Session, round_id: str) -> list[SeatChange]:
    """Return the changes of seats by hand, oldest first."""
    query = select(SeatChange).where(SeatChange.round_id == round_id)
    return list(session.exec(query.order_by(col(SeatChange.changed_at), col(SeatChange.id))))


def declarations_of(session: Session, round_id: str) -> list[Declaration]:
    """Return the declarations of a round, by person in the order in which they were made."""
    query = select(Declaration).where(Declaration.round_id == round_id)
    return list(session.exec(query.order_by(col(Declaration.person_id), col(Declaration.number))))


def declarations_of_rounds(session: Session, round_ids: Sequence[str]) -> dict[str, list[Declaration]]:
    """Return the declarations by round, each person's in the order in which they were made."""
    found: dict[str, list[Declaration]] = {key: [] for key in round_ids}
    query = select(Declaration).where(col(Declaration.round_id).in_(round_ids))
    for row in session.exec(query.order_by(col(Declaration.person_id), col(Declaration.number))):
        found[row.round_id].append(row)
    return found


def answered_by(session: Session, person_id: str, round_ids: Sequence[str]) -> set[str]:
    """Return in which of these rounds somebody has submitted an evaluation."""
    query = select(Evaluation.round_id).where(
        Evaluation.person_id == person_id, is_one_of(col(Evaluation.round_id), round_ids)
    )
    return set(session.exec(query))


def drafts_by(session: Session, person_id: str, round_ids: Sequence[str]) -> set[str]:
    """Return in which of these rounds a reviewer has written something and not submitted it."""
    query = select(EvaluationDraft.round_id).where(
        EvaluationDraft.person_id == person_id, is_one_of(col(EvaluationDraft.round_id), round_ids)
    )
    return set(session.exec(query))


def draft_of(session: Session, round_id: str, person_id: str) -> EvaluationDraft | None:
    """Return what a reviewer has written and not submitted."""
    query = select(EvaluationDraft).where(EvaluationDraft.round_id == round_id, EvaluationDraft.person_id == person_id)
    return session.exec(query).one_or_none()


def submissions_of(session: Session, round_id: str) -> list[Evaluation]:
    """Return every submitted evaluation with its corrections, in the order of submission."""
    query = select(Evaluation).where(Evaluation.round_id == round_id)
    return list(session.exec(query.order_by(col(Evaluation.submitted_at), col(Evaluation.id))))


def evaluations_of(session: Session, round_id: str) -> list[Evaluation]:
    """Return the evaluations that count: the last one of each reviewer whose seat is active."""
    seated = {seat.person_id for seat, _ in seats_of(session, round_id)}
    last: dict[str, Evaluation] = {}
    for row in submissions_of(session, round_id):
        if row.person_id in seated and row.number >= last.get(row.person_id, row).number:
            last[row.person_id] = row
    return sorted(last.values(), key=lambda row: (row.submitted_at, row.id))


def discussions_of(session: Session, round_id: str) -> list[Discussion]:
    """Return the recorded discussions of a round, by criterion."""
    query = select(Discussion).where(Discussion.round_id == round_id)
    return list(session.exec(query.order_by(col(Discussion.criterion))))


def discussions_of_rounds(session: Session, round_ids: Sequence[str]) -> dict[str, set[str]]:
    """Return the criteria of which a discussion is on record, by round."""
    found: dict[str, set[str]] = {key: set() for key in round_ids}
    query = select(Discussion.round_id, Discussion.criterion).where(col(Discussion.round_id).in_(round_ids))
    for key, criterion in session.exec(query):
        found[key].add(criterion)
    return found


def consensus_of_rounds(session: Session, round_ids: Sequence[str]) -> dict[str, Consensus]:
    """Return the consensus reports by round, where there is one."""
    return {row.round_id: row for row in session.exec(select(Consensus).where(col(Consensus.round_id).in_(round_ids)))}


def consensus_of(session: Session, round_id: str) -> Consensus | None:
    """Return the consensus report of a round."""
    return session.exec(select(Consensus).where(Consensus.round_id == round_id)).one_or_none()


def minute_of(session: Session, round_id: str) -> PanelMinute | None:
    """Return what the panel noted on this round."""
    return session.exec(select(PanelMinute).where(PanelMinute.round_id == round_id)).one_or_none()


def conditions_of(session: Session, round_id: str) -> list[Condition]:
    """Return the conditions of a round's released decision, in their order."""
    query = select(Condition).where(Condition.round_id == round_id)
    return list(session.exec(query.order_by(col(Condition.number))))


def rounds_of_conditions(session: Session, condition_ids: Sequence[str]) -> dict[str, str]:
    """Return the round whose decision made each of these conditions."""
    query = select(Condition.id, Condition.round_id).where(col(Condition.id).in_(condition_ids))
    return dict(session.exec(query).all()) if condition_ids else {}


def conditions_of_rounds(session: Session, round_ids: Sequence[str]) -> dict[str, list[Condition]]:
    """Return the conditions of released decisions by round, in their order."""
    found: dict[str, list[Condition]] = {key: [] for key in round_ids}
    query = select(Condition).where(col(Condition.round_id).in_(round_ids))
    for row in session.exec(query.order_by(col(Condition.number))):
        found[row.round_id].append(row)
    return found


def answers_in(session: Session, round_id: str) -> int:
    """Return how many evaluations, or positions, count in a round."""
    return len(evaluations_of(session, round_id)) + len(positions_of(session, round_id))


def positions_of(session: Session, round_id: str) -> list[tuple[Position, Region]]:
    """Return the positions that count, with their regions, by region name: none of somebody found in conflict."""
    query = (
        select(Position, Region)
        .join(Region, col(Region.id) == col(Position.region_id))
        .where(Position.round_id == round_id, _free_of_conflict())
    )
    return list(session.exec(query.order_by(col(Region.name))))


def position_of(session: Session, round_id: str, region_id: str) -> Position | None:
    """Return what a region has stated in a round, whoever stated it."""
    query = select(Position).where(Position.round_id == round_id, Position.region_id == region_id)
    return session.exec(query).one_or_none()


def positions_of_rounds(session: Session, round_ids: Sequence[str]) -> dict[str, list[Position]]:
    """Return the positions that count, by round."""
    found: dict[str, list[Position]] = {key: [] for key in round_ids}
    for row in session.exec(select(Position).where(col(Position.round_id).in_(round_ids), _free_of_conflict())):
        found[row.round_id].append(row)
    return found


def decision_of(session: Session, round_id: str) -> Decision | None:
    """Return the round's decision, confirmed or not."""
    return session.exec(select(Decision).where(Decision.round_id == round_id)).one_or_none()


def decisions_of_rounds(session: Session, round_ids: Sequence[str]) -> dict[str, Decision]:
    """Return the decisions by round, confirmed or not."""
    return {row.round_id: row for row in session.exec(select(Decision).where(col(Decision.round_id).in_(round_ids)))}


def released_decisions(session: Session, round_ids: Sequence[str]) -> dict[str, Decision]:
    """Return the released decisions by round."""
    query = select(Decision).where(col(Decision.round_id).in_(round_ids), col(Decision.released_at).is_not(None))
    return {row.round_id: row for row in session.exec(query)}
