"""The independent checker: every rule recomputed from a scenario's money, without the solver that may have made it."""

from collections.abc import Iterator
from decimal import Decimal

from states.funding.aid.consortium import counts, shortages
from states.funding.aid.limits import stacks
from states.funding.aid.options import Option
from states.funding.case.case import CostItem, FundingCase, FundingScenario
from states.funding.case.instruments import DE_MINIMIS, Instrument, months_after
from states.funding.checks.articles import resolved
from states.funding.checks.law import Paid, law_breaches
from states.funding.law.entry import awarded_on
from states.funding.law.facts import Answer, CaseFacts, Finding, by_rule, by_terms
from states.funding.money.law import money_rules
from states.funding.rules.choice import rules_of
from states.funding.rules.library import RuleSet
from states.texts import Text


def arithmetic(
    rule: str, sentence: str, *, remedy: str = "", item: str = "", partner: str = "", instrument: str = ""
) -> Finding:
    """Answer that a scenario does not add up, or does not do what the case asks."""
    place = {"remedy": remedy, "item": item, "partner": partner, "instrument": instrument}
    return Finding(
        rule, Text("checked", "case_itself").kept, Answer.FAIL, sentence, verified=True, blocks=True, **place
    )


def unknown_names(case: FundingCase, scenario: FundingScenario) -> Iterator[Finding]:
    """Yield what the scenario names and the case does not know."""
    items = {*(one.item for one in scenario.allocations), *scenario.own, *scenario.gap}
    for key in sorted(items - case.item_by_id.keys()):
        yield arithmetic("unknown-item", f"There is no cost item {key}.", item=key)
    for key in sorted({one.instrument for one in scenario.allocations} - case.instrument_by_id.keys()):
        yield arithmetic("unknown-instrument", f"There is no instrument {key}.", instrument=key)


MORE_GAP = "a larger gap_most, or further instruments"
KIND = "less money of others for its cost"
UNWANT = "take it out of wanted.use, or mend what keeps it from paying"


def balance(case: FundingCase, scenario: FundingScenario, paid: Paid) -> Iterator[Finding]:
    """Yield the items whose sources are not their cost, the partners who pay more than they have, and wishes unmet."""
    zero = Decimal(0)
    for item in case.cost_items:
        money = sum((amount for (key, _), amount in paid.items() if key == item.id), zero)
        found = money + scenario.own.get(item.id, zero) + scenario.gap.get(item.id, zero)
        if found != case.left(item):
            costs, sources = f"{case.left(item):.2f}", f"{found:.2f}"
            sentence = Text("checked", "balance", item=item.id, costs=costs, sources=sources).kept
            yield arithmetic("balance", sentence, remedy="mend allocations, own or gap of it", item=item.id)
    for partner in case.partners:
        mine = (item.id for item in case.cost_items if item.partner == partner.id)
        own = sum((scenario.own.get(key, zero) for key in mine), zero)
        kind = case.in_kind(partner.id)
        if own < kind:
            brings, left = f"{kind:.2f}", f"{own:.2f}"
            sentence = Text("checked", "in_kind", partner=partner.id, brings=brings, left=left).kept
            yield by_rule(money_rules()["cpr-in-kind"], Answer.FAIL, sentence, remedy=KIND, partner=partner.id)
        if partner.own_cash is not None and own - kind > partner.own_cash:
            pays, has = f"{own - kind:.2f}", f"{partner.own_cash:.2f}"
            sentence = Text("checked", "own_cash", partner=partner.id, pays=pays, has=has).kept
            yield arithmetic("own-cash", sentence, remedy="more own_cash, or a gap", partner=partner.id)
    gap = sum(scenario.gap.values(), zero)
    if case.wanted.gap_most is not None and gap > case.wanted.gap_most:
        sentence = Text("checked", "gap", gap=f"{gap:.2f}", most=f"{case.wanted.gap_most:.2f}").kept
        yield arithmetic("gap", sentence, remedy=MORE_GAP)
    for key in case.wanted.use:
        if not any(instrument == key for _, instrument in paid):
            sentence = Text("checked", "wanted", instrument=key).kept
            yield arithmetic("wanted", sentence, remedy=UNWANT, instrument=key)


