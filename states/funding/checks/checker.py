"""The independent checker: every rule recomputed from a scenario's money, without the solver that may have made it."""

from collections.abc import Iterator
from decimal import Decimal

from states.funding.aid.options import Option, options
from states.funding.case.case import FundingCase
from states.funding.case.instruments import DE_MINIMIS
from states.funding.case.scenario import FundingScenario
from states.funding.checks.law import Paid, law_breaches
from states.funding.checks.money import arithmetic, balance, instrument_breaches, unknown_names
from states.funding.law.entry import awarded_on, months_after
from states.funding.law.facts import CaseFacts
from states.funding.law.findings import Answer, Finding, by_rule, by_terms
from states.funding.rules.library import RuleSet, rule_set


def check(case: FundingCase, scenario: FundingScenario, *, rules: RuleSet | None = None) -> list[Finding]:
    """Return every breach of a scenario: what is broken, by which article, where; an empty list is a lawful mix."""
    if unknown := list(unknown_names(case, scenario)):
        return unknown
    facts = CaseFacts(case, rules or rule_set(case.rule_set))
    breaches = list(_other_rules(facts.rules, scenario))
    paid = _paid(scenario)
    used = options(facts, paid)
    breaches += balance(case, scenario, paid)
    breaches += law_breaches(facts, used, paid)
    for instrument in case.instruments:
        if any(key == instrument.id for _, key in paid):
            breaches += instrument_breaches(facts, instrument, paid)
    return list(dict.fromkeys(breaches))


def open_points(case: FundingCase, scenario: FundingScenario, *, rules: RuleSet | None = None) -> list[Finding]:
    """Return what a person still has to answer or do before the money of a scenario may flow.

    Checks that are unknown or manual, rules that nobody verified, duties of the beneficiary, the look into the
    register of de minimis aid, and awards that must be published.
    """
    facts = CaseFacts(case, rules or rule_set(case.rule_set))
    paid = _paid(scenario)
    used = options(facts, paid)
    points = [
        finding
        for option in used
        for finding in option.findings
        if finding.answer in (Answer.UNKNOWN, Answer.MANUAL) and not finding.blocks
    ]
    points += _unverified(used)
    points += _duties(facts, used)
    points += _publications(facts, used, paid)
    return list(dict.fromkeys(points))


def _other_rules(rules: RuleSet, scenario: FundingScenario) -> Iterator[Finding]:
    if scenario.rule_set != rules.id:
        sentence = f"The scenario was made under {scenario.rule_set}, the case is under {rules.id}."
        yield arithmetic("rule-set", sentence)
    elif scenario.fingerprint not in ("", rules.fingerprint):
        yield arithmetic("rule-set", f"The text of {rules.id} has changed since the scenario was made.")


def _paid(scenario: FundingScenario) -> Paid:
    paid: Paid = {}
    for one in scenario.allocations:
        paid[one.item, one.instrument] = paid.get((one.item, one.instrument), Decimal(0)) + one.amount
    return paid


def _unverified(used: list[Option]) -> Iterator[Finding]:
    for option in used:
        if not option.instrument.verified:
            sentence = f"Nobody verified the terms of {option.instrument.name}."
            yield by_terms(option.instrument, "verified", Answer.MANUAL, sentence, remedy="compare them with the call")
        if option.ceiling is not None:
            for rule in option.ceiling.unverified:
                sentence = f"{option.item.id} rests on a rule that nobody verified: {rule.sentence}"
                remedy = f"compare {rule.article} with the official text"
                yield by_rule(rule, Answer.MANUAL, sentence, remedy=remedy, item=option.item.id)


def _duties(facts: CaseFacts, used: list[Option]) -> Iterator[Finding]:
    register = facts.rules.rules["de-minimis-register"]
    for option in used:
        partner = option.item.partner
        if option.ceiling is not None:
            for duty in option.ceiling.article.duties:
                yield by_rule(duty, Answer.MANUAL, partner=partner, item=option.item.id)
        elif DE_MINIMIS in option.instrument.basis and option.item.economic:
            who = " with ".join(sorted(facts.undertakings[partner]))
            remedy = f"compare aid_received with the register and with what {who} declares"
            yield by_rule(register, Answer.MANUAL, remedy=remedy, partner=partner)


def _publications(facts: CaseFacts, used: list[Option], paid: Paid) -> Iterator[Finding]:
    """Yield the awards of State aid that must be published: one per partner and instrument."""
    rule = facts.rules.rules["gber-9"]
    awards: dict[tuple[str, str], Decimal] = {}
    for option in used:
        if option.ceiling is not None:
            key = option.item.partner, option.instrument.id
            aid = paid[option.item.id, option.instrument.id] * option.aid_share / 100
            awards[key] = awards.get(key, Decimal(0)) + aid
    for (partner, instrument), aid in awards.items():
        if aid > rule.figures["euro"]:
            award = awarded_on(facts, facts.case.instrument_by_id[instrument])
            until = months_after(award, int(rule.figures["months"]))
            sentence = f"{aid:.2f} EUR of aid from {instrument} to {partner} are published by {until}."
            yield by_rule(rule, Answer.MANUAL, sentence, partner=partner, instrument=instrument)
