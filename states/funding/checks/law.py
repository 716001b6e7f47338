"""Which rules of law the money of a scenario breaks: ceilings, limits in EUR, what meets on one cost."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from states.funding.aid.limits import Level, Stack, amount_limits, stacks
from states.funding.aid.options import Line, Option
from states.funding.case.case import CostItem
from states.funding.law.facts import Answer, CaseFacts, Finding, by_rule, by_terms
from states.funding.rules.definition import Rule
from states.texts import Text

# EUR that each line pays in the scenario, and each pair of item and instrument: only what pays something is in it.
Paid = dict[tuple[str, str], Decimal]
Lines = dict[Line, Decimal]


LESS_AID = "less of one of the sources"
ONE_GRANT = "let one of them pay"
OWN_MONEY = "more money of its own, or on market terms"


def in_full(amount: Decimal) -> str:
    """Write EUR with at least two decimals, and never rounded: what is compared is what is shown."""
    exponent = amount.normalize().as_tuple().exponent
    decimals = max(2, -exponent) if isinstance(exponent, int) else 2
    return f"{amount:.{decimals}f}"


def law_breaches(facts: CaseFacts, used: list[Option], paid: Paid) -> Iterator[Finding]:
    """Yield every rule of law that the money of a scenario breaks."""
    money = {option.line: paid[option.pair] for option in used}
    for option in used:
        yield from _option_breaches(option, paid[option.pair])
    yield from _limit_breaches(facts, used, money)
    for stack in stacks(facts, used).values():
        yield from _stack_breaches(facts, stack, money)


def _limit_breaches(facts: CaseFacts, used: list[Option], money: Lines) -> Iterator[Finding]:
    """Yield the limits in EUR that are passed; of one ledger's dates those on which more is too much than before."""
    shares = {option.line: option.aid_share for option in used}
    excess: dict[tuple[str, frozenset[str], str], Decimal] = {}
    for limit in amount_limits(facts, used):
        aid = sum((money[line] * shares[line] / 100 for line in limit.lines), Decimal(0))
        key = limit.rule.id, limit.who, limit.ledger
        if aid - limit.most > excess.get(key, Decimal(0)):
            excess[key] = aid - limit.most
            given, most = in_full(aid), in_full(limit.most)
            sentence = Text("checked", "above_limit", limit=limit.sentence, aid=given, most=most).kept
            partner = ", ".join(sorted(limit.who & facts.case.partner_by_id.keys()))
            yield by_rule(limit.rule, Answer.FAIL, sentence, remedy=limit.remedy, partner=partner)


def _option_breaches(option: Option, money: Decimal) -> Iterator[Finding]:
    yield from (finding for finding in option.findings if finding.blocks)
    by_rate = option.item.amount * option.rate / 100
    unfit = any(finding.rule == "terms-rate" for finding in option.findings)  # has been said above
    if money > by_rate and not unfit:
        rated = {"rate": f"{option.rate}", "most": in_full(by_rate)}
        sentence = Text(
            "checked", "above_rate", instrument=option.instrument.id, paid=f"{money}", item=option.item.id, **rated
        ).kept
        yield _terms(option, "rate", sentence, remedy=f"{in_full(money - by_rate)} EUR less of it")
    ceiling, aid = option.ceiling, money * option.aid_share / 100
    if ceiling is not None and ceiling.answer is Answer.PASS and aid > ceiling.by_percent:
        rated = {"rate": f"{ceiling.percent}", "most": f"{ceiling.by_percent}"}
        sentence = Text("checked", "above_ceiling", aid=in_full(aid), item=option.item.id, **rated).kept
        lifts = "; ".join(f"{percent} percent by {step.rule.article}: {step.would}" for step, percent in ceiling.lifts)
        yield by_rule(
            ceiling.article,
            Answer.FAIL,
            sentence,
            remedy=lifts or f"{in_full(aid - ceiling.by_percent)} EUR of aid less",
            item=option.item.id,
            instrument=option.instrument.id,
        )


def _terms(option: Option, rule: str, sentence: str, *, remedy: str) -> Finding:
    return replace(by_terms(option.instrument, rule, Answer.FAIL, sentence, remedy=remedy), item=option.item.id)


def _stack_breaches(facts: CaseFacts, stack: Stack, money: Lines) -> Iterator[Finding]:
    item = stack.item
    aid, small, union = (_support(levels, money) for levels in (stack.aid, stack.de_minimis, stack.union))
    meet = len(stack.aid) + len(stack.de_minimis) > 1
    alone = max((_support((level,), money) for level in stack.aid), default=Decimal(0))
    if stack.aid and meet and aid + small > (highest := max(level.level for level in stack.aid)) >= alone:
        met = {"aid": in_full(aid + small), "item": item.id, "most": in_full(highest)}
        said = (
            Text("checked", "met_with_small", small=in_full(small), **met) if small else Text("checked", "met", **met)
        )
        rule = stack.cumulation("de-minimis-cumulation" if small and aid <= highest else "gber-8-3")
        yield _of_item(rule, said.kept, item, LESS_AID)
    if stack.aid and stack.union:
        total, highest = aid + small + union, max(level.level for level in (*stack.aid, *stack.union))
        if total > highest:
            sentence = Text("checked", "met_in_public", public=in_full(total), item=item.id, most=in_full(highest)).kept
            yield _of_item(stack.cumulation("gber-8-2"), sentence, item, LESS_AID)
    if len(stack.eu_grants) + stack.had_eu_grant > 1:
        payers = sorted(instrument for _, instrument, _ in stack.eu_grants)
        names = " and ".join([*payers, *["a grant received before"] * stack.had_eu_grant])
        yield _of_item(
            stack.cumulation("no-double-funding"),
            Text("checked", "paid_twice", payers=names, item=item.id).kept,
            item,
            ONE_GRANT,
        )
    yield from _own_share(facts, stack, money)


def _own_share(facts: CaseFacts, stack: Stack, money: Lines) -> Iterator[Finding]:
    """Yield the own share that is not free of public support, once: the largest that an article asks."""
    item = stack.item
    public = sum((money[line] for line in stack.public), facts.case.granted(item))
    line, free = max(stack.own_share.items(), key=lambda one: one[1], default=(None, Decimal(0)))
    if line is not None and public > item.amount - free:
        instrument = line[1]
        article = facts.under(facts.case.instrument_by_id[instrument]).rules.articles[line[2]]
        sentence = Text("checked", "own_share", free=in_full(free), item=item.id, public=in_full(public)).kept
        yield by_rule(article, Answer.FAIL, sentence, remedy=OWN_MONEY, item=item.id, instrument=instrument)


def _support(levels: tuple[Level, ...], money: Lines) -> Decimal:
    """Add up the support in EUR that sources give to the item."""
    each = ((money[one.line] if one.line else one.money) * one.share / 100 for one in levels)
    return sum(each, Decimal(0))


def _of_item(rule: Rule, sentence: str, item: CostItem, remedy: str) -> Finding:
    return by_rule(rule, Answer.FAIL, sentence, remedy=remedy, item=item.id, partner=item.partner)
