"""The checker's arithmetic: items balance to the cent, and what calls ask of amounts and of the consortium."""

from collections.abc import Iterator
from decimal import Decimal

from states.funding.aid.eligibility import mismatch
from states.funding.case.case import CostItem, FundingCase
from states.funding.case.instruments import Instrument, Whom
from states.funding.case.scenario import FundingScenario
from states.funding.checks.law import Paid
from states.funding.law.facts import CaseFacts
from states.funding.law.findings import Answer, Finding, by_terms


def arithmetic(rule: str, sentence: str, *, item: str = "", partner: str = "", instrument: str = "") -> Finding:
    """Answer that a scenario does not add up, or does not do what the case asks."""
    place = {"item": item, "partner": partner, "instrument": instrument}
    return Finding(rule, "the case itself", Answer.FAIL, sentence, verified=True, blocks=True, **place)


def unknown_names(case: FundingCase, scenario: FundingScenario) -> Iterator[Finding]:
    """Yield what the scenario names and the case does not know."""
    items = {*(one.item for one in scenario.allocations), *scenario.own, *scenario.gap}
    for key in sorted(items - case.item_by_id.keys()):
        yield arithmetic("unknown-item", f"There is no cost item {key}.", item=key)
    for key in sorted({one.instrument for one in scenario.allocations} - case.instrument_by_id.keys()):
        yield arithmetic("unknown-instrument", f"There is no instrument {key}.", instrument=key)


def balance(case: FundingCase, scenario: FundingScenario, paid: Paid) -> Iterator[Finding]:
    """Yield the items whose sources are not their cost, the partners who pay more than they have, and wishes unmet."""
    zero = Decimal(0)
    for item in case.cost_items:
        money = sum((amount for (key, _), amount in paid.items() if key == item.id), zero)
        found = money + scenario.own.get(item.id, zero) + scenario.gap.get(item.id, zero)
        if found != case.left(item):
            sentence = f"{item.id} costs {case.left(item):.2f} EUR, its sources and gap are {found:.2f} EUR."
            yield arithmetic("balance", sentence, item=item.id)
    for partner in case.partners:
        mine = (item.id for item in case.cost_items if item.partner == partner.id)
        own = sum((scenario.own.get(key, zero) for key in mine), zero)
        if partner.own_cash is not None and own > partner.own_cash:
            sentence = f"{partner.id} would pay {own:.2f} EUR itself; it has {partner.own_cash:.2f} EUR."
            yield arithmetic("own-cash", sentence, partner=partner.id)
    gap = sum(scenario.gap.values(), zero)
    if case.wanted.gap_most is not None and gap > case.wanted.gap_most:
        yield arithmetic("gap", f"{gap:.2f} EUR have no source; at most {case.wanted.gap_most:.2f} EUR may.")
    for key in case.wanted.use:
        if not any(instrument == key for _, instrument in paid):
            yield arithmetic("wanted", f"{key} pays nothing, and the case wants it.", instrument=key)


def instrument_breaches(facts: CaseFacts, instrument: Instrument, paid: Paid) -> Iterator[Finding]:
    """Yield what the amounts and the partners of one instrument break; it pays something."""
    mine = {facts.case.item_by_id[item]: money for (item, key), money in paid.items() if key == instrument.id}
    total = sum(mine.values(), Decimal(0))
    yield from _too_little(instrument, "project-least", "the project", total, instrument.project_least)
    yield from _too_much(instrument, "project-most", "the project", total, instrument.project_most)
    yield from _too_much(instrument, "budget", "all, out of its budget", total, instrument.call.budget)
    for partner in sorted({item.partner for item in mine}):
        theirs = sum((money for item, money in mine.items() if item.partner == partner), Decimal(0))
        yield from _too_little(instrument, "partner-least", partner, theirs, instrument.partner_least)
        yield from _too_much(instrument, "partner-most", partner, theirs, instrument.partner_most)
    yield from _consortium(facts, instrument, tuple(mine))


def _too_little(instrument: Instrument, rule: str, who: str, money: Decimal, least: Decimal) -> Iterator[Finding]:
    if money < least:
        sentence = f"It pays {money:.2f} EUR to {who}; the least is {least:.2f} EUR."
        yield by_terms(instrument, rule, Answer.FAIL, sentence)


def _too_much(instrument: Instrument, rule: str, who: str, money: Decimal, most: Decimal | None) -> Iterator[Finding]:
    if most is not None and money > most:
        sentence = f"It pays {money:.2f} EUR to {who}; the most is {most:.2f} EUR."
        yield by_terms(instrument, rule, Answer.FAIL, sentence)


def _consortium(facts: CaseFacts, instrument: Instrument, items: tuple[CostItem, ...]) -> Iterator[Finding]:
    asked, case = instrument.consortium, facts.case
    found = {
        "entities": (len({facts.undertakings[item.partner] for item in items}), asked.entities),
        "regions": (len({case.site_of(item).region for item in items}), asked.regions),
        "countries": (len(facts.countries(items)), asked.countries),
    }
    for noun, (count, least) in found.items():
        if count < least:
            sentence = f"It asks for {least} {noun} that take its money; there are {count}."
            yield by_terms(instrument, noun, Answer.FAIL, sentence, remedy=f"{least - count} more")
    entities = found["entities"][0]
    if asked.most_entities is not None and entities > asked.most_entities:
        sentence = f"At most {asked.most_entities} entities take its money; there are {entities}."
        yield by_terms(instrument, "most-entities", Answer.FAIL, sentence)
    if asked.coordinator_takes_part and case.coordinator not in {item.partner for item in items}:
        yield by_terms(instrument, "coordinator", Answer.FAIL, "The coordinator takes none of its money.")
    for number, seats in enumerate(asked.seats, start=1):
        fitting = {
            item.partner
            for item in items
            if mismatch(seats.whom, facts, case.partner_of(item), case.site_of(item))[0] is Answer.PASS
        }
        if len(fitting) < seats.at_least:
            sentence = f"Seats {number}: {seats.at_least} partners of the description asked; there are {len(fitting)}."
            yield by_terms(instrument, "seats", Answer.FAIL, sentence, remedy=_described(seats.whom))


def _described(whom: Whom) -> str:
    asked = {key: value for key, value in whom.model_dump(mode="json").items() if value not in ([], None)}
    return "; ".join(f"{key}: {value}" for key, value in asked.items())
