"""Competitors and conflicts: declared by an organisation, known to it and the managers alone, a bar to suggestions."""

from collections import defaultdict
from collections.abc import Mapping

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from states.clock import now
from states.errors import Fault, Invalid, Missing, Refusal, Refused
from states.matchmaking.consents.tables import Avoidance, AvoidanceKind
from states.partners.tables import Organisation

NOTE_LENGTH = 500

Avoided = Mapping[str, frozenset[str]]


class AvoidanceInvalid(Invalid):
    """The competitor or conflict cannot be declared so."""

    code = "avoidance_invalid"


class AvoidanceRefused(Refused):
    """The competitor or conflict is declared already."""

    code = "avoidance_refused"


def declare_avoidance(
    session: Session,
    organisation: Organisation,
    other: Organisation,
    *,
    partnership_id: str,
    kind: AvoidanceKind,
    person_id: str,
    note: str = "",
) -> Avoidance:
    """Keep two organisations from being suggested to each other, in whichever direction, until it is withdrawn."""
    faults = []
    if organisation.id == other.id:
        faults.append(Fault("avoids", "organisation_itself", remedy="name_another_organisation"))
    if len(note) > NOTE_LENGTH:
        faults.append(Fault("note", "too_long", remedy="at_most_characters", most=NOTE_LENGTH))
    if faults:
        raise AvoidanceInvalid(faults=faults)
    session.refresh(organisation, with_for_update=True)  # of two at once, the second sees the first
    if any(row.avoided_id == other.id for row in session.exec(find_avoidances(partnership_id, by=organisation.id))):
        raise AvoidanceRefused(
            [
                Refusal(
                    "avoidance_known",
                    organisation=organisation.name,
                    avoided=other.name,
                    mend_by=("partner",),
                    where="avoidances",
                )
            ]
        )
    row = Avoidance(
        partnership_id=partnership_id,
        organisation_id=organisation.id,
        avoided_id=other.id,
        kind=kind,
        note=note.strip(),
        declared_by=person_id,
        declared_at=now(),
    )
    session.add(row)
    session.flush()
    return row


def withdraw_avoidance(session: Session, row: Avoidance) -> None:
    """End a declaration; a second time changes nothing."""
    if row.withdrawn_at is None:
        row.withdrawn_at = now()
        session.flush()


def avoidance_by_id(session: Session, key: str) -> Avoidance:
    """Return a declaration, withdrawn or not, or raise `Missing`."""
    found = session.get(Avoidance, key)
    if found is None:
        raise Missing("declared_competitor_or_conflict", key)
    return found


def find_avoidances(partnership_id: str, *, by: str | None = None) -> SelectOfScalar[Avoidance]:
    """Return the query of what holds: all of a partnership, or what one organisation declared."""
    query = select(Avoidance).where(Avoidance.partnership_id == partnership_id, col(Avoidance.withdrawn_at).is_(None))
    return query if by is None else query.where(Avoidance.organisation_id == by)


def avoided(session: Session, partnership_id: str) -> Avoided:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in session.exec(find_avoidances(partnership_id)):
        found[row.organisation_id].add(row.avoided_id)
    return {key: frozenset(others) for key, others in found.items()}
