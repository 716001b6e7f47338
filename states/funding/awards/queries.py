"""Reads of submissions and agreements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select as plain
from sqlmodel import Session, col, func, select

from states.errors import Missing
from states.funding.awards.tables import (
    Agreement,
    AgreementCondition,
    AgreementConditionState,
    AgreementTerms,
    Submission,
)
from states.funding.tables import SourceKind
from states.storage import Keys, PlainSelect, Reading, columns_of


@dataclass(frozen=True, slots=True)
class Submitted:
    """A submission as far as moves depend on it."""

    id: str
    number: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """An agreement as far as the closing depends on it."""

    number: int
    source_kind: SourceKind | None
    instrument_id: str | None
    organisation_id: str | None
    agreed_on: date | None
    ended_on: date | None
    withdrawn_on: date | None


@dataclass(frozen=True, slots=True)
class OpenCondition:
    """A condition of an agreement that is neither met nor waived."""

    agreement: int
    number: int
    text: str


def _submitted(keys: Keys) -> PlainSelect:
    row = columns_of(Submission)
    read = [row[name] for name in Submitted.__slots__]
    return plain(row.collaboration_id, *read).where(row.collaboration_id.in_(keys))


def _agreed(keys: Keys) -> PlainSelect:
    row = columns_of(Agreement)
    signed = (row.submission_id.is_not(None), row.agreed_on.is_not(None), row.withdrawn_on.is_(None))
    return plain(row.collaboration_id, row.submission_id).where(row.collaboration_id.in_(keys), *signed)


def _standing(keys: Keys) -> PlainSelect:
    row = columns_of(Agreement)
    return plain(row.collaboration_id, *(row[name] for name in Standing.__slots__)).where(
        row.collaboration_id.in_(keys)
    )


def _conditions(keys: Keys) -> PlainSelect:
    row, condition = columns_of(Agreement), columns_of(AgreementCondition)
    by_key = plain(row.collaboration_id, row.number, condition.number, condition.text)
    asked = (condition.agreement_id == row.id, condition.state == AgreementConditionState.OPEN)
    return by_key.where(row.collaboration_id.in_(keys), *asked)


STANDING = Reading(Standing, _standing)
CONDITIONS = Reading(OpenCondition, _conditions)
SUBMITTED = Reading(Submitted, _submitted)
AGREED = Reading(str, _agreed)


def submissions_of(session: Session, collaboration_id: str) -> list[Submission]:
    """Return the submissions of a collaboration, the first one first."""
    query = select(Submission).where(Submission.collaboration_id == collaboration_id)
    return list(session.exec(query.order_by(col(Submission.number))))


def agreements_of(session: Session, collaboration_id: str) -> list[Agreement]:
    """Return the agreements of a collaboration, the first one first."""
    query = select(Agreement).where(Agreement.collaboration_id == collaboration_id)
    return list(session.exec(query.order_by(col(Agreement.number))))


def submission_numbered(session: Session, collaboration_id: str, number: int) -> Submission:
    """Return a submission by its number, or raise `Missing`."""
    here = (Submission.collaboration_id == collaboration_id, Submission.number == number)
    found = session.exec(select(Submission).where(*here)).one_or_none()
    if found is None:
        raise Missing("submission", number)
    return found


def agreement_numbered(session: Session, collaboration_id: str, number: int) -> Agreement:
    """Return an agreement by its number, or raise `Missing`."""
    here = (Agreement.collaboration_id == collaboration_id, Agreement.number == number)
    found = session.exec(select(Agreement).where(*here)).one_or_none()
    if found is None:
        raise Missing("agreement", number)
    return found


def agreement_numbers(session: Session, collaboration_id: str) -> dict[str, int]:
    """Return the numbers of a collaboration's agreements, by their ids."""
    query = select(Agreement.id, Agreement.number).where(Agreement.collaboration_id == collaboration_id)
    return dict(session.exec(query).all())


def terms_of(session: Session, agreement_id: str) -> list[AgreementTerms]:
    """Return the terms of an agreement that amendments replaced, the first ones first."""
    query = select(AgreementTerms).where(AgreementTerms.agreement_id == agreement_id)
    return list(session.exec(query.order_by(col(AgreementTerms.number))))


def conditions_of(session: Session, agreement_id: str) -> list[AgreementCondition]:
    """Return the conditions of an agreement, the first one first."""
    query = select(AgreementCondition).where(AgreementCondition.agreement_id == agreement_id)
    return list(session.exec(query.order_by(col(AgreementCondition.number))))


def condition_numbered(session: Session, agreement_id: str, number: int) -> AgreementCondition:
    """Return a condition by its number, or raise `Missing`."""
    here = (AgreementCondition.agreement_id == agreement_id, AgreementCondition.number == number)
    found = session.exec(select(AgreementCondition).where(*here)).one_or_none()
    if found is None:
        raise Missing("agreement_condition", number)
    return found


def counts_of(session: Session, agreement_ids: Sequence[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Return by agreement how many terms were replaced, and how many conditions are open."""
    terms, conditions = columns_of(AgreementTerms), columns_of(AgreementCondition)
    former = plain(terms.agreement_id, func.count()).where(terms.agreement_id.in_(agreement_ids))
    waiting = plain(conditions.agreement_id, func.count()).where(
        conditions.agreement_id.in_(agreement_ids), conditions.state == AgreementConditionState.OPEN
    )
    replaced = session.execute(former.group_by(terms.agreement_id)).tuples().all()
    waits = session.execute(waiting.group_by(conditions.agreement_id)).tuples().all()
    return dict(replaced), dict(waits)


def places_of_conditions(session: Session, keys: Sequence[str]) -> dict[str, str]:
    """Return where conditions stand under the agreements of their collaboration, by their ids."""
    query = (
        select(AgreementCondition.id, Agreement.number, AgreementCondition.number)
        .join(Agreement, col(Agreement.id) == col(AgreementCondition.agreement_id))
        .where(col(AgreementCondition.id).in_(keys))
    )
    found = session.exec(query) if keys else ()
    return {key: f"{agreement}/conditions/{number}" for key, agreement, number in found}
