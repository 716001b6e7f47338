"""What an instrument asks of those who take its money together: how many there are, how many there have to be."""

from collections.abc import Collection, Iterator

from states.funding.aid.terms import mismatch
from states.funding.case.case import CostItem
from states.funding.case.instruments import Instrument, Whom
from states.funding.law.facts import Answer, CaseFacts, Finding, by_terms

_REMEDIES = {
    "entities": ", not linked to the others",
    "regions": " in another region (NUTS 2)",
    "countries": " in another country",
}


def counts(facts: CaseFacts, items: Collection[CostItem]) -> dict[str, int]:
    """Count the entities, regions and countries of items; linked enterprises are one entity."""
    case = facts.case
    return {
        "entities": len({facts.undertakings[item.partner] for item in items}),
        "regions": len({case.site_of(item).region for item in items}),
        "countries": len(facts.countries(items)),
    }


def too_few(instrument: Instrument, noun: str, there: int) -> Finding:
    """Answer that fewer entities, regions or countries take the money than the call asks for."""
    least = getattr(instrument.consortium, noun)
    sentence = f"It asks for {least} {noun} that take its money; there are {there}."
    more = max(least - there, 0)
    remedy = f"{more} more {'partner' if more == 1 else 'partners'}{_REMEDIES[noun]}" if more else ""
    return by_terms(instrument, noun, Answer.FAIL, sentence, remedy=remedy)


def shortages(facts: CaseFacts, instrument: Instrument, items: Collection[CostItem]) -> Iterator[Finding]:
    """Yield what is missing where these items take the instrument's money."""
    asked = instrument.consortium
    for noun, there in counts(facts, items).items():
        if there < getattr(asked, noun):
            yield too_few(instrument, noun, there)
    if asked.coordinator_takes_part and facts.case.coordinator not in {item.partner for item in items}:
        yield no_coordinator(facts, instrument)
    for number, there in enumerate(seated(facts, instrument, items), start=1):
        if there < asked.seats[number - 1].at_least:
            yield empty_seats(instrument, number, there)


def no_coordinator(facts: CaseFacts, instrument: Instrument) -> Finding:
    remedy = f"let {facts.case.coordinator or 'a coordinator'} take some of it"
    return by_terms(instrument, "coordinator", Answer.FAIL, "The coordinator takes none of its money.", remedy=remedy)


def seated(facts: CaseFacts, instrument: Instrument, items: Collection[CostItem]) -> list[int]:
    """Count for each group of seats the partners of its description."""
    return [
        len({item.partner for item in items if fits(facts, seats.whom, item)}) for seats in instrument.consortium.seats
    ]


def fits(facts: CaseFacts, whom: Whom, item: CostItem) -> bool:
    """Tell whether the partner of an item, at its site, is of a description."""
    return mismatch(whom, facts, facts.case.partner_of(item), facts.case.site_of(item))[0] is Answer.PASS


def empty_seats(instrument: Instrument, number: int, there: int) -> Finding:
    seats = instrument.consortium.seats[number - 1]
    of_kind = f"of the description ({_described(seats.whom)})"
    sentence = f"It asks for {seats.at_least} partners {of_kind} that take its money; there are {there}."
    remedy = f"{seats.at_least - there} more {of_kind}" if seats.at_least > there else ""
    return by_terms(instrument, "seats", Answer.FAIL, sentence, remedy=remedy)


def _described(whom: Whom) -> str:
    asked = {key: value for key, value in whom.model_dump(mode="json").items() if value not in ([], None)}
    return "; ".join(f"{key}: {', '.join(value) if isinstance(value, list) else value}" for key, value in asked.items())
