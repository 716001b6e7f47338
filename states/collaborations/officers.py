"""The officer of a case and the deputy: who of the office looks after it, and whom of the office its work reaches.

Here it is decided for all: deadlines that wait for the office, its tasks, and mails to it ask nobody else. First the
officer, where that person is away the deputy, and where there is neither everybody of the role.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy import select as plain
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from states.clock import now, today
from states.collaborations.tables import CaseOfficer, Collaboration
from states.deadlines.queries import find_open_deadlines
from states.deadlines.service import reason_faults, reassign
from states.deadlines.tables import Deadline
from states.errors import Fault, Invalid
from states.partners.absences import away
from states.partners.queries import holders
from states.partners.tables import Absence, Person, RoleGrant
from states.rights.access import Actor, Role
from states.storage import Keys, PlainSelect, Reading, Readings, bump_version, columns_of

OFFICE = (Role.PROJECT_MANAGER, Role.IAG_SECRETARY)
"""The roles of whom an officer is one."""

Pair = tuple[str | None, str | None]
"""The ids of who looks after a case, and of who steps in."""


class OfficerInvalid(Invalid):
    """The officer or the deputy cannot be named so."""

    code = "officer_invalid"


@dataclass(frozen=True, slots=True)
class Charge:
    """Who looks after a case and who steps in, beside a role of the office that one of both holds, or held until."""

    officer_id: str | None
    deputy_id: str | None
    person_id: str
    role: Role
    until: datetime | None


def _charges(keys: Keys) -> PlainSelect:
    case, grant = columns_of(CaseOfficer), columns_of(RoleGrant)
    return plain(
        case.collaboration_id, case.officer_id, case.deputy_id, grant.person_id, grant.role, grant.until
    ).where(
        case.collaboration_id.in_(keys),
        grant.partnership_id == case.partnership_id,
        or_(grant.person_id == case.officer_id, grant.person_id == case.deputy_id),
        grant.role.in_(OFFICE),
    )


CHARGES = Reading(Charge, _charges)


def in_charge(charges: Sequence[Charge], *roles: Role, away: Collection[str] = ()) -> list[str]:
    """Return who of these roles looks after a case and is not `away`, the officer before the deputy."""
    held = {one.person_id for one in charges if one.role in roles and (one.until is None or one.until > now())}
    named = (key for one in charges[:1] for key in (one.officer_id, one.deputy_id))
    return [key for key in named if key in held and key not in away]


def owner_in(charges: Sequence[Charge], role: Role) -> Pair:
    """Return for whom something of a role waits, and who steps in; nobody where it waits for all of the role."""
    owner, deputy, *_ = (*in_charge(charges, role), None, None)
    return owner, deputy


def is_for_another(charges: Sequence[Charge], actor: Actor, away: Collection[str]) -> bool:
    """Tell whether what waits for all of the actor's role in a case is left to its officer or deputy instead."""
    return actor.person_id not in in_charge(charges, actor.role) and bool(in_charge(charges, actor.role, away=away))


def office_of(session: Session, row: Collaboration, *roles: Role) -> list[str]:
    """Return to whom of the office a mail about a case goes: the officer, else the deputy, else all of a role.

    Of the `roles` the first one that anybody holds; an officer may hold any of them.
    """
    charges = Readings(session).of(CHARGES, row.id)
    if found := in_charge(charges, *roles, away=away(session, row.partnership_id, on=today())):
        return found[:1]
    for role in roles:
        if people := sorted({one.person.id for one in holders(session, row.partnership_id, role)}):
            return people
    return []


def case_officer(session: Session, collaboration_id: str) -> CaseOfficer | None:
    """Return who looks after a case, if that was ever said."""
    return session.exec(select(CaseOfficer).where(CaseOfficer.collaboration_id == collaboration_id)).one_or_none()


def officers_of(session: Session, keys: Collection[str]) -> dict[str, Person]:
    """Return the officer of each case that has one."""
    query = (
        select(CaseOfficer.collaboration_id, Person)
        .join(Person, col(Person.id) == col(CaseOfficer.officer_id))
        .where(col(CaseOfficer.collaboration_id).in_(keys))
    )
    return dict(session.exec(query).all())


def looked_after_by(column: Mapped[str] | Mapped[str | None], person_id: str | None) -> ColumnElement[bool]:
    """Return the condition that a column names a case of this officer, or (for None) one that has none.

    A case counts as the deputy's too while its officer is away.
    """
    named = select(CaseOfficer.collaboration_id)
    if person_id is None:
        return column.not_in(named.where(col(CaseOfficer.officer_id).is_not(None)))
    absent = select(Absence.person_id).where(
        Absence.partnership_id == CaseOfficer.partnership_id,
        col(Absence.first_day) <= today(),
        col(Absence.last_day) >= today(),
    )
    stands_in = and_(col(CaseOfficer.deputy_id) == person_id, col(CaseOfficer.officer_id).in_(absent))
    return column.in_(named.where(or_(col(CaseOfficer.officer_id) == person_id, stands_in)))


