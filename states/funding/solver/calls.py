"""What calls ask, as bounds: amounts of the project and of each partner, and who takes the money together."""

from collections.abc import Callable, Hashable
from decimal import Decimal

from states.funding.aid.eligibility import mismatch
from states.funding.aid.options import Option
from states.funding.case.instruments import Instrument
from states.funding.case.vocabulary import cents_of
from states.funding.law.findings import Answer, by_terms
from states.funding.solver.plan_variables import EURO, Mix, line_of


def call_bounds(mix: Mix, instrument: Instrument) -> None:
    """Bound the amounts and the consortium of an instrument, where it is used."""
    mine, use = list(mix.of(instrument.id)), mix.uses[instrument.id]
    _at_least(mix, instrument, mine, use, "project-least", "the project", instrument.project_least)
    _at_most(mix, instrument, mine, "project-most", "the project", instrument.project_most)
    _at_most(mix, instrument, mine, "budget", "all, out of its budget", instrument.call.budget)
    for partner in dict.fromkeys(option.item.partner for option in mine):
        theirs = [option for option in mine if option.item.partner == partner]
        takes = mix.takes[partner, instrument.id]
        _at_least(mix, instrument, theirs, takes, "partner-least", partner, instrument.partner_least)
        _at_most(mix, instrument, theirs, "partner-most", partner, instrument.partner_most)
    _consortium(mix, instrument, mine, use)
    _seats(mix, instrument, mine, use)


def _at_least(
    mix: Mix, instrument: Instrument, mine: list[Option], use: int, rule: str, who: str, least: Decimal
) -> None:
    if least:
        ground = by_terms(instrument, rule, Answer.FAIL, f"It pays at least {least:.2f} EUR to {who}.")
        money = [(mix.money[line_of(option)], 1) for option in mine]
        mix.program.bound([*money, (use, -cents_of(least))], low=0, ground=ground)


def _at_most(mix: Mix, instrument: Instrument, mine: list[Option], rule: str, who: str, most: Decimal | None) -> None:
    if most is not None:
        ground = by_terms(instrument, rule, Answer.FAIL, f"It pays at most {most:.2f} EUR to {who}.")
        money = [(mix.money[line_of(option)], 1) for option in mine]
        mix.program.bound(money, high=cents_of(most), ground=ground, euro=EURO)


def _consortium(mix: Mix, instrument: Instrument, mine: list[Option], use: int) -> None:
    asked, case, facts = instrument.consortium, mix.case, mix.facts
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
            groups.setdefault(key_of(option), []).append(mix.pays[line_of(option)])
        there = [(mix.program.any_of(lines), 1) for lines in groups.values()]
        sentence = f"It asks for {least} {noun} that take its money."
        ground = by_terms(instrument, noun, Answer.FAIL, sentence)
        mix.program.bound([*there, (use, -least)], low=0, ground=ground)
        if most is not None:
            ground = by_terms(instrument, "most-entities", Answer.FAIL, f"At most {most} entities take its money.")
            mix.program.bound(there, high=most, ground=ground)
    if asked.coordinator_takes_part:
        part = [
            (taking, 1) for (who, key), taking in mix.takes.items() if (who, key) == (case.coordinator, instrument.id)
        ]
        ground = by_terms(instrument, "coordinator", Answer.FAIL, "The coordinator must take some of its money.")
        mix.program.bound([*part, (use, -1)], low=0, ground=ground)


def _seats(mix: Mix, instrument: Instrument, mine: list[Option], use: int) -> None:
    for number, seats in enumerate(instrument.consortium.seats, start=1):
        fitting: dict[str, list[int]] = {}
        for option in mine:
            partner, site = mix.case.partner_of(option.item), mix.case.site_of(option.item)
            if mismatch(seats.whom, mix.facts, partner, site)[0] is Answer.PASS:
                fitting.setdefault(partner.id, []).append(mix.pays[line_of(option)])
        there = [(mix.program.any_of(lines), 1) for lines in fitting.values()]
        sentence = f"Seats {number}: it asks for {seats.at_least} partners of a description that take its money."
        ground = by_terms(instrument, "seats", Answer.FAIL, sentence)
        mix.program.bound([*there, (use, -seats.at_least)], low=0, ground=ground)
