"""A case read under a set of rules: who belongs together, how large, where; and what a check answers of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from states.funding.case.case import CostItem, FundingCase
from states.funding.case.instruments import Instrument
from states.funding.case.partners import Partner, Site
from states.funding.case.vocabulary import RESEARCH, RESEARCH_KINDS, Activity, AidArea
from states.funding.law.dates import years_before
from states.funding.law.enterprises import Sizing, sizing, undertakings
from states.funding.rules.definition import MapArea, Rule
from states.funding.rules.library import RuleSet
from states.partners.tables import SizeClass
from states.places import nuts
from states.texts import Text


class Answer(StrEnum):
    """`unknown`: a fact is missing; `manual`: a person has to judge or to act."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of one check; `remedy` is what would make it pass, `blocks` that no money may be planned on it.

    `verified` tells whether somebody verified the rule, or the instrument whose terms are checked.
    """

    rule: str
    article: str
    answer: Answer
    sentence: str
    verified: bool
    remedy: str = ""
    partner: str = ""
    item: str = ""
    instrument: str = ""
    blocks: bool = False


def by_rule(
    rule: Rule,
    answer: Answer,
    sentence: str = "",
    *,
    remedy: str = "",
    partner: str = "",
    item: str = "",
    instrument: str = "",
    blocks: bool | None = None,
) -> Finding:
    """Answer for a rule of law; a failure blocks unless said otherwise. Without a sentence the rule's own stands."""
    return Finding(
        rule.id,
        rule.article,
        answer,
        sentence or rule.sentence,
        rule.verified,
        remedy,
        partner,
        item,
        instrument,
        answer is Answer.FAIL if blocks is None else blocks,
    )


def by_terms(instrument: Instrument, rule: str, answer: Answer, sentence: str, *, remedy: str = "") -> Finding:
    """Answer for the terms of a call; what is not known to be met blocks, because the payer will ask."""
    return Finding(
        f"terms-{rule}",
        Text("checked", "terms", instrument=instrument.name).kept,
        answer,
        sentence,
        instrument.verified,
        remedy,
        instrument=instrument.id,
        blocks=answer in (Answer.FAIL, Answer.UNKNOWN),
    )


# Iceland, Norway and Liechtenstein: with the Union they are the European Economic Area.
_EFTA_IN_EEA = frozenset({"IS", "NO", "LI"})


def in_eea(country: str) -> bool:
    """Tell whether a country (ISO alpha-2) is a Member State or in the European Economic Area."""
    return nuts.is_eu27(country) or country in _EFTA_IN_EEA


def _is_within(one: str, other: str) -> bool:
    """Tell whether two codes may be of one NUTS 3 region: a site that gives level 2 only may lie in any of it."""
    return one.startswith(other) or other.startswith(one)


@dataclass(frozen=True, slots=True)
class Investment:
    """A single investment project: its items in the case, with earlier ones its cost and the aid they had, in EUR.

    `rate` is the map's intensity for large enterprises, in percent, where it is known.
    """

    items: frozenset[str]
    eligible_costs: Decimal
    aid_before: Decimal
    rate: Decimal | None


