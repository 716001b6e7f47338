"""What tests read out of errors, and how they let two callers meet at one instant."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from states.errors import BankableError, Invalid, Refused

Result = TypeVar("Result")


def codes(refused: Refused) -> list[str]:
    """Return the codes of all reasons, in their order."""
    return [reason.code for reason in refused.reasons]


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
