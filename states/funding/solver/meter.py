"""How much a search has worked, in seconds that no load changes."""

from dataclasses import dataclass

# Work in a second of a quiet core: measured, 0.5 to 0.9.
PACE = 0.6

_LEAST = 0.001  # no look at a program is for nothing, or a loop of them would never end


@dataclass(slots=True)
class Meter:
    """The work done so far, in the solver's deterministic seconds.

    Limits are given as work done, like times of day: so the same case gives the same answer on a busy machine, only
    later.
    """

    done: float = 0.0

    def add(self, work: float) -> None:
        self.done += max(work, _LEAST)