def instrument_breaches(facts: CaseFacts, instrument: Instrument, paid: Paid) -> Iterator[Finding]:
    """Yield what the amounts and the partners of one instrument break; it pays something."""
    mine = {facts.case.item_by_id[item]: money for (item, key), money in paid.items() if key == instrument.id}
    total = sum(mine.values(), Decimal(0))
    yield from _too_little(instrument, "project-least", "", total, instrument.project_least)
    yield from _too_much(instrument, "project-most", "", total, instrument.project_most)
    yield from _too_much(instrument, "budget", "", total, instrument.call.budget)
    for partner in sorted({item.partner for item in mine}):
        theirs = sum((money for item, money in mine.items() if item.partner == partner), Decimal(0))
        yield from _too_little(instrument, "partner-least", partner, theirs, instrument.partner_least)
        yield from _too_much(instrument, "partner-most", partner, theirs, instrument.partner_most)
    yield from _consortium(facts, instrument, tuple(mine))


def _too_little(instrument: Instrument, rule: str, who: str, money: Decimal, least: Decimal) -> Iterator[Finding]:
    if money < least:
        paid, bound = f"{money:.2f}", f"{least:.2f}"
        said = (
            Text("checked", "least_of_partner", partner=who, paid=paid, least=bound)
            if who
            else Text("checked", "least_of_project", paid=paid, least=bound)
        )
        yield by_terms(instrument, rule, Answer.FAIL, said.kept, remedy=f"{least - money:.2f} EUR more of it")


def _too_much(instrument: Instrument, rule: str, who: str, money: Decimal, most: Decimal | None) -> Iterator[Finding]:
    if most is not None and money > most:
        paid, bound = f"{money:.2f}", f"{most:.2f}"
        if who:
            said = Text("checked", "most_of_partner", partner=who, paid=paid, most=bound)
        elif rule == "budget":
            said = Text("checked", "most_of_budget", paid=paid, most=bound)
        else:
            said = Text("checked", "most_of_project", paid=paid, most=bound)
        yield by_terms(instrument, rule, Answer.FAIL, said.kept, remedy=f"{money - most:.2f} EUR less of it")


def _consortium(facts: CaseFacts, instrument: Instrument, items: tuple[CostItem, ...]) -> Iterator[Finding]:
    yield from shortages(facts, instrument, items)
    most, entities = instrument.consortium.most_entities, counts(facts, items)["entities"]
    if most is not None and entities > most:
        sentence = Text("checked", "most_entities", most=f"{most}", entities=f"{entities}").kept
        yield by_terms(instrument, "most-entities", Answer.FAIL, sentence, remedy=f"{entities - most} fewer")


def check(case: FundingCase, scenario: FundingScenario, *, rules: RuleSet | None = None) -> list[Finding]:
    """Return every breach of a scenario: what is broken, by which article, where; an empty list is a lawful mix."""
    if unknown := list(unknown_names(case, scenario)):
        return unknown
    facts = CaseFacts(case, rules or rules_of(case))
    breaches = list(_other_rules(facts.rules, scenario))
    paid = paid_by(scenario)
    used = resolved(facts, scenario, paid)
    breaches += balance(case, scenario, paid)
    breaches += law_breaches(facts, used, paid)
    for instrument in case.instruments:
        if any(key == instrument.id for _, key in paid):
            breaches += instrument_breaches(facts, instrument, paid)
    return list(dict.fromkeys(breaches))


def open_points(
    case: FundingCase, scenario: FundingScenario, *, rules: RuleSet | None = None, verification: bool = True
) -> list[Finding]:
    """Return what a person still has to answer or do before the money of a scenario may flow.

    Checks that are unknown or manual, rules that nobody verified (unless `verification` is left out), duties of the
    beneficiary, the look into the register of de minimis aid, and awards that must be published.
    """
    facts = CaseFacts(case, rules or rules_of(case))
    paid = paid_by(scenario)
    used = resolved(facts, scenario, paid)
    points = [
        finding
        for option in used
        for finding in option.findings
        if finding.answer in (Answer.UNKNOWN, Answer.MANUAL) and not finding.blocks
    ]
    points += _unverified(used) if verification else []
    points += _several_sets(facts, used)
    points += _duties(facts, used)
    points += _publications(facts, used, paid)
    points += _simplified(used)
    return list(dict.fromkeys(points))


def _other_rules(rules: RuleSet, scenario: FundingScenario) -> Iterator[Finding]:
    if scenario.rule_set != rules.id:
        sentence = Text("checked", "other_rule_set", made=scenario.rule_set, now=rules.id).kept
        yield arithmetic("rule-set", sentence)
    elif scenario.fingerprint not in ("", rules.fingerprint):
        yield arithmetic("rule-set", Text("checked", "rules_changed", rules=rules.id).kept)