def assign_officer(
    session: Session,
    row: Collaboration,
    *,
    officer_id: str | None,
    deputy_id: str | None,
    reason: str,
    actor: Actor,
    expected_version: int | None = None,
) -> CaseOfficer:
    """Say who looks after a case from now on and who steps in; without an officer nobody does.

    What waits in the case for the former ones, or for all of their role, waits for the new ones, who are told. What was
    handed to somebody else by hand stays there. Raise `OfficerInvalid` with every fault.
    """
    _need_fitting(session, row, officer_id, deputy_id, reason)
    case = case_officer(session, row.id)
    if case is None:
        case = CaseOfficer(partnership_id=row.partnership_id, collaboration_id=row.id, version=0)
        session.add(case)
        session.flush()
    former = {case.officer_id, case.deputy_id, None}
    bump_version(session, case, expected=expected_version)
    case.officer_id, case.deputy_id = officer_id, deputy_id
    session.flush()
    _hand_deadlines(session, row, former, reason=reason, actor=actor)
    return case


def _need_fitting(
    session: Session, row: Collaboration, officer_id: str | None, deputy_id: str | None, reason: str
) -> None:
    faults = reason_faults(reason)
    able = {one.person.id for one in holders(session, row.partnership_id, *OFFICE)}
    for place, key in (("officer", officer_id), ("deputy", deputy_id)):
        if key is not None and key not in able:
            faults.append(Fault(place, "not_of_the_office", remedy="name_somebody_of_office", roles=OFFICE))
    if deputy_id is not None and officer_id is None:
        faults.append(Fault("deputy", "deputy_of_nobody", remedy="name_officer_too"))
    elif deputy_id is not None and deputy_id == officer_id:
        faults.append(Fault("deputy", "deputy_of_oneself", remedy="name_somebody_else"))
    if faults:
        raise OfficerInvalid(faults=faults)


def _hand_deadlines(
    session: Session, row: Collaboration, former: Collection[str | None], *, reason: str, actor: Actor
) -> None:
    charges = Readings(session).of(CHARGES, row.id)
    query = find_open_deadlines(
        row.partnership_id,
        col(Deadline.owner_role).in_(OFFICE),
        col(Deadline.personal).is_(False),
        col(Deadline.owner_organisation_id).is_(None),
        collaboration_id=row.id,
    )
    for deadline in session.exec(query.order_by(col(Deadline.id))).all():
        before, after = (deadline.owner_person_id, deadline.deputy_person_id), owner_in(charges, deadline.owner_role)
        if before != after and before[0] in former:
            reassign(session, deadline, person_id=after[0], deputy_person_id=after[1], reason=reason, actor=actor)


@dataclass(frozen=True, slots=True)
class HandedCase:
    """A case that goes over: who looked after it and stepped in, and who does so afterwards."""

    collaboration: Collaboration
    before: Pair
    after: Pair


def cases_of(session: Session, partnership_id: str, person_id: str) -> list[tuple[CaseOfficer, Collaboration]]:
    """Return the cases of an officer or deputy, in the order of their opening."""
    query = (
        select(CaseOfficer, Collaboration)
        .join(Collaboration, col(Collaboration.id) == col(CaseOfficer.collaboration_id))
        .where(
            CaseOfficer.partnership_id == partnership_id,
            or_(col(CaseOfficer.officer_id) == person_id, col(CaseOfficer.deputy_id) == person_id),
        )
    )
    return list(session.exec(query.order_by(col(Collaboration.opened_at), col(Collaboration.id))))


def handing_over(session: Session, partnership_id: str, *, person_id: str, heir: str | None) -> list[HandedCase]:
    """Return what would become of somebody's cases; without an heir the deputy steps in. Nothing is changed.

    Raise `OfficerInvalid` where the heir is not of the office, or the same person.
    """
    if heir == person_id:
        raise OfficerInvalid("heir_of_oneself", field="to", remedy="name_somebody_else")
    if heir is not None and heir not in {one.person.id for one in holders(session, partnership_id, *OFFICE)}:
        raise OfficerInvalid("not_of_the_office", field="to", remedy="name_somebody_of_office", roles=OFFICE)
    found = []
    for case, row in cases_of(session, partnership_id, person_id):
        before = (case.officer_id, case.deputy_id)
        kept = [heir if key == person_id else key for key in before]
        officer, deputy, *_ = (*dict.fromkeys(key for key in kept if key is not None), None, None)
        found.append(HandedCase(row, before, (officer, deputy)))
    return found


def hand_over_cases(
    session: Session, partnership_id: str, *, person_id: str, heir: str | None, reason: str, actor: Actor
) -> list[HandedCase]:
    """Hand all cases of somebody over, as `handing_over` says."""
    found = handing_over(session, partnership_id, person_id=person_id, heir=heir)
    for one in found:
        officer, deputy = one.after
        assign_officer(session, one.collaboration, officer_id=officer, deputy_id=deputy, reason=reason, actor=actor)
    return found


def charges_of(session: Session, keys: Iterable[str]) -> Mapping[str, Sequence[Charge]]:
    """Return who looks after cases, by the collaboration's id, in one statement."""
    wanted, read = list(dict.fromkeys(keys)), Readings(session)
    read.load({CHARGES: wanted} if wanted else {})
    return {key: read.of(CHARGES, key) for key in wanted}
