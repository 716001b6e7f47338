"""How a flow goes through all that is due: in short transactions, and what fails with one concerns that one alone."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Protocol, TypeVar

from sqlmodel import Session

from flows.host import survive
from states.storage import begin

Key = TypeVar("Key")
Result = TypeVar("Result")

AT_ONCE = 100


class Row(Protocol):
    """A row of any table with an id."""

    id: str


def ids(rows: Iterable[Row]) -> list[str]:
    """Return the ids of rows, for a transaction of their own."""
    return [row.id for row in rows]


def sweep(
    due: Callable[[Session], Sequence[Key]], do: Callable[[Session, Sequence[Key]], Result], *, at_once: int = AT_ONCE
) -> list[Result]:
    """Find what is due, do it for so many at once in a transaction, and return what was done of each.

    Where a transaction fails, each of its keys gets one of its own; what fails then is logged and left to the next
    sweep. By then somebody else may have done it: `do` looks again at what is due.
    """
    with begin(read_only=True) as session:
        keys = list(due(session))
    done: list[Result] = []
    for start in range(0, len(keys), at_once):
        batch = keys[start : start + at_once]
        if (found := survive(partial(_do, do, batch))) is not None:
            done += found
        elif len(batch) > 1:
            for key in batch:
                done += survive(partial(_do, do, [key])) or []
    return done


def _do(do: Callable[[Session, Sequence[Key]], Result], keys: Sequence[Key]) -> list[Result]:
    with begin() as session:
        return [do(session, keys)]
