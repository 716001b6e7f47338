"""Under which set of rules a case is: the one that it names, or the one that holds on the day of its award."""

from collections.abc import Iterable, Iterator
from datetime import date

from states.funding.case.case import FundingCase
from states.funding.case.instruments import DE_MINIMIS
from states.funding.case.vocabulary import BY_DATE
from states.funding.rules.library import RuleSet, Shelf, shipped
from states.funding.rules.queries import Known
from states.funding.rules.tables import DocumentState
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
    code = "rules_by_award" if holds.id == rules.id else "rules_named"
    return Text("why", code, rule_set=rules.id, on=on, holds=holds.id)


def rules_ended(rules: RuleSet, documents: Iterable[Known], shelf: Shelf) -> Iterator[str]:
    """Yield why what a frozen case rests on holds no longer: a document that was superseded or withdrawn since."""
    known = {one.key: one for one in documents}
    for key in rules.documents:
        one = known.get(key)
        if one is not None and one.state in (DocumentState.SUPERSEDED, DocumentState.WITHDRAWN):
            yield f"{one.title}: {Text('why', f'rules_{one.state}', key=key, reason=one.reason)}"
    successor = shelf.documents.get(rules.id)
    if successor is not None and not any(key.startswith(f"{rules.id}@") for key in rules.documents):
        yield f"{rules.title}: {Text('why', 'rules_replaced', key=rules.id, successor=successor)}"
