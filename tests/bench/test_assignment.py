"""What an assignment with its proof costs and brings, beside simple rules alone in the same run."""

from time import perf_counter

import pytest

from states.review.assignment.assign import numbers
from states.review.assignment.grid import Grid, Seat, filled, improved, worth
from tests.states.review.assignment.assignment_samples import a_panel

pytestmark = pytest.mark.bench


@pytest.mark.parametrize(("seed", "most"), [(1, 3), (2, 3), (3, 3), (1, 4), (2, 4)])
def test_fifty_dossiers_by_sixty_reviewers_beside_simple_rules(seed: int, most: int) -> None:
    panel = a_panel(seed, most=most)

    found = panel.assigned()
    grid = numbers(found.terms)
    began = perf_counter()
    greedy = filled(grid)
    filling = perf_counter() - began
    bettered = improved(grid, greedy)
    bettering = perf_counter() - began

    print(f"\n50 dossiers x 60 reviewers x 3, at most {most} each, made up by seed {seed}:")
    print(f"  leximin {found.seconds:.2f} s, proven: {found.proven}, worst-off {found.worst}, total {found.total}")
    _say("greedy alone", filling, found.seconds, grid, greedy)
    _say("greedy, then moves and exchanges", bettering, found.seconds, grid, bettered)


def _say(what: str, seconds: float, beside: float, grid: Grid, seats: list[Seat]) -> None:
    values = [-value for value in worth(grid, seats).affinities]
    print(
        f"  {what} {seconds:.2f} s ({seconds / beside:.2g} times), worst-off {values[0]}, total {sum(values)}, "
        f"open, lacking, repeated: {worth(grid, seats).necessities}"
    )
