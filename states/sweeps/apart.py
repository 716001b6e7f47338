"""Do something with many things at once, and with one alone where that fails: the one place that may catch anything."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from traceback import clear_frames
from typing import Generic, TypeVar

from states.outages import is_outage

log = logging.getLogger(__name__)

Key = TypeVar("Key")
Result = TypeVar("Result")

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Done(Generic[Key, Result]):
    """What came of some keys that were done together."""

    keys: Sequence[Key]
    result: Result


@dataclass(frozen=True, slots=True)
class Failed(Generic[Key]):
    """What went wrong with one key alone."""

    key: Key
    error: Exception


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row (by its table and id) that was left out of what was read or made, and why."""

    noun: str
    key: str
    error: Exception


def apart(
    keys: Sequence[Key], do: Callable[[Sequence[Key]], Result], *, at_once: int = AT_ONCE
) -> Iterator[Done[Key, Result] | Failed[Key]]:
    """Do so many at once; where that fails, each half of them, down to the one that fails alone.

    Whatever goes wrong with one is its own fault, but for an outage, which is raised: the others would meet it too.
    """
    waiting = [keys[first : first + at_once] for first in range(0, len(keys), at_once)][::-1]
    while waiting:
        some = waiting.pop()
        try:
            result = do(some)
        except Exception as error:
            if is_outage(error):
                raise
            clear_frames(error.__traceback__)  # a cursor that lives on there would hold its connection's next commit up
            if len(some) > 1:
                middle = len(some) // 2
                waiting += [some[middle:], some[:middle]]
                continue
            yield Failed(some[0], error)
        else:
            yield Done(some, result)


def attempt(do: Callable[[], Result]) -> Result | Failed[str]:
    """Do one thing; return what went wrong with it, but for an outage, which is raised."""
    (outcome,) = apart([""], lambda _: do())
    return outcome.result if isinstance(outcome, Done) else outcome


def read_apart(
    noun: str, keys: Sequence[str], read: Callable[[Sequence[str]], Iterable[Result]], *, at_once: int = AT_ONCE
) -> list[Result]:
    """Return what can be read of these rows of a table; those that cannot are left out, and noted where one listens."""
    found: list[Result] = []
    for outcome in apart(keys, lambda some: list(read(some)), at_once=at_once):
        if isinstance(outcome, Failed):
            leave_out(noun, outcome.key, outcome.error)
        else:
            found += outcome.result
    return found


def read_all(
    noun: str,
    everything: Callable[[], list[Result]],
    *,
    keys: Callable[[], Sequence[str]],
    some: Callable[[Sequence[str]], Iterable[Result]],
) -> list[Result]:
    """Return everything, in one read; where that fails, what can be read of these rows, as `read_apart` does."""
    (outcome,) = apart([noun], lambda _: everything())
    return outcome.result if isinstance(outcome, Done) else read_apart(noun, keys(), some)


def leave_out(noun: str, key: str, error: Exception) -> None:
    """Note that a row was left out, for whoever listens."""
    log.warning("left out %s=%s %s", noun, key, type(error).__name__)
    heard = _listening.get()
    if heard is not None:
        heard.append(LeftOut(noun, key, error))


_listening: ContextVar[list[LeftOut] | None] = ContextVar("listening", default=None)


@contextmanager
def listening() -> Iterator[list[LeftOut]]:
    """Yield the list into which comes whatever is left out within the block."""
    heard: list[LeftOut] = []
    token = _listening.set(heard)
    try:
        yield heard
    finally:
        _listening.reset(token)
