"""Which NUTS units a name may mean: exactly, by a close spelling, or only nearly."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from rapidfuzz import fuzz, process

from states.places import nuts
from states.places.name_folding import fold, foldings
from states.places.nuts import NutsUnit
from states.places.region_names import country_codes, region_names

# A close spelling is taken only this near to a known name, and this far ahead of any other territory's name.
CLOSE, LEAD = 0.86, 0.04
# Below this a name is no helpful suggestion.
HELPFUL, SUGGESTIONS = 0.6, 3
# Shorter names are near to too many others.
SHORTEST_CLOSE = 5

_STATED_COUNTRY = re.compile(r"^(?P<name>.*\S)\s*\((?P<country>[A-Z]{2})\)$")


class Firmness(StrEnum):
    """How sure a name is."""

    FIRM = "firm"
    EVERYDAY = "everyday name or city, taken for its region"
    WHOLE_COUNTRY = "country code standing alone, taken for the whole country"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One unit that a name may mean. `bound`: only where the country is stated beside it."""

    code: str
    firmness: Firmness
    bound: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What a name was found to mean: one unit, or all those between which only a country could decide."""

    units: tuple[NutsUnit, ...]
    firmness: Firmness = Firmness.FIRM
    needs_country: bool = False

    @property
    def unit(self) -> NutsUnit | None:
        return None if self.needs_country else self.units[0]


@dataclass(frozen=True, slots=True)
class Close:
    """A known name near to the one written: its unit and their likeness (0 to 1)."""

    unit: NutsUnit
    likeness: float


def find(key: str, *, country: str | None = None) -> Found | None:
    """Find what a folded name means, within a country (NUTS prefix) where one is stated."""
    meanings = _meanings(key)
    if country is not None:
        meanings = [meaning for meaning in meanings if meaning.code.startswith(country)]
    firm = [meaning for meaning in meanings if meaning.firmness is Firmness.FIRM]
    chosen = firm or meanings
    if not chosen:
        return None
    top = min((meaning.code for meaning in chosen), key=lambda code: (len(code), code))
    needs_country = country is None and any(meaning.bound for meaning in chosen)
    if needs_country or not all(meaning.code.startswith(top) for meaning in chosen):
        kept = dict.fromkeys(nuts.canonical(meaning.code) for meaning in chosen)
        return Found(tuple(nuts.unit(code) for code in kept), needs_country=True)
    return Found((nuts.unit(nuts.canonical(top)),), chosen[0].firmness)


def find_country(text: str) -> str | None:
    """Give the NUTS prefix of a country written as a code or in words."""
    return country_codes().get(text.strip().upper()) or _country_names().get(fold(text))


def find_close(key: str, *, country: str | None = None) -> Close | None:
    """Find the one unit whose name is written almost like this, or nothing where two are about as near."""
    if len(key) < SHORTEST_CLOSE:
        return None
    directions = region_names().directions.intersection(key.split())
    ranked = [
        close
        for close, known in _ranked(key, country)
        if directions <= set(known.split()) and close.likeness >= CLOSE - LEAD
    ]
    if not ranked or ranked[0].likeness < CLOSE:
        return None
    best, *others = ranked
    rivals = [o for o in others if o.unit != best.unit and best.likeness - o.likeness < LEAD]
    return None if rivals else best


def nearest(key: str, *, country: str | None = None) -> tuple[NutsUnit, ...]:
    """Suggest the units whose names are nearest to this folded name, the nearest first."""
    near = [close.unit for close, _ in _ranked(key, country)]
    return tuple(dict.fromkeys(near))[:SUGGESTIONS]


def _meanings(key: str) -> list[Meaning]:
    known = _names()
    return known.get(key) or known.get(_without_kinds(key)) or []


def _without_kinds(key: str) -> str:
    kinds = region_names().kinds
    words = key.replace(",", "").split()
    while words and words[0] in kinds:
        words.pop(0)
    while words and words[-1] in kinds:
        words.pop()
    return " ".join(words)


@cache
def _names() -> dict[str, list[Meaning]]:
    known: dict[str, dict[Meaning, None]] = defaultdict(dict)
    for code, name, firmness in _written_names():
        stated = _STATED_COUNTRY.match(name)
        keys = foldings(stated["name"] if stated else name)
        if name == nuts.unit(code).name:
            keys |= {_without_kinds(key) for key in keys} - {""}
        for key in keys:
            words = key.split()
            vague = stated is not None or (len(words) <= 2 and region_names().directions.issuperset(words))
            known[key][Meaning(code, firmness, vague)] = None
    return {key: list(meanings) for key, meanings in known.items()}


def _written_names() -> Iterator[tuple[str, str, Firmness]]:
    table = region_names()
    for unit in nuts.units().values():
        yield unit.code, unit.name, Firmness.FIRM
        if "/" in unit.name:
            yield from ((unit.code, part.strip(), Firmness.FIRM) for part in unit.name.split("/"))
    for prefix, country in table.countries.items():
        yield from ((prefix, name, Firmness.FIRM) for name in country.names)
    for names, firmness in ((table.exact, Firmness.FIRM), (table.loose, Firmness.EVERYDAY)):
        for code, written in names.items():
            yield from ((code, name, firmness) for name in written)


@cache
def _country_names() -> dict[str, str]:
    return {
        key: prefix
        for prefix, country in region_names().countries.items()
        for name in (country.label, *country.label.split("/"), *country.names)
        for key in foldings(name)
    }


def _ranked(key: str, country: str | None) -> list[tuple[Close, str]]:
    """Rank the known names that mean one unit (in that country) by their likeness, the nearest first."""
    alike = process.extract(key, list(_names()), scorer=fuzz.ratio, score_cutoff=100 * HELPFUL, limit=None)
    ranked: list[tuple[Close, str]] = []
    for known, percent, _ in alike:
        found = find(known, country=country)
        if found is not None and found.unit is not None:
            ranked.append((Close(found.unit, percent / 100), known))
    return sorted(ranked, key=lambda item: (-item[0].likeness, item[0].unit.code))
