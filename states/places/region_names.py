"""What regions and countries are called beside their official labels, read once from `region_names.yaml`."""

from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

NutsCode = Annotated[str, Field(pattern=r"^[A-Z]{2}[0-9A-Z]{0,3}$")]
NutsPrefix = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Country(_Data):
    """A country: its ISO 3166 alpha-2 code, its own label, and what else it is called."""

    iso: NutsPrefix
    label: str
    codes: tuple[str, ...]
    names: tuple[str, ...]


class RegionNames(_Data):
    """The table: countries by NUTS prefix, further names by NUTS code, earlier codes, general words."""

    countries: dict[NutsPrefix, Country]
    exact: dict[NutsCode, tuple[str, ...]]
    loose: dict[NutsCode, tuple[str, ...]]
    former: dict[NutsCode, tuple[NutsCode, ...]]
    kinds: frozenset[str]
    directions: frozenset[str]


@cache
def region_names() -> RegionNames:
    """Load the table; pydantic reports all its faults together."""
    text = files("states.places").joinpath("region_names.yaml").read_text(encoding="utf-8")
    return RegionNames.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))


@cache
def country_codes() -> dict[str, str]:
    """Give the NUTS prefix for each country code in use: `GER`, `DEU` and `DE` are all DE."""
    return {
        code: prefix
        for prefix, country in region_names().countries.items()
        for code in (prefix, country.iso, *country.codes)
    }
