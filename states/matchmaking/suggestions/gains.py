"""What a partner would add: which minimums of a funding instrument a consortium meets, and meets with one more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from states.places import cohesion, nuts
from states.places.cohesion import Category

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True, slots=True)
class Minimums:
    """The least consortium that an instrument admits: numbers of entities, NUTS 2 regions and countries, categories.

    `categories` asks for at least one site in a region of one of them; with `outermost` an outermost region will do
    too. `source` says where the numbers were read, `verified` whether they were checked against the call. `besides` is
    what the instrument asks for and these numbers do not say, in words.
    """

    instrument: str
    title: str
    entities: int = 1
    regions: int = 1
    countries: int = 1
    categories: frozenset[Category] = frozenset()
    outermost: bool = False
    source: str = ""
    verified: bool = False
    besides: tuple[str, ...] = ()

    @property
    def caveats(self) -> tuple[str, ...]:
        """Say on what an answer from these numbers rests that nobody has verified."""
        return (*(() if self.verified else ("minimums not verified",)), *self.besides)


@dataclass(frozen=True, slots=True)
class Gain:
    """What one more partner brings towards an instrument: it opens it, or leaves `still` to be found.

    `caveats` name what this rests on and nobody has verified.
    """

    instrument: str
    title: str
    opens: bool
    adds: tuple[str, ...]
    still: tuple[str, ...]
    caveats: tuple[str, ...]

    def __str__(self) -> str:
        how = f"would open {self.title}" if self.opens else f"would bring {self.title} nearer"
        rest = "" if self.opens else f"; still missing: {', '.join(self.still)}"
        return f"{how}: {', '.join(self.adds)}{rest}" + (f" ({', '.join(self.caveats)})" if self.caveats else "")


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a thing there are and must be at least."""

    noun: str
    plural: str
    present: int
    least: int

    @property
    def lacking(self) -> int:
        """Say how many are missing."""
        return max(0, self.least - self.present)


def counts(minimums: Minimums, sites: Sequence[str]) -> tuple[Count, ...]:
    """Count entities, regions and countries at the sites (NUTS 2024, one for each entity) against the minimums."""
    return (
        Count("partner", "partners", len(sites), minimums.entities),
        Count("region", "regions", len({site[:4] for site in sites}), minimums.regions),
        Count("country", "countries", len({nuts.country(site) for site in sites}), minimums.countries),
    )


def has_category(minimums: Minimums, sites: Sequence[str], *, on: date) -> bool:
    """Say whether a site lies in a region as the instrument asks for; true where it asks for none."""
    return not minimums.categories or any(
        cohesion.category(site, on=on) in minimums.categories or (minimums.outermost and cohesion.is_outermost(site))
        for site in sites
    )


def wanted_category(minimums: Minimums) -> str:
    """Name the category of region that an instrument asks for."""
    names = [category.value.replace("_", " ") for category in Category if category in minimums.categories]
    return f"a {' or '.join([*names, *(['outermost'] if minimums.outermost else [])])} region"


def missing(minimums: Minimums, sites: Sequence[str], *, on: date) -> tuple[str, ...]:
    """Say all that the consortium at these sites lacks for an instrument, in words."""
    lacking = [
        f"{one.lacking} more {one.noun if one.lacking == 1 else one.plural}"
        for one in counts(minimums, sites)
        if one.lacking
    ]
    return (*lacking, *(() if has_category(minimums, sites, on=on) else (wanted_category(minimums),)))


def gain(minimums: Minimums, sites: Sequence[str], joining: str, *, on: date) -> Gain | None:
    """Say what a partner at a site brings to those present; None where it brings the instrument no nearer."""
    after = (*sites, joining)
    adds = [
        f"{_ordinal(new.present)} {new.noun}"
        for old, new in zip(counts(minimums, sites), counts(minimums, after), strict=True)
        if old.lacking > new.lacking
    ]
    caveats = [*minimums.caveats]
    if not has_category(minimums, sites, on=on) and has_category(minimums, after, on=on):
        adds.append(wanted_category(minimums))
        found = cohesion.classification(joining, on=on)
        if found and not found.verified:
            caveats.append(f"category of {found.nuts2} not verified")
    if not adds:
        return None
    still = missing(minimums, after, on=on)
    return Gain(minimums.instrument, minimums.title, not still, tuple(adds), still, tuple(caveats))


def _ordinal(number: int) -> str:
    return _ORDINALS[number - 1] if number <= len(_ORDINALS) else f"{number}th"
