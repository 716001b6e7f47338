"""Under which set of rules a case is: the one that it names, or the one that holds on the day of its award."""

from datetime import date

from states.funding.case.case import FundingCase
from states.funding.case.instruments import DE_MINIMIS
from states.funding.case.vocabulary import BY_DATE
from states.funding.rules.library import RuleSet, Shelf, shipped
from states.texts import Text


def award_of(case: FundingCase) -> date:
    """Return the first day on which aid of the case would be awarded; without any aid, the day of the case."""
    aid = [one.call for one in case.instruments if one.is_state_aid or DE_MINIMIS in one.basis]
    return min((call.awarded_on(case.date) for call in aid), default=case.date)


def settled(case: FundingCase, shelf: Shelf | None = None) -> FundingCase:
    """Return the case with the name of its set: where it asks by date, the one that holds on the day of its award.

    Where none is known to hold on that day it is the last one before it, and whoever asks is told so.
    """
    if case.rule_set != BY_DATE:
        return case
    return case.changed(rule_set=chosen(case, shelf or shipped()))


def chosen(case: FundingCase, shelf: Shelf) -> str:
    """Return the name of the set that the day of the award picks."""
    on = award_of(case)
    if (found := shelf.holding(on)) is not None:
        return found.id
    before = [one for one in shelf.calendar if one.valid_from <= on]
    return max(before or shelf.calendar[:1], key=lambda one: (one.valid_to or date.max, one.valid_from)).id


def rules_of(case: FundingCase, shelf: Shelf | None = None) -> RuleSet:
    """Return the rules that a case is under; raise `Missing` or `RulesInvalid`."""
    known = shelf or shipped()
    return known.rule_set(settled(case, known).rule_set)


def why_chosen(case: FundingCase, rules: RuleSet) -> Text:
    """Say why a case is under its rules: by the day of its first award, or because it names them."""
    on = award_of(case)
    holds = rules.holding(on)
    if holds is None:
        return Text("why", "rules_last_known", rule_set=rules.id, on=on)
    if holds.id == rules.id:
        return Text("why", "rules_by_award", rule_set=rules.id, on=on)
    return Text("why", "rules_named", rule_set=rules.id, on=on, holds=holds.id)
