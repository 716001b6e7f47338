"""Rates of a month: brought in, never replaced but superseded, and found for the month of a rule."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from states.clock import today
from states.collaborations.tables import Collaboration
from states.errors import Fault, Invalid
from states.funding.awards.queries import agreements_of, submissions_of
from states.funding.money.tables import ExchangeRate, MoneyTerms, RateRule
from states.partners.tables import Partnership

INFOREURO = "InforEuro"
MOST_DECIMALS = 10
_LARGEST = Decimal(10) ** 12


class RatesInvalid(Invalid):
    """The rates cannot be brought in so."""

    code = "rates_invalid"


@dataclass(frozen=True, slots=True)
class Published:
    """A rate as somebody publishes it: units of the currency for EUR 1 in a month (its first day), and its place."""

    currency: str
    month: date
    rate: Decimal
    place: str


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rates were new, superseded an earlier one, or were there already."""

    added: int
    superseded: int
    unchanged: int


def first_of(day: date) -> date:
    """Return the first day of the month of a day."""
    return day.replace(day=1)


def rate_fault(place: str, rate: Decimal) -> Fault | None:
    """Return what is wrong with a rate, if anything is."""
    exponent = rate.as_tuple().exponent
    fine = rate.is_finite() and 0 < rate < _LARGEST and isinstance(exponent, int) and -exponent <= MOST_DECIMALS
    return None if fine else Fault(place, "rate_out_of_range", remedy="units_for_one_euro", rate=str(rate))


def import_rates(session: Session, partnership: Partnership, rates: Sequence[Published], *, source: str) -> Imported:
    """Keep published rates; one that differs from what is kept supersedes it. Raise `RatesInvalid` with every fault."""
    if faults := list(_faults(rates, source)):
        raise RatesInvalid(faults=faults)
    session.refresh(partnership, with_for_update=True)
    known = {(one.currency, one.month): one for one in holding(session, partnership.id)}
    added = superseded = 0
    wanted = {(one.currency, one.month): one for one in rates}
    for key, one in wanted.items():
        before = known.get(key)
        if before is not None and before.rate == one.rate:
            continue
        added, superseded = (added, superseded + 1) if before else (added + 1, superseded)
        session.add(
            ExchangeRate(
                partnership_id=partnership.id,
                currency=one.currency,
                month=one.month,
                edition=before.edition + 1 if before else 1,
                rate=one.rate,
                source=source,
            )
        )
    session.flush()
    return Imported(added, superseded, len(wanted) - added - superseded)


def _faults(rates: Sequence[Published], source: str) -> Iterable[Fault]:
    if not rates:
        yield Fault("file", "no_rates", remedy="give_published_rates")
    if not source.strip():
        yield Fault("source", "missing", remedy="say_who_publishes_them")
    seen: dict[tuple[str, date], Published] = {}
    for one in rates:
        if fault := rate_fault(one.place, one.rate):
            yield fault
        first = seen.setdefault((one.currency, one.month), one)
        if first.rate != one.rate:
            yield Fault(
                one.place,
                "rate_said_twice",
                remedy="leave_one_of_them",
                currency=one.currency,
                rate=str(first.rate),
                other=first.place,
            )


def editions_of(
    session: Session, partnership_id: str, *, currency: str | None = None, month: date | None = None
) -> list[ExchangeRate]:
    """Return the rates of a partnership by currency, the newest month and its last edition first."""
    query = select(ExchangeRate).where(ExchangeRate.partnership_id == partnership_id)
    if currency is not None:
        query = query.where(ExchangeRate.currency == currency)
    if month is not None:
        query = query.where(ExchangeRate.month == month)
    ordered = query.order_by(
        col(ExchangeRate.currency), col(ExchangeRate.month).desc(), col(ExchangeRate.edition).desc()
    )
    return list(session.exec(ordered))


def holding(
    session: Session, partnership_id: str, *, currency: str | None = None, month: date | None = None
) -> list[ExchangeRate]:
    """Return the same without those that were superseded."""
    last: dict[tuple[str, date], ExchangeRate] = {}
    for one in editions_of(session, partnership_id, currency=currency, month=month):
        last.setdefault((one.currency, one.month), one)
    return list(last.values())


def rate_in(session: Session, partnership_id: str, currency: str, month: date) -> ExchangeRate | None:
    """Return the rate of a currency that holds in a month."""
    return next(iter(holding(session, partnership_id, currency=currency, month=month)), None)


def terms_of(session: Session, partnership_id: str) -> MoneyTerms:
    """Return what a partnership has ruled; before it ruled anything, the month of entry at version 0."""
    found = session.exec(select(MoneyTerms).where(MoneyTerms.partnership_id == partnership_id)).one_or_none()
    return found or MoneyTerms(partnership_id=partnership_id, version=0)


def month_for(session: Session, collaboration: Collaboration) -> date:
    """Return the first day of the month whose rates the partnership's rule takes for a collaboration today."""
    days: list[date] = []
    match terms_of(session, collaboration.partnership_id).rate_rule:
        case RateRule.SUBMISSION:
            days = [one.submitted_on for one in submissions_of(session, collaboration.id)]
        case RateRule.AWARD:
            agreements = agreements_of(session, collaboration.id)
            days = [one.agreed_on for one in agreements if one.agreed_on is not None]
        case RateRule.ENTRY:
            pass
    return first_of(min(days, default=today()))
