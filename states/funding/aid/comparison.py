"""Two sets of rules: which rules differ, and what that changes for a case, cost item by cost item."""

from dataclasses import dataclass
from decimal import Decimal

from states.funding.aid.ceilings import Ceiling, ceilings
from states.funding.case.case import FundingCase
from states.funding.rules.definition import Rule
from states.funding.rules.library import RuleSet


@dataclass(frozen=True, slots=True)
class Change:
    """The ceiling of a cost item under one article in both sets: percent and EUR; None: no such article."""

    item: str
    article: str
    before: tuple[Decimal, Decimal] | None
    after: tuple[Decimal, Decimal] | None
    rules: tuple[str, ...]


def compare(before: RuleSet, after: RuleSet, case: FundingCase) -> list[Change]:
    """Return the ceilings that differ, by item and article; `rules` are those that one of the two rests on alone.

    Articles are matched by their ids, so a set that renumbers them keeps the ids of what they succeed.
    """
    old, new = ceilings(case, before), ceilings(case, after)
    changes = []
    for item in case.cost_items:
        first = {one.article.id: one for one in old[item.id]}
        second = {one.article.id: one for one in new[item.id]}
        for key in sorted(first.keys() | second.keys()):
            one, other = first.get(key), second.get(key)
            if _figures(one) != _figures(other):
                rules = sorted(_rests_on(one) ^ _rests_on(other))
                changes.append(Change(item.id, key, _figures(one), _figures(other), tuple(rules)))
    return changes


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule with other figures, or in one set only: its figures before and after, None where a set lacks it."""

    rule: str
    article: str
    before: dict[str, Decimal] | None
    after: dict[str, Decimal] | None


def compare_rules(before: RuleSet, after: RuleSet) -> list[RuleChange]:
    """Return the rules whose percentages, amounts or other figures differ, in the order of their ids."""
    changes = []
    for key, rule in sorted((before.rules | after.rules).items()):
        old, new = _numbers(before.rules.get(key)), _numbers(after.rules.get(key))
        if old != new:
            changes.append(RuleChange(key, rule.article, old, new))
    return changes


def _numbers(rule: Rule | None) -> dict[str, Decimal] | None:
    if rule is None:
        return None
    values = {name: getattr(rule, name) for name in type(rule).model_fields}
    numbers = (int, Decimal)
    found = {name: Decimal(v) for name, v in values.items() if isinstance(v, numbers) and not isinstance(v, bool)}
    return {**found, **rule.figures}


def _figures(one: Ceiling | None) -> tuple[Decimal, Decimal] | None:
    return (one.percent, one.amount) if one else None


def _rests_on(one: Ceiling | None) -> set[str]:
    return {rule.id for rule in one.rests_on} if one else set()
