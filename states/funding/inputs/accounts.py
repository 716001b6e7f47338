"""Accounts of organisations by year, and who holds whom: from them follow size, difficulty, single undertaking."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from decimal import Decimal

from sqlmodel import Session, col, select

from states.clock import today
from states.errors import Fault, Invalid
from states.funding.amount_faults import amount_fault
from states.funding.case.vocabulary import Control
from states.funding.inputs.tables import Accounts, Ownership
from states.partners.organisations import headcount_fault, tell_of_change
from states.partners.tables import Organisation
from states.storage import bump_version

_FIRST_YEAR = 1990
_HUNDREDTH = Decimal("0.01")
# EUR that may be negative: a loss, or capital that losses have used up.
_NET = frozenset({"own_funds", "ebitda"})


class FiguresInvalid(Invalid):
    """The accounts or the holding cannot be kept so."""

    code = "figures_invalid"


@dataclass(frozen=True, slots=True)
class YearAccounts:
    """The approved accounts of one year, of the organisation alone: EUR, headcount in annual work units."""

    headcount: Decimal | None = None
    turnover: Decimal | None = None
    balance_sheet: Decimal | None = None
    subscribed_capital: Decimal | None = None
    own_funds: Decimal | None = None
    debt: Decimal | None = None
    ebitda: Decimal | None = None
    interest: Decimal | None = None


YEAR_FIGURES = ("year", *(one.name for one in fields(YearAccounts)))


@dataclass(frozen=True, slots=True)
class Holding:
    """What one organisation holds of another: percent of capital or votes, whichever is more, and control."""

    percent: Decimal = Decimal(0)
    control: Sequence[Control] = ()


def accounts_of(session: Session, organisation_id: str) -> list[Accounts]:
    """Return the accounts of an organisation, the oldest first."""
    query = select(Accounts).where(Accounts.organisation_id == organisation_id)
    return list(session.exec(query.order_by(col(Accounts.year))))


def accounts_in(session: Session, organisation_id: str, year: int) -> Accounts | None:
    """Return the accounts of an organisation for one year."""
    query = select(Accounts).where(Accounts.organisation_id == organisation_id, Accounts.year == year)
    return session.exec(query).one_or_none()


def holding_of(session: Session, holder_id: str, held_id: str) -> Ownership | None:
    """Return what one organisation holds of another."""
    query = select(Ownership).where(Ownership.holder_id == holder_id, Ownership.held_id == held_id)
    return session.exec(query).one_or_none()


def holdings_in(session: Session, organisation_id: str) -> list[tuple[Ownership, Organisation]]:
    """Return who holds a part of an organisation, by name."""
    query = (
        select(Ownership, Organisation)
        .join(Organisation, col(Organisation.id) == col(Ownership.holder_id))
        .where(Ownership.held_id == organisation_id)
    )
    return list(session.exec(query.order_by(col(Organisation.name), col(Organisation.id))))


def record_accounts(
    session: Session,
    organisation: Organisation,
    year: int,
    figures: YearAccounts,
    *,
    expected_version: int | None = None,
) -> Accounts:
    """Record the accounts of a year, or put them in the place of those recorded; raise `FiguresInvalid`."""
    if faults := [fault for fault in _accounts_faults(year, figures) if fault is not None]:
        raise FiguresInvalid(faults=faults)
    row = accounts_in(session, organisation.id, year)
    if row is None:
        row = Accounts(organisation_id=organisation.id, year=year)
    else:
        bump_version(session, row, expected=expected_version)
    for name, value in asdict(figures).items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    tell_of_change(session, organisation.id)
    return row


def record_holding(
    session: Session,
    holder: Organisation,
    held: Organisation,
    holding: Holding,
    *,
    expected_version: int | None = None,
) -> Ownership:
    """Record that one organisation holds a part of another, or what it holds now; raise `FiguresInvalid`."""
    if faults := list(_holding_faults(holder, held, holding)):
        raise FiguresInvalid(faults=faults)
    row = holding_of(session, holder.id, held.id)
    if row is None:
        row = Ownership(holder_id=holder.id, held_id=held.id)
    else:
        bump_version(session, row, expected=expected_version)
    row.percent, row.control = holding.percent, sorted({one.value for one in holding.control})
    session.add(row)
    session.flush()
    tell_of_change(session, held.id)
    return row


def end_holding(session: Session, row: Ownership, *, expected_version: int | None = None) -> None:
    """Take a holding out: it has ended, or never was."""
    bump_version(session, row, expected=expected_version)
    session.delete(row)
    session.flush()
    for key in (row.holder_id, row.held_id):  # nothing leads from one to the other any more
        tell_of_change(session, key)


def _accounts_faults(year: int, figures: YearAccounts) -> Iterator[Fault | None]:
    if not _FIRST_YEAR <= year <= today().year:
        yield Fault("year", "no_approved_accounts", remedy="from_to", year=year, first=_FIRST_YEAR, last=today().year)
    given = {name: value for name, value in asdict(figures).items() if value is not None}
    if not given:
        yield Fault("accounts", "say_nothing", remedy="give_at_least_one_figure")
    yield headcount_fault(given.pop("headcount", None))
    for name, amount in given.items():
        yield amount_fault(name, abs(amount) if name in _NET else amount, zero=True)


def _holding_faults(holder: Organisation, held: Organisation, holding: Holding) -> Iterator[Fault]:
    if holder.id == held.id:
        yield Fault("holder", "cannot_hold_itself", remedy="name_another_organisation", slug=held.slug)
    percent = holding.percent
    if not (percent.is_finite() and 0 <= percent <= 100 and percent == percent.quantize(_HUNDREDTH)):
        yield Fault("percent", "percent_out_of_range", remedy="percentage", percent=percent)
    elif not percent and not holding.control:
        yield Fault("percent", "says_nothing", remedy="give_percent_held_or_how_controlled")
