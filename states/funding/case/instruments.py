"""Instruments of a funding case: who may have the money, for what, where, how much, and when."""

from calendar import monthrange
from datetime import date
from decimal import Decimal

from pydantic import Field

from states.funding.case.vocabulary import (
    Activity,
    CaseModel,
    Cohesion,
    CostCategory,
    Country,
    Euro,
    FinanceKind,
    Key,
    Nuts,
    PartnerKind,
    Percent,
)
from states.partners.tables import SizeClass

# Bases that are no article: money of the Union managed by itself is no State aid; market terms are no aid at all.
EU_DIRECT = "eu_direct"
DE_MINIMIS = "de_minimis"
MARKET = "market"
NO_ARTICLE = frozenset({EU_DIRECT, DE_MINIMIS, MARKET})


def months_after(day: date, months: int) -> date:
    """Return the same day some months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class Whom(CaseModel):
    """A description of partners; an empty list asks nothing, and all that is asked must hold."""

    kinds: tuple[PartnerKind, ...] = ()
    sizes: tuple[SizeClass, ...] = ()
    non_profit: bool | None = None
    cohesion: tuple[Cohesion, ...] = Field(default=(), description="category of the site")
    territory: tuple[Nuts, ...] = Field(default=(), description="NUTS codes of any level that hold the site")
    countries: tuple[Country, ...] = ()


class Rate(CaseModel):
    """What an instrument pays at most of a cost item, where all that is asked holds; the highest counts."""

    percent: Percent
    whom: Whom = Whom()
    coordinator: bool | None = Field(default=None, description="only the coordinator, or only the others")
    activities: tuple[Activity, ...] = ()
    cost_categories: tuple[CostCategory, ...] = ()


class Seats(CaseModel):
    """At least so many partners of a description among those that take the money."""

    whom: Whom
    at_least: int = Field(default=1, ge=1)


class Consortium(CaseModel):
    """Who must take the money together; linked enterprises count once among the entities.

    Countries and regions (NUTS 2) are those of the sites where the paid work is done. Shares are of the cost of the
    whole project, subcontracting included.
    """

    entities: int = Field(default=1, ge=1)
    regions: int = Field(default=1, ge=1)
    countries: int = Field(default=1, ge=1)
    most_entities: int | None = Field(default=None, ge=1)
    seats: tuple[Seats, ...] = ()
    coordinator: Whom | None = None
    coordinator_takes_part: bool = Field(default=False, description="the case's coordinator must take money itself")
    partner_share: Percent | None = Field(default=None, description="the most one undertaking may bear of the cost")
    country_share: Percent | None = Field(default=None, description="the most one country may bear of the cost")
    sme_share: Percent | None = Field(default=None, description="the least that SMEs must bear of the cost")


class Call(CaseModel):
    """One window of an instrument; without dates it is always open.

    The application counts as made on `apply_on`; without it on the closing day, because nobody may count on an
    earlier one; without that on the day of the case or of the opening, whichever is later.
    """

    opens: date | None = None
    closes: date | None = None
    apply_on: date | None = None
    budget: Euro | None = None
    months_to_award: int = Field(default=0, ge=0, le=60, description="from the application to the decision")
    months_to_money: int = Field(default=0, ge=0, le=60, description="from the application to the first payment")

    def first_day(self, case_date: date) -> date:
        """Return the first day from the day of the case on which one may apply."""
        return max(case_date, self.opens or case_date)

    def applied_on(self, case_date: date) -> date:
        """Return the day on which the application counts as made."""
        return self.apply_on or self.closes or self.first_day(case_date)

    def awarded_on(self, case_date: date) -> date:
        """Return the day on which the award is expected: the application and the months to the decision."""
        return months_after(self.applied_on(case_date), self.months_to_award)


class Instrument(CaseModel):
    """A source of money that one may apply for. Two windows of a programme are two instruments of a case.

    `basis` lists what makes the money lawful: ids of articles in the rule set (for each cost item the best that
    applies), or one of `eu_direct`, `de_minimis`, `market`. `grant_equivalent` is the aid in 100 EUR of the money.
    """

    id: Key
    name: str = Field(min_length=1, max_length=200)
    programme: str = ""
    kind: FinanceKind = FinanceKind.GRANT
    basis: tuple[Key, ...] = Field(min_length=1)
    member_state: Country | None = Field(default=None, description="whose aid it is; needed for State aid")
    eu_grant: bool = Field(default=False, description="a grant out of the Union's budget: one per cost item")
    repayable_advance: bool = Field(
        default=False, description="a grant that is paid back if the project succeeds; counted as aid in full"
    )
    ad_hoc: bool = Field(default=False, description="State aid to one undertaking alone, outside of a scheme")
    grant_equivalent: Percent = Decimal(100)
    cost_of_capital: Percent = Field(default=Decimal(0), description="what 100 EUR cost the partner in EUR of today")
    whom: Whom = Whom()
    activities: tuple[Activity, ...] = ()
    cost_categories: tuple[CostCategory, ...] = ()
    trl: tuple[int, int] | None = Field(default=None, description="lowest and highest level at the start")
    months: int | None = Field(default=None, ge=1, description="longest duration of the project")
    rates: tuple[Rate, ...] = Field(min_length=1)
    consortium: Consortium = Consortium()
    project_least: Euro = Decimal(0)
    project_most: Euro | None = None
    partner_least: Euro = Field(default=Decimal(0), description="the smallest ticket of one partner")
    partner_most: Euro | None = None
    call: Call = Call()
    source: str = ""
    verified: bool = False
    illustrative: bool = False

    @property
    def is_state_aid(self) -> bool:
        """Whether its money counts as State aid, de minimis not included."""
        return not NO_ARTICLE.intersection(self.basis)
