"""Add regions to a partnership, and change what is known of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from states.errors import Fault
from states.partners.queries import regions_of
from states.partners.registry_faults import blank, code_fault, refuse, slug_fault
from states.partners.tables import Partnership, Region
from states.places import nuts
from states.storage import bump_version


@dataclass(frozen=True, slots=True)
class RegionPlan:
    """What is known of a region: NUTS 2024 codes in one country, and the first and last day in the partnership."""

    slug: str
    name: str
    codes: Sequence[str]
    leading: bool = False
    valid_from: date | None = None
    valid_until: date | None = None


def add_region(
    session: Session,
    partnership: Partnership,
    *,
    slug: str,
    name: str,
    codes: Sequence[str],
    leading: bool = False,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Region:
    """Add a region as a named set of NUTS codes in one country; raise `RegistryInvalid` with every fault.

    A code that another region of the partnership has already is a fault: a site lies in one region.
    """
    present = regions_of(session, partnership.id)
    refuse(
        slug_fault(slug, taken=slug in {region.slug for region in present}),
        *region_faults(name=name, codes=codes, valid_from=valid_from, valid_until=valid_until, others=present),
    )
    kept = [nuts.canonical(code) for code in codes]
    row = Region(
        partnership_id=partnership.id,
        slug=slug,
        name=name.strip(),
        country=nuts.country(kept[0]),
        codes=list(dict.fromkeys(kept)),
        leading=leading,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    session.add(row)
    session.flush()
    return row


def edit_region(session: Session, row: Region, plan: RegionPlan, *, expected_version: int | None = None) -> Region:
    """Put another plan in the place of the present one; raise `RegistryInvalid` with every fault, or `Stale`.

    A region that takes part no more has a last day; its history, and what its authority said, stay.
    """
    others = [region for region in regions_of(session, row.partnership_id) if region.id != row.id]
    refuse(
        slug_fault(plan.slug, taken=plan.slug in {region.slug for region in others}),
        *region_faults(
            name=plan.name,
            codes=plan.codes,
            valid_from=plan.valid_from,
            valid_until=plan.valid_until,
            others=others,
        ),
    )
    bump_version(session, row, expected=expected_version)
    row.slug, row.name, row.leading = plan.slug, plan.name.strip(), plan.leading
    row.codes = list(dict.fromkeys(nuts.canonical(code) for code in plan.codes))
    row.country = nuts.country(row.codes[0])
    row.valid_from, row.valid_until = plan.valid_from, plan.valid_until
    session.flush()
    return row


def region_plan_of(row: Region) -> RegionPlan:
    """Return what is known of a region, to change some of it with `dataclasses.replace`."""
    return RegionPlan(row.slug, row.name, row.codes, row.leading, row.valid_from, row.valid_until)


def _held_elsewhere(kept: dict[str, str], regions: Sequence[Region]) -> list[Fault]:
    holder = {code: region.slug for region in regions for code in region.codes}
    return [
        Fault(place, "belongs_already", remedy="leave_it_out", code=code, region=holder[code])
        for place, code in kept.items()
        if code in holder
    ]


def region_faults(
    *,
    name: str,
    codes: Sequence[str],
    valid_from: date | None,
    valid_until: date | None,
    others: Sequence[Region],
) -> list[Fault]:
    """Return every fault of a region beside the others of its partnership; its short name is not looked at."""
    places = {f"codes[{number}]": code for number, code in enumerate(codes, start=1)}
    code_faults = {place: fault for place, code in places.items() if (fault := code_fault(place, code))}
    kept = {place: nuts.canonical(code) for place, code in places.items() if place not in code_faults}
    countries = sorted({nuts.country(code) for code in kept.values()})
    found = [
        blank("name", name),
        *code_faults.values(),
        *_held_elsewhere(kept, others),
        None if codes else Fault("codes", "region_without_code", remedy="give_at_least_one_code_nuts_2024"),
        Fault("codes", "they_lie_in", remedy="one_region_for_each", countries=tuple(countries))
        if len(countries) > 1
        else None,
        Fault("valid_until", "before_valid_from", remedy="mend_one_of_them")
        if valid_from and valid_until and valid_until < valid_from
        else None,
    ]
    return [fault for fault in found if fault is not None]
