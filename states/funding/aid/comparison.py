"""What two sets of rules say of one case: ceilings cost item by cost item, and answers of the rules."""

from dataclasses import dataclass
from decimal import Decimal

from states.funding.aid.ceilings import Ceiling, ceilings
from states.funding.case.case import FundingCase
from states.funding.case.explained import explain_case
from states.funding.law.facts import Answer, Finding
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
class AnswerChange:
    """What the rules say of one thing in both sets: the answers, and the later sentence; None: nothing is said."""

    rule: str
    partner: str
    item: str
    instrument: str
    before: Answer | None
    after: Answer | None
    sentence: str
    remedy: str


def compare_answers(before: RuleSet, after: RuleSet, case: FundingCase) -> list[AnswerChange]:
    """Return what the rules answer otherwise of the partners, items and instruments of a case."""
    old, new = _answers(case, before), _answers(case, after)
    changes = []
    for key in dict.fromkeys((*new, *old)):
        one, other = old.get(key), new.get(key)
        if (one and one.answer) != (other and other.answer):
            shown = other or one
            assert shown is not None
            answers = one.answer if one else None, other.answer if other else None
            changes.append(AnswerChange(*key, *answers, shown.sentence, shown.remedy))
    return changes


@dataclass(frozen=True, slots=True)
class CaseComparison:
    """What two sets of rules say of one case."""

    ceilings: tuple[Change, ...]
    answers: tuple[AnswerChange, ...]


def compare_case(before: RuleSet, after: RuleSet, case: FundingCase) -> CaseComparison:
    """Return what another set changes of a case."""
    return CaseComparison(tuple(compare(before, after, case)), tuple(compare_answers(before, after, case)))


def _answers(case: FundingCase, rules: RuleSet) -> dict[tuple[str, str, str, str], Finding]:
    worst = (Answer.PASS, Answer.MANUAL, Answer.UNKNOWN, Answer.FAIL)
    found: dict[tuple[str, str, str, str], Finding] = {}
    for one in explain_case(case, rules=rules):
        key = _subject(one), one.partner, one.item, one.instrument
        if key not in found or worst.index(one.answer) > worst.index(found[key].answer):
            found[key] = one
    return found


def _subject(one: Finding) -> str:
    """Return what a finding is about; of an instrument and an item it is the whole, whatever rule decides."""
    return "instrument" if one.instrument and one.item else one.rule


def _figures(one: Ceiling | None) -> tuple[Decimal, Decimal] | None:
    return (one.percent, one.amount) if one else None


def _rests_on(one: Ceiling | None) -> set[str]:
    return {rule.id for rule in one.rests_on} if one else set()
