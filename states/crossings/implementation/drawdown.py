"""What sources were to pay by year beside what partners received, and what partners were to spend beside what they did.

Planned money comes by the years of the financial plan where there is one, else evenly over the days that an agreement
pays for; received and spent count once their progress is accepted. All sums add up to the cent.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Session, col, select

from states.collaborations.tables import Collaboration
from states.crossings.implementation.progress import in_force
from states.funding.awards.agreements import key_of
from states.funding.awards.sources import SourceKey, SourceStanding, sources_standing
from states.funding.awards.tables import Agreement
from states.funding.case.case import FundingCase, FundingScenario
from states.funding.finance.planning import arrivals
from states.funding.finance.returns import cumulated_shares
from states.funding.finance.scenario_finances import assumptions_of
from states.funding.inputs.assumptions import Assumptions
from states.funding.inputs.tables import SolvedCase
from states.funding.queries import lines_of
from states.funding.tables import Instrument, Scenario
from states.implementation import queries
from states.implementation.progress import total
from states.implementation.queries import progress_of
from states.implementation.tables import PartnerProgress, ProgressState

_NOTHING = Decimal("0.00")


class Basis(StrEnum):
    """By what planned money is laid out over the years."""

    FINANCIAL_PLAN = "financial_plan"
    EVENLY = "evenly"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class YearOfSource:
    """EUR of a source in a calendar year."""

    year: int
    planned: Decimal
    received: Decimal


@dataclass(frozen=True, slots=True)
class SourceDrawdown:
    """A source over the years; `undated` is planned money of which nobody knows the years."""

    standing: SourceStanding
    basis: Basis
    years: tuple[YearOfSource, ...]
    undated: Decimal

    @property
    def received(self) -> Decimal:
        return sum((one.received for one in self.years), _NOTHING)


@dataclass(frozen=True, slots=True)
class PartnerSpending:
    """EUR that the chosen scenario lets a partner spend, and what it spent by period, as accepted."""

    organisation_id: str
    planned: Decimal
    periods: Mapping[int, Decimal]

    @property
    def spent(self) -> Decimal:
        return sum(self.periods.values(), _NOTHING)


@dataclass(frozen=True, slots=True)
class Drawdown:
    """Both tables, and how much of what partners said is not accepted yet."""

    sources: tuple[SourceDrawdown, ...]
    partners: tuple[PartnerSpending, ...]
    waiting: int


def drawdown_of(session: Session, collaboration: Collaboration) -> Drawdown:
    """Return planned against actual of a collaboration."""
    rows = progress_of(session, [collaboration.id])
    accepted = queries.in_force(rows)
    agreements = {row.number: row for row in in_force(session, collaboration.id)}
    received = _received(accepted, agreements)
    profiles = _profiles(session, collaboration.id, partnership_id=collaboration.partnership_id)
    sources = [
        _source(standing, agreements, profiles, received[standing.key])
        for standing in sources_standing(session, collaboration.id)
    ]
    replaced = {(one.period, one.organisation_id) for one in accepted}
    waiting = [
        one
        for one in rows
        if one.state not in (ProgressState.ACCEPTED, ProgressState.REPLACED)
        and (one.period, one.organisation_id) not in replaced
    ]
    partners = tuple(_partners(session, collaboration, accepted))
    return Drawdown(tuple(sources), partners, len(waiting))


def _received(
    accepted: Sequence[PartnerProgress], agreements: Mapping[int, Agreement]
) -> defaultdict[SourceKey, dict[int, Decimal]]:
    """Return EUR by source and calendar year; what came under an agreement that was withdrawn since counts no more."""
    found: defaultdict[SourceKey, dict[int, Decimal]] = defaultdict(dict)
    for row in accepted:
        for one in row.received:
            agreement = agreements.get(int(one["agreement"]))
            if agreement is not None:
                years, year = found[key_of(agreement)], date.fromisoformat(one["on"]).year
                years[year] = years.get(year, _NOTHING) + Decimal(one["amount"])
    return found


def _profiles(session: Session, collaboration_id: str, *, partnership_id: str) -> dict[str, dict[int, Decimal]]:
    """Return what each instrument pays by calendar year in the financial plan of the chosen scenario, if it has one."""
    query = select(Scenario).where(Scenario.collaboration_id == collaboration_id, col(Scenario.chosen))
    chosen = session.exec(query).first()
    if chosen is None:
        return {}
    kept = assumptions_of(session, collaboration_id)
    if chosen.solved_case_id is None or kept is None:
        return {}
    case = FundingCase.model_validate(session.get_one(SolvedCase, chosen.solved_case_id).case)
    given, mix = Assumptions.model_validate(kept.content), FundingScenario.model_validate(chosen.mix)
    found: dict[str, dict[int, Decimal]] = {}
    for payer, regions in arrivals(case, mix, given).items():
        for years in regions.values() if payer.instrument is not None else ():
            of_payer = found.setdefault(payer.instrument or "", {})
            for year, amount in years.items():
                of_payer[year] = of_payer.get(year, _NOTHING) + amount
    own = select(Instrument.slug, Instrument.id).where(
        col(Instrument.slug).in_(found), Instrument.partnership_id == partnership_id
    )
    ids = dict(session.exec(own).all())
    return {ids[slug]: years for slug, years in found.items() if slug in ids}


def _source(
    standing: SourceStanding,
    agreements: Mapping[int, Agreement],
    profiles: Mapping[str, Mapping[int, Decimal]],
    received: Mapping[int, Decimal],
) -> SourceDrawdown:
    basis, weights = _weights(standing, agreements, profiles)
    parts = cumulated_shares(standing.expected, list(weights.values()))
    planned = dict(zip(weights, parts, strict=True))
    years = tuple(
        YearOfSource(year, planned.get(year, _NOTHING), received.get(year, _NOTHING))
        for year in sorted({*planned, *received})
    )
    return SourceDrawdown(standing, basis, years, standing.expected - sum(parts, _NOTHING))


def _weights(
    standing: SourceStanding, agreements: Mapping[int, Agreement], profiles: Mapping[str, Mapping[int, Decimal]]
) -> tuple[Basis, dict[int, Decimal]]:
    profile = profiles.get(standing.key.instrument_id or "")
    if profile and sum(profile.values()):
        return Basis.FINANCIAL_PLAN, dict(sorted(profile.items()))
    days: dict[int, Decimal] = {}
    for number in standing.numbers:
        start, end = agreements[number].starts_on or agreements[number].agreed_on, agreements[number].ends_on
        if start is None or end is None:
            continue
        for year in range(start.year, end.year + 1):
            first, last = max(start, date(year, 1, 1)), min(end, date(year, 12, 31))
            days[year] = days.get(year, Decimal(0)) + ((last - first).days + 1)
    return (Basis.EVENLY, days) if days else (Basis.UNKNOWN, {})


def _partners(
    session: Session, collaboration: Collaboration, accepted: Sequence[PartnerProgress]
) -> Iterator[PartnerSpending]:
    query = select(Scenario).where(Scenario.collaboration_id == collaboration.id, col(Scenario.chosen))
    planned: dict[str, Decimal] = {}
    for lines in lines_of(session, session.exec(query).all()):
        for use in lines.uses:
            planned[use.organisation_id] = planned.get(use.organisation_id, _NOTHING) + use.amount
    spent: dict[str, dict[int, Decimal]] = {}
    for row in accepted:
        spent.setdefault(row.organisation_id, {})[row.period] = total(row.spent)
    for key in (*planned, *(key for key in spent if key not in planned)):
        yield PartnerSpending(key, planned.get(key, _NOTHING), spent.get(key, {}))
