"""How much a search has worked, in seconds that no load changes, and the clock that ends it in any case."""

from dataclasses import dataclass
from time import monotonic

# Work in a second of a quiet core: measured, 0.5 to 0.9.
PACE = 0.6

_LEAST = 0.001  # no look at a program is for nothing, or a loop of them would never end


@dataclass(slots=True)
class Meter:
    """The work done so far, in the solver's deterministic seconds; `stop` is where the monotonic clock ends the search.

    Limits are given as work done, like times of day: so the same case gives the same answer on a busy machine, only
    later. `cut` tells that the clock ended something that would have gone on.
    """

    stop: float
    done: float = 0.0
    cut: bool = False

    @property
    def seconds(self) -> float:
        """Seconds of the clock that are left."""
        return self.stop - monotonic()

    def add(self, work: float, *, limit: float, proven: bool) -> None:
        """Count work that was given a limit; ended before it without a proof, it was ended by the clock."""
        self.done += max(work, _LEAST)
        self.cut = self.cut or (not proven and self.seconds <= 0 and work < limit)
