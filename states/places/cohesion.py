"""Which cohesion category a region has on a day: the law speaks of NUTS 2 regions and of a funding period."""

from collections import ChainMap, Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from states.errors import Fault, Invalid
from states.places import nuts
from states.places.region_names import NutsCode
from states.shapes import shape_fault


class Category(StrEnum):
    """GDP a head below 75 %, up to 100 %, and above 100 % of the Union's average (Reg. 2021/1060, Article 108)."""

    LESS_DEVELOPED = "less_developed"
    TRANSITION = "transition"
    MORE_DEVELOPED = "more_developed"


class CohesionDataInvalid(Invalid):
    """The table of categories contradicts itself."""

    code = "cohesion_data_invalid"


@dataclass(frozen=True, slots=True)
class Classification:
    """A NUTS 2 region's category, the law it stands in, where that was read, and whether it was verified."""

    nuts2: str
    category: Category
    law: str
    source: str
    verified: bool


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Lists(_Data):
    less_developed: tuple[NutsCode, ...] = ()
    transition: tuple[NutsCode, ...] = ()
    more_developed: tuple[NutsCode, ...] = ()

    def items(self) -> Iterator[tuple[str, Category]]:
        return ((code, category) for category in Category for code in getattr(self, category.value))


class _Sourced(_Lists):
    source: str
    seen: date


class _Unverified(_Lists):
    source: str


class _Period(_Data):
    begins: Annotated[date, Field(alias="from")]
    until: date
    law: str
    edition: str
    verified: tuple[_Sourced, ...]
    unverified: tuple[_Unverified, ...]

    def classifications(self) -> Iterator[Classification]:
        for read in self.verified:
            for code, category in read.items():
                yield Classification(code, category, self.law, read.source, verified=True)
        for known in self.unverified:
            for code, category in known.items():
                yield Classification(code, category, self.law, known.source, verified=False)


class _File(_Data):
    periods: tuple[_Period, ...]
    outermost: frozenset[NutsCode]


@dataclass(frozen=True, slots=True)
class CohesionTable:
    """Classifications by NUTS 2 code for each period with its first and last day; the outermost regions."""

    periods: tuple[tuple[date, date, dict[str, Classification]], ...]
    outermost: frozenset[str]


def classification(code: str, *, on: date, own: CohesionTable | None = None) -> Classification | None:
    """Give the classification of the NUTS 2 region in which a site (NUTS 2024, any level) lies on a day.

    None where the day lies in no period, where the region is not in the table (outside the Union, or not known
    surely enough), and where a wider unit holds regions of more than one category. A table of one's `own` goes before
    the one that is shipped, region by region.
    """
    periods = (*(own.periods if own else ()), *cohesion_table().periods)
    found = ChainMap(*(table for begins, until, table in periods if begins <= on <= until))
    rows = [found.get(nuts2) for nuts2 in nuts.nuts2_of([code])]
    if None in rows or len({row.category for row in rows if row is not None}) != 1:
        return None
    return min((row for row in rows if row is not None), key=lambda row: row.verified)


def category(code: str, *, on: date, own: CohesionTable | None = None) -> Category | None:
    """Give the cohesion category at a site on a day, or None where it is not known; see `classification`."""
    found = classification(code, on=on, own=own)
    return found.category if found else None


def is_outermost(code: str, *, own: CohesionTable | None = None) -> bool:
    """Say whether a site lies in an outermost region (Article 349 of the Treaty)."""
    known = cohesion_table().outermost | (own.outermost if own else frozenset())
    return set(nuts.nuts2_of([code])) <= known


@cache
def cohesion_table() -> CohesionTable:
    """Load the table that is shipped; raise `CohesionDataInvalid` with every fault."""
    return read_cohesion(files("states.places").joinpath("cohesion.yaml").read_text(encoding="utf-8"))


def read_cohesion(text: str) -> CohesionTable:
    """Read a table from YAML; raise `CohesionDataInvalid` with every fault and its place."""
    try:
        read = _File.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        raise CohesionDataInvalid(faults=[shape_fault(one, remedy="mend_entry") for one in error.errors()]) from None
    if faults := list(_faults(read)):
        raise CohesionDataInvalid(faults=faults)
    periods = tuple(
        (one.begins, one.until, {row.nuts2: row for row in one.classifications()})
        for one in sorted(read.periods, key=lambda one: one.begins)
    )
    return CohesionTable(periods, read.outermost)


def _faults(read: _File) -> Iterator[Fault]:
    for number, period in enumerate(read.periods):
        place = f"periods.{number}"
        codes = Counter(row.nuts2 for row in period.classifications())
        for code, times in codes.items():
            if times > 1:
                yield Fault(f"{place}.{code}", "repeated", remedy="one_region_has_one_category", times=times)
            if (unit := nuts.units().get(code)) is None or unit.level != 2:
                yield Fault(f"{place}.{code}", "no_level_2_code", remedy="give_present_code")
        for later in read.periods[number + 1 :]:
            if period.begins <= later.until and later.begins <= period.until:
                yield Fault(place, "overlaps_another_period", remedy="end_one_before_other_begins")
    for code in sorted(read.outermost - set(nuts.units())):
        yield Fault(f"outermost.{code}", "no_nuts_code", remedy="give_present_code")
