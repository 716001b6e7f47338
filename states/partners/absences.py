"""Days on which people are away: entered, changed, taken back, and who is away on a day."""

from collections.abc import Collection
from datetime import date

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from states.clock import today
from states.errors import Fault, Invalid, Missing
from states.partners.tables import Absence
from states.storage import bump_version
from states.storage.paging import Order

LONGEST = 366


class AbsenceInvalid(Invalid):
    """These days cannot be entered."""

    code = "absence_invalid"


ORDERS: dict[str, Order] = {"first_day": col(Absence.first_day)}
"""By what a list of absences is sorted."""


def add_absence(
    session: Session, *, partnership_id: str, person_id: str, first_day: date, last_day: date | None = None
) -> Absence:
    """Enter that somebody is away from the first to the last day, both included; one day where no last one is given."""
    row = Absence(
        partnership_id=partnership_id, person_id=person_id, first_day=first_day, last_day=last_day or first_day
    )
    _need_fitting(session, row)
    session.add(row)
    session.flush()
    return row


def change_absence(
    session: Session,
    row: Absence,
    *,
    first_day: date | None = None,
    last_day: date | None = None,
    expected_version: int | None = None,
) -> Absence:
    """Change from when and until when somebody is away; what is None stays."""
    wanted = Absence(
        id=row.id,
        partnership_id=row.partnership_id,
        person_id=row.person_id,
        first_day=first_day or row.first_day,
        last_day=last_day or row.last_day,
    )
    _need_fitting(session, wanted)
    bump_version(session, row, expected=expected_version)
    row.first_day, row.last_day = wanted.first_day, wanted.last_day
    session.flush()
    return row


def remove_absence(session: Session, row: Absence, *, expected_version: int | None = None) -> None:
    """Take an absence back that does not come about; the record of changes keeps it."""
    bump_version(session, row, expected=expected_version)
    session.delete(row)
    session.flush()


def _need_fitting(session: Session, row: Absence) -> None:
    days = (row.last_day - row.first_day).days
    faults = []
    if days < 0:
        days_given = {"until": row.last_day, "since": row.first_day}
        faults.append(Fault("last_day", "ends_before_it_begins", remedy="give_days_in_order", **days_given))
    elif days >= LONGEST:
        faults.append(Fault("last_day", "away_too_long", remedy="end_role_or_hand_over", days=LONGEST))
    elif row.last_day < today():
        faults.append(Fault("last_day", "away_in_the_past", remedy="from_today_on"))
    if not faults and (other := _overlapping(session, row)) is not None:
        fault = Fault("first_day", "away_already", remedy="change_that_one", first=other.first_day, last=other.last_day)
        faults.append(fault)
    if faults:
        raise AbsenceInvalid(faults=faults)


def _overlapping(session: Session, row: Absence) -> Absence | None:
    query = find_absences(row.partnership_id, person_id=row.person_id).where(
        col(Absence.id) != row.id, col(Absence.first_day) <= row.last_day, col(Absence.last_day) >= row.first_day
    )
    return session.exec(query).first()


def absence_by_id(session: Session, key: str) -> Absence:
    """Return the absence, or raise `Missing`."""
    found = session.get(Absence, key)
    if found is None:
        raise Missing("absence", key)
    return found


def find_absences(
    partnership_id: str, *, person_id: str | None = None, since: date | None = None
) -> SelectOfScalar[Absence]:
    """Return the query of a partnership's absences, of one person or of all, that end on a day or later."""
    query = select(Absence).where(Absence.partnership_id == partnership_id)
    query = query if person_id is None else query.where(Absence.person_id == person_id)
    return query if since is None else query.where(col(Absence.last_day) >= since)


def away(session: Session, partnership_id: str, *, on: date) -> frozenset[str]:
    """Return who is away on a day."""
    query = select(Absence.person_id).where(
        Absence.partnership_id == partnership_id, col(Absence.first_day) <= on, col(Absence.last_day) >= on
    )
    return frozenset(session.exec(query))


def absences_of(
    session: Session, partnership_ids: Collection[str]
) -> dict[tuple[str, str], tuple[tuple[date, date], ...]]:
    """Return the first and last days of each absence that is not over, by partnership and person."""
    query = select(Absence).where(col(Absence.partnership_id).in_(partnership_ids), col(Absence.last_day) >= today())
    found: dict[tuple[str, str], tuple[tuple[date, date], ...]] = {}
    for row in session.exec(query.order_by(col(Absence.first_day))):
        key = (row.partnership_id, row.person_id)
        found[key] = (*found.get(key, ()), (row.first_day, row.last_day))
    return found
