"""What is known of a collaboration's funding: the chosen scenario."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, col, select

from states.collaborations.tables import Collaboration
from states.funding.tables import Scenario


@dataclass(frozen=True, slots=True)
class ScenarioFacts:
    """The chosen scenario; `gap` in EUR, `solved` if it stands on a frozen case; what was found against it last."""

    id: str
    name: str
    version_id: str
    gap: Decimal
    solved: bool = False
    breaches: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FundingFacts:
    """How many scenarios there are, and which one is chosen."""

    scenarios: int
    chosen: ScenarioFacts | None


def gather(session: Session, rows: Sequence[Collaboration]) -> dict[str, FundingFacts]:
    """Collect the facts of many collaborations, by their ids."""
    found: dict[str, list[Scenario]] = {row.id: [] for row in rows}
    for scenario in session.exec(select(Scenario).where(col(Scenario.collaboration_id).in_(found))):
        found[scenario.collaboration_id].append(scenario)
    return {key: _facts(scenarios) for key, scenarios in found.items()}


def _facts(scenarios: Sequence[Scenario]) -> FundingFacts:
    chosen = next((one for one in scenarios if one.chosen), None)
    return FundingFacts(
        len(scenarios),
        None
        if chosen is None
        else ScenarioFacts(
            chosen.id,
            chosen.name,
            chosen.protocol_version_id,
            chosen.gap,
            chosen.solved_case_id is not None,
            tuple(chosen.breaches),
            tuple(chosen.stale),
        ),
    )
