"""A funding case as a program over cents: every rule becomes a bound that knows its article."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from states.funding.aid.limits import AmountLimit, amount_limits
from states.funding.aid.options import Option
from states.funding.case.vocabulary import cents_of
from states.funding.checks.money import arithmetic
from states.funding.law.entry import awarded_on
from states.funding.law.facts import CaseFacts
from states.funding.law.findings import Answer, Finding, by_rule, by_terms
from states.funding.solver.calls import call_bounds
from states.funding.solver.cumulation import stack_bounds
from states.funding.solver.plan_variables import EURO, WHOLE, Mix, line_of
from states.funding.solver.program import Bound

TOKEN = 5  # percent of what an instrument could pay a partner: less is token money


def build(facts: CaseFacts, options: Iterable[Option], *, liftable: bool = False) -> Mix:
    """Return the program of a case with these options; an option that is not open is there and closed by its rules.

    With `liftable` nothing but the bounds with a ground keeps money from flowing, so that each may be lifted.

    A value of its variables keeps every bound exactly where the checker finds no breach in the scenario.
    """
    mix = Mix(facts, tuple(options))
    for item in facts.case.cost_items:
        left = cents_of(facts.case.left(item))
        mix.own[item.id], mix.gap[item.id] = mix.program.variable(left), mix.program.variable(left)
    for option in mix.options:
        _option(mix, option, liftable=liftable)
    for partner in facts.case.partners:
        _partner(mix, partner.id)
    for instrument in facts.case.instruments:
        takers = [taking for (_, key), taking in mix.takes.items() if key == instrument.id]
        if takers:
            mix.uses[instrument.id] = mix.program.any_of(takers)
            call_bounds(mix, instrument)
    for item in facts.case.cost_items:
        money = [(variable, 1) for (key, _), variable in mix.money.items() if key == item.id]
        left = cents_of(facts.case.left(item))
        mix.program.bound([*money, (mix.own[item.id], 1), (mix.gap[item.id], 1)], low=left, high=left)
    for limit in amount_limits(facts, mix.options):
        _limit(mix, limit)
    stack_bounds(mix)
    if not liftable:
        _tighten(mix)
    _wanted(mix)
    return mix


def _option(mix: Mix, option: Option, *, liftable: bool) -> None:
    line, program, item = line_of(option), mix.program, option.item
    top = cents_of(mix.case.left(item))
    money, pays = program.variable(top), program.variable()
    mix.money[line], mix.pays[line] = money, pays
    most = top if liftable else cents_of(option.most)
    program.links.append(Bound(((money, 1), (pays, -most)), high=0))
    program.bound([(money, 1), (pays, -1)], low=0)
    for finding in option.findings:
        if finding.blocks:
            program.bound([(pays, 1)], high=0, ground=replace(finding, item=item.id, partner=item.partner))
    by_rate = cents_of(item.amount) * int(option.rate * 100)
    sentence = f"{option.instrument.id} pays at most {option.rate} percent of {item.id}."
    ground = replace(_terms(option, "rate", sentence), item=item.id, partner=item.partner)
    program.bound([(money, WHOLE)], high=by_rate, ground=ground, euro=EURO * WHOLE)
    if option.ceiling is not None and option.ceiling.answer is Answer.PASS:
        aid, most = int(option.aid_share * 100), cents_of(option.ceiling.amount) * WHOLE
        program.bound([(money, aid)], high=most, ground=_ceiling(option), euro=EURO * WHOLE)


def _terms(option: Option, rule: str, sentence: str) -> Finding:
    return by_terms(option.instrument, rule, Answer.FAIL, sentence)


def _ceiling(option: Option) -> Finding:
    ceiling = option.ceiling
    assert ceiling is not None
    sentence = f"Aid for {ceiling.item} is at most {ceiling.percent} percent: {ceiling.amount:.2f} EUR."
    lifts = "; ".join(f"{percent} percent by {step.rule.article}: {step.would}" for step, percent in ceiling.lifts)
    partner = option.item.partner
    return by_rule(ceiling.article, Answer.FAIL, sentence, remedy=lifts, partner=partner, item=ceiling.item)


def _partner(mix: Mix, partner: str) -> None:
    lines = [line_of(option) for option in mix.options if option.item.partner == partner]
    for key in dict.fromkeys(instrument for _, instrument in lines):
        mix.takes[partner, key] = mix.program.any_of([mix.pays[line] for line in lines if line[1] == key])
        _no_token(mix, partner, key)
    cash = mix.case.partner_by_id[partner].own_cash
    if cash is not None:
        own = [(mix.own[item.id], 1) for item in mix.case.cost_items if item.partner == partner]
        ground = arithmetic("own-cash", f"{partner} can pay {cash:.2f} EUR itself.", partner=partner)
        mix.program.bound(own, high=cents_of(cash), ground=ground, euro=EURO)


def _no_token(mix: Mix, partner: str, instrument: str) -> None:
    """Ask for more than token money: nobody joins a consortium, or applies at all, for a cent."""
    theirs = [option for option in mix.of(instrument) if option.item.partner == partner]
    one = mix.case.instrument_by_id[instrument]
    able = _able(theirs, (one.partner_most, one.project_most, one.call.budget))
    money = [(mix.money[line_of(option)], 1) for option in theirs]
    least = able * TOKEN // 100
    if least > 1:
        sentence = f"{partner} takes at least {TOKEN} percent of what {instrument} could pay it, or nothing."
        ground = arithmetic("token", sentence, partner=partner, instrument=instrument)
        mix.program.bound([*money, (mix.takes[partner, instrument], -least)], low=0, ground=ground)


def _able(options: Iterable[Option], caps: Iterable[Decimal | None]) -> int:
    """Return the most cents that an instrument could pay for these options."""
    return min(
        [sum(cents_of(one.most) for one in options if one.open), *(cents_of(cap) for cap in caps if cap is not None)]
    )


def _tighten(mix: Mix) -> None:
    """Link sums of money to who takes it, as single lines are linked: a solver that reckons with halves needs that."""
    for instrument in mix.instruments:
        mine = list(mix.of(instrument.id))
        caps = (instrument.project_most, instrument.call.budget)
        _tie(mix, mine, mix.uses[instrument.id], caps)
        for partner in dict.fromkeys(option.item.partner for option in mine):
            theirs = [option for option in mine if option.item.partner == partner]
            _tie(mix, theirs, mix.takes[partner, instrument.id], (*caps, instrument.partner_most))


def _tie(mix: Mix, options: list[Option], taking: int, caps: Iterable[Decimal | None]) -> None:
    money = [(mix.money[line_of(option)], 1) for option in options]
    mix.program.links.append(Bound((*money, (taking, -_able(options, caps))), high=0))


def _limit(mix: Mix, limit: AmountLimit) -> None:
    """Bound the aid of a limit; awards on a later day are looked at only where there is one on that day."""
    by_line = {line_of(option): option for option in mix.options}
    used = [by_line[line] for line in sorted(limit.lines)]
    terms = [(mix.money[line_of(option)], int(option.aid_share * 100)) for option in used]
    partner = ", ".join(sorted(limit.who & mix.case.partner_by_id.keys()))
    ground = by_rule(limit.rule, Answer.FAIL, limit.sentence, partner=partner)
    days = {line_of(option): awarded_on(mix.facts, option.instrument) for option in used}
    when = None
    if limit.rule.id == "de-minimis-ceiling" and len(set(days.values())) > 1:
        when = mix.program.any_of([mix.pays[line] for line, day in days.items() if day == max(days.values())])
    most = cents_of(limit.most) * WHOLE
    mix.program.bound(terms, high=most, when=when, ground=ground, euro=EURO * WHOLE)


def _wanted(mix: Mix) -> None:
    wanted = mix.case.wanted
    if wanted.gap_most is not None:
        gap = [(variable, 1) for variable in mix.gap.values()]
        ground = arithmetic("gap", f"At most {wanted.gap_most:.2f} EUR may have no source.")
        mix.program.bound(gap, high=cents_of(wanted.gap_most), ground=ground, euro=EURO)
    for key in wanted.use:
        uses = [(mix.uses[key], 1)] if key in mix.uses else []
        mix.program.bound(uses, low=1, ground=arithmetic("wanted", f"{key} must pay something.", instrument=key))
