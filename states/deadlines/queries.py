"""Reads of deadlines, of whom they wait for and who can be written to, and of their history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, and_
from sqlalchemy import select as plain
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from states.clock import now
from states.deadlines.ladder import Reader, StepKey
from states.deadlines.tables import Deadline, DeadlineChange, DeadlineState, Reminder
from states.errors import Missing
from states.mail.tables import MailPreference
from states.partners.absences import absences_of
from states.partners.tables import Organisation, Person, Region, RoleGrant
from states.rights.access import Actor, Role
from states.storage import Keys, PlainSelect, Reading, columns_of, is_value
from states.storage.paging import Order
from states.sweeps.apart import read_all


def readers_of(
    session: Session, partnership_ids: Iterable[str], *, role: Role | None = None
) -> dict[str, list[Reader]]:
    """Return who holds a role now (or this role), by partnership, by labels; default wishes where none are recorded.

    Of all roles it is known when somebody is away: others stand in.
    Whoever cannot be read, or lives in no time zone, is left out and noted by the grant of the role: the others are
    written to.
    """
    keys = set(partnership_ids)
    held: list[ColumnElement[bool]] = [
        col(RoleGrant.partnership_id).in_(keys),
        or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > now()),
    ]
    if role is not None:
        held.append(col(RoleGrant.role) == role)
    readers = read_all(
        "role_grant",
        lambda: _readers(session, *held),
        keys=lambda: session.exec(select(RoleGrant.id).where(*held).order_by(col(RoleGrant.id))).all(),
        some=lambda grants: readers_by_grant(session, grants),
    )
    if role is None:
        absences = absences_of(session, keys)
        readers = [
            replace(one, absences=absences.get((one.grant.partnership_id, one.person.id), ())) for one in readers
        ]
    found: dict[str, list[Reader]] = {key: [] for key in keys}
    for reader in sorted(readers, key=lambda one: (one.person.label, one.person.id, one.grant.role)):
        found[reader.grant.partnership_id].append(reader)
    return found


def readers_by_grant(session: Session, grants: Sequence[str]) -> list[Reader]:
    """Return who holds a role by these grants, in no order; whatever cannot be read raises."""
    return _readers(session, col(RoleGrant.id).in_(grants))


def _readers(session: Session, *where: ColumnElement[bool]) -> list[Reader]:
    query = (
        select(Person, RoleGrant, MailPreference, Organisation)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .join(MailPreference, col(MailPreference.person_id) == col(Person.id), isouter=True)
        .join(Organisation, col(Organisation.id) == col(RoleGrant.organisation_id), isouter=True)
        .where(*where)
    )
    rows = session.exec(query).all()
    regions = {grant.region_id for _, grant, _, organisation in rows if grant.region_id and not organisation}
    of_regions = select(Region.id, Region.codes).where(col(Region.id).in_(regions))
    codes = dict(session.exec(of_regions).all()) if regions else {}
    found = []
    for person, grant, preference, organisation in rows:
        site = organisation.nuts if organisation else next(iter(codes.get(grant.region_id or "", [])), "")
        found.append(Reader(person, grant, site, preference or MailPreference(person_id=person.id)))
        assert found[-1].zone  # that it is one is seen here, not where it would stop what waits for others too
    return found


@dataclass(frozen=True, slots=True)
class DeadlineRead:
    """A deadline of a collaboration, as far as what waits depends on it."""

    id: str
    kind: str
    subject_id: str
    state: DeadlineState


def _deadlines(keys: Keys) -> PlainSelect:
    deadline = columns_of(Deadline)
    read = [deadline[name] for name in DeadlineRead.__slots__]
    return plain(deadline.collaboration_id, *read).where(deadline.collaboration_id.in_(keys))


DEADLINES = Reading(DeadlineRead, _deadlines)


def deadline_by_id(session: Session, key: str) -> Deadline:
    """Return the deadline, or raise `Missing`."""
    found = session.get(Deadline, key)
    if found is None:
        raise Missing("deadline", key)
    return found


def open_deadlines_of(session: Session, *, kind: str, subject_id: str) -> list[Deadline]:
    query = select(Deadline).where(
        Deadline.kind == kind, Deadline.subject_id == subject_id, Deadline.state == DeadlineState.OPEN
    )
    return list(session.exec(query))


ORDERS: dict[str, Order] = {"due": col(Deadline.due_on), "opened": col(Deadline.opened_at)}
"""By what a list of deadlines is sorted."""


def find_open_deadlines(
    partnership_id: str, *conditions: ColumnElement[bool], collaboration_id: str | None = None
) -> SelectOfScalar[Deadline]:
    """Return the query of a partnership's open deadlines, to be read in one of the `ORDERS`."""
    opened = (Deadline.partnership_id == partnership_id, Deadline.state == DeadlineState.OPEN)
    query = select(Deadline).where(*opened, *conditions)
    return query if collaboration_id is None else query.where(Deadline.collaboration_id == collaboration_id)


