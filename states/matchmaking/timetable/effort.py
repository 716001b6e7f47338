"""How much a search works, in seconds that no load changes: counted by what is done, never by a clock."""

from dataclasses import dataclass

_LEAST = 0.001  # no step is for nothing, or a loop of them would never end


@dataclass(slots=True)
class Effort:
    """The work that is allowed and the work done, in seconds: about those that a quiet core takes for it."""

    allowed: float
    done: float = 0.0

    @property
    def left(self) -> float:
        return max(self.allowed - self.done, 0.0)

    def add(self, seconds: float) -> None:
        self.done += max(seconds, _LEAST)
