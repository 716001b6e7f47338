"""Limits in EUR that an article sets: for which cost items of an undertaking each holds, and how much is left."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache

from states.funding.case.case import CostItem
from states.funding.case.partners import AidReceived
from states.funding.law.conditions import judge
from states.funding.law.dates import years_before
from states.funding.law.facts import Answer, CaseFacts, Investment
from states.funding.rules.definition import AdjustedAmount, Article, InvestmentThreshold, Limit, Rule

_CENT = Decimal("0.01")


def down_to_cent(amount: Decimal) -> Decimal:
    """Round EUR down to the cent: the one rule for ceilings."""
    return amount.quantize(_CENT, rounding=ROUND_DOWN)


@dataclass(frozen=True, slots=True)
class EuroLimit:
    """At most `euro` of aid under an article for these items (ids) together, `had` of which was granted before.

    `had_by_item` is the part of `had` that pays for one of the items. `who` are those whose aid it counts.
    """

    rule: Rule
    who: frozenset[str]
    items: frozenset[str]
    euro: Decimal
    had: Decimal
    had_by_item: tuple[tuple[str, Decimal], ...]
    sentence: str
    remedy: str

    @property
    def left(self) -> Decimal:
        """EUR that may still be granted; never negative."""
        return max(self.euro - self.had, Decimal(0))

    def left_for(self, item: str) -> Decimal:
        """Return the EUR that one item may have at most, with what it was granted before."""
        return max(self.euro - self.had + dict(self.had_by_item).get(item, Decimal(0)), Decimal(0))


def euro_limits(facts: CaseFacts, article: Article, item: CostItem) -> tuple[EuroLimit, ...]:
    """Return the limits in EUR that an article sets for an item, each with the other items that share it."""
    return _by_item(facts, article.id).get(item.id, ())


@lru_cache(maxsize=256)
def _by_item(facts: CaseFacts, key: str) -> dict[str, tuple[EuroLimit, ...]]:
    article = facts.rules.articles[key]
    known = {activity for base in article.bases for activity in base.activities}
    items = [one for one in facts.case.cost_items if one.economic and one.activity in known]
    shared: dict[tuple[str, frozenset[str]], list[CostItem]] = {}
    for one in items:
        for limit in _holding(facts, article, one):
            who = frozenset[str]() if limit.of_project else facts.undertakings[one.partner]
            shared.setdefault((limit.id, who), []).append(one)
    rules = {limit.id: limit for limit in article.limits}
    found = [_by_limit(facts, article, rules[rule], who, mine) for (rule, who), mine in shared.items()]
    found += [limit for one in items for limit in _by_investment(facts, article, one)]
    return {one.id: tuple(dict.fromkeys(limit for limit in found if one.id in limit.items)) for one in items}


def _holding(facts: CaseFacts, article: Article, item: CostItem) -> list[Limit]:
    """Return the limits of the article that hold for an item; of alternatives the first whose terms are met."""
    chosen: dict[str, Limit] = {}
    for limit in article.limits:
        key, concerns = limit.one_of or limit.id, not limit.activities or item.activity in limit.activities
        if concerns and key not in chosen and judge(limit.when, facts, item).answer is Answer.PASS:
            chosen[key] = limit
    return list(chosen.values())


def _by_limit(
    facts: CaseFacts, article: Article, limit: Limit, who: frozenset[str], items: list[CostItem]
) -> EuroLimit:
    terms = limit.doubled_when
    doubled = terms is not None and all(judge(terms, facts, one).answer is Answer.PASS for one in items)
    everybody = who or frozenset[str]().union(*(facts.undertakings[one.partner] for one in items))
    keys = frozenset(one.id for one in items)
    euro, because = (limit.euro * 2, "twice as much, ") if doubled else (limit.euro, "")
    return _limit(facts, limit, article, everybody, keys, euro, years=limit.years, because=because)


def _limit(
    facts: CaseFacts,
    rule: Rule,
    article: Article,
    who: frozenset[str],
    items: frozenset[str],
    euro: Decimal,
    *,
    years: int | None = None,
    before: Decimal = Decimal(0),
    because: str = "",
) -> EuroLimit:
    """Count aid received within the years; without years, where it pays for this very project."""
    since = None if years is None else years_before(facts.case.date, years)
    counted = [
        aid
        for aid in facts.case.aid_received
        if aid.recipient in who and aid.basis == article.id
        if (aid.cost_item in items if since is None else aid.granted_on > since)
    ]
    had = _sum(counted) + before
    by_item = tuple((key, _sum(aid for aid in counted if aid.cost_item == key)) for key in sorted(items))
    granted = f", of which {had:.2f} EUR were granted before" if had else ""
    sentence = f"{rule.sentence} For {' with '.join(sorted(who))}: {because}{euro:.2f} EUR{granted}."
    notified = isinstance(rule, InvestmentThreshold) or (isinstance(rule, Limit) and rule.notification)
    remedy = "less aid under the article" + (", or have the Commission approve it first" if notified else "")
    return EuroLimit(rule, who, items, euro, had, by_item, sentence, remedy)


def _sum(aid: Iterable[AidReceived]) -> Decimal:
    return sum((one.amount for one in aid), Decimal(0))


def _by_investment(facts: CaseFacts, article: Article, item: CostItem) -> Iterator[EuroLimit]:
    """Yield the adjusted amount of a large investment project, and the amount from which aid for it is notified."""
    if article.adjusted_amount is None and article.investment_threshold is None:
        return
    investment, group = facts.investment_of(item), facts.undertakings[item.partner]
    for rule, found in (
        (article.adjusted_amount, _adjusted(article.adjusted_amount, investment)),
        (article.investment_threshold, _notified(article.investment_threshold, investment)),
    ):
        if rule is not None and found is not None:
            euro, because = found
            before = investment.aid_before
            yield _limit(facts, rule, article, group, investment.items, euro, before=before, because=because)


def _adjusted(rule: AdjustedAmount | None, investment: Investment) -> tuple[Decimal, str] | None:
    """Work the adjusted amount out: R x (A + 0.50 x B + 0 x C)."""
    if rule is None or investment.rate is None or investment.eligible_costs <= rule.above:
        return None
    counted, below, parts = Decimal(0), Decimal(0), []
    for band in rule.bands:
        part = max(min(investment.eligible_costs, band.up_to) - below, Decimal(0))
        counted += part * band.percent / 100
        parts.append(f"{band.percent} percent of {part:.2f}")
        below = band.up_to
    because = f"{investment.rate} percent of ({' + '.join(parts)} EUR) are "
    return down_to_cent(counted * investment.rate / 100), because


def _notified(rule: InvestmentThreshold | None, investment: Investment) -> tuple[Decimal, str] | None:
    if rule is None or investment.rate is None or investment.eligible_costs < rule.costs_from:
        return None
    reached = [one for one in rule.amounts if one.percent <= investment.rate] or [rule.amounts[0]]
    nearest = max(reached, key=lambda one: one.percent)
    euro = down_to_cent(nearest.euro * investment.rate / nearest.percent)
    return euro, f"at an intensity of {investment.rate} percent "
