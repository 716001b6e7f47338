"""The checker's rules of law: eligibility, ceilings, limits, cumulation, de minimis, double funding."""

from collections.abc import Iterator
from decimal import Decimal

from states.funding.aid.cumulation import Level, Stack, stacks
from states.funding.aid.limits import amount_limits
from states.funding.aid.options import Option
from states.funding.case.case import CostItem
from states.funding.law.facts import CaseFacts
from states.funding.law.findings import Answer, Finding, by_rule
from states.funding.rules.definition import Rule

# EUR that each option pays in the scenario: only what pays something is in it.
Paid = dict[tuple[str, str], Decimal]


def law_breaches(facts: CaseFacts, used: list[Option], paid: Paid) -> Iterator[Finding]:
    """Yield every rule of law that the money of a scenario breaks."""
    for option in used:
        yield from _option_breaches(option, paid[option.item.id, option.instrument.id])
    for limit in amount_limits(facts, used):
        shares = {(option.item.id, option.instrument.id): option.aid_share for option in used}
        aid = sum((paid[line] * shares[line] / 100 for line in limit.lines), Decimal(0))
        if aid > limit.most:
            sentence = f"{limit.sentence} The scenario gives {aid:.2f} EUR of aid, {limit.most:.2f} EUR are possible."
            partner = ", ".join(sorted(limit.who & facts.case.partner_by_id.keys()))
            yield by_rule(limit.rule, Answer.FAIL, sentence, partner=partner)
    for stack in stacks(facts, used).values():
        yield from _stack_breaches(facts, stack, paid)


def _option_breaches(option: Option, money: Decimal) -> Iterator[Finding]:
    yield from (finding for finding in option.findings if finding.blocks)
    by_rate = option.item.amount * option.rate / 100
    unfit = any(finding.rule == "terms-rate" for finding in option.findings)  # has been said above
    if money > by_rate and not unfit:
        sentence = (
            f"{option.instrument.id} pays {money} EUR of {option.item.id}; {option.rate} percent are {by_rate:.2f}."
        )
        yield _terms(option, "rate", sentence)
    ceiling = option.ceiling
    if ceiling is not None and ceiling.answer is Answer.PASS and money * option.aid_share / 100 > ceiling.amount:
        aid = money * option.aid_share / 100
        sentence = (
            f"{aid:.2f} EUR of aid for {option.item.id} are above {ceiling.percent} percent ({ceiling.amount} EUR)."
        )
        lifts = "; ".join(f"{percent} percent by {step.rule.article}: {step.would}" for step, percent in ceiling.lifts)
        yield by_rule(
            ceiling.article,
            Answer.FAIL,
            sentence,
            remedy=lifts,
            item=option.item.id,
            instrument=option.instrument.id,
        )


def _terms(option: Option, rule: str, sentence: str) -> Finding:
    one = option.instrument
    article = f"Terms of {one.name}"
    return Finding(
        f"terms-{rule}", article, Answer.FAIL, sentence, one.verified, "", "", option.item.id, one.id, blocks=True
    )


def _stack_breaches(facts: CaseFacts, stack: Stack, paid: Paid) -> Iterator[Finding]:
    rules, item = facts.rules.rules, stack.item
    aid, small, union = (_support(levels, item, paid) for levels in (stack.aid, stack.de_minimis, stack.union))
    meet = len(stack.aid) + len(stack.de_minimis) > 1
    if stack.aid and meet and aid + small > (highest := max(level.level for level in stack.aid)):
        with_small = f", of which {small:.2f} EUR de minimis" if small else ""
        sentence = (
            f"{aid + small:.2f} EUR of aid meet on {item.id}{with_small}; the highest ceiling is {highest:.2f} EUR."
        )
        rule = rules["de-minimis-cumulation"] if small and aid <= highest else rules["gber-8-3"]
        yield _of_item(rule, sentence, item)
    if stack.aid and stack.union:
        total, highest = aid + small + union, max(level.level for level in (*stack.aid, *stack.union))
        if total > highest:
            sentence = (
                f"{total:.2f} EUR of public money meet on {item.id}; the most favourable rate gives {highest:.2f}."
            )
            yield _of_item(rules["gber-8-2"], sentence, item)
    if len(stack.eu_grants) + stack.had_eu_grant > 1:
        names = " and ".join([*sorted(stack.eu_grants), *["a grant received before"] * stack.had_eu_grant])
        yield _of_item(rules["no-double-funding"], f"{names} both pay {item.id} out of the Union's budget.", item)
    yield from _own_share(facts, stack, paid)


def _own_share(facts: CaseFacts, stack: Stack, paid: Paid) -> Iterator[Finding]:
    item = stack.item
    public = sum((paid[item.id, one] for one in stack.public), facts.case.granted(item))
    for instrument, free in stack.own_share.items():
        if public > item.amount - free:
            articles = [facts.rules.articles[key] for key in facts.case.instrument_by_id[instrument].basis]
            article = next(one for one in articles if one.own_share)
            sentence = f"{free:.2f} EUR of {item.id} must be free of public support; {public:.2f} EUR are public."
            yield by_rule(article, Answer.FAIL, sentence, item=item.id, instrument=instrument)


def _support(levels: tuple[Level, ...], item: CostItem, paid: Paid) -> Decimal:
    """Add up the support in EUR that sources give to the item."""
    money = ((paid[item.id, one.instrument] if one.instrument else one.money) * one.share / 100 for one in levels)
    return sum(money, Decimal(0))


def _of_item(rule: Rule, sentence: str, item: CostItem) -> Finding:
    return by_rule(rule, Answer.FAIL, sentence, item=item.id, partner=item.partner)
