"""What keeps two cards apart whatever else speaks for them, for one pair with the reasons and for many at once."""

from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum

import numpy as np

from states.matchmaking.suggestions.cards import Card
from states.matchmaking.suggestions.lookups import Lookup, Mask, Named, Trait

NUTS2_LENGTH = 4


class Bar(StrEnum):
    """A reason why two cards are never suggested to each other."""

    SAME_SIDE = "same_side"
    NOT_VALID = "not_valid"
    SAME_ORGANISATION = "same_organisation"
    SAME_REGION = "same_region"
    NO_COMMON_SLOT = "no_common_slot"
    AVOIDED = "avoided"
    COUNTRY_NOT_SOUGHT = "country_not_sought"


def bars(one: Card, other: Card, *, on: date) -> tuple[Bar, ...]:
    """Say every reason that keeps two cards apart on a day; the same both ways, and none for a possible match."""
    return tuple(_bars(one, other, on))


def is_valid(card: Card, *, on: date) -> bool:
    """Say whether a card is valid on a day, its first and last one included."""
    begun = card.valid_from is None or card.valid_from <= on
    return begun and (card.valid_until is None or on <= card.valid_until)


class Permitted:
    """For valid cards of opposite sides: which pairs nothing keeps apart."""

    def __init__(self, viewers: Sequence[Card], others: Sequence[Card]) -> None:
        self._lookups = [Lookup(trait, viewers, others) for trait in (_OTHER_REGION, _COMMON_SLOT, _SOUGHT, _SEEKS)]
        self._avoided = Named(lambda card: card.avoids | {card.organisation}, viewers, others)
        self._width = len(others)

    def rows(self, rows: slice) -> Mask:
        """Give a block of rows, shape (rows, others): true where a match is possible."""
        allowed = ~self._avoided.rows(rows, self._width)
        for lookup in self._lookups:
            allowed &= lookup.rows(rows) > np.float32(0)
        return allowed


def _bars(one: Card, other: Card, on: date) -> Iterator[Bar]:
    if one.side is other.side:
        yield Bar.SAME_SIDE
    if not (is_valid(one, on=on) and is_valid(other, on=on)):
        yield Bar.NOT_VALID
    if one.organisation == other.organisation:
        yield Bar.SAME_ORGANISATION
    if not _in_other_region(one, other):
        yield Bar.SAME_REGION
    if not _have_common_slot(one, other):
        yield Bar.NO_COMMON_SLOT
    if one.organisation in other.avoids or other.organisation in one.avoids:
        yield Bar.AVOIDED
    if not (_seeks_country_of(one, other) and _seeks_country_of(other, one)):
        yield Bar.COUNTRY_NOT_SOUGHT


def region(card: Card) -> str:
    """Give the NUTS 2 code of the site, or the wider one where only that is known."""
    return card.nuts[:NUTS2_LENGTH]


def _in_other_region(one: Card, other: Card) -> bool:
    """Interregional means NUTS 2 regions that surely differ: a site known only as FRK may lie in FRK2."""
    here, there = region(one), region(other)
    return not (here.startswith(there) or there.startswith(here))


def _have_common_slot(one: Card, other: Card) -> bool:
    return one.slots is None or other.slots is None or not one.slots.isdisjoint(other.slots)


def _seeks_country_of(one: Card, other: Card) -> bool:
    return not one.countries_sought or other.country in one.countries_sought


_OTHER_REGION = Trait(_in_other_region, region, region)
_COMMON_SLOT = Trait(_have_common_slot, lambda card: card.slots, lambda card: card.slots)
_SOUGHT = Trait(_seeks_country_of, lambda card: card.countries_sought, lambda card: card.country)
_SEEKS = Trait(
    lambda one, other: _seeks_country_of(other, one), lambda card: card.country, lambda card: card.countries_sought
)
