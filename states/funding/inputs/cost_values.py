"""What a cost line comes to in EUR, from what was stated: its currency, its VAT, or a simplified cost option."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from sqlmodel import Session

from states.clock import LAST_DAY, today
from states.collaborations.tables import Collaboration
from states.errors import Fault
from states.funding.amount_faults import FIRST_DAY, amount_fault, day_fault
from states.funding.case.vocabulary import CostCategory
from states.funding.inputs.tables import CostLine
from states.funding.money.currencies import EURO, currency_fault, smallest
from states.funding.money.options import Option, chosen_options, options_of
from states.funding.money.rates import month_for, rate_fault, rate_in
from states.funding.money.tables import OptionKind
from states.funding.money.vat import vat_status_of
from states.funding.money.worth import Amount, euro_of, in_euro, split_vat

_MOST_STATED = Decimal(10) ** 15
_MOST_UNITS = Decimal(10) ** 6
_HUNDREDTH = Decimal("0.01")


class Statement(Protocol):
    """A cost line as far as its EUR follow from it: a plan of one, or its row."""

    @property
    def organisation_id(self) -> str: ...
    @property
    def cost_category(self) -> CostCategory: ...
    @property
    def amount(self) -> Decimal | None: ...
    @property
    def starts_on(self) -> date | None: ...
    @property
    def currency(self) -> str: ...
    @property
    def stated(self) -> Decimal | None: ...
    @property
    def rate(self) -> Decimal | None: ...
    @property
    def rate_on(self) -> date | None: ...
    @property
    def rate_source(self) -> str: ...
    @property
    def own_rate(self) -> bool: ...
    @property
    def vat_percent(self) -> Decimal | None: ...
    @property
    def vat_included(self) -> bool: ...
    @property
    def vat_recoverable(self) -> bool | None: ...
    @property
    def in_kind(self) -> bool: ...
    @property
    def option(self) -> str: ...
    @property
    def percent(self) -> Decimal | None: ...
    @property
    def units(self) -> Decimal | None: ...


@dataclass(slots=True)
class Valued:
    """The EUR that are eligible, by which rate; None where they are computed later, or a fault keeps them from it."""

    amount: Decimal | None = None
    stated: Decimal | None = None
    rate: Decimal | None = None
    rate_on: date | None = None
    rate_source: str = ""
    faults: list[Fault] = field(default_factory=list)


def value(session: Session, collaboration: Collaboration, plan: Statement, *, row: CostLine | None = None) -> Valued:
    """Return what a plan comes to; `row` is the line that it changes, whose rate stays while its currency does."""
    found = Valued()
    if plan.option:
        found.faults += _simplified(session, collaboration, plan, row, found)
        return found
    found.faults += [Fault(name, "only_simplified", remedy="name_option_or_leave_out") for name in _of_options(plan)]
    stated = plan.stated
    if stated is None and plan.currency == EURO:
        if plan.vat_percent is None and not plan.vat_included and plan.vat_recoverable is None and not plan.own_rate:
            found.amount = plan.amount
            found.faults += [one for one in (_plain_fault(plan),) if one is not None]
            return found
        stated = plan.amount
    found.stated = stated
    found.faults += [one for one in _stated_faults(plan, stated) if one is not None]
    if found.faults or stated is None:
        return found
    _rate(session, collaboration, plan, row, found)
    recoverable = recovers(session, plan)
    if plan.vat_percent is not None and recoverable is None:
        found.faults.append(Fault("vat_recoverable", "vat_recovery_unknown", remedy="say_for_line_or_organisation"))
    if not found.faults:
        parts = split_vat(stated, plan.currency, percent=plan.vat_percent, included=plan.vat_included)
        found.amount = in_euro(parts.net if recoverable else parts.gross, plan.currency, found.rate)
        if (fault := amount_fault("amount", found.amount)) is not None:
            found.faults.append(fault)
        elif plan.amount not in (None, found.amount, row.amount if row else None, None if plan.stated else stated):
            found.faults.append(_computed(plan, found.amount))
    return found


def recovers(session: Session, plan: Statement) -> bool | None:
    """Tell whether the VAT of a line comes back: as the line says, else as its organisation's status; None: unknown."""
    if plan.vat_recoverable is not None:
        return plan.vat_recoverable
    status = vat_status_of(session, plan.organisation_id)
    return status.recovers if status else None


def parts_of(row: CostLine) -> Amount | None:
    """Return net, VAT and gross of a line in EUR; None where nothing is said of VAT."""
    if row.stated is None or row.vat_percent is None:
        return None
    parts = split_vat(row.stated, row.currency, percent=row.vat_percent, included=row.vat_included)
    return euro_of(parts, row.currency, row.rate)


def _plain_fault(plan: Statement) -> Fault | None:
    if plan.amount is None:
        return Fault("amount", "missing", remedy="amounts_over_zero")
    return amount_fault("amount", plan.amount)


def _of_options(plan: Statement) -> Iterator[str]:
    yield from (name for name in ("percent", "units") if getattr(plan, name) is not None)


def _computed(plan: Statement, amount: Decimal) -> Fault:
    return Fault(
        "amount", "amount_is_computed", remedy="change_what_was_stated", given=plan.amount or Decimal(0), amount=amount
    )


