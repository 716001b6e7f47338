"""Short names: what organisations, regions and collaborations are called in addresses and files."""

import re

from states.errors import Fault

SLUG = r"[a-z0-9]+(-[a-z0-9]+)*"


def slug_fault(slug: str, *, taken: bool) -> Fault | None:
    """Return what is wrong with a short name, if anything is."""
    if not re.fullmatch(SLUG, slug):
        return Fault("slug", f"{slug!r} is no short name", "small letters, digits, hyphens between")
    return Fault("slug", f"{slug!r} is taken", "choose another short name") if taken else None
