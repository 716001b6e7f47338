"""Reads of instruments and scenarios."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

from sqlalchemy import Text, cast
from sqlalchemy import select as plain
from sqlmodel import Session, col, or_, select

from states.collaborations.tables import Collaboration
from states.errors import Missing
from states.funding.inputs.tables import AidGranted, Call, CostLine, FinancialAssumptions, Ownership, SolvedCase
from states.funding.tables import Instrument, Scenario, Source, SourceKind, SourceStatus, Use
from states.storage import Keys, PlainSelect, Reading, Readings, columns_of, table_of


@dataclass(frozen=True, slots=True)
class ScenarioLines:
    """A scenario with its uses and sources in their order."""

    scenario: Scenario
    uses: tuple[Use, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class ScenarioRead:
    """A scenario as far as moves depend on it, with what was found against it last."""

    id: str
    name: str
    protocol_version_id: str
    gap: Decimal
    chosen: bool
    solved_case_id: str | None
    breaches: list[str]
    stale: list[str]


@dataclass(frozen=True, slots=True)
class Mix:
    """Who pays what in a scenario, and its frozen case with its rules; of one made by hand neither is known."""

    scenario_id: str
    chosen: bool
    mix: str
    case: str | None
    rule_set: str | None
    fingerprint: str | None
    rules_text: str | None


@dataclass(frozen=True, slots=True)
class Payment:
    """EUR that a scenario counts on from an instrument."""

    scenario_id: str
    instrument_id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ChosenSource:
    """A source of the chosen scenario: how sure it is, what it is from, and who receives or brings it."""

    position: int
    kind: SourceKind
    status: SourceStatus
    amount: Decimal
    organisation_id: str


@dataclass(frozen=True, slots=True)
class ChosenKey:
    """For what a source of the chosen scenario is, whatever it amounts to."""

    kind: SourceKind
    instrument_id: str | None
    organisation_id: str


@dataclass(frozen=True, slots=True)
class CountedOn:
    """An instrument with a dated call, on which the chosen scenario counts."""

    id: str
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Offered:
    """An instrument in the catalogue of a collaboration's partnership, as far as its terms go."""

    slug: str
    name: str
    terms: dict[str, object]
    verified_on: date | None


def _scenarios(keys: Keys) -> PlainSelect:
    scenario = columns_of(Scenario)
    read = [scenario[name] for name in ScenarioRead.__slots__]
    return plain(scenario.collaboration_id, *read).where(scenario.collaboration_id.in_(keys))


def _mixes(keys: Keys) -> PlainSelect:
    scenario, solved = columns_of(Scenario), columns_of(SolvedCase)
    read = [scenario.id, scenario.chosen, cast(scenario.mix, Text), cast(solved.case, Text)]
    read += [solved.rule_set, solved.fingerprint, solved.rules_text]
    with_case = table_of(Scenario).outerjoin(table_of(SolvedCase), solved.id == scenario.solved_case_id)
    by_key = plain(scenario.collaboration_id, *read).select_from(with_case)
    return by_key.where(scenario.collaboration_id.in_(keys))


def _payments(keys: Keys) -> PlainSelect:
    scenario, source = columns_of(Scenario), columns_of(Source)
    paid = (source.scenario_id == scenario.id, source.instrument_id.is_not(None))
    by_key = plain(scenario.collaboration_id, scenario.id, source.instrument_id, source.amount)
    return by_key.where(scenario.collaboration_id.in_(keys), *paid)


def _chosen_sources(keys: Keys) -> PlainSelect:
    scenario, source = columns_of(Scenario), columns_of(Source)
    by_key = plain(scenario.collaboration_id, *(source[name] for name in ChosenSource.__slots__))
    return by_key.where(scenario.collaboration_id.in_(keys), scenario.chosen, source.scenario_id == scenario.id)