def _stated_faults(plan: Statement, stated: Decimal | None) -> Iterator[Fault | None]:
    yield currency_fault("currency", plan.currency)
    if stated is None:
        yield Fault("stated", "missing", remedy="give_amount_in_currency", currency=plan.currency)
    elif not (stated.is_finite() and 0 < stated < _MOST_STATED):
        yield Fault("stated", "amount_out_of_range", remedy="amounts_over_zero", amount=str(stated))
    elif currency_fault("", plan.currency) is None and stated % smallest(plan.currency):
        unit = str(smallest(plan.currency))
        yield Fault("stated", "finer_than_currency", remedy="give_multiple_of", currency=plan.currency, unit=unit)
    if plan.vat_percent is not None and not _is_percent(plan.vat_percent):
        yield Fault("vat_percent", "percent_out_of_range", remedy="percentage", percent=str(plan.vat_percent))
    if plan.vat_percent is None and (plan.vat_included or plan.vat_recoverable is not None):
        yield Fault("vat_percent", "missing", remedy="give_vat_percent")


def _is_percent(percent: Decimal) -> bool:
    return percent.is_finite() and 0 <= percent <= 100 and not percent % _HUNDREDTH


def _rate(session: Session, collaboration: Collaboration, plan: Statement, row: CostLine | None, found: Valued) -> None:
    """Find the rate: somebody's own, the one that the line has, or the one of the month that the rule says."""
    if plan.currency == EURO:
        if plan.own_rate:
            found.faults.append(Fault("rate", "euro_has_no_rate", remedy="leave_it_out"))
        return
    if plan.own_rate:
        found.rate, found.rate_on, found.rate_source = plan.rate, plan.rate_on, plan.rate_source.strip()
        found.faults += _own_rate_faults(plan)
    elif row is not None and row.currency == plan.currency and plan.rate is not None and not row.own_rate:
        found.rate, found.rate_on, found.rate_source = plan.rate, plan.rate_on, plan.rate_source
    else:
        month = month_for(session, collaboration)
        known = rate_in(session, collaboration.partnership_id, plan.currency, month)
        if known is None:
            said = f"{month:%Y-%m}"
            fault = Fault(
                "currency", "no_rate_of_month", remedy="import_rates_or_give_own", currency=plan.currency, month=said
            )
            found.faults.append(fault)
        else:
            found.rate, found.rate_on, found.rate_source = known.rate, known.month, known.source


def _own_rate_faults(plan: Statement) -> Iterator[Fault]:
    if plan.rate is None:
        yield Fault("rate", "missing", remedy="units_for_one_euro")
    elif fault := rate_fault("rate", plan.rate):
        yield fault
    if plan.rate_on is None:
        yield Fault("rate_on", "missing", remedy="from_to", first=FIRST_DAY, last=LAST_DAY)
    elif fault := day_fault("rate_on", plan.rate_on):
        yield fault
    if not plan.rate_source.strip():
        yield Fault("rate_source", "missing", remedy="say_where_from")


def _simplified(
    session: Session, collaboration: Collaboration, plan: Statement, row: CostLine | None, found: Valued
) -> Iterator[Fault]:
    """Yield what is wrong with a line by an option; its flat rate is computed when all lines are known."""
    known = chosen_options(session, collaboration.partnership_id)
    if row is not None and row.option == plan.option:  # what was chosen once may go on
        known = options_of(session, collaboration.partnership_id)
    option = known.get(plan.option)
    if option is None:
        yield Fault("option", "no_option", remedy="one_of", option=plan.option, known=tuple(known))
        return
    if plan.stated is not None or plan.currency != EURO:
        yield Fault("stated", "simplified_in_euro", remedy="leave_it_out")
    if plan.vat_percent is not None:
        yield Fault("vat_percent", "simplified_in_euro", remedy="leave_it_out")
    if plan.in_kind:
        yield Fault("in_kind", "simplified_not_in_kind", remedy="leave_it_out")
    if plan.cost_category not in option.covers:
        yield Fault(
            "cost_category",
            "category_not_covered",
            remedy="one_of",
            option=option.id,
            article=option.article,
            known=tuple(option.covers),
        )
    day = plan.starts_on or today()
    if not option.holds(day) and (row is None or (row.option, row.starts_on) != (plan.option, plan.starts_on)):
        yield Fault("option", "option_not_valid", remedy="take_one_that_holds", option=option.id, day=day)
    yield from _measure_faults(plan, option)
    match option.kind:
        case OptionKind.UNIT_COST if plan.units is not None and option.amount is not None:
            found.amount = int(Fraction(plan.units) * Fraction(option.amount) * 100) * _HUNDREDTH
        case OptionKind.LUMP_SUM:
            found.amount = option.amount
    if found.amount is not None:
        if (fault := amount_fault("amount", found.amount)) is not None:
            yield fault
        if plan.amount not in (None, found.amount, row.amount if row else None):
            yield _computed(plan, found.amount)
    elif option.kind is OptionKind.FLAT_RATE and plan.amount not in (None, row.amount if row else None):
        yield Fault("amount", "amount_is_of_flat_rate", remedy="change_base_or_percent", option=option.id)


def _measure_faults(plan: Statement, option: Option) -> Iterator[Fault]:
    if option.kind is OptionKind.FLAT_RATE:
        if plan.units is not None:
            yield Fault("units", "only_of_a_unit_cost", remedy="leave_it_out")
        if plan.percent is not None and not (_is_percent(plan.percent) and 0 < plan.percent <= (option.percent or 0)):
            yield Fault(
                "percent",
                "more_than_article_allows",
                remedy="at_most_percent",
                most=option.percent or Decimal(0),
                article=option.article,
            )
        return
    if plan.percent is not None:
        yield Fault("percent", "only_of_a_flat_rate", remedy="leave_it_out")
    if option.kind is OptionKind.UNIT_COST:
        fine = plan.units is not None and plan.units.is_finite() and 0 < plan.units <= _MOST_UNITS
        if not fine or plan.units is None or plan.units % _HUNDREDTH:
            yield Fault("units", "units_out_of_range", remedy="units_over_zero", unit=option.unit)
    elif plan.units is not None:
        yield Fault("units", "only_of_a_unit_cost", remedy="leave_it_out")
