"""Values for all pairs of cards, at the price of one for every pair of differing traits; their ranks, and coverage."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from states.matchmaking.suggestions.cards import Card
from states.matchmaking.suggestions.taxonomy import Taxonomy

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


# Reciprocal rank fusion: how gently worth falls with rank, and the last rank that counts.
FLATNESS = 60
DEPTH = 200


@dataclass(frozen=True, slots=True)
class Best:
    """The best places of each row, in order: row and column of each, and its place (0, 1, ...) in its row."""

    row: NDArray[np.intp]
    column: NDArray[np.intp]
    place: NDArray[np.intp]


def best(scores: Matrix | Steps, count: int, *, above: float) -> Best:
    """Give the scores above a value that are among the `count` highest of their row, with all ties of the last.

    Equal scores stand in the order of their columns.
    """
    width = scores.shape[1]
    chosen = scores > above
    if count < width:
        # Sorting whole rows beats partitioning them here: it is vectorised, and many scores are equal.
        chosen &= np.greater_equal(scores, np.sort(scores, axis=1)[:, [width - count]])
    row, column = np.nonzero(chosen)
    order = np.lexsort((-scores[row, column], row))  # stable: columns stay in order
    row, column = row[order], column[order]
    return Best(row, column, np.arange(len(row)) - np.searchsorted(row, row))


def reciprocal(values: Steps) -> Matrix:
    """Turn positive values into the worth of their ranks in their rows: 1 for the best, 0 beyond the last that counts.

    Equal values share the better rank. Shape as given.
    """
    found = best(values, DEPTH, above=0)
    value = values[found.row, found.column]
    same = np.zeros(len(value), np.bool_)
    same[1:] = (found.row[1:] == found.row[:-1]) & (value[1:] == value[:-1])
    leader = np.maximum.accumulate(np.where(same, 0, np.arange(len(same))))
    worth = np.zeros(values.shape, np.float32)
    worth[found.row, found.column] = (FLATNESS + 1) / (FLATNESS + 1 + found.place[leader])
    return worth


_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Covered:
    """A keyword that was stated, the nearest one of the others (none if nothing is near), credit 0-1, and weight.

    The weights add up to one; credit times weight is the keyword's part of the coverage.
    """

    keyword: str
    by: str | None
    credit: float
    weight: float


def covered(stated: frozenset[str], by_others: frozenset[str], *, tree: Taxonomy) -> tuple[Covered, ...]:
    """Say for each keyword that was stated how far others meet it, the weightiest part first."""
    total = _total(stated, tree)
    found = []
    for keyword in stated:
        credit, by = max(((tree.credits[keyword, code], code) for code in by_others), default=(0.0, ""))
        found.append(Covered(keyword, by if credit else None, credit, tree.weight(keyword) / total))
    return tuple(sorted(found, key=lambda one: (-one.credit * one.weight, one.keyword)))


def coverage(stated: frozenset[str], by_others: frozenset[str], *, tree: Taxonomy) -> float:
    """Give the share of the keywords stated that others cover, 0 to 1; 0 where nothing was stated."""
    return sum(one.credit * one.weight for one in covered(stated, by_others, tree=tree))


def coverages(viewers: Sequence[Card], others: Sequence[Card]) -> Steps:
    tree = viewers[0].tree
    number = {code: place for place, code in enumerate(tree.nodes)}
    credit = np.array(list(tree.credits.values()), np.float32).reshape(len(number), len(number))
    stated = np.zeros((len(viewers), len(number)), np.float32)
    for row, card in enumerate(viewers):
        for code in card.keywords:
            stated[row, number[code]] = tree.weight(code) / _total(card.keywords, tree)
    met = np.zeros((len(others), len(number)), np.float32)
    for row, card in enumerate(others):
        if card.keywords:
            met[row] = credit[:, [number[code] for code in card.keywords]].max(axis=1)
    found = np.empty((len(viewers), len(others)), np.int16)
    for start in range(0, len(viewers), _BLOCK):
        found[start : start + _BLOCK] = in_steps(stated[start : start + _BLOCK] @ met.T)
    return found


def _total(keywords: frozenset[str], tree: Taxonomy) -> float:
    return sum(tree.weight(code) for code in sorted(keywords))  # sorted: a sum's last bit hangs on its order
