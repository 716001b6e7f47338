"""The best of each row, and what ranks are worth."""

import numpy as np

from states.matchmaking.suggestions.lookups import DEPTH, best, reciprocal


def test_the_best_of_each_row_with_ties_in_the_order_of_columns() -> None:
    found = best(np.array([[3, 1, 3, 2], [0, 5, 4, 4]], np.int16), 2, above=0)

    picked = list(zip(found.row.tolist(), found.column.tolist(), found.place.tolist(), strict=True))
    assert picked == [(0, 0, 0), (0, 2, 1), (1, 1, 0), (1, 2, 1), (1, 3, 2)]


def test_what_is_not_above_the_value_is_left_out() -> None:
    found = best(np.array([[0.5, -np.inf], [-np.inf, -np.inf]], np.float32), 2, above=-np.inf)

    assert (found.row.tolist(), found.column.tolist()) == ([0], [0])


def test_equal_values_share_the_better_rank_and_nothing_is_worth_nothing() -> None:
    worth = reciprocal(np.array([[7, 9, 7, 0, 3]], np.int16))

    assert np.allclose(worth, [[61 / 62, 1, 61 / 62, 0, 61 / 64]])


def test_ranks_beyond_the_last_that_counts_are_worth_nothing() -> None:
    worth = reciprocal(np.arange(DEPTH + 50, 0, -1, dtype=np.int16).reshape(1, -1))

    assert np.flatnonzero(worth[0] == 0).tolist() == list(range(DEPTH, DEPTH + 50))
    assert worth[0, DEPTH - 1] == np.float32(61 / (60 + DEPTH))


def test_all_who_tie_at_the_last_rank_that_counts_are_worth_the_same() -> None:
    worth = reciprocal(np.array([[9] * (DEPTH - 1) + [5] * 10], np.int16))

    assert set(worth[0, DEPTH - 1 :].tolist()) == {float(np.float32(61 / (60 + DEPTH)))}