def _chosen_uses(keys: Keys) -> PlainSelect:
    scenario, use = columns_of(Scenario), columns_of(Use)
    by_key = plain(scenario.collaboration_id, use.amount)
    return by_key.where(scenario.collaboration_id.in_(keys), scenario.chosen, use.scenario_id == scenario.id)


def _plans(keys: Keys) -> PlainSelect:
    plan = columns_of(FinancialAssumptions)
    return plain(plan.collaboration_id, plan.version).where(plan.collaboration_id.in_(keys))


def _assumed(keys: Keys) -> PlainSelect:
    plan = columns_of(FinancialAssumptions)
    return plain(plan.collaboration_id, cast(plan.content, Text)).where(plan.collaboration_id.in_(keys))


def _counted_on(keys: Keys) -> PlainSelect:
    scenario, source = columns_of(Scenario), columns_of(Source)
    instrument, call = columns_of(Instrument), columns_of(Call)
    dated = plain(call.id).where(call.instrument_id == instrument.id, call.closes_on.is_not(None)).exists()
    paid = (source.scenario_id == scenario.id, instrument.id == source.instrument_id, scenario.chosen, dated)
    by_key = plain(scenario.collaboration_id, *(instrument[name] for name in CountedOn.__slots__)).distinct()
    return by_key.where(scenario.collaboration_id.in_(keys), *paid)


def _offered(keys: Keys) -> PlainSelect:
    row, instrument = columns_of(Collaboration), columns_of(Instrument)
    by_key = plain(row.id, *(instrument[name] for name in Offered.__slots__))
    return by_key.where(row.id.in_(keys), instrument.partnership_id == row.partnership_id)


def _chosen_keys(keys: Keys) -> PlainSelect:
    scenario, source = columns_of(Scenario), columns_of(Source)
    by_key = plain(scenario.collaboration_id, source.kind, source.instrument_id, source.organisation_id)
    return by_key.where(scenario.collaboration_id.in_(keys), scenario.chosen, source.scenario_id == scenario.id)


CHOSEN_KEYS = Reading(ChosenKey, _chosen_keys)
CONSORTIA = Reading(Offered, _offered)
SCENARIOS = Reading(ScenarioRead, _scenarios)
MIXES = Reading(Mix, _mixes)
PAYMENTS = Reading(Payment, _payments)
CHOSEN_SOURCES = Reading(ChosenSource, _chosen_sources)
CHOSEN_USES = Reading(Decimal, _chosen_uses)
PLANS = Reading(int, _plans)
ASSUMED = Reading(str, _assumed)
COUNTED_ON = Reading(CountedOn, _counted_on)


def counted_on(read: Readings, key: str) -> list[CountedOn]:
    """Return the instruments of the chosen scenario of which a call has a closing date, by their short names."""
    return sorted(read.of(COUNTED_ON, key), key=lambda one: one.slug)


def instruments_of(session: Session, partnership_id: str) -> list[Instrument]:
    """Return the catalogue of a partnership, by name."""
    query = select(Instrument).where(Instrument.partnership_id == partnership_id)
    return list(session.exec(query.order_by(col(Instrument.name))))


def scenarios_of(session: Session, collaboration_id: str) -> list[Scenario]:
    """Return the scenarios of a collaboration in the order of their making."""
    query = select(Scenario).where(Scenario.collaboration_id == collaboration_id)
    return list(session.exec(query.order_by(col(Scenario.created_at), col(Scenario.id))))


def choosers_of(session: Session, instrument_id: str) -> list[str]:
    """Return the ids of the collaborations whose chosen scenario counts on an instrument, in their order."""
    query = (
        select(Scenario.collaboration_id)
        .join(Source, col(Source.scenario_id) == col(Scenario.id))
        .where(Source.instrument_id == instrument_id, col(Scenario.chosen))
    )
    return list(session.exec(query.distinct().order_by(col(Scenario.collaboration_id))))


