"""Record instruments and scenarios; choose one. Everything adds up to the cent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from states.clock import now
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.errors import Fault, Invalid, Missing
from states.funding.amount_faults import amount_fault
from states.funding.catalogue.calls import Closing, closing_faults, set_closing
from states.funding.queries import instruments_of, scenarios_of
from states.funding.scenario_triggers import ask_for_reviews
from states.funding.tables import Instrument, Scenario, Source, SourceKind, SourceStatus, Use
from states.partners.registry_faults import blank, code_fault, slug_fault
from states.storage import bump_version


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
        faults.append(Fault("name", "taken", remedy="give_scenario_another_name", name=name))
    if not uses:
        faults.append(Fault("uses", "no_entries", remedy="say_what_money_spent_on"))
    lines: list[tuple[str, UseLine | SourceLine]] = [(f"uses[{n}]", line) for n, line in enumerate(uses, start=1)]
    lines += [(f"sources[{n}]", line) for n, line in enumerate(sources, start=1)]
    for place, line in lines:
        if line.organisation_id not in members:
            faults.append(Fault(f"{place}.organisation", "no_partner_collaboration", remedy="name_partner"))
        if fault := amount_fault(f"{place}.amount", line.amount, most=None):
            faults.append(fault)
    for n, line in enumerate(sources, start=1):
        if line.instrument_id is not None and line.instrument_id not in instruments:
            faults.append(Fault(f"sources[{n}].instrument", "not_in_catalogue", remedy="name_one_that_is_there"))
    if fault := amount_fault("gap", gap, zero=True, most=None):
        faults.append(fault)
    if not faults:
        spent = sum((line.amount for line in uses), Decimal(0))
        found = sum((line.amount for line in sources), gap)
        if spent != found:
            faults.append(
                Fault(
                    "sources",
                    "sources_do_not_match",
                    remedy="change_source_or_state_gap",
                    uses=spent,
                    sources=found,
                    apart=spent - found,
                )
            )
    return faults


def choose_scenario(session: Session, row: Scenario, *, expected_version: int | None = None) -> Scenario:
    """Make this the chosen scenario of its collaboration; any other is chosen no more."""
    # One choice of a collaboration at a time: two at once would each not see the other's. SQLite has one writer anyway.
    lock = select(Collaboration.id).where(Collaboration.id == row.collaboration_id).with_for_update()
    session.exec(lock).one()
    bump_version(session, row, expected=expected_version)
    others = (col(Scenario.collaboration_id) == row.collaboration_id, col(Scenario.id) != row.id)
    for other in session.exec(select(Scenario).where(*others, Scenario.chosen)):
        other.chosen = False
    row.chosen = True
    session.add(row)
    session.flush()
    return row


def set_source_status(
    session: Session, row: Scenario, position: int, status: SourceStatus, *, expected_version: int | None = None
) -> Source:
    """Say how sure the money of a source is by now, by its place in the scenario; or raise `Missing`."""
    bump_version(session, row, expected=expected_version)
    source = session.exec(select(Source).where(Source.scenario_id == row.id, Source.position == position)).one_or_none()
    if source is None:
        raise Missing("scenario_source", position)
    source.status = status
    session.flush()
    return source


def edit_instrument(
    session: Session, row: Instrument, changes: Mapping[str, Any], *, expected_version: int | None = None
) -> Instrument:
    """Correct what is said of an instrument; scenarios that rest on it are looked at again.

    Its terms and calls have doors of their own, its short name stays. Raise `Invalid` with every fault, or `Stale`.
    """
    _refuse(*_instrument_faults({**row.model_dump(), **changes}))
    bump_version(session, row, expected=expected_version)
    for name, value in changes.items():
        setattr(row, name, value)
    session.flush()
    ask_for_reviews(session, row)
    return row


def _refuse(*faults: Fault | None) -> None:
    if found := [fault for fault in faults if fault is not None]:
        raise Invalid(faults=found)


def _instrument_faults(said: Mapping[str, Any]) -> Iterator[Fault | None]:
    for place in ("name", "programme"):
        yield blank(place, said[place])
    for number, code in enumerate(said["territory"], start=1):
        yield code_fault(f"territory[{number}]", code)
    if said["maximum_rate"] is not None and not 0 < said["maximum_rate"] <= 100:
        percent = said["maximum_rate"]
        yield Fault("maximum_rate", "percent_out_of_range", remedy="over_zero_to_hundred", percent=percent)
    if said["maximum_amount"] is not None:
        yield amount_fault("maximum_amount", said["maximum_amount"], most=None)


def add_instrument(session: Session, row: Instrument, *, closing: Closing | None = None) -> Instrument:
    """Put an instrument into the catalogue, with its first call where the closing of one is known.

    Raise `Invalid` where its slug is taken or its figures make no sense.
    """
    query = select(Instrument.id).where(Instrument.partnership_id == row.partnership_id, Instrument.slug == row.slug)
    _refuse(
        slug_fault(row.slug, taken=session.exec(query).first() is not None),
        *_instrument_faults(row.model_dump()),
        *(closing_faults(closing) if closing else ()),
    )
    session.add(row)
    session.flush()
    if closing is not None and closing.day is not None:
        set_closing(session, row, closing, expected_version=row.version)
    return row
