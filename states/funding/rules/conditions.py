"""The conditions that a rule can set, as data; `states/funding/law/conditions.py` says whether they are met."""

from typing import Annotated, Literal

from pydantic import Field

from states.funding.case.vocabulary import (
    Activity,
    AidArea,
    CaseModel,
    ClusterPartOf,
    Euro,
    Key,
    PartnerKind,
    Percent,
    RiskStage,
)
from states.partners.tables import SizeClass

ProjectFact = Literal[
    "wide_dissemination",
    "licences",
    "joint_call",
    "seal_of_excellence",
    "eu_cofunded",
    "eu_selected",
    "infrastructure_terms",
    "eureka",
    "initial_investment",
    "msca_seal",
    "new_activity",
    "risk_finance_terms",
    "shared_management",
    "startup_terms",
    "teaming",
]
StateList = Literal["designing_states", "dissemination_states", "states_funding"]


class SizeIn(CaseModel):
    """The beneficiary is of one of these sizes."""

    kind: Literal["size_in"]
    sizes: tuple[SizeClass, ...]


class KindIn(CaseModel):
    """The beneficiary is of one of these kinds."""

    kind: Literal["kind_in"]
    kinds: tuple[PartnerKind, ...]


class AreaIn(CaseModel):
    """The work is done in such an area of the regional aid map."""

    kind: Literal["area_in"]
    areas: tuple[AidArea, ...]


class Said(CaseModel):
    """The partners say so of their project."""

    kind: Literal["said"]
    fact: ProjectFact


class StatesAtLeast(CaseModel):
    """So many Member or EEA States are on a list of the project."""

    kind: Literal["states_at_least"]
    states: StateList
    least: int


class BetweenUndertakings(CaseModel):
    """Undertakings collaborate effectively: one is an SME or it crosses a border, and none bears too much."""

    kind: Literal["between_undertakings"]
    most_share: Percent
    states: int


class WithResearch(CaseModel):
    """An undertaking collaborates with research organisations that bear a share and may publish."""

    kind: Literal["with_research"]
    least_share: Percent


class CollaborationStates(CaseModel):
    """The collaboration is effective in so many States, by the beneficiary's size."""

    kind: Literal["collaboration_states"]
    sme: int
    large: int


class SmeShare(CaseModel):
    """SMEs in the collaboration bear so much of the cost of the item's activity."""

    kind: Literal["sme_share"]
    least_share: Percent


class Trainees(CaseModel):
    """The training is given to workers with disabilities or to disadvantaged workers."""

    kind: Literal["disadvantaged_trainees"]


class SmeCapacity(CaseModel):
    """The infrastructure keeps so much of its capacity for SMEs."""

    kind: Literal["sme_capacity"]
    least_share: Percent


class UnionShare(CaseModel):
    """The Union programme covers so much of the eligible costs."""

    kind: Literal["union_share"]
    least_share: Percent


class ClusterPart(CaseModel):
    """The beneficiary owns, or operates, the innovation cluster."""

    kind: Literal["cluster_part"]
    part: ClusterPartOf


class Young(CaseModel):
    """The beneficiary was founded no longer than so many years ago."""

    kind: Literal["young"]
    years: int


class StageIn(CaseModel):
    """The beneficiary of risk finance is so far."""

    kind: Literal["risk_stage_in"]
    stages: tuple[RiskStage, ...] = Field(min_length=1)


class Predominant(CaseModel):
    """More than half of the research project's eligible cost is for these activities together."""

    kind: Literal["predominant"]
    activities: tuple[Activity, ...] = Field(min_length=1)


class Meets(CaseModel):
    """What a bonus asks is met."""

    kind: Literal["meets"]
    bonus: Key


class InvestmentAtMost(CaseModel):
    """The single investment project that the item belongs to is no larger."""

    kind: Literal["investment_at_most"]
    euro: Euro


class CostsAtMost(CaseModel):
    """What the undertaking spends on the item's activity is no more."""

    kind: Literal["costs_at_most"]
    euro: Euro


Condition = Annotated[
    SizeIn
    | KindIn
    | AreaIn
    | Said
    | StatesAtLeast
    | BetweenUndertakings
    | WithResearch
    | CollaborationStates
    | SmeShare
    | Trainees
    | SmeCapacity
    | UnionShare
    | ClusterPart
    | Young
    | StageIn
    | Predominant
    | Meets
    | InvestmentAtMost
    | CostsAtMost,
    Field(discriminator="kind"),
]


class Terms(CaseModel):
    """All of `all`, and where `any` is not empty one of it."""

    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()
