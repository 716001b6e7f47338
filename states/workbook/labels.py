"""What sheets and columns are called in the five languages, and which one a heading means."""

import difflib
from collections.abc import Collection
from functools import lru_cache
from importlib import resources

import yaml
from pydantic import TypeAdapter

from states.places.name_folding import fold


@lru_cache(maxsize=1)
def translations() -> dict[str, list[str]]:
    """Return the titles of each sheet and column by its name, in German, French, Italian and Polish."""
    text = resources.files("states.workbook").joinpath("labels.yaml").read_text(encoding="utf-8")
    return TypeAdapter(dict[str, list[str]]).validate_python(yaml.safe_load(text))


def meant(heading: str, names: Collection[str]) -> str | None:
    """Return which of these names a heading means, in any of the languages; case, accents and asterisks fall away."""
    return _spellings(tuple(sorted(names))).get(fold(heading))


def nearest(heading: str, names: Collection[str]) -> str:
    """Return the remedy for a heading that nobody knows: the likeliest name, or all."""
    close = difflib.get_close_matches(heading.casefold(), names, n=1)
    return f"perhaps {close[0]}" if close else f"one of {', '.join(names)}"


@lru_cache(maxsize=64)
def _spellings(names: tuple[str, ...]) -> dict[str, str]:
    return {fold(word): name for name in names for word in (name, *translations().get(name, ()))}


def title(name: str, language: str) -> str:
    """Return what a sheet or column is called in a language; in one that is not known, its name."""
    return dict(zip(("de", "fr", "it", "pl"), translations().get(name, ()), strict=False)).get(language, name)
