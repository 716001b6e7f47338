"""Cost lines of a collaboration: added, changed, withdrawn; each asks anew whether its scenarios still hold."""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal

from sqlmodel import Session, select

from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.errors import Fault, Invalid, Missing, Refusal, Refused
from states.funding.amount_faults import amount_fault, day_fault
from states.funding.case.gathering import LONGEST_KEY
from states.funding.case.vocabulary import Activity, CostCategory
from states.funding.inputs.tables import AidGranted, CostLine
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
    there is no case.
    """

    slug: str
    organisation_id: str
    nuts: str
    activity: Activity
    amount: Decimal
    starts_on: date | None
    cost_category: CostCategory = CostCategory.OTHER
    title: str = ""
    economic: bool = True
    disadvantaged_trainees: bool = False
    illustrative: bool = False


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
    _refuse(session, collaboration, plan)
    row = CostLine(collaboration_id=collaboration.id, **asdict(_kept(plan)))
    session.add(row)
    session.flush()
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
    _refuse(session, collaboration, plan, row=row)
    bump_version(session, row, expected=expected_version)
    for name, value in asdict(_kept(plan)).items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
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
    ask_for_review(session, collaboration)


def _kept(plan: CostPlan) -> CostPlan:
    return replace(plan, nuts=nuts.unit(plan.nuts).code)


def _refuse(session: Session, collaboration: Collaboration, plan: CostPlan, *, row: CostLine | None = None) -> None:
    others = [one for one in costs_of(session, collaboration.id) if one is not row]
    members = {one.organisation.id for one in members_of(session, [collaboration.id])[collaboration.id]}
    faults = plan_faults(plan, taken={one.slug for one in others})
    if plan.organisation_id not in members:
        faults.insert(0, Fault("organisation", "no_partner_collaboration", remedy="name_partner"))
    if faults:
        raise CostInvalid(faults=faults)


def plan_faults(plan: CostPlan, *, taken: Collection[str] = ()) -> list[Fault]:
    """Return what is wrong with a plan by itself; `taken` are the short names of the other lines."""
    return [fault for fault in _faults(plan, taken) if fault is not None]


def _faults(plan: CostPlan, taken: Collection[str]) -> Iterator[Fault | None]:
    yield slug_fault(plan.slug, taken=plan.slug in taken)
    if len(plan.slug) > LONGEST_KEY:
        yield Fault("slug", "too_long", remedy="at_most_letters", most=LONGEST_KEY)
    yield code_fault("nuts", plan.nuts) or _area_fault(plan.nuts)
    yield amount_fault("amount", plan.amount)
    if plan.starts_on is not None:
        yield day_fault("starts_on", plan.starts_on)


def _area_fault(code: str) -> Fault | None:
    if nuts.unit(code).level >= _SITE_LEVEL:
        return None
    return Fault("nuts", "too_large_area", remedy="give_nuts_3_or_nuts_2_code", code=code)
