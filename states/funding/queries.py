"""Reads of instruments and scenarios."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from states.collaborations.tables import Collaboration
from states.errors import Missing
from states.funding.inputs.tables import AidGranted, Call, CostLine, Ownership
from states.funding.tables import Instrument, Scenario, Source, Use
from states.partners.tables import Organisation


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
    """Return the instruments of the chosen scenario of which a call has a closing date, by their short names."""
    counted_on = (
        select(Source.instrument_id)
        .join(Scenario, col(Scenario.id) == col(Source.scenario_id))
        .join(Call, col(Call.instrument_id) == col(Source.instrument_id))
        .where(Scenario.collaboration_id == collaboration_id, col(Scenario.chosen), col(Call.closes_on).is_not(None))
    )
    return list(session.exec(select(Instrument).where(col(Instrument.id).in_(counted_on)).order_by(Instrument.slug)))


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
        .order_by(Collaboration.title, col(Scenario.id))
    )
    return [(row, title) for row, title in session.exec(query) if row.breaches or row.stale]


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


def windows_of(session: Session, instrument_ids: Sequence[str]) -> dict[str, list[Call]]:
    """Return the calls by instrument, the first to close first; those that never close come last."""
    found: dict[str, list[Call]] = {key: [] for key in instrument_ids}
    for row in session.exec(select(Call).where(col(Call.instrument_id).in_(instrument_ids))):
        found[row.instrument_id].append(row)
    for calls in found.values():
        calls.sort(key=lambda call: (call.closes_on is None, call.closes_on, call.slug))
    return found


def coming(calls: Iterable[Call], *, on: date) -> Iterator[Call]:
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


def ownership_around(session: Session, organisation_ids: Sequence[str]) -> tuple[list[Ownership], list[Organisation]]:
    """Return every link that leads to these organisations, over any number of steps, and whom else it reaches."""
    links: dict[str, Ownership] = {}
    known, fresh = set(organisation_ids), set(organisation_ids)
    while fresh:
        ends = col(Ownership.holder_id).in_(fresh) | col(Ownership.held_id).in_(fresh)
        found = list(session.exec(select(Ownership).where(ends)))
        links |= {link.id: link for link in found}
        fresh = {end for link in found for end in (link.holder_id, link.held_id)} - known
        known |= fresh
    others = select(Organisation).where(col(Organisation.id).in_(known - set(organisation_ids)))
    behind = list(session.exec(others.order_by(col(Organisation.slug))))
    return sorted(links.values(), key=lambda link: link.id), behind
