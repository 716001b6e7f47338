"""Simplified cost options: those of regulations, as data, and those that a partnership adds for its programmes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Annotated

import yaml
from pydantic import Field, TypeAdapter
from sqlmodel import Session, col, select

from states.collaborations.tables import Collaboration
from states.errors import Fault, Invalid, Missing, Refusal, Refused, Stale
from states.funding.amount_faults import amount_fault, day_fault
from states.funding.case.vocabulary import CaseModel, CostCategory, Key
from states.funding.inputs.tables import CostLine
from states.funding.money.rates import terms_of
from states.funding.money.tables import MoneyTerms, OptionKind, RateRule, SimplifiedCost
from states.funding.queries import instruments_of
from states.partners.registry_faults import slug_fault
from states.partners.tables import Partnership
from states.storage import bump_version

_FILE = "simplified-costs.yaml"
_LINES = "cost-lines"


class OptionInvalid(Invalid):
    """The simplified cost option cannot be added so."""

    code = "option_invalid"


class OptionRefused(Refused):
    """The simplified cost option cannot be taken out."""

    code = "option_refused"


class Option(CaseModel):
    """One option: a flat rate of at most `percent` of the base, or `amount` EUR a unit, or for the whole.

    `covers` are the cost categories that it stands for: what is spent there is not counted a second time. `own` is one
    that a partnership added; `instrument` is the programme or call that it is for.
    """

    id: Key
    title: str
    kind: OptionKind = OptionKind.FLAT_RATE
    article: str
    eli: str = ""
    source: str
    verified: bool = False
    verified_on: date | None = None
    condition: str = ""
    valid_from: date
    valid_to: date | None = None
    percent: Annotated[Decimal, Field(gt=0, le=100)] | None = None
    amount: Decimal | None = None
    unit: str = ""
    base: tuple[CostCategory, ...] = ()
    covers: tuple[CostCategory, ...] = Field(min_length=1)
    under: str = ""
    instrument: str = ""
    own: bool = False
    version: int = 0

    def holds(self, day: date) -> bool:
        """Tell whether it may be used on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class OptionPlan:
    """What a partnership says of an option that it adds; see `SimplifiedCost`."""

    slug: str
    title: str
    kind: OptionKind
    covers: tuple[CostCategory, ...]
    source: str
    valid_from: date
    base: tuple[CostCategory, ...] = ()
    percent: Decimal | None = None
    amount: Decimal | None = None
    unit: str = ""
    under: str = ""
    article: str = ""
    instrument: str = ""
    valid_to: date | None = None


@cache
def shipped_options() -> Mapping[str, Option]:
    """Return the options of regulations by their ids."""
    text = resources.files(__package__).joinpath(_FILE).read_text("utf-8")
    return {one.id: one for one in TypeAdapter(list[Option]).validate_python(yaml.safe_load(text))}


def options_of(session: Session, partnership_id: str) -> dict[str, Option]:
    """Return every option that a partnership knows, its own after those of regulations."""
    query = select(SimplifiedCost).where(SimplifiedCost.partnership_id == partnership_id)
    own = session.exec(query.order_by(col(SimplifiedCost.slug))).all()
    return {**shipped_options(), **{row.slug: _of_row(row) for row in own}}


def chosen_options(session: Session, partnership_id: str) -> dict[str, Option]:
    """Return the options that the partnership's rule lets be used: those it chose, or all."""
    known, chosen = options_of(session, partnership_id), terms_of(session, partnership_id).options
    return {key: one for key, one in known.items() if not chosen or key in chosen}


def rule(
    session: Session, partnership: Partnership, *, rate_rule: RateRule, options: Sequence[str], expected_version: int
) -> MoneyTerms:
    """Rule of which month a rate is taken, and which simplified costs are used; lines that stand keep theirs.

    Raises `OptionInvalid`, or `Stale`.
    """
    session.refresh(partnership, with_for_update=True)
    known = options_of(session, partnership.id)
    faults = [
        Fault(f"options[{n}]", "no_option", remedy="one_of", option=one, known=tuple(known))
        for n, one in enumerate(options)
        if one not in known
    ]
    if faults:
        raise OptionInvalid(faults=faults)
    row = terms_of(session, partnership.id)
    if row.version != expected_version:
        raise Stale("money_terms", expected=expected_version, actual=row.version)
    row.version += 1
    row.rate_rule, row.options = rate_rule, list(options)
    session.add(row)
    session.flush()
    return row


def _of_row(row: SimplifiedCost) -> Option:
    above = shipped_options().get(row.under)
    return Option(
        id=row.slug,
        title=row.title,
        kind=row.kind,
        article=row.article or (above.article if above else ""),
        eli=above.eli if above else "",
        source=row.source,
        condition=above.condition if above else "",
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        percent=row.percent,
        amount=row.amount,
        unit=row.unit,
        base=tuple(CostCategory(one) for one in row.base),
        covers=tuple(CostCategory(one) for one in row.covers),
        under=row.under,
        instrument=row.instrument,
        own=True,
        version=row.version,
    )


def option_row(session: Session, partnership_id: str, slug: str) -> SimplifiedCost:
    """Return an option that a partnership added, or raise `Missing`."""
    query = select(SimplifiedCost).where(SimplifiedCost.partnership_id == partnership_id, SimplifiedCost.slug == slug)
    found = session.exec(query).one_or_none()
    if found is None:
        raise Missing("simplified_cost", slug)
    return found


