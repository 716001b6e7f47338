"""What may come together on one cost item, as bounds: the highest level present, Union grants, own shares."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from math import floor, gcd

from states.funding.aid.cumulation import Level, Stack, stacks
from states.funding.law.findings import Answer, Finding, by_rule
from states.funding.rules.definition import Rule
from states.funding.solver.plan_variables import EURO, WHOLE, Mix


def stack_bounds(mix: Mix) -> None:
    """Bound what meets on each cost item."""
    for stack in stacks(mix.facts, mix.options).values():
        rules, item = mix.facts.rules.rules, stack.item.id
        aid, small, union = stack.aid, stack.de_minimis, stack.union
        if aid and len(aid) + len(small) > 1:
            rule = rules["de-minimis-cumulation" if len(aid) == 1 else "gber-8-3"]
            sentence = f"All aid for {item} stays within the highest ceiling of the aid that is there."
            _within_highest(mix, stack, (*aid, *small), aid, _ground(rule, sentence, stack))
        if aid and union:
            sentence = f"All public money for {item} stays within its most favourable rate."
            ground = _ground(rules["gber-8-2"], sentence, stack)
            _within_highest(mix, stack, (*aid, *small, *union), (*aid, *union), ground)
        _one_grant_of_the_union(mix, stack)
        _own_shares(mix, stack)


def _ground(rule: Rule, sentence: str, stack: Stack) -> Finding:
    return by_rule(rule, Answer.FAIL, sentence, item=stack.item.id, partner=stack.item.partner)


def _within_highest(mix: Mix, stack: Stack, counted: Sequence[Level], levels: Sequence[Level], ground: Finding) -> None:
    """Keep what is counted within the highest of the levels whose source is used, where State aid is there at all.

    The levels are rungs of a ladder: each adds its step where a source at least so high is used.
    """
    program = mix.program
    had = sum(_cents(level.money * level.share / 100) for level in counted if level.instrument is None)
    terms = [
        (mix.money[stack.item.id, level.instrument], int(level.share * 100))
        for level in counted
        if level.instrument is not None
    ]
    unit = gcd(*(factor for _, factor in terms)) or 1  # whole cents keep within the whole part of a level
    height = {level: had + (_cents(level.level) - had) // unit * unit for level in levels}
    rungs = sorted(set(height.values()))
    lowest, steps = rungs[0], list[tuple[int, int]]()
    for below, rung in pairwise(rungs):
        high = [level for level in levels if height[level] >= rung]
        if all(level.instrument for level in high):
            used = dict.fromkeys(_pays(mix, stack, level) for level in high)
            steps.append((program.any_of(list(used)), below - rung))
        else:  # what was granted before is there in any case
            lowest += rung - below
    if all(level.instrument for level in stack.aid) and _may_exceed_without_aid(stack, counted):
        aided = program.any_of([_pays(mix, stack, level) for level in stack.aid])
        free = max(program.highest(terms) + had - lowest, 0)
        steps.append((aided, free))
        lowest += free
    program.bound([*terms, *steps], high=lowest - had, ground=ground, euro=EURO * WHOLE)


def _may_exceed_without_aid(stack: Stack, counted: Sequence[Level]) -> bool:
    """Tell whether sources other than State aid could together pass the highest level, which then is no rule.

    Of several grants of the Union only one pays, and it keeps within its own level.
    """
    others = [level for level in counted if level not in stack.aid]
    alone = len(others) == 1 or all(level.instrument in stack.eu_grants for level in others)
    return bool(set(others) & set(stack.de_minimis)) or not alone


def _cents(euro: Decimal) -> int:
    """Return EUR in the units of aid, which are finer than a cent; what is finer still is cut off."""
    return int(euro * EURO * WHOLE)


def _pays(mix: Mix, stack: Stack, level: Level) -> int:
    assert level.instrument is not None
    return mix.pays[stack.item.id, level.instrument]


def _one_grant_of_the_union(mix: Mix, stack: Stack) -> None:
    grants = [(mix.pays[stack.item.id, one], 1) for one in sorted(stack.eu_grants)]
    if len(grants) + stack.had_eu_grant > 1:
        sentence = f"At most one grant of the Union pays {stack.item.id}."
        if stack.had_eu_grant:
            sentence = f"A grant of the Union pays {stack.item.id} already; there is none beside it."
        ground = _ground(mix.facts.rules.rules["no-double-funding"], sentence, stack)
        mix.program.bound(grants, high=1 - stack.had_eu_grant, ground=ground)


def _own_shares(mix: Mix, stack: Stack) -> None:
    item = stack.item
    public = [(mix.money[item.id, one], 1) for one in sorted(stack.public)]
    for instrument, free in stack.own_share.items():
        articles = [mix.facts.rules.articles[key] for key in mix.case.instrument_by_id[instrument].basis]
        article = next(one for one in articles if one.own_share)
        most = floor((item.amount - free - mix.case.granted(item)) * EURO)
        sentence = f"{free:.2f} EUR of {item.id} must be free of public support."
        ground = _ground(article, sentence, stack)
        mix.program.bound(public, high=most, when=mix.pays[item.id, instrument], ground=ground, euro=EURO)