def paid_by(scenario: FundingScenario) -> Paid:
    """Return the EUR that each instrument pays of each cost item."""
    paid: Paid = {}
    for one in scenario.allocations:
        paid[one.item, one.instrument] = paid.get((one.item, one.instrument), Decimal(0)) + one.amount
    return paid


def _unverified(used: list[Option]) -> Iterator[Finding]:
    for option in used:
        if not option.instrument.verified:
            sentence = Text("checked", "unverified_terms", instrument=option.instrument.name).kept
            yield by_terms(option.instrument, "verified", Answer.MANUAL, sentence, remedy="compare them with the call")
        if option.ceiling is not None:
            for rule in option.ceiling.unverified:
                sentence = f"{option.item.id} rests on a rule that nobody verified: {rule.sentence}"
                remedy = f"compare {rule.article} with the official text"
                yield by_rule(rule, Answer.MANUAL, sentence, remedy=remedy, item=option.item.id)


def _several_sets(facts: CaseFacts, used: list[Option]) -> Iterator[Finding]:
    """Yield the cost items on which aid meets that is under several sets of rules."""
    for key, stack in stacks(facts, used).items():
        if len(stack.laws) > 1:
            rule = stack.cumulation("gber-8-3")
            given = {one.instrument.id: one.instrument for one in used if one.item.id == key and one.aid_share}
            awards = ", ".join(
                f"{name} by {facts.under(one).rules.id} (award on {awarded_on(facts, one)})"
                for name, one in given.items()
            )
            sentence = (
                f"Aid under several sets meets on {key}: {awards}. What is awarded last counts what was awarded "
                f"before, within the highest of their ceilings, by {stack.laws[-1].id}."
            )
            remedy = f"compare {rule.article} of {stack.laws[-1].id} with the official text"
            yield by_rule(rule, Answer.MANUAL, sentence, remedy=remedy, item=key)


def _duties(facts: CaseFacts, used: list[Option]) -> Iterator[Finding]:
    for option in used:
        partner = option.item.partner
        if option.ceiling is not None:
            for duty in option.ceiling.article.duties:
                yield by_rule(duty, Answer.MANUAL, remedy="keep to it", partner=partner, item=option.item.id)
        elif DE_MINIMIS in option.instrument.basis and option.item.economic:
            who = " with ".join(sorted(facts.undertakings[partner]))
            remedy = f"compare aid_received with the register and with what {who} declares"
            register = facts.under(option.instrument).rules.rules["de-minimis-register"]
            yield by_rule(register, Answer.MANUAL, remedy=remedy, partner=partner)


_OF_THE_REGULATION = "gber-"  # options of the Regulation itself ask for no fund of the Union


def _simplified(used: list[Option]) -> Iterator[Finding]:
    """Yield the cost items under State aid whose amount is simplified: a fund of the Union has to allow it."""
    for option in used:
        named = option.item.simplified
        if option.ceiling is not None and named and not named.startswith(_OF_THE_REGULATION):
            sentence = Text(
                "checked", "simplified", item=option.item.id, by=named, instrument=option.instrument.id
            ).kept
            remedy = "show that a fund of the Union which allows it pays a part of the project"
            rule, item = money_rules()["gber-simplified"], option.item
            yield by_rule(rule, Answer.MANUAL, sentence, remedy=remedy, partner=item.partner, item=item.id)


def _publications(facts: CaseFacts, used: list[Option], paid: Paid) -> Iterator[Finding]:
    """Yield the awards of State aid that must be published: one per partner and instrument."""
    awards: dict[tuple[str, str], Decimal] = {}
    for option in used:
        if option.ceiling is not None:
            key = option.item.partner, option.instrument.id
            aid = paid[option.pair] * option.aid_share / 100
            awards[key] = awards.get(key, Decimal(0)) + aid
    for (partner, instrument), aid in awards.items():
        rule = facts.under(facts.case.instrument_by_id[instrument]).rules.rules["gber-9"]
        if aid > rule.figures["euro"]:
            award = awarded_on(facts, facts.case.instrument_by_id[instrument])
            until = months_after(award, int(rule.figures["months"]))
            sentence = Text(
                "checked", "published", aid=f"{aid:.2f}", instrument=instrument, partner=partner, day=f"{until}"
            ).kept
            remedy = f"ask whether {instrument} publishes it"
            yield by_rule(rule, Answer.MANUAL, sentence, remedy=remedy, partner=partner, instrument=instrument)
