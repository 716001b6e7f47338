"""What a region is called in the language of who reads, read once from `exonyms.yaml`."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

from states.places.nuts import units
from states.places.region_names import NutsCode
from states.texts.text import SOURCE, spoken_language
from states.texts.titles import Language


class _Exonyms(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    verified: bool
    names: dict[NutsCode, dict[Language, Annotated[str, Field(min_length=1)]]]


@cache
def exonyms() -> _Exonyms:
    """Load the table; pydantic reports all its faults together."""
    text = files("states.places").joinpath("exonyms.yaml").read_text(encoding="utf-8")
    return _Exonyms.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))


def unit_said(code: str) -> str:
    """Say a unit of NUTS in the language of who reads: by its exonym, else as the unit calls itself."""
    names = {str(language): text for language, text in exonyms().names.get(code, {}).items()}
    return names.get(spoken_language(), units()[code].name)


def region_said(name: str, codes: Sequence[str]) -> str:
    """Say a region's name in the language of who reads; English, and a name of an office's own, stay as written."""
    names = exonyms().names.get(codes[0], {}) if len(codes) == 1 else {}
    spoken = {str(language): text for language, text in names.items() if language != SOURCE}
    return spoken.get(spoken_language(), name) if name in names.values() else name
