"""What can be wrong with an entry of the registry, its short name included."""

import re

from states.errors import Fault, Invalid
from states.places import nuts
from states.places.region_reader import read_regions
from states.places.region_words import is_code

SLUG = r"[a-z0-9]+(-[a-z0-9]+)*"


def slug_fault(slug: str, *, taken: bool) -> Fault | None:
    """Return what is wrong with a short name, if anything is."""
    if not re.fullmatch(SLUG, slug):
        return Fault("slug", "no_short_name", remedy="small_letters_digits_hyphens_between", slug=slug)
    return Fault("slug", "taken", remedy="choose_another_short_name", name=slug) if taken else None


class RegistryInvalid(Invalid):
    """The organisation, region or event cannot be kept so."""

    code = "registry_invalid"


def refuse(*faults: Fault | None) -> None:
    if found := [fault for fault in faults if fault is not None]:
        raise RegistryInvalid(faults=found)


def blank(place: str, text: str) -> Fault | None:
    """Return the fault of a text without a word, if it has none."""
    return None if text.strip() else Fault(place, "blank", remedy="give_it")


def code_fault(place: str, written: str) -> Fault | None:
    """Return why this is no code of NUTS 2024, with what may have been meant, if it is none."""
    try:
        nuts.unit(written)
    except nuts.UnknownNutsCode as error:
        remedy = error.faults[0].advice
        if not is_code(written):  # somebody gave a name
            reading = read_regions(written)
            meant = [nuts.unit(code) for code in reading.codes] + [
                one for part in reading.unread for one in part.nearest
            ]
            remedy = nuts.perhaps(meant) or remedy
        return Fault(place, "not_nuts_code", code=written, remedy=remedy)
    return None


def site_code(written: str) -> str:
    """Return the code of NUTS 2024 of a site that is written so or by a name that can be no other; else as written."""
    if code_fault("", written) is None:
        return nuts.unit(written).code
    reading = read_regions(written)
    sure = [one.code for one in reading.read if not one.guessed]
    return sure[0] if len(sure) == 1 and len(reading.read) == 1 and not reading.unread else written
