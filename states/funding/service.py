"""Record instruments and scenarios; choose one. Everything adds up to the cent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from zoneinfo import available_timezones

from sqlalchemy import update
from sqlmodel import Session, col, select

from states.clock import now
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.deadlines.anchors import set_anchor
from states.deadlines.kinds import LAST_DAY
from states.errors import Fault, Invalid
from states.funding.queries import instruments_of, scenarios_of
from states.funding.tables import Instrument, Scenario, Source, SourceKind, SourceStatus, Use
from states.storage import claim, fits_cents

CALL_ANCHOR = "call"


class ScenarioInvalid(Invalid):
    """The scenario does not add up, or names what does not exist."""

    code = "scenario_invalid"


@dataclass(frozen=True, slots=True)
class UseLine:
    """EUR that one partner spends on one category."""

    organisation_id: str
    category: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class SourceLine:
    """EUR that one partner receives from an instrument, or brings itself."""

    organisation_id: str
    kind: SourceKind
    status: SourceStatus
    amount: Decimal
    instrument_id: str | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """When a call closes: at a local time where one is given, else at the end of the day."""

    day: date | None
    at_time: time | None = None
    time_zone: str = ""


def add_scenario(
    session: Session,
    collaboration: Collaboration,
    *,
    protocol_version_id: str,
    name: str,
    uses: Sequence[UseLine],
    sources: Sequence[SourceLine],
    gap: Decimal = Decimal("0.00"),
    note: str = "",
    illustrative: bool = False,
) -> Scenario:
    """Record a scenario; raise `ScenarioInvalid` with every fault, first of all where uses are not sources plus gap."""
    if faults := _faults(session, collaboration, name=name, uses=uses, sources=sources, gap=gap):
        raise ScenarioInvalid(faults=faults)
    row = Scenario(
        collaboration_id=collaboration.id,
        protocol_version_id=protocol_version_id,
        name=name,
        note=note,
        gap=gap,
        illustrative=illustrative,
        created_at=now(),
    )
    session.add(row)
    session.flush()
    session.add_all(
        Use(
            scenario_id=row.id,
            position=n,
            organisation_id=u.organisation_id,
            category=u.category,
            amount=u.amount,
        )
        for n, u in enumerate(uses, start=1)
    )
    session.add_all(
        Source(
            scenario_id=row.id,
            position=n,
            organisation_id=s.organisation_id,
            instrument_id=s.instrument_id,
            kind=s.kind,
            status=s.status,
            amount=s.amount,
        )
        for n, s in enumerate(sources, start=1)
    )
    session.flush()
    return row


def _faults(
    session: Session,
    collaboration: Collaboration,
    *,
    name: str,
    uses: Sequence[UseLine],
    sources: Sequence[SourceLine],
    gap: Decimal,
) -> list[Fault]:
    members = {entry.organisation.id for entry in members_of(session, [collaboration.id])[collaboration.id]}
    instruments = {row.id: row for row in instruments_of(session, collaboration.partnership_id)}
    faults: list[Fault] = []
    if any(row.name == name for row in scenarios_of(session, collaboration.id)):
        faults.append(Fault("name", f"{name!r} is taken", "give the scenario another name"))
    if not uses:
        faults.append(Fault("uses", "there are none", "say what the money is spent on"))
    lines: list[tuple[str, UseLine | SourceLine]] = [(f"uses[{n}]", line) for n, line in enumerate(uses, start=1)]
    lines += [(f"sources[{n}]", line) for n, line in enumerate(sources, start=1)]
    for place, line in lines:
        if line.organisation_id not in members:
            faults.append(Fault(f"{place}.organisation", "is no partner of this collaboration", "name a partner"))
        faults += _amount_faults(f"{place}.amount", line.amount)
    for n, line in enumerate(sources, start=1):
        if line.instrument_id is not None and line.instrument_id not in instruments:
            faults.append(Fault(f"sources[{n}].instrument", "is not in the catalogue", "name one that is"))
    faults += _amount_faults("gap", gap, zero=True)
    if not faults:
        spent = sum((line.amount for line in uses), Decimal(0))
        found = sum((line.amount for line in sources), gap)
        if spent != found:
            message = f"uses are {spent:.2f} EUR, sources with the gap {found:.2f} EUR: {spent - found:+.2f} EUR apart"
            faults.append(Fault("sources", message, "change a source, or state the difference as gap"))
    return faults


def _amount_faults(place: str, amount: Decimal, *, zero: bool = False) -> list[Fault]:
    if not amount.is_finite() or amount < 0 or (amount == 0 and not zero):
        least = "zero or more" if zero else "more than zero"
        return [Fault(place, f"{amount} EUR", f"amounts are {least}")]
    if not fits_cents(amount):
        return [Fault(place, f"{amount} EUR has more than two decimals, or is too much", "give it to the cent")]
    return []


def choose_scenario(session: Session, row: Scenario, *, expected_version: int | None = None) -> Scenario:
    """Make this the chosen scenario of its collaboration; any other is chosen no more."""
    # One choice of a collaboration at a time: two at once would each not see the other's. SQLite has one writer anyway.
    lock = select(Collaboration.id).where(Collaboration.id == row.collaboration_id).with_for_update()
    session.exec(lock).one()
    claim(session, row, expected=expected_version)
    others = (col(Scenario.collaboration_id) == row.collaboration_id, col(Scenario.id) != row.id)
    session.execute(update(Scenario).where(*others).values(chosen=False))
    row.chosen = True
    session.add(row)
    session.flush()
    return row


def add_instrument(session: Session, row: Instrument) -> Instrument:
    """Put an instrument into the catalogue; raise `Invalid` where its slug is taken or its figures make no sense."""
    faults = []
    query = select(Instrument.id).where(Instrument.partnership_id == row.partnership_id, Instrument.slug == row.slug)
    if session.exec(query).first() is not None:
        faults.append(Fault("slug", f"{row.slug!r} is taken", "choose another"))
    if row.maximum_rate is not None and not 0 < row.maximum_rate <= 100:
        faults.append(Fault("maximum_rate", f"{row.maximum_rate} percent", "more than 0, at most 100"))
    if row.maximum_amount is not None:
        faults += _amount_faults("maximum_amount", row.maximum_amount)
    faults += _closing_faults(Closing(row.closes_on, row.closes_at, row.time_zone))
    if faults:
        raise Invalid(faults=faults)
    session.add(row)
    session.flush()
    _anchor(session, row)
    return row


def set_closing(
    session: Session, row: Instrument, closing: Closing, *, expected_version: int | None = None
) -> Instrument:
    """Record when the instrument's call closes, or its new date: every deadline that hangs on it moves along.

    A date that was given is moved and not taken away: people have been told of it.
    """
    faults = _closing_faults(closing)
    if closing.day is None:
        faults.append(Fault("closes_on", "is missing", "give the day on which the call closes"))
    if faults:
        raise Invalid(faults=faults)
    claim(session, row, expected=expected_version)
    row.closes_on, row.closes_at, row.time_zone = closing.day, closing.at_time, closing.time_zone
    session.add(row)
    session.flush()
    _anchor(session, row)
    return row


def _closing_faults(closing: Closing) -> list[Fault]:
    faults = []
    if closing.day is None and (closing.at_time is not None or closing.time_zone):
        faults.append(Fault("closes_on", "is missing", "give the day, or leave out time and time zone"))
    if closing.day is not None and closing.day > LAST_DAY:
        faults.append(Fault("closes_on", f"{closing.day} is too far", f"until {LAST_DAY}"))
    if closing.time_zone and closing.time_zone not in available_timezones():
        faults.append(Fault("time_zone", f"{closing.time_zone!r} is no time zone", "an IANA name: Europe/Brussels"))
    if (closing.at_time is None) != (not closing.time_zone):
        faults.append(Fault("closes_at", "goes with a time zone, and only with one", "give both, or neither"))
    return faults


def _anchor(session: Session, row: Instrument) -> None:
    if row.closes_on is not None:
        set_anchor(
            session,
            kind=CALL_ANCHOR,
            subject_id=row.id,
            partnership_id=row.partnership_id,
            title=f"Closing of {row.name}",
            day=row.closes_on,
            at_time=row.closes_at,
            time_zone=row.time_zone,
        )
