"""What if: a partner joins or leaves, a call closes, a rate or the rules change; and the difference in a table."""

from collections.abc import Sequence
from decimal import Decimal

from states.errors import Missing
from states.funding.case.case import CostItem, FundingCase
from states.funding.case.instruments import Instrument
from states.funding.case.partners import Partner
from states.funding.case.vocabulary import CaseModel, ScenarioKind
from states.funding.solver.answer import Answer, Named


def partner_joins(case: FundingCase, partner: Partner, items: Sequence[CostItem]) -> FundingCase:
    return case.changed(partners=(*case.partners, partner), cost_items=(*case.cost_items, *items))


def partner_leaves(case: FundingCase, partner: str) -> FundingCase:
    """Return the case without a partner and its cost items; it may still stand behind others."""
    gone = case.partner_by_id.get(partner)
    if gone is None:
        raise Missing("partner", partner)
    items = {item.id for item in case.cost_items if item.partner == partner}
    behind = any(partner in (link.holder, link.held) for link in case.links)
    behind = behind or any(aid.recipient == partner for aid in case.aid_received)
    shown = {name: getattr(gone, name) for name in ("id", "name", "size", "founded", "years", "public_share")}
    return case.changed(
        partners=[one for one in case.partners if one.id != partner],
        enterprises=[*case.enterprises, shown] if behind else case.enterprises,
        cost_items=[item for item in case.cost_items if item.partner != partner],
        aid_received=[aid for aid in case.aid_received if aid.cost_item not in items],
        coordinator=None if case.coordinator == partner else case.coordinator,
    )


def call_closes(case: FundingCase, instrument: str) -> FundingCase:
    _named(case, instrument)
    left = [one for one in case.instruments if one.id != instrument]
    use = [key for key in case.wanted.use if key != instrument]
    return case.changed(instruments=left, wanted={**case.wanted.model_dump(), "use": use})


def rate_changes(case: FundingCase, instrument: str, percent: Decimal) -> FundingCase:
    _named(case, instrument)
    made = [one.model_dump() for one in case.instruments]
    for one in made:
        if one["id"] == instrument:
            one["rates"] = [{"percent": percent}]
    return case.changed(instruments=made)


def rules_change(case: FundingCase, rule_set: str) -> FundingCase:
    """Return the case under another set of rules."""
    return case.changed(rule_set=rule_set)


def _named(case: FundingCase, instrument: str) -> Instrument:
    if instrument not in case.instrument_by_id:
        raise Missing("instrument", instrument)
    return case.instrument_by_id[instrument]


class Difference(CaseModel):
    """One figure of a named mix before and after, in EUR, days or a number; None where there is no such mix."""

    kind: ScenarioKind
    what: str
    before: Decimal | None
    after: Decimal | None


def difference(before: Answer, after: Answer) -> list[Difference]:
    """Return what differs between two answers: measures, and what each instrument pays, mix by mix."""
    old, new = ({named.kind: _figures(named) for named in answer.scenarios} for answer in (before, after))
    rows = []
    for kind in dict.fromkeys((*old, *new)):
        first, second = old.get(kind, {}), new.get(kind, {})
        for what in dict.fromkeys((*first, *second)):
            one, other = _figure(first, what), _figure(second, what)
            if one != other:
                rows.append(Difference(kind=kind, what=what, before=one, after=other))
    return rows


def _figure(figures: dict[str, Decimal], what: str) -> Decimal | None:
    """Return a figure; an instrument that a mix does not use pays nothing."""
    return figures.get(what, Decimal(0)) if figures else None


def _figures(named: Named) -> dict[str, Decimal]:
    if named.scenario is None or named.measures is None:
        return {}
    found = {
        name: Decimal(getattr(named.measures, name))
        for name in ("gap", "own", "cost_of_capital", "outside", "applications", "days_to_money")
    }
    for one in named.scenario.allocations:
        found[one.instrument] = found.get(one.instrument, Decimal(0)) + one.amount
    return found
