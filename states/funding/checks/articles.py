"""Which article the money of each line rests on, where the scenario does not say it."""

from decimal import Decimal
from itertools import product
from math import prod

from states.funding.aid.limits import amount_limits
from states.funding.aid.options import Option, options
from states.funding.case.case import FundingScenario
from states.funding.checks.law import Paid, law_breaches
from states.funding.law.facts import CaseFacts

_MOST_CHOICES = 512


def resolved(facts: CaseFacts, scenario: FundingScenario, paid: Paid) -> list[Option]:
    """Return one option for each item and instrument that pays: by the article that the scenario names.

    Where it names none and several could bear the money, those are taken that break the fewest rules together.
    """
    named = {(one.item, one.instrument): one.article for one in scenario.allocations if one.article}
    by_pair: dict[tuple[str, str], list[Option]] = {}
    for option in options(facts, paid, chosen=named):
        by_pair.setdefault(option.pair, []).append(option)
    groups: dict[frozenset[str], list[list[Option]]] = {}
    for mine in by_pair.values():
        groups.setdefault(facts.undertakings[mine[0].item.partner], []).append(mine)
    chosen = {one.pair: one for group in groups.values() for one in _fewest_breaches(facts, group, paid)}
    return [chosen[pair] for pair in by_pair]


def _fewest_breaches(facts: CaseFacts, group: list[list[Option]], paid: Paid) -> list[Option]:
    """Try every choice of articles; where they are too many, take for each line what breaks least by itself."""

    def broken(used: list[Option]) -> int:
        return len(list(law_breaches(facts, used, paid)))

    def scarcity(one: Option) -> tuple[int, Decimal]:
        return broken([one]), -min((limit.most for limit in amount_limits(facts, [one])), default=Decimal("Infinity"))

    if prod(map(len, group)) > _MOST_CHOICES:
        return [min(mine, key=scarcity) for mine in group]
    return min((list(used) for used in product(*group)), key=broken)
