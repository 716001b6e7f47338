"""Ranks within each row of a block of scores, and what a rank is worth when several lists are fused."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from states.matchmaking.suggestions.lookups import Matrix, Steps

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