def open_deadlines(session: Session, partnership_id: str | None = None) -> list[Deadline]:
    """Return every open deadline (of one partnership, or of all), the most urgent first."""
    query = select(Deadline).where(Deadline.state == DeadlineState.OPEN)
    if partnership_id is not None:
        query = query.where(Deadline.partnership_id == partnership_id)
    return list(session.exec(query.order_by(col(Deadline.due_on), col(Deadline.id))))


def next_stage_date(session: Session, collaboration_id: str) -> date | None:
    """Return the day until which a collaboration's stage waits; None where it waits for nobody."""
    of_stage = (Deadline.kind == "stage", Deadline.subject_id == collaboration_id, Deadline.state == DeadlineState.OPEN)
    return session.exec(select(col(Deadline.due_on)).where(*of_stage).order_by(col(Deadline.due_on))).first()


def changes_of(session: Session, deadline_ids: Sequence[str]) -> list[DeadlineChange]:
    """Return how these deadlines were changed, each from its first change on."""
    query = select(DeadlineChange).where(col(DeadlineChange.deadline_id).in_(deadline_ids))
    return list(session.exec(query.order_by(col(DeadlineChange.deadline_id), col(DeadlineChange.number))))


def told_of(session: Session, rows: Sequence[Deadline]) -> dict[str, set[StepKey]]:
    """Return which steps of each deadline's present ladder stand in the ledger."""
    editions = {row.id: row.date_revision for row in rows}
    told: dict[str, set[StepKey]] = {row.id: set() for row in rows}
    line = columns_of(Reminder)
    query = plain(line.deadline_id, line.date_revision, line.owner_revision, line.person_id, line.rung)
    for deadline_id, date_revision, *step in session.execute(query.where(line.deadline_id.in_(editions))):
        if date_revision == editions[deadline_id]:
            told[deadline_id].add(tuple(step))
    return told


def waits_for(row: Deadline, actor: Actor) -> bool:
    """Tell whether a deadline waits for this actor: by person, as the deputy, by role, or by role and organisation."""
    if row.deputy_person_id is not None and row.deputy_person_id == actor.person_id:
        return True
    if row.owner_person_id is not None:
        return row.owner_person_id == actor.person_id
    return row.owner_role is actor.role and row.owner_organisation_id in (None, actor.organisation_id)


def waiting_for(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of `waits_for`; never NULL."""
    owner, organisation = col(Deadline.owner_person_id), col(Deadline.owner_organisation_id)
    shared = or_(organisation.is_(None), is_value(organisation, actor.organisation_id))
    return or_(
        is_value(col(Deadline.deputy_person_id), actor.person_id),
        is_value(owner, actor.person_id),
        and_(owner.is_(None), col(Deadline.owner_role) == actor.role, shared),
    )
