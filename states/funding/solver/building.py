"""A funding case as a program over cents: every rule and call becomes a bound that knows its article."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from math import floor, gcd

from states.funding.aid.consortium import counts, empty_seats, fits, no_coordinator, seated, too_few
from states.funding.aid.limits import AmountLimit, Level, Stack, amount_limits, stacks
from states.funding.aid.options import Option
from states.funding.case.instruments import Instrument
from states.funding.case.vocabulary import cents_of, euro_of
from states.funding.checks.checker import KIND, MORE_GAP, UNWANT, arithmetic
from states.funding.checks.law import LESS_AID, ONE_GRANT, OWN_MONEY
from states.funding.law.entry import awarded_on
from states.funding.law.facts import Answer, CaseFacts, Finding, by_rule, by_terms
from states.funding.money.law import money_rules
from states.funding.rules.definition import Rule
from states.funding.solver.program import EURO, WHOLE, Bound, Mix


def call_bounds(mix: Mix, instrument: Instrument) -> None:
    """Bound the amounts and the consortium of an instrument, where it is used."""
    mine, use = list(mix.of(instrument.id)), mix.uses[instrument.id]
    caps = (instrument.project_most, instrument.call.budget)
    _at_least(mix, instrument, mine, use, "project-least", "the project", instrument.project_least, caps)
    _at_most(mix, instrument, mine, "project-most", "the project", instrument.project_most)
    _at_most(mix, instrument, mine, "budget", "all, out of its budget", instrument.call.budget)
    for partner in dict.fromkeys(option.item.partner for option in mine):
        theirs = [option for option in mine if option.item.partner == partner]
        takes = mix.takes[partner, instrument.id]
        least = instrument.partner_least
        _at_least(mix, instrument, theirs, takes, "partner-least", partner, least, (*caps, instrument.partner_most))
        _at_most(mix, instrument, theirs, "partner-most", partner, instrument.partner_most)
    _consortium(mix, instrument, mine, use)
    _seats(mix, instrument, mine, use)


def _at_least(
    mix: Mix,
    instrument: Instrument,
    mine: list[Option],
    use: int,
    rule: str,
    who: str,
    least: Decimal,
    caps: Sequence[Decimal | None],
) -> None:
    if least:
        able = euro_of(_able(mine, caps))
        sentence = f"It pays at least {least:.2f} EUR to {who}; there are {able:.2f} EUR that it could pay."
        remedy = f"{least - able:.2f} EUR more that it pays" if able < least else ""
        ground = by_terms(instrument, rule, Answer.FAIL, sentence, remedy=remedy)
        money = [(mix.money[option.line], 1) for option in mine]
        mix.program.bound([*money, (use, -cents_of(least))], low=0, ground=ground)


def _at_most(mix: Mix, instrument: Instrument, mine: list[Option], rule: str, who: str, most: Decimal | None) -> None:
    if most is not None:
        ground = by_terms(
            instrument, rule, Answer.FAIL, f"It pays at most {most:.2f} EUR to {who}.", remedy="a further instrument"
        )
        money = [(mix.money[option.line], 1) for option in mine]
        mix.program.bound(money, high=cents_of(most), ground=ground, euro=EURO)


def _consortium(mix: Mix, instrument: Instrument, mine: list[Option], use: int) -> None:
    asked, case, facts = instrument.consortium, mix.case, mix.facts
    able = counts(facts, [option.item for option in mine if option.open])
    nouns: dict[str, tuple[Callable[[Option], Hashable], int, int | None]] = {
        "entities": (lambda option: facts.undertakings[option.item.partner], asked.entities, asked.most_entities),
        "regions": (lambda option: case.site_of(option.item).region, asked.regions, None),
        "countries": (lambda option: case.site_of(option.item).country, asked.countries, None),
    }
    for noun, (key_of, least, most) in nouns.items():
        if least == 1 and most is None:
            continue
        groups: dict[Hashable, list[int]] = {}
        for option in mine:
            groups.setdefault(key_of(option), []).append(mix.pays[option.line])
        there = [(mix.program.any_of(lines), 1) for lines in groups.values()]
        mix.program.bound([*there, (use, -least)], low=0, ground=too_few(instrument, noun, able[noun]))
        if most is not None:
            sentence = f"At most {most} entities take its money; there are {able['entities']}."
            remedy = f"{max(able['entities'] - most, 0)} fewer"
            ground = by_terms(instrument, "most-entities", Answer.FAIL, sentence, remedy=remedy)
            mix.program.bound(there, high=most, ground=ground)
    if asked.coordinator_takes_part:
        part = [
            (taking, 1) for (who, key), taking in mix.takes.items() if (who, key) == (case.coordinator, instrument.id)
        ]
        mix.program.bound([*part, (use, -1)], low=0, ground=no_coordinator(facts, instrument))


def _seats(mix: Mix, instrument: Instrument, mine: list[Option], use: int) -> None:
    able = seated(mix.facts, instrument, [option.item for option in mine if option.open])
    for number, seats in enumerate(instrument.consortium.seats, start=1):
        fitting: dict[str, list[int]] = {}
        for option in mine:
            if fits(mix.facts, seats.whom, option.item):
                fitting.setdefault(option.item.partner, []).append(mix.pays[option.line])
        there = [(mix.program.any_of(lines), 1) for lines in fitting.values()]
        ground = empty_seats(instrument, number, able[number - 1])
        mix.program.bound([*there, (use, -seats.at_least)], low=0, ground=ground)


def stack_bounds(mix: Mix) -> None:
    """Bound what meets on each cost item."""
    for stack in stacks(mix.facts, mix.options).values():
        item = stack.item.id
        aid, small, union = stack.aid, stack.de_minimis, stack.union
        if aid and len(aid) + len(small) > 1:
            rule = stack.cumulation("de-minimis-cumulation" if len(aid) == 1 else "gber-8-3")
            sentence = f"All aid for {item} stays within the highest ceiling of the aid that is there."
            _within_highest(mix, stack, (*aid, *small), aid, _ground(rule, sentence, stack, LESS_AID))
        if aid and union:
            sentence = f"All public money for {item} stays within its most favourable rate."
            ground = _ground(stack.cumulation("gber-8-2"), sentence, stack, LESS_AID)
            _within_highest(mix, stack, (*aid, *small, *union), (*aid, *union), ground)
        _one_grant_of_the_union(mix, stack)
        _own_shares(mix, stack)


def _ground(rule: Rule, sentence: str, stack: Stack, remedy: str) -> Finding:
    return by_rule(rule, Answer.FAIL, sentence, remedy=remedy, item=stack.item.id, partner=stack.item.partner)


def _within_highest(mix: Mix, stack: Stack, counted: Sequence[Level], levels: Sequence[Level], ground: Finding) -> None:
    """Keep what is counted within the highest of the levels whose source is used, where State aid is there at all.

    The levels are rungs of a ladder: each adds its step where a source at least so high is used.
    """
    program = mix.program
    had = sum(_cents(level.money * level.share / 100) for level in counted if level.line is None)
    terms = [(mix.money[level.line], int(level.share * 100)) for level in counted if level.line is not None]
    unit = gcd(*(factor for _, factor in terms)) or 1  # whole cents keep within the whole part of a level
    height = {level: had + (_cents(level.level) - had) // unit * unit for level in levels}
    rungs = sorted(set(height.values()))
    lowest, steps = rungs[0], list[tuple[int, int]]()
    for below, rung in pairwise(rungs):
        high = [level for level in levels if height[level] >= rung]
        if all(level.line for level in high):
            used = dict.fromkeys(_pays(mix, level) for level in high)
            steps.append((program.any_of(list(used)), below - rung))
        else:  # what was granted before is there in any case
            lowest += rung - below
    if all(level.line for level in stack.aid) and _may_exceed_without_aid(stack, counted):
        aided = program.any_of([_pays(mix, level) for level in stack.aid])
        free = max(program.highest(terms) + had - lowest, 0)
        steps.append((aided, free))
        lowest += free
    program.bound([*terms, *steps], high=lowest - had, ground=ground, euro=EURO * WHOLE)


def _may_exceed_without_aid(stack: Stack, counted: Sequence[Level]) -> bool:
    """Tell whether sources other than State aid could together pass the highest level, which then is no rule.

    Of several grants of the Union only one pays, and it keeps within its own level.
    """
    others = [level for level in counted if level not in stack.aid]
    alone = len(others) == 1 or all(level.line in stack.eu_grants for level in others)
    return bool(set(others) & set(stack.de_minimis)) or not alone


def _cents(euro: Decimal) -> int:
    """Return EUR in the units of aid, which are finer than a cent; what is finer still is cut off."""
    return int(euro * EURO * WHOLE)


def _pays(mix: Mix, level: Level) -> int:
    assert level.line is not None
    return mix.pays[level.line]


def _one_grant_of_the_union(mix: Mix, stack: Stack) -> None:
    grants = [(mix.pays[one], 1) for one in sorted(stack.eu_grants)]
    payers = {instrument for _, instrument, _ in stack.eu_grants}
    if len(payers) + stack.had_eu_grant > 1:
        sentence = f"At most one grant of the Union pays {stack.item.id}."
        if stack.had_eu_grant:
            sentence = f"A grant of the Union pays {stack.item.id} already; there is none beside it."
        ground = _ground(stack.cumulation("no-double-funding"), sentence, stack, ONE_GRANT)
        mix.program.bound(grants, high=1 - stack.had_eu_grant, ground=ground)


def _own_shares(mix: Mix, stack: Stack) -> None:
    item = stack.item
    public = [(mix.money[one], 1) for one in sorted(stack.public)]
    for line, free in stack.own_share.items():
        article = mix.facts.under(mix.case.instrument_by_id[line[1]]).rules.articles[line[2]]
        most = floor((item.amount - free - mix.case.granted(item)) * EURO)
        sentence = f"{free:.2f} EUR of {item.id} must be free of public support."
        ground = _ground(article, sentence, stack, OWN_MONEY)
        mix.program.bound(public, high=most, when=mix.pays[line], ground=ground, euro=EURO)


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
    for lines in mix.choices.values():
        mix.program.bound([(mix.pays[line], 1) for line in lines], high=1)
    for partner in facts.case.partners:
        _partner(mix, partner.id)
    for instrument in facts.case.instruments:
        takers = [taking for (_, key), taking in mix.takes.items() if key == instrument.id]
        if takers:
            mix.uses[instrument.id] = mix.program.any_of(takers)
            call_bounds(mix, instrument)
    for item in facts.case.cost_items:
        money = [(variable, 1) for (key, _, _), variable in mix.money.items() if key == item.id]
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
    line, program, item = option.line, mix.program, option.item
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
        aid, most = int(option.aid_share * 100), cents_of(option.ceiling.by_percent) * WHOLE
        program.bound([(money, aid)], high=most, ground=_ceiling(option), euro=EURO * WHOLE)


def _terms(option: Option, rule: str, sentence: str) -> Finding:
    return by_terms(option.instrument, rule, Answer.FAIL, sentence, remedy="a further instrument")


def _ceiling(option: Option) -> Finding:
    ceiling = option.ceiling
    assert ceiling is not None
    sentence = f"Aid for {ceiling.item} is at most {ceiling.percent} percent: {ceiling.by_percent:.2f} EUR."
    lifts = "; ".join(f"{percent} percent by {step.rule.article}: {step.would}" for step, percent in ceiling.lifts)
    partner = option.item.partner
    return by_rule(
        ceiling.article,
        Answer.FAIL,
        sentence,
        remedy=lifts or "a further instrument that is no aid",
        partner=partner,
        item=ceiling.item,
    )


def _partner(mix: Mix, partner: str) -> None:
    lines = [option.line for option in mix.options if option.item.partner == partner]
    for key in dict.fromkeys(instrument for _, instrument, _ in lines):
        mix.takes[partner, key] = mix.program.any_of([mix.pays[line] for line in lines if line[1] == key])
        _no_token(mix, partner, key)
    cash, kind = mix.case.partner_by_id[partner].own_cash, mix.case.in_kind(partner)
    own = [(mix.own[item.id], 1) for item in mix.case.cost_items if item.partner == partner]
    if kind:
        rule, sentence = money_rules()["cpr-in-kind"], f"{partner} brings {kind:.2f} EUR in kind, which nobody pays."
        ground = by_rule(rule, Answer.FAIL, sentence, remedy=KIND, partner=partner)
        mix.program.bound(own, low=cents_of(kind), ground=ground, euro=EURO)
    if cash is not None:
        ground = arithmetic(
            "own-cash", f"{partner} can pay {cash:.2f} EUR itself.", remedy="more own_cash, or a gap", partner=partner
        )
        mix.program.bound(own, high=cents_of(cash + kind), ground=ground, euro=EURO)


def _no_token(mix: Mix, partner: str, instrument: str) -> None:
    """Ask for more than token money: nobody joins a consortium, or applies at all, for a cent."""
    theirs = [option for option in mix.of(instrument) if option.item.partner == partner]
    one = mix.case.instrument_by_id[instrument]
    able = _able(theirs, (one.partner_most, one.project_most, one.call.budget))
    money = [(mix.money[option.line], 1) for option in theirs]
    least = able * TOKEN // 100
    if least > 1:
        sentence = f"{partner} takes at least {TOKEN} percent of what {instrument} could pay it, or nothing."
        remedy = f"a larger part of {instrument}, or none"
        ground = arithmetic("token", sentence, remedy=remedy, partner=partner, instrument=instrument)
        mix.program.bound([*money, (mix.takes[partner, instrument], -least)], low=0, ground=ground)


def _able(options: Iterable[Option], caps: Iterable[Decimal | None]) -> int:
    """Return the most cents that an instrument could pay for these options."""
    most: dict[str, int] = {}
    for one in options:
        if one.open:
            most[one.item.id] = max(most.get(one.item.id, 0), cents_of(one.most))
    return min([sum(most.values()), *(cents_of(cap) for cap in caps if cap is not None)])


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
    money = [(mix.money[option.line], 1) for option in options]
    mix.program.links.append(Bound((*money, (taking, -_able(options, caps))), high=0))


def _limit(mix: Mix, limit: AmountLimit) -> None:
    """Bound the aid of a limit; awards on a later day are looked at only where there is one on that day."""
    by_line = {option.line: option for option in mix.options}
    used = [by_line[line] for line in sorted(limit.lines)]
    terms = [(mix.money[option.line], int(option.aid_share * 100)) for option in used]
    partner = ", ".join(sorted(limit.who & mix.case.partner_by_id.keys()))
    ground = by_rule(limit.rule, Answer.FAIL, limit.sentence, remedy=limit.remedy, partner=partner)
    days = {option.line: awarded_on(mix.facts, option.instrument) for option in used}
    when = None
    if limit.rule.id == "de-minimis-ceiling" and len(set(days.values())) > 1:
        when = mix.program.any_of([mix.pays[line] for line, day in days.items() if day == max(days.values())])
    most = cents_of(limit.most) * WHOLE
    mix.program.bound(terms, high=most, when=when, ground=ground, euro=EURO * WHOLE)


def _wanted(mix: Mix) -> None:
    wanted = mix.case.wanted
    if wanted.gap_most is not None:
        gap = [(variable, 1) for variable in mix.gap.values()]
        ground = arithmetic("gap", f"At most {wanted.gap_most:.2f} EUR may have no source.", remedy=MORE_GAP)
        mix.program.bound(gap, high=cents_of(wanted.gap_most), ground=ground, euro=EURO)
    for key in wanted.use:
        uses = [(mix.uses[key], 1)] if key in mix.uses else []
        mix.program.bound(
            uses, low=1, ground=arithmetic("wanted", f"{key} must pay something.", remedy=UNWANT, instrument=key)
        )
