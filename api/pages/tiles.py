"""A map of Europe as tiles: a square a country, where it lies beside the others."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

# By the codes of NUTS: column and row.
_PLACES = {
    "IS": (0, 0), "NO": (4, 0), "SE": (5, 0), "FI": (6, 0),
    "EE": (6, 1),
    "IE": (0, 2), "UK": (1, 2), "DK": (4, 2), "LV": (6, 2),
    "NL": (2, 3), "DE": (3, 3), "PL": (4, 3), "LT": (5, 3),
    "BE": (1, 4), "LU": (2, 4), "CZ": (3, 4), "SK": (4, 4), "UA": (6, 4),
    "FR": (1, 5), "CH": (2, 5), "AT": (3, 5), "HU": (4, 5), "RO": (5, 5), "MD": (6, 5),
    "PT": (0, 6), "ES": (1, 6), "IT": (2, 6), "SI": (3, 6), "HR": (4, 6), "RS": (5, 6), "BG": (6, 6),
    "BA": (4, 7), "ME": (5, 7), "MK": (6, 7),
    "MT": (2, 8), "AL": (5, 8), "EL": (6, 8), "TR": (7, 8), "CY": (7, 9),
}  # fmt: skip
SIDE, STEP = 28, 31


@dataclass(frozen=True, slots=True)
class Tile:
    """A country of the map; `is_in` where something of what is shown lies in it."""

    code: str
    left: int
    top: int
    is_in: bool


def tiles(countries: Collection[str]) -> Iterator[Tile]:
    """Yield the map's tiles; of countries that are not on it a list beside the map has to tell."""
    for code, (column, row) in _PLACES.items():
        yield Tile(code, column * STEP, row * STEP, code in countries)
