"""Cost lines of a collaboration: added, changed, withdrawn; each asks anew whether its scenarios still hold."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, select

from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.errors import Fault, Invalid, Missing, Refusal, Refused
from states.funding.amount_faults import day_fault
from states.funding.case.gathering import LONGEST_KEY
from states.funding.case.vocabulary import Activity, CostCategory
from states.funding.inputs.cost_values import value
from states.funding.inputs.simplified_lines import Circular, compute, double_fault, doubled, in_order
from states.funding.inputs.tables import AidGranted, CostLine
from states.funding.money.currencies import EURO
from states.funding.money.options import options_of
from states.funding.queries import costs_of
from states.funding.scenario_triggers import ask_for_review
from states.partners.registry_faults import code_fault, slug_fault
from states.places import nuts
from states.storage import bump_version

_SITE_LEVEL = 2


class CostInvalid(Invalid):
    """The cost line cannot be kept so."""

    code = "cost_invalid"


class CostRefused(Refused):
    """The cost line cannot be withdrawn."""

    code = "cost_refused"


@dataclass(frozen=True, slots=True)
class CostPlan:
    """What one partner spends at one site (NUTS 2024, level 2 or 3) for one activity: eligible cost in EUR.

    `starts_on` is the start of works: the first firm commitment (GBER Article 2, point 23). Until somebody says it
    there is no case. `amount` is None where it follows from what was stated (`cost_values`); what the further fields
    mean stands with `CostLine`. A `rate` without `own_rate` is the one that the line has already.
    """

    slug: str
    organisation_id: str
    nuts: str
    activity: Activity
    amount: Decimal | None
    starts_on: date | None
    cost_category: CostCategory = CostCategory.OTHER
    title: str = ""
    economic: bool = True
    disadvantaged_trainees: bool = False
    illustrative: bool = False
    currency: str = EURO
    stated: Decimal | None = None
    rate: Decimal | None = None
    rate_on: date | None = None
    rate_source: str = ""
    own_rate: bool = False
    vat_percent: Decimal | None = None
    vat_included: bool = False
    vat_recoverable: bool | None = None
    in_kind: bool = False
    option: str = ""
    percent: Decimal | None = None
    units: Decimal | None = None


def plan_of(row: CostLine) -> CostPlan:
    """Return a cost line as it stands, to change some of it with `dataclasses.replace`."""
    return CostPlan(**row.model_dump(exclude={"id", "collaboration_id", "version"}))


def cost_by_slug(session: Session, collaboration: Collaboration, slug: str) -> CostLine:
    """Return a cost line by its short name, or raise `Missing`."""
    query = select(CostLine).where(CostLine.collaboration_id == collaboration.id, CostLine.slug == slug)
    found = session.exec(query).one_or_none()
    if found is None:
        raise Missing("cost_line", slug)
    return found


def add_cost(session: Session, collaboration: Collaboration, plan: CostPlan) -> CostLine:
    """Add a cost line; raise `CostInvalid` with every fault."""
    bump_version(session, collaboration)
    row = CostLine(collaboration_id=collaboration.id, **_values(session, collaboration, plan))
    session.add(row)
    session.flush()
    compute(session, collaboration, claimed=row)
    ask_for_review(session, collaboration)
    return row


def change_cost(
    session: Session,
    collaboration: Collaboration,
    row: CostLine,
    plan: CostPlan,
    *,
    expected_version: int | None = None,
) -> CostLine:
    """Put another plan in the place of a line's; raise `CostInvalid` with every fault, or `Stale`."""
    values = _values(session, collaboration, plan, row=row)
    bump_version(session, row, expected=expected_version)
    for name, wanted in values.items():
        setattr(row, name, wanted)
    session.add(row)
    session.flush()
    compute(session, collaboration, claimed=row)
    ask_for_review(session, collaboration)
    return row


def withdraw_cost(
    session: Session, collaboration: Collaboration, row: CostLine, *, expected_version: int | None = None
) -> None:
    """Take a cost line out; what was solved with it keeps it. Refused while aid received is recorded for it."""
    bump_version(session, row, expected=expected_version)
    if session.exec(select(AidGranted.id).where(AidGranted.cost_line_id == row.id)).first() is not None:
        mend = ("project_manager",)
        raise CostRefused([Refusal("aid_recorded", line=row.slug, mend_by=mend, where="aid-received")])
    session.delete(row)
    session.flush()
    compute(session, collaboration)
    ask_for_review(session, collaboration)


def _values(
    session: Session, collaboration: Collaboration, plan: CostPlan, *, row: CostLine | None = None
) -> dict[str, Any]:
    """Return the columns of a line, its EUR worked out; raise `CostInvalid` with every fault."""
    members = {one.organisation.id for one in members_of(session, [collaboration.id])[collaboration.id]}
    others = [one for one in costs_of(session, collaboration.id) if one is not row]
    valued = value(session, collaboration, plan, row=row)
    faults = plan_faults(plan, taken={one.slug for one in others})
    if plan.organisation_id not in members:
        faults.insert(0, Fault("organisation", "no_partner_collaboration", remedy="name_partner"))
    faults += valued.faults
    worth = {name: getattr(valued, name) for name in ("stated", "rate", "rate_on", "rate_source")}
    code = plan.nuts if faults else nuts.unit(plan.nuts).code
    values = asdict(plan) | worth | {"nuts": code, "amount": valued.amount or Decimal(0)}
    if not faults:
        faults = list(_among(session, collaboration, others, CostLine(collaboration_id=collaboration.id, **values)))
    if faults:
        raise CostInvalid(faults=faults)
    return values


def _among(
    session: Session, collaboration: Collaboration, others: Sequence[CostLine], line: CostLine
) -> Iterator[Fault]:
    """Find what is wrong with a line beside the others: a cost counted twice, flat rates of each other."""
    if not any(one.option for one in (*others, line)):
        return
    known = options_of(session, collaboration.partnership_id)
    for covering, counted, option in doubled([*others, line], known):
        if covering is line or counted is line:
            yield double_fault(covering, counted, option)
    try:
        in_order([*others, line], known)
    except Circular as circle:
        names = tuple(sorted(one.slug for one in circle.lines))
        yield Fault("option", "flat_rates_in_circle", remedy="take_one_of_them_out", lines=names)


def plan_faults(plan: CostPlan, *, taken: Collection[str] = ()) -> list[Fault]:
    """Return what is wrong with a plan by itself, but with what it comes to; `taken` are the names of other lines."""
    return [fault for fault in _faults(plan, taken) if fault is not None]


def _faults(plan: CostPlan, taken: Collection[str]) -> Iterator[Fault | None]:
    yield slug_fault(plan.slug, taken=plan.slug in taken)
    if len(plan.slug) > LONGEST_KEY:
        yield Fault("slug", "too_long", remedy="at_most_letters", most=LONGEST_KEY)
    yield code_fault("nuts", plan.nuts) or _area_fault(plan.nuts)
    if plan.starts_on is not None:
        yield day_fault("starts_on", plan.starts_on)


def _area_fault(code: str) -> Fault | None:
    if nuts.unit(code).level >= _SITE_LEVEL:
        return None
    return Fault("nuts", "too_large_area", remedy="give_nuts_3_or_nuts_2_code", code=code)
