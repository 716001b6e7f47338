"""The words and figures of a funding case: kinds, categories, EUR to the cent, percentages."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=60)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166 alpha-2; Greece is GR")]
Nuts = Annotated[str, Field(pattern=r"^[A-Z]{2}[0-9A-Z]{0,3}$", description="NUTS 2024; Greece begins with EL")]

BY_DATE = "by-date"
"""In the place of a rule set's name: the one that holds on the day of the award."""


def _decimal(pattern: str, description: str) -> WithJsonSchema:
    return WithJsonSchema({"type": ["string", "number"], "pattern": pattern, "description": description})


# Nine thousand million EUR and a cent's precision keep every sum of a case within 64 bits of cents.
Euro = Annotated[
    Decimal,
    Field(ge=0, max_digits=12, decimal_places=2),
    PlainSerializer(lambda amount: f"{amount:.2f}", return_type=str, when_used="json"),
    _decimal(r"^\d{1,10}(\.\d{1,2})?$", "EUR with at most two decimals"),
]
Percent = Annotated[
    Decimal,
    Field(ge=0, le=100, max_digits=5, decimal_places=2),
    PlainSerializer(str, return_type=str, when_used="json"),
    _decimal(r"^\d{1,3}(\.\d{1,2})?$", "0 to 100, at most two decimals"),
]


