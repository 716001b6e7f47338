"""What tests read out of errors, and how they let two callers meet at one instant."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Barrier
from typing import TypeVar

from sqlmodel import Session

from states.errors import BankableError, Invalid, Refused
from states.lifecycle.available_moves import AvailableMove, LifecycleView
from states.storage import begin

Result = TypeVar("Result")


def codes(refused: Refused) -> list[str]:
    """Return the codes of all reasons, in their order."""
    return [reason.code for reason in refused.reasons]


def by_name(view: LifecycleView) -> dict[str, AvailableMove]:
    """Return the moves of a collaboration by their names."""
    return {one.move.name: one for one in view.moves}


def places(invalid: Invalid) -> list[str]:
    """Return the places of all faults, in their order."""
    return [fault.place for fault in invalid.faults]


def race(*calls: Callable[[], Result]) -> list[Result | BankableError]:
    """Call all at one instant, each in a thread of its own; return what each returned or raised."""
    ready = Barrier(len(calls))

    def run(call: Callable[[], Result]) -> Result | BankableError:
        ready.wait()
        try:
            return call()
        except BankableError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def overlap(first: Callable[[Session], object], second: Callable[[], Result]) -> Result | BankableError:
    """Call `second` in a thread while the transaction of `first` is open; return what it returned or raised.

    It has a third of a second to come to nothing, or to be kept waiting, before `first` commits.
    """
    with ThreadPoolExecutor(1) as pool:
        with begin() as session:
            first(session)
            other = pool.submit(second)
            wait([other], timeout=0.3)
        try:
            return other.result()
        except BankableError as error:
            return error
