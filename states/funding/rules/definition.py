"""The shape of rules of law as data: each with its article, validity, source, and whether somebody verified it."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from states.funding.case.vocabulary import Activity, AidArea, CaseModel, Euro, Key, Nuts, Percent
from states.funding.rules.conditions import Terms
from states.partners.tables import SizeClass

Eli = Annotated[str, Field(pattern=r"^https?://\S+/eli/\S+$", max_length=300)]


class Certainty(StrEnum):
    """How sure an entry is: its text was read, a summary of it, a computation from public data, or memory."""

    READ = "read"
    SUMMARY = "summary"
    COMPUTED = "computed"
    MEMORY = "memory"


class Rule(CaseModel):
    """One rule: what the article asks, in a sentence of our own, and how far we may rely on it.

    `verified` means that public text was seen which says so (`source`); otherwise it is from memory, and whoever is
    shown the rule is told. Dates bind where they are narrower than those of the book.
    """

    id: Key
    article: str = Field(min_length=3)
    sentence: str = Field(min_length=10)
    source: str = ""
    verified: bool = False
    verified_on: date | None = None
    certainty: Certainty | None = Field(default=None, description="left out: read where verified, else from memory")
    valid_from: date | None = None
    valid_to: date | None = None
    figures: dict[Key, Annotated[Decimal, Field(max_digits=14, decimal_places=4)]] = Field(default={})

    def __hash__(self) -> int:
        return hash(self.id)


class Base(Rule):
    """Where an intensity starts: a percentage, or the one that the aid map, a fund or a Union programme gives."""

    activities: tuple[Activity, ...] = Field(min_length=1)
    percent: Percent | None = None
    percent_from: Literal["aid_map", "eu_rate", "clld_rate", "interreg"] | None = None
    sizes: tuple[SizeClass, ...] = ()
    when: Terms = Terms()
    __hash__ = Rule.__hash__


class Bonus(Rule):
    """Points on top of the base; of those with the same `instead_of` only the highest counts."""

    points: Percent
    when: Terms
    activities: tuple[Activity, ...] = Field(default=(), description="empty: all of the article")
    instead_of: str = ""
    __hash__ = Rule.__hash__


class Cap(Rule):
    """An intensity that no bonus passes."""

    percent: Percent
    activities: tuple[Activity, ...] = ()
    __hash__ = Rule.__hash__


class Limit(Rule):
    """The most aid in EUR to one undertaking, for one project or (`years`) in any so many years.

    Of those with the same `one_of` only the first whose terms are met counts. Beyond a threshold of notification the
    aid may still be lawful, but the Commission must approve it first.
    """

    euro: Euro
    activities: tuple[Activity, ...] = ()
    notification: bool = False
    years: int | None = None
    when: Terms = Terms()
    one_of: str = ""
    doubled_when: Terms | None = None
    of_project: bool = Field(default=False, description="for all undertakings of the project together")
    __hash__ = Rule.__hash__


class CostBand(CaseModel):
    """Costs up to an amount in EUR that no band before counts, and how much of them counts, in percent."""

    up_to: Euro
    percent: Percent


class AdjustedAmount(Rule):
    """The most aid for an investment above so many EUR: the area's intensity of its costs, band by band.

    Costs beyond the last band count for nothing. What a group starts within `years` in one NUTS 3 region is one
    investment.
    """

    above: Euro
    bands: tuple[CostBand, ...] = Field(min_length=1)
    years: int
    __hash__ = Rule.__hash__


class AmountByRate(CaseModel):
    """EUR of aid at a map's intensity for large enterprises, in percent."""

    percent: Percent
    euro: Euro


class InvestmentThreshold(Rule):
    """Aid for an investment of so many EUR or more is notified beyond an amount that goes by the map's intensity.

    Between two intensities of the table the amount is that of the lower one, in proportion.
    """

    costs_from: Euro
    amounts: tuple[AmountByRate, ...] = Field(min_length=1)
    __hash__ = Rule.__hash__


class Article(Rule):
    """An article that exempts aid from notification: for what, for whom, up to which intensity and amount."""

    requires: Terms = Terms()
    bases: tuple[Base, ...] = Field(min_length=1)
    bonuses: tuple[Bonus, ...] = ()
    caps: tuple[Cap, ...] = ()
    limits: tuple[Limit, ...] = ()
    adjusted_amount: AdjustedAmount | None = None
    investment_threshold: InvestmentThreshold | None = None
    spares: tuple[Key, ...] = Field(default=(), description="tests before any aid that are not asked under it")
    without_costs: bool = Field(
        default=False, description="aid without identifiable costs, which may be added to other aid"
    )
    risk_finance: bool = Field(
        default=False, description="what is invested counts in whole, in whatever form: no grant equivalent is asked"
    )
    incentive_effect: bool = Field(default=True, description="the application must come before the works")
    own_share: Percent = Field(default=Decimal(0), description="percent of cost free of any public support")
    duties: tuple[Rule, ...] = Field(default=(), description="what the beneficiary has to keep to afterwards")
    __hash__ = Rule.__hash__

    def parts(self) -> Iterator[Rule]:
        investment = (one for one in (self.adjusted_amount, self.investment_threshold) if one is not None)
        yield self
        yield from (*self.bases, *self.bonuses, *self.caps, *self.limits, *investment, *self.duties)


class MapArea(Rule):
    """An area of the regional aid map, with the highest intensity for large enterprises where that is known.

    `note` names parts of it that have another one.
    """

    nuts: Nuts
    area: AidArea
    percent: Percent | None = None
    note: str = ""
    __hash__ = Rule.__hash__


class SizeLimit(Rule):
    """The ceilings of a size class: fewer people than so many, and turnover or balance sheet within so much."""

    size: SizeClass | Literal["small_mid_cap"]
    people: int
    turnover: Euro
    balance_sheet: Euro
    __hash__ = Rule.__hash__


class Transition(CaseModel):
    """Until when aid may still be granted under what an act succeeds, by schemes that ran before."""

    until: date
    article: str = Field(min_length=3)
    sentence: str = Field(min_length=10)


class Identity(CaseModel):
    """What identifies a text of law, where it was read, and from when to when it holds; dates count in."""

    id: Key
    version: int = Field(default=1, ge=1, description="of our file: what is mended gets the next one")
    title: str = Field(min_length=3, max_length=200)
    legal_basis: str = ""
    eli: Eli | None = Field(default=None, description="European Legislation Identifier of the act")
    source: str = Field(default="", max_length=500, description="where its text was read")
    valid_from: date
    valid_to: date | None = None
    succeeds: Key | None = Field(default=None, description="the set or map that held before")
    transition: Transition | None = None

    def holds(self, on: date) -> bool:
        """Tell whether it holds on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class Book(Identity):
    """One legal act: its rules and articles."""

    rules: tuple[Rule, ...] = ()
    articles: tuple[Article, ...] = ()
    aid_map: tuple[MapArea, ...] = ()
    size_limits: tuple[SizeLimit, ...] = ()

    def all_rules(self) -> Iterator[Rule]:
        """Yield every rule of the book, those inside articles too."""
        yield from (*self.rules, *self.aid_map, *self.size_limits)
        for article in self.articles:
            yield from article.parts()


class SetSpec(Identity):
    """Which books make a set of rules, and from when to when a case is under it."""

    books: tuple[Key, ...] = Field(min_length=1)
