"""Values for all pairs of cards, at the price of one for every pair of differing traits."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from states.matchmaking.suggestions.cards import Card

Matrix = NDArray[np.float32]
Mask = NDArray[np.bool_]
# Values 0 to 1 in steps, so that rounding never parts equals; a prime, so that no plain fraction lies half way.
Steps = NDArray[np.int16]
STEPS = 10_007


@dataclass(frozen=True, slots=True)
class Trait:
    """A value of a viewer's card for another one, and what of either card it depends on."""

    of: Callable[[Card, Card], float]
    viewer: Callable[[Card], Hashable]
    other: Callable[[Card], Hashable]


class Lookup:
    """The value of a trait, times a weight, for every viewer (rows) and every other card (columns)."""

    def __init__(self, trait: Trait, viewers: Sequence[Card], others: Sequence[Card], *, weight: float = 1.0) -> None:
        stands_for, self._row = _kinds(viewers, trait.viewer)
        those, self._column = _kinds(others, trait.other)
        values = [[weight * trait.of(one, other) for other in those] for one in stands_for]
        self._table: Matrix = np.array(values, np.float32)

    def rows(self, rows: slice) -> Matrix:
        """Give a block of rows, shape (rows, others)."""
        return np.take(self._table[self._row[rows]], self._column, axis=1)


class Named:
    """The pairs of cards of which one's organisation stands in a list of the other's."""

    def __init__(
        self, names: Callable[[Card], frozenset[str]], viewers: Sequence[Card], others: Sequence[Card]
    ) -> None:
        of_viewer, of_other = _places(viewers), _places(others)
        columns: defaultdict[int, set[int]] = defaultdict(set)
        for row, card in enumerate(viewers):
            for name in names(card):
                columns[row].update(of_other.get(name, ()))
        for column, card in enumerate(others):
            for name in names(card):
                for row in of_viewer.get(name, ()):
                    columns[row].add(column)
        self._columns = {row: np.array(sorted(found), np.intp) for row, found in columns.items()}

    def rows(self, rows: slice, width: int) -> Mask:
        """Give a block of rows, shape (rows, others): true for the pairs."""
        found = np.zeros((rows.stop - rows.start, width), np.bool_)
        for row in range(rows.start, rows.stop):
            if row in self._columns:
                found[row - rows.start, self._columns[row]] = True
        return found


def in_steps(values: Matrix) -> Steps:
    found: Steps = np.rint(values * np.float32(STEPS)).astype(np.int16)
    return found


def _kinds(cards: Sequence[Card], key: Callable[[Card], Hashable]) -> tuple[list[Card], NDArray[np.intp]]:
    keys = [key(card) for card in cards]
    stands_for = dict(zip(reversed(keys), reversed(cards), strict=True))
    number = {found: place for place, found in enumerate(stands_for)}
    return list(stands_for.values()), np.array([number[found] for found in keys], np.intp)


def _places(cards: Sequence[Card]) -> dict[str, list[int]]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, card in enumerate(cards):
        places[card.organisation].append(place)
    return places