def add_option(session: Session, partnership: Partnership, plan: OptionPlan) -> SimplifiedCost:
    """Add an option; raise `OptionInvalid` with every fault. One that is `under` a regulation's keeps its bounds."""
    session.refresh(partnership, with_for_update=True)
    if faults := [one for one in _faults(session, partnership, plan) if one is not None]:
        raise OptionInvalid(faults=faults)
    row = SimplifiedCost(
        partnership_id=partnership.id,
        slug=plan.slug,
        title=plan.title,
        kind=plan.kind,
        under=plan.under,
        percent=plan.percent,
        amount=plan.amount,
        unit=plan.unit,
        base=[one.value for one in plan.base],
        covers=[one.value for one in plan.covers],
        article=plan.article,
        source=plan.source,
        instrument=plan.instrument,
        valid_from=plan.valid_from,
        valid_to=plan.valid_to,
    )
    session.add(row)
    session.flush()
    return row


def end_option(
    session: Session, row: SimplifiedCost, *, valid_to: date | None, expected_version: int | None = None
) -> SimplifiedCost:
    """Say until when an option may be used; lines that use it keep it."""
    if valid_to is not None and valid_to < row.valid_from:
        raise OptionInvalid(faults=[_ends_early(row.valid_from, valid_to)])
    bump_version(session, row, expected=expected_version)
    row.valid_to = valid_to
    session.flush()
    return row


def withdraw_option(session: Session, row: SimplifiedCost, *, expected_version: int | None = None) -> None:
    """Take out an option that no cost line uses."""
    bump_version(session, row, expected=expected_version)
    query = (
        select(CostLine.slug)
        .join(Collaboration, col(Collaboration.id) == col(CostLine.collaboration_id))
        .where(Collaboration.partnership_id == row.partnership_id, CostLine.option == row.slug)
    )
    if used := session.exec(query.order_by(col(CostLine.slug))).all():
        mend = ("project_manager",)
        raise OptionRefused(
            [Refusal("option_used", option=row.slug, lines=tuple(used), mend_by=mend, where="cost-lines")]
        )
    session.delete(row)
    session.flush()


def _ends_early(since: date, until: date) -> Fault:
    return Fault("valid_to", "ends_before_it_begins", remedy="give_day_on_or_after", since=since, until=until)


def _faults(session: Session, partnership: Partnership, plan: OptionPlan) -> Iterator[Fault | None]:
    known = options_of(session, partnership.id)
    yield slug_fault(plan.slug, taken=plan.slug in known)
    for name in ("title", "source"):
        if not getattr(plan, name).strip():
            yield Fault(name, "missing", remedy="say_where_from")
    if not plan.covers:
        yield Fault("covers", "missing", remedy="name_cost_categories")
    yield day_fault("valid_from", plan.valid_from)
    if plan.valid_to is not None and plan.valid_to < plan.valid_from:
        yield _ends_early(plan.valid_from, plan.valid_to)
    if plan.instrument and plan.instrument not in {one.slug for one in instruments_of(session, partnership.id)}:
        yield Fault("instrument", "no_instrument", remedy="name_one_catalogue", instrument=plan.instrument)
    if plan.kind is OptionKind.FLAT_RATE:
        yield from _rate_faults(plan)
    else:
        for name, given in (("percent", plan.percent), ("base", plan.base or None)):
            if given is not None:
                yield Fault(name, "only_of_a_flat_rate", remedy="leave_it_out")
        if plan.amount is None:
            yield Fault("amount", "missing", remedy="amounts_over_zero")
        else:
            yield amount_fault("amount", plan.amount)
        if plan.kind is OptionKind.UNIT_COST and not plan.unit.strip():
            yield Fault("unit", "missing", remedy="say_what_is_counted")
    yield from _bound_faults(plan)


def _rate_faults(plan: OptionPlan) -> Iterator[Fault]:
    if plan.percent is None or not 0 < plan.percent <= 100:
        yield Fault("percent", "percent_out_of_range", remedy="percentage", percent=str(plan.percent))
    if not plan.base:
        yield Fault("base", "missing", remedy="name_cost_categories")
    if both := sorted(set(plan.base) & set(plan.covers)):
        yield Fault("base", "base_of_itself", remedy="leave_covered_out", categories=tuple(both))
    if plan.amount is not None:
        yield Fault("amount", "not_of_a_flat_rate", remedy="leave_it_out")


def _bound_faults(plan: OptionPlan) -> Iterator[Fault]:
    """Find where an option goes beyond the one of a regulation that it is under."""
    if not plan.under:
        return
    above = shipped_options().get(plan.under)
    if above is None:
        yield Fault("under", "no_option", remedy="one_of", option=plan.under, known=tuple(shipped_options()))
        return
    if plan.percent is not None and above.percent is not None and plan.percent > above.percent:
        yield Fault(
            "percent", "more_than_article_allows", remedy="at_most_percent", most=above.percent, article=above.article
        )
    if far := sorted(set(plan.base) - set(above.base)):
        yield Fault(
            "base", "base_beyond_article", remedy="leave_covered_out", categories=tuple(far), article=above.article
        )
    if far := sorted(set(plan.covers) - set(above.covers)):
        yield Fault(
            "covers", "covers_beyond_article", remedy="leave_covered_out", categories=tuple(far), article=above.article
        )
    if plan.valid_from < above.valid_from or (
        above.valid_to is not None and (plan.valid_to is None or plan.valid_to > above.valid_to)
    ):
        yield Fault("valid_to", "outside_validity_of_article", remedy="keep_within_days", article=above.article)
