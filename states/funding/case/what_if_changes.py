"""What may be changed in a solved case to see what follows: a partner, a call, a rate, the rules."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, ValidationError
from sqlmodel import Session, col, select

from states.errors import Fault, Missing
from states.funding.case.case import CostItem, FundingCase, faults_of
from states.funding.case.gathering import partner_of
from states.funding.case.partners import Partner
from states.funding.case.reader import CaseInvalid
from states.funding.case.vocabulary import Activity, CaseModel, CostCategory, Euro, Key, Nuts, Percent
from states.funding.inputs.accounts import YEAR_FIGURES
from states.funding.inputs.tables import Accounts
from states.funding.rules.queries import shelf_for
from states.funding.solver.what_if import call_closes, partner_joins, partner_leaves, rate_changes, rules_change
from states.partners.queries import member_by_slug
from states.shapes import shape_fault
from states.texts import Text


class JoiningCost(CaseModel):
    """What a partner that joins would spend at one site, in EUR."""

    id: Key
    nuts: Nuts
    activity: Activity
    cost_category: CostCategory = CostCategory.OTHER
    amount: Annotated[Euro, Field(gt=0)]
    starts: date
    title: str = Field(default="", max_length=300)
    economic: bool = True
    disadvantaged_trainees: bool = False


class PartnerJoins(CaseModel):
    """An organisation of the partnership takes part, with its costs; `declared` is what it says of itself."""

    kind: Literal["partner_joins"]
    organisation: Key
    declared: dict[str, object] = Field(default={}, description="as in the funding question's `partners`")
    cost_items: tuple[JoiningCost, ...] = Field(min_length=1, max_length=200)


class PartnerLeaves(CaseModel):
    """A partner leaves, and its costs with it."""

    kind: Literal["partner_leaves"]
    partner: Key


class CallCloses(CaseModel):
    """One window of an instrument is not there."""

    kind: Literal["call_closes"]
    instrument: Key = Field(description="its id in the case")


class RateChanges(CaseModel):
    """One rate for all that an instrument pays."""

    kind: Literal["rate_changes"]
    instrument: Key = Field(description="its id in the case")
    percent: Percent


class RulesChange(CaseModel):
    """Another set of rules."""

    kind: Literal["rules_change"]
    rule_set: Key


Change = Annotated[PartnerJoins | PartnerLeaves | CallCloses | RateChanges | RulesChange, Field(discriminator="kind")]


def apply(session: Session, partnership_id: str, case: FundingCase, change: Change) -> FundingCase:
    """Return the case with the change in it; raise `CaseInvalid` where it names what is not there, or does not fit."""
    try:
        found = _changed(session, partnership_id, case, change)
    except Missing as missing:
        unknown = Fault(f"change.{_named(change)}", missing.said, remedy=Text("remedy", "name_one_of_those"))
        raise CaseInvalid(faults=[unknown]) from None
    except ValidationError as error:
        raise CaseInvalid(faults=[shape_fault(one, remedy="mend_it") for one in error.errors()]) from error
    if faults := faults_of(found):
        raise CaseInvalid(faults=faults)
    return found


def _named(change: Change) -> str:
    return next(name for name in type(change).model_fields if name != "kind")


def _changed(session: Session, partnership_id: str, case: FundingCase, change: Change) -> FundingCase:
    match change:
        case PartnerJoins():
            return partner_joins(case, *_joining(session, partnership_id, change))
        case PartnerLeaves():
            return partner_leaves(case, change.partner)
        case CallCloses():
            return call_closes(case, change.instrument)
        case RateChanges():
            return rate_changes(case, change.instrument, change.percent)
        case RulesChange():
            return rules_change(case, shelf_for(session, partnership_id).rule_set(change.rule_set).id)


def _joining(session: Session, partnership_id: str, change: PartnerJoins) -> tuple[Partner, tuple[CostItem, ...]]:
    organisation, _ = member_by_slug(session, partnership_id, change.organisation)
    accounts = select(Accounts).where(col(Accounts.organisation_id) == organisation.id).order_by(col(Accounts.year))
    years = [one.model_dump(include={*YEAR_FIGURES}, exclude_none=True) for one in session.exec(accounts)]
    known = {
        **partner_of(organisation, years=years, also_at=[one.nuts for one in change.cost_items]),
        **change.declared,
    }
    return Partner.model_validate(known), tuple(_items(organisation.slug, change))


def _items(partner: str, change: PartnerJoins) -> Iterator[CostItem]:
    for one in change.cost_items:
        yield CostItem(partner=partner, site=one.nuts.lower(), **one.model_dump(exclude={"nuts"}))
