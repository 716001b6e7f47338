"""Under which set of rules a case is: the one that it names, or for each award the one that holds on its day."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from states.funding.case.case import FundingCase
from states.funding.case.instruments import DE_MINIMIS
from states.funding.case.vocabulary import BY_DATE
from states.funding.rules.library import RuleSet, Shelf, shipped
from states.texts import Text


def awards_of(case: FundingCase) -> Iterator[tuple[str, date]]:
    """Yield each instrument that gives aid, by its id, with the day on which its award is expected."""
    for one in case.instruments:
        if one.is_state_aid or DE_MINIMIS in one.basis:
            yield one.id, one.call.awarded_on(case.date)


def award_of(case: FundingCase) -> date:
    """Return the first day on which aid of the case would be awarded; without any aid, the day of the case."""
    return min((on for _, on in awards_of(case)), default=case.date)


def settled(case: FundingCase, shelf: Shelf | None = None) -> FundingCase:
    """Return the case with the name of its set: where it asks by date, the one that holds on the days of its awards.

    Where awards are under several sets it asks by date still. Where none is known to hold on a day it is the last one
    before it, and whoever asks is told so.
    """
    if case.rule_set != BY_DATE:
        return case
    names = chosen(case, shelf or shipped())
    return case.changed(rule_set=names[0]) if len(names) == 1 else case


def chosen(case: FundingCase, shelf: Shelf) -> tuple[str, ...]:
    """Return the names of the sets that the days of the awards pick, that of the first award first."""
    days = sorted({award_of(case), *(on for _, on in awards_of(case))})
    return tuple(dict.fromkeys(on_day(day, shelf) for day in days))


def on_day(day: date, shelf: Shelf) -> str:
    """Return the name of the set that holds on a day; where none does, of the last one before it."""
    if (found := shelf.holding(day)) is not None:
        return found.id
    before = [one for one in shelf.calendar if one.valid_from <= day]
    return max(before or shelf.calendar[:1], key=lambda one: (one.valid_to or date.max, one.valid_from)).id


def rules_of(case: FundingCase, shelf: Shelf | None = None) -> RuleSet:
    """Return the rules that a case is under, with those of its later awards; raise `Missing` or `RulesInvalid`."""
    known = shelf or shipped()
    if case.rule_set != BY_DATE:
        return known.rule_set(case.rule_set)
    first, *later = (known.rule_set(name) for name in chosen(case, known))
    if not later:
        return first
    own = dict.fromkeys(key for one in (first, *later) for key in one.documents)
    return replace(first, later=tuple(later), documents=tuple(own))


def why_chosen(case: FundingCase, rules: RuleSet) -> Text:
    """Say why a case is under its rules: by the days of its awards, or because it names them."""
    on = award_of(case)
    if rules.later:
        awards = tuple(f"{key} ({day}) {rules.at(day).id}" for key, day in awards_of(case))
        return Text("why", "rules_by_each_award", rule_sets=rules.names, awards=awards)
    holds = rules.holding(on)
    if holds is None:
        return Text("why", "rules_last_known", rule_set=rules.id, on=on)
    if holds.id == rules.id:
        return Text("why", "rules_by_award", rule_set=rules.id, on=on)
    return Text("why", "rules_named", rule_set=rules.id, on=on, holds=holds.id)
