"""Reads of instruments and scenarios."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from states.errors import Missing
from states.funding.tables import Instrument, Scenario, Source, Use


@dataclass(frozen=True, slots=True)
class ScenarioLines:
    """A scenario with its uses and sources in their order."""

    scenario: Scenario
    uses: tuple[Use, ...]
    sources: tuple[Source, ...]


def instruments_of(session: Session, partnership_id: str) -> list[Instrument]:
    """Return the catalogue of a partnership, by name."""
    query = select(Instrument).where(Instrument.partnership_id == partnership_id)
    return list(session.exec(query.order_by(col(Instrument.name))))


def scenarios_of(session: Session, collaboration_id: str) -> list[Scenario]:
    """Return the scenarios of a collaboration in the order of their making."""
    query = select(Scenario).where(Scenario.collaboration_id == collaboration_id)
    return list(session.exec(query.order_by(col(Scenario.created_at), col(Scenario.id))))


def calls_of(session: Session, collaboration_id: str) -> list[Instrument]:
    """Return the instruments of the chosen scenario whose call has a closing date, the first to close first."""
    counted_on = (
        select(Source.instrument_id)
        .join(Scenario, col(Scenario.id) == col(Source.scenario_id))
        .where(Scenario.collaboration_id == collaboration_id, col(Scenario.chosen))
    )
    query = select(Instrument).where(col(Instrument.id).in_(counted_on), col(Instrument.closes_on).is_not(None))
    return list(session.exec(query.order_by(col(Instrument.closes_on), col(Instrument.slug))))


def choosers_of(session: Session, instrument_id: str) -> list[str]:
    """Return the ids of the collaborations whose chosen scenario counts on an instrument, in their order."""
    query = (
        select(Scenario.collaboration_id)
        .join(Source, col(Source.scenario_id) == col(Scenario.id))
        .where(Source.instrument_id == instrument_id, col(Scenario.chosen))
    )
    return list(session.exec(query.distinct().order_by(col(Scenario.collaboration_id))))


def scenario_by_id(session: Session, key: str) -> Scenario:
    """Return the scenario, or raise `Missing`."""
    found = session.get(Scenario, key)
    if found is None:
        raise Missing("scenario", key)
    return found


def lines_of(session: Session, scenarios: Sequence[Scenario]) -> list[ScenarioLines]:
    """Return the scenarios with their lines."""
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