@dataclass(frozen=True, eq=False)
class CaseFacts:
    """What several checks ask of one case under one set of rules, worked out once."""

    case: FundingCase
    rules: RuleSet

    def under(self, instrument: Instrument) -> "CaseFacts":
        """Return the case under the set that holds on the day of an instrument's award."""
        return self.at(instrument.call.awarded_on(self.case.date))

    def at(self, award: date) -> "CaseFacts":
        """Return the case under the set that holds on the day of an award."""
        return self._by_set[self.rules.at(award).id] if self.rules.later else self

    @property
    def each(self) -> tuple["CaseFacts", ...]:
        """The case under each set that an award of it is under, the earliest first."""
        return tuple(self._by_set.values()) if self.rules.later else (self,)

    @cached_property
    def _by_set(self) -> dict[str, "CaseFacts"]:
        return {one.id: CaseFacts(self.case, one) for one in self.rules.each}

    @cached_property
    def undertakings(self) -> dict[str, frozenset[str]]:
        """The single undertaking of each enterprise: the ids of all that are linked to it."""
        return undertakings(self.case, self.rules)

    @cached_property
    def sizes(self) -> dict[str, Sizing]:
        return {one.id: sizing(self.case, self.rules, one.id, self.undertakings) for one in self.case.partners}

    def size(self, partner: Partner) -> SizeClass:
        return self.sizes[partner.id].size

    def map_area(self, site: Site) -> MapArea | None:
        """Return the area of the regional aid map around the site, where the map knows one."""
        return self.rules.map_area(site.nuts, self.case.date, verified_only=self.case.wanted.verified_only)

    def area(self, site: Site) -> AidArea | None:
        """Return where the site lies on the regional aid map; None where nobody said and no map knows."""
        found = self.map_area(site)
        return site.aid_area or (found.area if found else None)

    def map_rate(self, site: Site) -> Decimal | None:
        """Return the map's intensity for large enterprises, in percent."""
        found = self.map_area(site)
        return site.aid_map_rate if site.aid_map_rate is not None else (found.percent if found else None)

    def map_site(self, item: CostItem) -> Site:
        """Return the site whose place on the map decides for an item.

        It is the item's own; in a project of Interreg that of the largest part of the investment (GBER Article 14(15)).
        """
        if item.activity is not Activity.INVESTMENT or self.case.project.interreg is None:
            return self.case.site_of(item)
        spent: dict[tuple[AidArea | None, Decimal | None], Decimal] = {}
        sites: dict[tuple[AidArea | None, Decimal | None], Site] = {}
        for one in self.items_of(Activity.INVESTMENT):
            site = self.case.site_of(one)
            area = self.area(site), self.map_rate(site)
            spent[area] = spent.get(area, Decimal(0)) + one.amount
            sites.setdefault(area, site)
        return sites[max(spent, key=lambda area: spent[area])]

    def investment_of(self, item: CostItem) -> Investment:
        """Return the single investment project of an item (GBER Article 14(13)).

        It is what the undertaking invests in the NUTS 3 region, with aided investments begun in the years before.
        """
        group, site = self.undertakings[item.partner], self.case.site_of(item)
        items = [
            one
            for one in self.items_of(Activity.INVESTMENT)
            if one.partner in group and _is_within(self.case.site_of(one).nuts, site.nuts)
        ]
        begun = min((one.starts for one in items), default=item.starts)
        earlier = [
            one
            for partner in self.case.partners
            if partner.id in group
            for one in partner.earlier_investments
            if _is_within(one.nuts, site.nuts) and years_before(begun, self._investment_years) <= one.started_on
        ]
        largest = max(items, key=lambda one: one.amount, default=item)
        return Investment(
            frozenset(one.id for one in items),
            sum((one.amount for one in items), sum((one.eligible_costs for one in earlier), Decimal(0))),
            sum((one.aid for one in earlier), Decimal(0)),
            self.map_rate(self.map_site(largest)),
        )

    @cached_property
    def _investment_years(self) -> int:
        rules = (article.adjusted_amount for article in self.rules.articles.values())
        return max((rule.years for rule in rules if rule is not None), default=0)

    @cached_property
    def research_items(self) -> tuple[CostItem, ...]:
        """The cost items of the research project that Article 25 speaks of."""
        return tuple(item for item in self.case.cost_items if item.activity in RESEARCH)

    @cached_property
    def items_of_undertakings(self) -> tuple[CostItem, ...]:
        """Those of the research project that undertakings bear: on the market, and no research organisation."""
        return tuple(item for item in self.research_items if item.economic and item.partner not in self.researchers)

    @cached_property
    def researchers(self) -> frozenset[str]:
        return frozenset(one.id for one in self.case.partners if one.kind in RESEARCH_KINDS)

    def share(self, partners: Collection[str], items: Collection[CostItem]) -> Decimal:
        """Return the percent of the items' cost that these partners bear; 0 where there is no cost."""
        total = sum((item.amount for item in items), Decimal(0))
        theirs = sum((item.amount for item in items if item.partner in partners), Decimal(0))
        return theirs * 100 / total if total else Decimal(0)

    def items_of(self, activity: Activity) -> tuple[CostItem, ...]:
        return tuple(item for item in self.case.cost_items if item.activity is activity)

    def countries(self, items: Collection[CostItem]) -> frozenset[str]:
        """Return the countries (ISO alpha-2) of the sites where items are spent."""
        return frozenset(self.case.site_of(item).country for item in items)
