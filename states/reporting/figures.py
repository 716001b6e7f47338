"""What the records say beside people's answers: one figure per question of the form, as plain values."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from states.partners.tables import EventKind, OrganisationKind, PartnershipKind


class _Figure(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PeriodFigure(_Figure):
    """The half-year, and the day on which the records were read: its last day, or the day of drafting if earlier."""

    period: str
    label: str
    starts: date
    ends: date
    as_of: date


class PartnershipFigure(_Figure):
    name: str
    kind: PartnershipKind


class RegionFigure(_Figure):
    """A region that took part in the half-year; country as ISO 3166 alpha-2, codes of NUTS 2024."""

    name: str
    country: str
    codes: tuple[str, ...]
    leading: bool

    @property
    def written(self) -> str:
        """The region as the form asks for it: Lapland (FI), FI1D7."""
        return f"{self.name} ({self.country}), {', '.join(self.codes)}"


class OrganisationFigure(_Figure):
    name: str
    kind: OrganisationKind
    country: str
    nuts: str
    illustrative: bool


class AreaFigure(_Figure):
    """A working area; regions by name, in the order of the registry."""

    number: int
    name: str
    in_charge: tuple[str, ...]
    involved: tuple[str, ...]
    other_actors: str


class EventFigure(_Figure):
    """An event; `when` is for readers, `held_on` the stored partial date, which means `earliest` to `latest`."""

    name: str
    kind: EventKind
    when: str
    held_on: str
    earliest: date
    latest: date
    place: str
    information: str
    illustrative: bool


class MoveFigure(_Figure):
    """A move of a collaboration; `direction` is empty where its playbook was not asked."""

    collaboration: str
    on: date
    move: str
    from_stage: str
    to_stage: str
    direction: str
    reason: str
    illustrative: bool


class ProgressFigure(_Figure):
    """What happened in the half-year, and where the collaborations stood at its end (numbers by stage)."""

    opened: tuple[str, ...]
    moves: tuple[MoveFigure, ...]
    by_direction: dict[str, int]
    by_stage: dict[str, int]


class CollaborationFigure(_Figure):
    """A collaboration at the end of the half-year; `lead` is empty where none is named."""

    title: str
    stage: str
    lead: str
    illustrative: bool


class InitiativeFigure(_Figure):
    name: str
    programme: str
    lead: str
    running: bool


class JointWorkFigure(_Figure):
    collaborations: tuple[CollaborationFigure, ...]
    initiatives: tuple[InitiativeFigure, ...]


class BusinessFigure(_Figure):
    """Organisations in the partnership or its collaborations; the share of SMEs in percent, None where there are none.

    `illustrative` of them were made up for a demonstration.
    """

    organisations: int
    by_kind: dict[str, int]
    sme_share: Decimal | None
    illustrative: int


class EdgeFigure(_Figure):
    """Two regions and in how many collaborations, of whatever stage, both have a partner."""

    first: str
    second: str
    collaborations: int


class CooperationFigure(_Figure):
    """The network: `connected` of `regions` share a collaboration with another one."""

    edges: tuple[EdgeFigure, ...]
    regions: int
    connected: int


class Eu13Figure(_Figure):
    """Regions from Member States that joined from 2004 on; without any the form wants a justification."""

    regions: tuple[str, ...]
    countries: tuple[str, ...]
    justification_needed: bool


class OutsideUnionFigure(_Figure):
    """Participants from outside the Union, regions and organisations together."""

    participants: int
    names: tuple[str, ...]
    countries: tuple[str, ...]


class OutreachFigure(_Figure):
    activities: int
    names: tuple[str, ...]


class AcceptedFigure(_Figure):
    """What one partner said of a period of a collaboration, accepted in the half-year: the source of the sums."""

    collaboration: str
    organisation: str
    period: int
    readiness: int | None
    jobs: Decimal | None


class ImpactFigure(_Figure):
    """Sums over what partners said and the office accepted in the half-year; EUR of all together, of none alone."""

    accepted: tuple[AcceptedFigure, ...] = ()
    jobs: Decimal = Decimal("0.00")
    spent: Decimal = Decimal("0.00")


class Figures(_Figure):
    """All figures of a report; the form says which one stands beside which question."""

    period: PeriodFigure
    partnership: PartnershipFigure
    leading_regions: tuple[RegionFigure, ...]
    participating_regions: tuple[RegionFigure, ...]
    other_entities: tuple[OrganisationFigure, ...]
    working_areas: tuple[AreaFigure, ...]
    past_events: tuple[EventFigure, ...]
    planned_events: tuple[EventFigure, ...]
    progress: ProgressFigure
    joint_work: JointWorkFigure
    business: BusinessFigure
    cooperation: CooperationFigure
    eu13: Eu13Figure
    outside_union: OutsideUnionFigure
    outreach: OutreachFigure
    impact: ImpactFigure = ImpactFigure()

    def by_question(self, figure_of: Mapping[str, str]) -> dict[str, object]:
        """Return the figures as JSON values by question id; `figure_of` maps a question to its figure's name."""
        values = self.model_dump(mode="json")
        return {question: values[name] for question, name in figure_of.items()}

    @classmethod
    def read(cls, stored: Mapping[str, object], figure_of: Mapping[str, str]) -> "Figures":
        """Read what `by_question` gave; a report that was drafted before a figure was known lacks it."""
        return cls.model_validate({name: stored[key] for key, name in figure_of.items() if key in stored})
