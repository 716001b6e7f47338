"""The least consortium of each funding instrument, as matchmaking counts it."""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlmodel import Session

from states.funding.case.instruments import Consortium, Seats, Whom
from states.funding.case.vocabulary import Cohesion
from states.funding.inputs.tables import Call
from states.funding.queries import instruments_of, windows_of
from states.funding.rules.queries import shelf_for
from states.funding.tables import Instrument
from states.matchmaking.suggestions.needs import Minimums
from states.places.cohesion import Category, CohesionTable


def minimums_of(session: Session, partnership_id: str, *, on: date) -> tuple[Minimums, ...]:
    """Return what the instruments of a partnership's catalogue ask of a consortium, by name.

    Those whose terms nobody put in are left out. What cannot be counted (seats that ask for more than one site in a
    category, conditions on the coordinator, calls that are over) stands in `besides`.
    """
    own = shelf_for(session, partnership_id).categories
    rows = [row for row in instruments_of(session, partnership_id) if row.terms]
    windows = windows_of(session, [row.id for row in rows])
    return tuple(_minimums(row, windows[row.id], on, own) for row in rows)


def _minimums(row: Instrument, calls: Sequence[Call], on: date, own: CohesionTable | None) -> Minimums:
    asked = Consortium.model_validate(row.terms.get("consortium", {}))
    counted = next((seats for seats in asked.seats if _is_category(seats)), None)
    wanted = counted.whom.cohesion if counted else ()
    return Minimums(
        instrument=row.slug,
        title=row.name,
        entities=asked.entities,
        regions=asked.regions,
        countries=asked.countries,
        categories=frozenset(Category(one) for one in wanted if one is not Cohesion.OUTERMOST),
        outermost=Cohesion.OUTERMOST in wanted,
        source=row.source,
        verified=row.verified_on is not None,
        besides=tuple(_besides(asked, counted, calls, on)),
        own=own,
    )


def _is_category(seats: Seats) -> bool:
    """Tell whether the seats ask for one site in a category of region, and for nothing else."""
    plain = seats.whom == Whom(cohesion=seats.whom.cohesion)
    return plain and seats.at_least == 1 and bool(set(seats.whom.cohesion) - {Cohesion.OUTERMOST})


def _besides(asked: Consortium, counted: Seats | None, calls: Sequence[Call], on: date) -> Iterator[str]:
    if asked.coordinator is not None:
        yield "the coordinator's conditions not looked at"
    if any(seats is not counted for seats in asked.seats):
        yield "further seats not looked at"
    closings = [call.closes_on for call in calls]
    if closings and all(day is not None and day < on for day in closings):
        yield f"its last known call closed on {max(day for day in closings if day)}"
