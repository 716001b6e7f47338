"""Register organisations and change what is known of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from sqlmodel import Session, col, select

from states.errors import Fault
from states.outbox.service import publish
from states.partners.autonomous_size import size_class
from states.partners.identity import (
    read_domains,
    read_nace,
    read_pic,
    read_registration_number,
    read_vat_number,
)
from states.partners.registry_faults import blank, code_fault, refuse, slug_fault
from states.partners.tables import Membership, MembershipPart, Organisation, OrganisationKind, Partnership
from states.places import nuts
from states.storage import bump_version, fits_cents

_MOST_WORKERS, _HUNDREDTH = Decimal("9999999.99"), Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of an organisation: its site (NUTS 2024) with the country (ISO alpha-2) and its yearly figures.

    Headcount in annual work units, turnover and balance sheet in EUR; None where a figure was not given. Numbers of
    registers are as `states.partners.identity` reads them, domains those of its e-mail addresses.
    """

    name: str
    kind: OrganisationKind
    country: str
    nuts: str
    headcount: Decimal | int | None = None
    turnover: Decimal | None = None
    balance_sheet: Decimal | None = None
    illustrative: bool = False
    legal_name: str = ""
    legal_form: str = ""
    address: str = ""
    registration_number: str = ""
    vat_number: str = ""
    pic: str = ""
    nace: str = ""
    domains: Sequence[str] = ()


def register_organisation(
    session: Session,
    partnership: Partnership,
    profile: Profile,
    *,
    slug: str,
    part: MembershipPart = MembershipPart.MEMBER,
) -> Organisation:
    """Register an organisation and make it a member; raise `RegistryInvalid` with every fault."""
    refuse(slug_fault(slug, taken=_is_taken(session, slug)), *profile_faults(profile))
    row = Organisation(slug=slug, name=profile.name, kind=profile.kind, country=profile.country, nuts=profile.nuts)
    write_profile(row, profile)
    session.add(row)
    session.flush()
    session.add(Membership(partnership_id=partnership.id, organisation_id=row.id, part=part))
    session.flush()
    return row


def edit_organisation(
    session: Session,
    row: Organisation,
    profile: Profile,
    *,
    slug: str | None = None,
    expected_version: int | None = None,
) -> Organisation:
    """Put another profile in the place of the present one, under another short name where one is given.

    Raises `RegistryInvalid` with every fault, or `Stale`.
    """
    taken = slug not in (None, row.slug) and _is_taken(session, slug or "")
    refuse(slug_fault(slug, taken=taken) if slug is not None else None, *profile_faults(profile))
    bump_version(session, row, expected=expected_version)
    before = _asked_by_rules(row)
    row.slug = slug or row.slug
    write_profile(row, profile)
    session.flush()
    if _asked_by_rules(row) != before:
        tell_of_change(session, row.id)
    return row


def _is_taken(session: Session, slug: str) -> bool:
    return session.exec(select(Organisation.id).where(Organisation.slug == slug)).first() is not None


def tell_of_change(session: Session, organisation_id: str) -> None:
    """Tell that what rules of law ask of an organisation has changed, in each partnership that it belongs to."""
    query = select(Membership.partnership_id).where(Membership.organisation_id == organisation_id)
    for key in session.exec(query.order_by(col(Membership.partnership_id))):
        publish(session, "organisation.changed", partnership_id=key, organisation=organisation_id)


def _asked_by_rules(row: Organisation) -> tuple[str, ...]:
    return row.kind, row.country, row.nuts, row.size_class


def profile_of(row: Organisation) -> Profile:
    """Return what is known of an organisation, to change some of it with `dataclasses.replace`."""
    return Profile(
        name=row.name,
        kind=row.kind,
        country=row.country,
        nuts=row.nuts,
        headcount=row.headcount,
        turnover=row.turnover,
        balance_sheet=row.balance_sheet,
        illustrative=row.illustrative,
        legal_name=row.legal_name,
        legal_form=row.legal_form,
        address=row.address,
        registration_number=row.registration_number,
        vat_number=row.vat_number,
        pic=row.pic,
        nace=row.nace,
        domains=tuple(row.domains),
    )


def write_profile(row: Organisation, profile: Profile) -> None:
    """Put a profile without faults into the row; its size class follows."""
    row.name, row.kind, row.illustrative = profile.name.strip(), profile.kind, profile.illustrative
    row.country, row.nuts = nuts.iso_country(profile.country), nuts.unit(profile.nuts).code
    row.headcount = None if profile.headcount is None else Decimal(profile.headcount)
    row.turnover, row.balance_sheet = profile.turnover, profile.balance_sheet
    row.legal_name, row.legal_form, row.address = (
        text.strip() for text in (profile.legal_name, profile.legal_form, profile.address)
    )
    for name, read in _numbers(profile).items():
        setattr(row, name, read)
    row.domains = read_domains("domains", profile.domains)[0]
    row.size_class = size_class(
        headcount=profile.headcount, turnover=profile.turnover, balance_sheet=profile.balance_sheet
    )


def profile_faults(profile: Profile) -> list[Fault]:
    """Return every fault of what is said of an organisation."""
    found = [
        blank("name", profile.name),
        code_fault("nuts", profile.nuts) or _country_fault(profile),
        headcount_fault(profile.headcount),
        _amount_fault("turnover", profile.turnover),
        _amount_fault("balance_sheet", profile.balance_sheet),
        *(read for read in _numbers(profile).values() if isinstance(read, Fault)),
        *read_domains("domains", profile.domains)[1],
    ]
    return [fault for fault in found if fault is not None]


def _numbers(profile: Profile) -> dict[str, str | Fault]:
    """Return the numbers that were given, as they are kept, or what is wrong with each."""
    readers: dict[str, Callable[..., str | Fault]] = {
        "registration_number": partial(read_registration_number, country=nuts.iso_country(profile.country)),
        "vat_number": partial(read_vat_number, country=nuts.iso_country(profile.country)),
        "pic": read_pic,
        "nace": read_nace,
    }
    given = {name: str(getattr(profile, name)).strip() for name in readers}
    return {name: read(name, given[name]) if given[name] else "" for name, read in readers.items()}


def _negative(place: str, figure: Decimal) -> Fault:
    return Fault(place, "number_negative", remedy="give_0_or_more_or_leave_out", number=figure)


def _amount_fault(place: str, amount: Decimal | None) -> Fault | None:
    if amount is None:
        return None
    if amount < 0:
        return _negative(place, amount)
    return None if fits_cents(amount) else Fault(place, "amount_unfit", remedy="two_decimals", amount=amount)


def headcount_fault(workers: Decimal | int | None) -> Fault | None:
    """Return what is wrong with a number of annual work units, if anything is."""
    if workers is None or (0 <= workers <= _MOST_WORKERS and workers == Decimal(workers).quantize(_HUNDREDTH)):
        return None
    return Fault("headcount", "workers_out_of_range", remedy="annual_work_units_0_or_more_at", workers=workers)


def _country_fault(profile: Profile) -> Fault | None:
    country = nuts.country(profile.nuts)
    if country == nuts.iso_country(profile.country):
        return None
    return Fault(
        "country",
        "lies_elsewhere",
        remedy="mend_one_of_them",
        code=profile.nuts,
        lies_in=country,
        given=profile.country,
    )
