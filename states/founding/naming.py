"""From what people say to what is kept: short names from names, and regions from codes or names."""

from collections.abc import Sequence
from itertools import chain, count

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import Session, select

from states.errors import Fault
from states.partners.regions import RegionPlan
from states.partners.registry_faults import RegistryInvalid, code_fault
from states.places import nuts
from states.places.name_folding import fold, spelt_out
from states.places.region_reader import read_regions

_LONG = 72  # letters; what a number may be added to


def short_name(name: str) -> str:
    """Return the short name that a name suggests: `Bäuerliche Böden, e.V.` is baeuerliche-boeden-e-v."""
    return fold(spelt_out(name)).replace(" ", "-")


def free_name(session: Session, taken: Mapped[str], name: str, *where: ColumnElement[bool]) -> str:
    """Return the short name that a name suggests, with a number behind it where one of `taken` is called so already."""
    suggested = short_name(name)[:_LONG].strip("-") or "new"
    alike = select(taken).where(taken.startswith(suggested, autoescape=True), *where)
    others = set(session.exec(alike))
    return next(
        one for one in chain([suggested], (f"{suggested}-{number}" for number in count(2))) if one not in others
    )


def region_plan(
    written: Sequence[str], *, slug: str | None = None, name: str | None = None, leading: bool = False
) -> RegionPlan:
    """Return the plan of a region, written as codes of NUTS 2024 or as names; raise `RegistryInvalid` for what is none.

    Its name is that of the first code, and its short name follows from its name, where none is given.
    """
    codes: list[str] = []
    faults: list[Fault] = []
    for place, text in enumerate(written, start=1):
        fault = code_fault(f"codes[{place}]", text)
        if fault is None:
            codes.append(nuts.canonical(text))
            continue
        reading = read_regions(text)
        if reading.unread or not reading.read or any(one.guessed for one in reading.read):
            faults.append(fault)
        codes += [one.code for one in reading.read]
    if faults:
        raise RegistryInvalid(faults=faults)
    called = name or (nuts.unit(codes[0]).name if codes else "")
    return RegionPlan(slug or short_name(called), called, codes, leading)


def site_country(code: str) -> str:
    """Return the country of a site by ISO 3166-1, as far as its code tells."""
    return nuts.iso_country(code[:2])
