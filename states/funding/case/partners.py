"""The parties of a funding case: partners with sites and figures, enterprises behind them, links between them."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from states.funding.case.vocabulary import (
    FOR_PROFIT,
    AidArea,
    CaseModel,
    ClusterPartOf,
    Cohesion,
    Control,
    Country,
    Euro,
    Key,
    Nuts,
    PartnerKind,
    Percent,
    RiskStage,
    Strand,
)
from states.partners.tables import SizeClass
from states.places import nuts

Net = Annotated[Decimal, Field(max_digits=12, decimal_places=2, description="EUR, may be negative")]


class YearFigures(CaseModel):
    """The approved accounts of one year, of the enterprise alone: EUR, and annual work units.

    `subscribed_capital` includes share premium; `own_funds` is what is left of all capital after losses.
    """

    year: int = Field(ge=1990, le=2100)
    headcount: Annotated[Decimal, Field(ge=0, max_digits=9, decimal_places=2)] | None = None
    turnover: Euro | None = None
    balance_sheet: Euro | None = None
    subscribed_capital: Euro | None = None
    own_funds: Net | None = None
    debt: Euro | None = None
    ebitda: Net | None = None
    interest: Euro | None = None


class Difficulty(CaseModel):
    """What an enterprise declares of itself besides its accounts (GBER Article 2, point 18); None is not answered."""

    insolvent: bool | None = None
    rescue_aid: bool | None = Field(default=None, description="a rescue loan not repaid, or still in restructuring")


class Enterprise(CaseModel):
    """A legal person with figures; outside the partnership it matters for the links it has to partners.

    `size` is what it declares; figures, where given with all links, come before it.
    """

    id: Key
    name: str = Field(min_length=1, max_length=200)
    size: SizeClass | None = None
    founded: date | None = None
    years: tuple[YearFigures, ...] = ()
    public_share: Percent = Field(default=Decimal(0), description="percent of capital or votes held by public bodies")
    public_share_excepted: bool = Field(default=False, description="by those of Article 3(2), such as a university")


class Site(CaseModel):
    """Where work is done: NUTS 3 (or NUTS 2), with its categories where they are known already."""

    id: Key
    nuts: Nuts
    cohesion: Cohesion | None = None
    aid_area: AidArea | None = None
    aid_map_rate: Percent | None = Field(default=None, description="percent for large enterprises by the aid map")

    @property
    def region(self) -> str:
        """The NUTS 2 code around the site."""
        return self.nuts[:4]

    @property
    def country(self) -> str:
        """The ISO alpha-2 code of the country the site lies in."""
        return nuts.country(self.nuts)


class EarlierInvestment(CaseModel):
    """An aided investment that the partner, or whoever is linked to it, began before (GBER Article 14(13))."""

    nuts: Nuts = Field(description="level 3")
    started_on: date
    eligible_costs: Euro
    aid: Euro = Field(description="gross grant equivalent")


class Partner(Enterprise):
    """Who takes part, and what it can bring; `own_cash` is the most that it can pay itself (None: no limit)."""

    kind: PartnerKind
    non_profit: bool = False
    sites: tuple[Site, ...] = Field(min_length=1)
    own_cash: Euro | None = None
    cluster_parts: tuple[ClusterPartOf, ...] = Field(
        default=(), description="of an innovation cluster; a partner of that kind is both where nothing is said"
    )
    difficulty: Difficulty = Difficulty()
    recovery_order: bool | None = Field(default=None, description="an order to pay unlawful aid back is open")
    earlier_investments: tuple[EarlierInvestment, ...] = Field(
        default=(), description="aided, of the same or a similar activity, by whoever is linked to it"
    )

    @property
    def is_non_profit(self) -> bool:
        """Whether it works without profit, by its kind or as it says."""
        return self.non_profit or self.kind not in FOR_PROFIT


class Link(CaseModel):
    """One enterprise holds a part of another, or controls it; ids of partners or of other enterprises."""

    holder: Key
    held: Key
    percent: Percent = Field(default=Decimal(0), description="of capital or of votes, whichever is more")
    control: tuple[Control, ...] = ()


class AidReceived(CaseModel):
    """Aid or other public money granted before; `basis` is an article's id, `de_minimis` or `eu_direct`.

    The date is that on which the legal right was conferred, whatever the date of payment.
    """

    recipient: Key
    member_state: Country
    granted_on: date
    amount: Euro = Field(description="gross grant equivalent")
    basis: Key
    cost_item: Key | None = Field(default=None, description="the cost item it pays for, where it pays for one")
    eu_grant: bool = False


class ProjectFacts(CaseModel):
    """What the partners know of their project as a whole; None is not answered.

    `eu_rate` and `seal_of_excellence` speak of a Union programme that selected the same project.
    """

    trl: Annotated[int, Field(ge=1, le=9)] | None = None
    months: Annotated[int, Field(ge=1, le=240)] | None = None
    effective_collaboration: bool | None = Field(
        default=None, description="risks, costs and results are shared; contract research is none"
    )
    right_to_publish: bool | None = Field(default=None, description="research organisations may publish their results")
    wide_dissemination: bool | None = Field(
        default=None, description="by conferences, publications, open repositories or free software"
    )
    licences: bool | None = Field(
        default=None, description="timely, non-exclusive, at market price, to anyone in the EEA"
    )
    joint_call: bool | None = Field(
        default=None, description="selected by an open call, as part of a project that the States below designed"
    )
    designing_states: tuple[Country, ...] = Field(default=(), description="Member or EEA States, which designed it")
    dissemination_states: tuple[Country, ...] = ()
    seal_of_excellence: bool = False
    eu_cofunded: bool = Field(default=False, description="part of a transnational project that the Union co-funds")
    eureka: bool = Field(default=False, description="a Eureka project, or one of Articles 185 and 187 TFEU")
    eu_rate: Percent | None = Field(default=None, description="percent that the Union programme pays")
    eu_cost_share: Percent | None = Field(
        default=None, description="percent of the eligible costs of all partners that the Union programme covers"
    )
    msca_seal: bool = Field(
        default=False, description="a Marie Skłodowska-Curie or ERC Proof of Concept action with a Seal of Excellence"
    )
    teaming: bool = Field(default=False, description="a Teaming action that the Union co-funds")
    interreg: Strand | None = Field(default=None, description="the strand of Interreg that it belongs to")
    clld_rate: Percent | None = Field(
        default=None, description="percent that the fund's rules allow for community-led local development"
    )
    startup_terms: bool | None = Field(
        default=None, description="unlisted, no profit paid out, nothing taken over, not formed by a merger"
    )
    risk_stage: RiskStage | None = Field(
        default=None,
        description=(
            "of an SME that takes risk finance: on no market yet; less than 10 years registered, or 7 since its first "
            "sale; investing in a new activity more than half of its yearly turnover; or a follow-on foreseen before"
        ),
    )
    risk_finance_terms: bool | None = Field(
        default=None,
        description=(
            "unlisted, by a financial intermediary that was chosen openly and invests for profit on a viable business "
            "plan, no more than EUR 16.5 million with what is outstanding"
        ),
    )
    shared_management: bool = Field(
        default=False, description="Union funds under shared management, or a recovery and resilience plan, support it"
    )
    states_funding: tuple[Country, ...] = Field(default=(), description="States that pay for the infrastructure")
    eu_selected: bool = Field(default=False, description="the infrastructure was selected at Union level")
    infrastructure_terms: bool | None = Field(
        default=None, description="separate accounts, market price, open access, claw-back"
    )
    sme_capacity: Percent | None = Field(default=None, description="percent of the infrastructure kept for SMEs")
    initial_investment: bool | None = Field(default=None, description="a new or larger establishment, or new products")
    new_activity: bool | None = Field(default=None, description="it is for an economic activity new to the area")
