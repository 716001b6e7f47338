"""What the rules say of a scenario that was made from its case: the set, what is open, and what has broken it since."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session

from documents.proposal.scenario import CostSaid, RuleCheck
from states.collaborations.tables import Collaboration
from states.funding.case.case import FundingCase, FundingScenario
from states.funding.checks.checker import open_points
from states.funding.inputs.tables import SolvedCase
from states.funding.law.facts import Answer, Finding
from states.funding.money.options import Option, options_of
from states.funding.rules.library import RuleSet
from states.funding.rules.queries import kept_rules, shelf_for
from states.funding.tables import Scenario
from states.storage import Readings

_OUTCOMES = {Answer.MANUAL: "to do", Answer.UNKNOWN: "unknown", Answer.FAIL: "broken", Answer.PASS: "kept"}


@dataclass(frozen=True, slots=True)
class RulesSaid:
    """Name of the rule set (empty: none was applied), the day of its verification, and every check that is open."""

    rule_set: str = ""
    verified_on: date | None = None
    checks: tuple[RuleCheck, ...] = ()
    costs: tuple[CostSaid, ...] = ()


def rules_said(session: Session, row: Scenario) -> RulesSaid:
    """Return what stands open on a scenario's frozen case; one that was made by hand asked no rule."""
    if row.solved_case_id is None:
        return RulesSaid()
    solved = session.get_one(SolvedCase, row.solved_case_id)
    shelf_owner = session.get_one(Collaboration, row.collaboration_id).partnership_id
    shelf = shelf_for(session, shelf_owner)
    rules = kept_rules(Readings(session), solved.rules_text) if solved.rules_text else shelf.rule_set(solved.rule_set)
    rules, case = replace(rules, calendar=shelf.calendar), FundingCase.model_validate(solved.case)
    points = open_points(case, FundingScenario.model_validate(row.mix), rules=rules)
    unsure = [rules.rules[one.rule] for one in points if one.rule in rules.rules and not rules.rules[one.rule].verified]
    days = [rule.verified_on for rule in rules.rules.values() if rule.verified_on is not None]
    return RulesSaid(
        rule_set=" and ".join(f"{one.id} ({one.title})" for one in rules.each),
        verified_on=None if unsure else min(days, default=None),
        checks=(*_broken(row), *_grouped(points, rules)),
        costs=tuple(costs_said(case, options_of(session, shelf_owner))),
    )


def costs_said(case: FundingCase, options: Mapping[str, Option]) -> Iterator[CostSaid]:
    """Say of each cost that was not simply stated in EUR how it came about, by which article."""
    for item in case.cost_items:
        option = options.get(item.simplified)
        simplified = f"{option.title} ({option.article})" if option else item.simplified
        how = [part for part in (item.stated, "in kind" if item.in_kind else "", simplified) if part]
        if how:
            what = item.title or item.cost_category.value.replace("_", " ").capitalize()
            partner = case.partner_of(item).name
            yield CostSaid(what=what, partner=partner, how="; ".join(how), amount=item.amount)


def _broken(row: Scenario) -> Iterator[RuleCheck]:
    for outcome, found in (("broken", row.breaches), ("no longer holds", row.stale)):
        for text in found:
            article, _, sentence = text.partition(": ")
            yield RuleCheck(rule=outcome.capitalize(), article=article, outcome=outcome, detail=sentence)


def _grouped(points: list[Finding], rules: RuleSet) -> Iterator[RuleCheck]:
    """Tell what is said of several cost lines once, in the words of the rule; and once of the terms of all calls."""
    by_rule: dict[tuple[str, str, Answer], list[Finding]] = {}
    for one in points:
        by_rule.setdefault((one.rule, one.article if one.rule in rules.rules else "", one.answer), []).append(one)
    for (key, article, answer), found in by_rule.items():
        sentences = dict.fromkeys(one.sentence for one in found)
        alone = len(found) == 1
        yield RuleCheck(
            rule=", ".join(filter(None, dict.fromkeys(one.item or one.partner or one.instrument for one in found)))
            or key,
            article=found[0].article if alone or _one_article(found) else article or "Terms of the calls",
            outcome=_OUTCOMES[answer],
            detail=" ".join(sentences) if alone or not article else rules.rules[key].sentence,
            verified=all(one.verified for one in found),
        )


def _one_article(found: list[Finding]) -> bool:
    return len({one.article for one in found}) == 1
