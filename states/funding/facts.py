"""What is known of a collaboration's funding: the chosen scenario, and whether it holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from states.collaborations.tables import Collaboration
from states.errors import Refusal
from states.funding.queries import CHOSEN_SOURCES, CHOSEN_USES, PLANS, SCENARIOS, ChosenSource, ScenarioRead
from states.funding.tables import SourceStatus
from states.storage import Readings
from states.texts import Text
from states.texts.read_back import Checked

READS = (SCENARIOS,)
COMMITMENT_READS = (CHOSEN_SOURCES, CHOSEN_USES, PLANS)
_SURE = (SourceStatus.COMMITTED, SourceStatus.SIGNED)
_MANAGER = ("project_manager",)


@dataclass(frozen=True, slots=True)
class ScenarioFacts:
    """The chosen scenario; `gap` in EUR, `solved` if it stands on a frozen case."""

    id: str
    name: str
    version_id: str
    gap: Decimal
    solved: bool = False


@dataclass(frozen=True, slots=True)
class FundingFacts:
    """How many scenarios there are, and which one is chosen."""

    scenarios: int
    chosen: ScenarioFacts | None


@dataclass(frozen=True, slots=True)
class CommitmentFacts:
    """What the chosen scenario spends in EUR, its sources that nobody has committed, and whether there is a plan."""

    uses: Decimal
    unsure: tuple[ChosenSource, ...]
    planned: bool


@dataclass(frozen=True, slots=True)
class Validity:
    """Whether a scenario holds: the one answer that previews, moves, the choice and the sweep go by.

    `breaches` are rules that its frozen case breaks, `overtaken` is what is known today and breaks it, `objections` are
    what the regions whose money it counts on have said. A scenario made by hand has no case that could break.
    """

    breaches: tuple[str, ...] = ()
    overtaken: tuple[str, ...] = ()
    objections: tuple[Refusal, ...] = ()

    @property
    def stale(self) -> tuple[str, ...]:
        """All that has come later and breaks it, in words."""
        return (*self.overtaken, *(one.message for one in self.objections))

    @property
    def holds(self) -> bool:
        return not (self.breaches or self.stale)

    def refusals(self, name: str) -> Iterator[Refusal]:
        """Yield every reason against choosing the scenario of that name."""
        if self.breaches:
            yield not_legal(name, self.breaches)
        if self.overtaken:
            yield no_longer_holds(name, self.overtaken)
        yield from self.objections


def not_legal(name: str, missing: tuple[str | Text, ...], *, text: str = "") -> Refusal:
    """Refuse a scenario that is not lawful."""
    said = tuple(one if isinstance(one, Text) else Checked(one) for one in missing)
    return Refusal("scenario_not_legal", text=text, scenario=name, mend_by=_MANAGER, where="scenarios", missing=said)


def no_longer_holds(name: str, missing: tuple[str, ...]) -> Refusal:
    """Refuse a scenario that something has broken since it was made."""
    said = tuple(map(Checked, missing))
    return Refusal("scenario_stale", scenario=name, mend_by=_MANAGER, where="scenarios", missing=said)


def chosen_of(read: Readings, row: Collaboration) -> ScenarioRead | None:
    return next((one for one in read.of(SCENARIOS, row.id) if one.chosen), None)


def facts_of(read: Readings, row: Collaboration) -> FundingFacts:
    one, number = chosen_of(read, row), len(read.of(SCENARIOS, row.id))
    if one is None:
        return FundingFacts(number, None)
    solved = one.solved_case_id is not None
    return FundingFacts(number, ScenarioFacts(one.id, one.name, one.protocol_version_id, one.gap, solved))


def commitment_of(read: Readings, row: Collaboration) -> CommitmentFacts:
    """Derive how sure the money of the chosen scenario is."""
    sources = sorted(read.of(CHOSEN_SOURCES, row.id), key=lambda one: one.position)
    return CommitmentFacts(
        uses=sum(read.of(CHOSEN_USES, row.id), Decimal("0.00")),
        unsure=tuple(one for one in sources if one.status not in _SURE),
        planned=bool(read.of(PLANS, row.id)),
    )