def broken_choices(session: Session, partnership_id: str) -> list[tuple[Scenario, str]]:
    """Return the chosen scenarios of a partnership that hold no longer, with the collaboration's title, by title."""
    query = (
        select(Scenario, Collaboration.title)
        .join(Collaboration, col(Collaboration.id) == col(Scenario.collaboration_id))
        .where(Collaboration.partnership_id == partnership_id, col(Scenario.chosen))
        .where(or_(col(Scenario.breaches) != [], col(Scenario.stale) != []))
        .order_by(Collaboration.title, col(Scenario.id))
    )
    return list(session.exec(query))


def scenario_by_id(session: Session, key: str) -> Scenario:
    """Return the scenario, or raise `Missing`."""
    found = session.get(Scenario, key)
    if found is None:
        raise Missing("scenario", key)
    return found


def lines_of(session: Session, scenarios: Sequence[Scenario]) -> list[ScenarioLines]:
    keys = [row.id for row in scenarios]
    uses = session.exec(select(Use).where(col(Use.scenario_id).in_(keys)).order_by(col(Use.position))).all()
    sources = session.exec(select(Source).where(col(Source.scenario_id).in_(keys)).order_by(col(Source.position))).all()
    return [
        ScenarioLines(
            row,
            tuple(use for use in uses if use.scenario_id == row.id),
            tuple(source for source in sources if source.scenario_id == row.id),
        )
        for row in scenarios
    ]


def windows_of(session: Session, instrument_ids: Sequence[str]) -> dict[str, list[Call]]:
    """Return the calls by instrument, the first to close first; those that never close come last."""
    found: dict[str, list[Call]] = {key: [] for key in instrument_ids}
    for row in session.exec(select(Call).where(col(Call.instrument_id).in_(instrument_ids))):
        found[row.instrument_id].append(row)
    for calls in found.values():
        calls.sort(key=closing_order)
    return found


class Closing(Protocol):
    """A call, as far as its closing goes."""

    @property
    def slug(self) -> str: ...
    @property
    def closes_on(self) -> date | None: ...


AnyCall = TypeVar("AnyCall", bound=Closing)


def closing_order(call: Closing) -> tuple[bool, date, str]:
    """Sort calls by their closing, those that never close last."""
    return (call.closes_on is None, call.closes_on or date.max, call.slug)


def coming(calls: Iterable[AnyCall], *, on: date) -> Iterator[AnyCall]:
    """Yield the calls that are not over on a day, in their order."""
    return (call for call in calls if call.closes_on is None or call.closes_on >= on)


def closing_call(calls: Iterable[Call], *, on: date) -> Call | None:
    """Return the call by whose closing an instrument goes: the first to close of those not over, else the last."""
    dated = sorted((call for call in calls if call.closes_on is not None), key=lambda call: (call.closes_on, call.slug))
    return next(coming(dated, on=on), dated[-1] if dated else None)


def costs_of(session: Session, collaboration_id: str) -> list[CostLine]:
    """Return the cost lines of a collaboration by their short names."""
    query = select(CostLine).where(CostLine.collaboration_id == collaboration_id)
    return list(session.exec(query.order_by(col(CostLine.slug))))


def aid_to(session: Session, organisation_ids: Iterable[str]) -> list[AidGranted]:
    """Return the aid that organisations received, the oldest first."""
    query = select(AidGranted).where(col(AidGranted.organisation_id).in_(list(organisation_ids)))
    return list(session.exec(query.order_by(col(AidGranted.granted_on), col(AidGranted.id))))


def linked_to(session: Session, organisation_id: str) -> set[str]:
    """Return an organisation and all that own it or are owned by it, over any number of steps."""
    known, fresh = {organisation_id}, {organisation_id}
    while fresh:
        ends = col(Ownership.holder_id).in_(fresh) | col(Ownership.held_id).in_(fresh)
        found = session.exec(select(Ownership.holder_id, Ownership.held_id).where(ends))
        fresh = {end for link in found for end in link} - known
        known |= fresh
    return known