class CaseModel(BaseModel):
    """What every part of a case has in common: it is frozen, and knows no key but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PartnerKind(StrEnum):
    """What a partner is; its size is a matter of its own."""

    ENTERPRISE = "enterprise"
    TECHNOLOGY_CENTRE = "technology_centre"
    UNIVERSITY = "university"
    CLUSTER = "cluster"
    AUTHORITY = "authority"
    NON_PROFIT = "non_profit"
    INVESTOR = "investor"


FOR_PROFIT = frozenset({PartnerKind.ENTERPRISE, PartnerKind.INVESTOR})

# Research and knowledge-dissemination organisations (GBER Article 2, point 83).
RESEARCH_KINDS = frozenset({PartnerKind.TECHNOLOGY_CENTRE, PartnerKind.UNIVERSITY})


class Activity(StrEnum):
    """What a cost item pays for, in the categories of the GBER; `other` has no article of its own."""

    FUNDAMENTAL = "fundamental"
    INDUSTRIAL = "industrial"
    EXPERIMENTAL = "experimental"
    FEASIBILITY = "feasibility"
    INVESTMENT = "investment"
    CONSULTANCY = "consultancy"
    FAIRS = "fairs"
    CLLD = "clld"
    INTERREG_COOPERATION = "interreg_cooperation"
    START_UP = "start_up"
    RISK_FINANCE = "risk_finance"
    RESEARCH_INFRASTRUCTURE = "research_infrastructure"
    TESTING_INFRASTRUCTURE = "testing_infrastructure"
    CLUSTER_INVESTMENT = "cluster_investment"
    CLUSTER_OPERATION = "cluster_operation"
    SME_INNOVATION = "sme_innovation"
    INNOVATION_ADVISORY = "innovation_advisory"
    PROCESS_INNOVATION = "process_innovation"
    TRAINING = "training"
    OTHER = "other"


# What an activity is called in a sentence.
NOUNS = {
    Activity.FUNDAMENTAL: "fundamental research",
    Activity.INDUSTRIAL: "industrial research",
    Activity.EXPERIMENTAL: "experimental development",
    Activity.FEASIBILITY: "feasibility studies",
    Activity.INVESTMENT: "investment",
    Activity.CONSULTANCY: "consultancy",
    Activity.FAIRS: "fairs",
    Activity.CLLD: "community-led local development",
    Activity.INTERREG_COOPERATION: "cooperation in Interreg",
    Activity.START_UP: "starting an enterprise",
    Activity.RISK_FINANCE: "risk finance",
    Activity.RESEARCH_INFRASTRUCTURE: "research infrastructure",
    Activity.TESTING_INFRASTRUCTURE: "testing infrastructure",
    Activity.CLUSTER_INVESTMENT: "investment in a cluster",
    Activity.CLUSTER_OPERATION: "operating a cluster",
    Activity.SME_INNOVATION: "innovation of SMEs",
    Activity.INNOVATION_ADVISORY: "innovation advice and support",
    Activity.PROCESS_INNOVATION: "process and organisational innovation",
    Activity.TRAINING: "training",
    Activity.OTHER: "other work",
}


class RiskStage(StrEnum):
    """How far an SME is that takes risk finance, as GBER Article 21(3) and (4) tell it apart."""

    NO_MARKET = "no_market"
    YOUNG = "young"
    NEW_ACTIVITY = "new_activity"
    FOLLOW_ON = "follow_on"


RESEARCH = frozenset({Activity.FUNDAMENTAL, Activity.INDUSTRIAL, Activity.EXPERIMENTAL, Activity.FEASIBILITY})


class CostCategory(StrEnum):
    """In what form the money is spent."""

    PERSONNEL = "personnel"
    EQUIPMENT = "equipment"
    BUILDINGS = "buildings"
    LAND = "land"
    INTANGIBLE = "intangible"
    CONTRACTED = "contracted"
    CONSULTANCY = "consultancy"
    TRAVEL = "travel"
    OVERHEAD = "overhead"
    THIRD_PARTY_SUPPORT = "third_party_support"
    OTHER = "other"


class Cohesion(StrEnum):
    """Category of a NUTS 2 region for cohesion policy 2021-2027, with the outermost regions named apart."""

    LESS_DEVELOPED = "less_developed"
    TRANSITION = "transition"
    MORE_DEVELOPED = "more_developed"
    OUTERMOST = "outermost"


class ClusterPartOf(StrEnum):
    """What somebody is to an innovation cluster (GBER Article 27(2))."""

    OWNER = "owner"
    OPERATOR = "operator"


class Strand(StrEnum):
    """A strand of Interreg (Regulation 2021/1059 Article 3): borders, transnational, interregional, outermost."""

    A = "a"
    B = "b"
    C = "c"
    D = "d"


class AidArea(StrEnum):
    """Where a site lies on the regional aid map: Article 107(3)(a), 107(3)(c) TFEU, or outside."""

    A = "a"
    C = "c"
    NONE = "none"


class Control(StrEnum):
    """What links two enterprises (2003/361/EC Annex Article 3(3); Regulation 2023/2831 Article 2(2))."""

    VOTES = "majority_of_votes"
    BOARD = "appoints_board"
    CONTRACT = "dominant_by_contract"
    AGREEMENT = "controls_by_agreement"


class FinanceKind(StrEnum):
    """In what form an instrument pays; a guarantee stands for the loan that it makes possible."""

    GRANT = "grant"
    LOAN = "loan"
    EQUITY = "equity"
    GUARANTEE = "guarantee"


class Objective(StrEnum):
    """What a mix is to keep small, in the order of the case."""

    GAP = "gap"
    PRIVATE_CASH = "private_cash"
    APPLICATIONS = "applications"
    TIME_TO_MONEY = "time_to_money"


class ScenarioKind(StrEnum):
    """The mixes that authorities understand by name."""

    BEST = "best"
    FASTEST_MONEY = "fastest_money"
    FEWEST_APPLICATIONS = "fewest_applications"
    GRANTS_ONLY = "grants_only"
    NO_EU_CALL = "no_eu_call"
    WITHOUT_BEST_INSTRUMENT = "without_best_instrument"
    LEAST_PRIVATE_CASH = "least_private_cash"


def euro_of(cents: int) -> Decimal:
    """Give EUR with two decimals for whole cents."""
    return Decimal(cents).scaleb(-2)


def cents_of(euro: Decimal) -> int:
    """Give whole cents for EUR that has at most two decimals."""
    return int(euro.scaleb(2))
