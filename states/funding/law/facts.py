"""A case read under a set of rules: who belongs together, how large, where; and what a check answers of it."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from states.funding.case.case import CostItem, FundingCase
from states.funding.case.instruments import Instrument
from states.funding.case.partners import Partner, Site
from states.funding.case.vocabulary import RESEARCH, RESEARCH_KINDS, Activity, AidArea
from states.funding.law.enterprises import Sizing, sizing, undertakings
from states.funding.rules.definition import Rule
from states.funding.rules.library import RuleSet
from states.partners.tables import SizeClass
from states.places import nuts


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
        f"Terms of {instrument.name}",
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


@dataclass(frozen=True, eq=False)
class CaseFacts:
    """What several checks ask of one case under one set of rules, worked out once."""

    case: FundingCase
    rules: RuleSet

    @cached_property
    def undertakings(self) -> dict[str, frozenset[str]]:
        """The single undertaking of each enterprise: the ids of all that are linked to it."""
        return undertakings(self.case, self.rules)

    @cached_property
    def sizes(self) -> dict[str, Sizing]:
        return {one.id: sizing(self.case, self.rules, one.id, self.undertakings) for one in self.case.partners}

    def size(self, partner: Partner) -> SizeClass:
        return self.sizes[partner.id].size

    def area(self, site: Site) -> AidArea | None:
        """Return where the site lies on the regional aid map; None where nobody said and no map knows."""
        found = self.rules.map_area(site.nuts, self.case.date)
        return site.aid_area or (found.area if found else None)

    def map_rate(self, site: Site) -> Decimal | None:
        """Return the map's intensity for large enterprises, in percent."""
        found = self.rules.map_area(site.nuts, self.case.date)
        return site.aid_map_rate if site.aid_map_rate is not None else (found.percent if found else None)

    @cached_property
    def research_items(self) -> tuple[CostItem, ...]:
        """The cost items of the research project that Article 25 speaks of."""
        return tuple(item for item in self.case.cost_items if item.activity in RESEARCH)

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
