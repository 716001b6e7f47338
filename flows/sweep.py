"""How a flow goes through all that is due: in short transactions, and what fails with one concerns that one alone."""

import logging
from collections.abc import Callable, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

from sqlmodel import Session

from flows.stopping import going
from states.errors import BankableError, Stale
from states.storage import begin, engine
from states.sweeps.apart import Done, Failed, LeftOut, apart, listening
from states.sweeps.service import Subject, end_faults, is_to_try, note_fault, open_faults
from states.sweeps.tables import SweepFault

log = logging.getLogger(__name__)

Result = TypeVar("Result")

AT_ONCE = 100
# So many one after the other are no fault of theirs; or they are, and wait from now on, and the next turn goes beyond.
MOST_IN_A_ROW = 100

_NOTING = Lock()  # lanes may hear of one and the same row

Read = Callable[[Session, Sequence[str]], object]


@dataclass(frozen=True, slots=True)
class Sweep(Generic[Result]):
    """What is due and what is done about it: `due` returns ids of rows of the table `noun`, `do` looks again.

    What `do` reads besides, and leaves out where it cannot be read, stands in `parts`: by table, how one reads it.
    Where the database lets several write, so many `lanes` of transactions go on beside each other: while one waits for
    it, another one computes.
    """

    name: str
    noun: str
    due: Callable[[Session], Sequence[str]]
    do: Callable[[Session, Sequence[str]], Result]
    at_once: int = AT_ONCE
    lanes: int = 1
    parts: Mapping[str, Read] = field(default_factory=dict)


class AllFail(BankableError):
    """Nothing passes: the sweep ends, and the next one goes on with what has not been tried."""

    code = "sweep_fails"


def sweep(one: Sweep[Result]) -> list[Result]:
    """Do what is due, so many at once in a transaction, and return what was done of each.

    What fails alone is written down, with its own pause until it is tried again; it ends when it passes or is due no
    more. An outage ends the sweep and is nobody's fault: the next sweep begins where this one ended.
    """
    with begin(read_only=True) as session:
        keys = list(one.due(session))
        known = open_faults(session, one.name, nouns={one.noun, *one.parts})
    _end(known, {_of(one, key) for key in keys}, parts=one.parts)
    suspects = [key for key in keys if _of(one, key) in known]
    fresh = [key for key in keys if _of(one, key) not in known] if suspects else keys
    tried = [key for key in suspects if is_to_try(known[_of(one, key)])]
    done = _go_through(one, fresh, known, at_once=one.at_once)
    return done + _go_through(one, tried, known, at_once=1)


def sweep_these(one: Sweep[Result], keys: Sequence[str]) -> list[Result]:
    """Do these, whatever is due; what fails is written down, and tried again by the next sweep that finds it due."""
    with begin(read_only=True) as session:
        known = open_faults(session, one.name, nouns={one.noun, *one.parts})
    return _go_through(one, keys, known, at_once=one.at_once)


def _go_through(
    one: Sweep[Result], keys: Sequence[str], known: Mapping[Subject, SweepFault], *, at_once: int
) -> list[Result]:
    pages = range(0, len(keys), at_once)
    lanes = min(one.lanes, len(pages)) if engine().dialect.name == "postgresql" else 1
    if lanes <= 1:
        return _go_along(one, keys, known, at_once=at_once)
    parts = [[key for first in pages[lane::lanes] for key in keys[first : first + at_once]] for lane in range(lanes)]
    with ThreadPoolExecutor(lanes) as pool:
        running = [pool.submit(copy_context().run, _go_along, one, part, known, at_once=at_once) for part in parts]
    return [result for lane in running for result in lane.result()]


def _go_along(
    one: Sweep[Result], keys: Sequence[str], known: Mapping[Subject, SweepFault], *, at_once: int
) -> list[Result]:
    done: list[Result] = []
    in_a_row = 0

    def do(some: Sequence[str]) -> tuple[Result, list[LeftOut]]:
        with begin() as session, listening() as heard:
            result = one.do(session, some)
        return result, heard

    for outcome in apart(keys, do, at_once=at_once):
        if isinstance(outcome, Failed):
            in_a_row += 1
            with _NOTING:
                _note(one, _of(one, outcome.key), outcome.error)
            if in_a_row >= MOST_IN_A_ROW:
                raise AllFail(sweep=one.name, count=in_a_row) from outcome.error
        else:
            in_a_row = 0
            result, heard = outcome.result
            done.append(result)
            with _NOTING:
                _settle(one, outcome.keys, heard, known)
        if not going():
            break
    return done


def _settle(
    one: Sweep[Result], keys: Sequence[str], heard: Sequence[LeftOut], known: Mapping[Subject, SweepFault]
) -> None:
    passed = [known[subject] for key in keys if (subject := _of(one, key)) in known]
    if passed:
        with begin() as session:
            end_faults(session, [session.merge(row) for row in passed])
    for left_out in {(one.noun, one.key): one for one in heard}.values():
        _note(one, (left_out.noun, left_out.key), left_out.error, known=known)


def _note(
    one: Sweep[Result], subject: Subject, error: Exception, *, known: Mapping[Subject, SweepFault] | None = None
) -> None:
    if isinstance(error, Stale):  # somebody else was faster: the next sweep looks again
        return
    if known is not None and subject in known and not is_to_try(known[subject]):
        return
    log.error("%s: %s %s failed", one.name, *subject, exc_info=error)
    with begin() as session:
        note_fault(session, one.name, subject, error)


def _end(known: Mapping[Subject, SweepFault], due: Set[Subject], *, parts: Mapping[str, Read]) -> None:
    """End the faults of what is due no more, and of parts that can be read again."""
    over = [
        row
        for subject, row in known.items()
        if (_can_be_read(parts[row.noun], row.subject_id) if row.noun in parts else subject not in due)
    ]
    if over:
        with begin() as session:
            end_faults(session, [session.merge(row) for row in over])


def _can_be_read(read: Read, key: str) -> bool:
    def look(some: Sequence[str]) -> object:
        with begin(read_only=True) as session:
            return read(session, some)

    return all(isinstance(outcome, Done) for outcome in apart([key], look))


def _of(one: Sweep[Result], key: str) -> Subject:
    return one.noun, key
