"""A linear program over whole numbers: variables from zero up, sums within bounds, and why each bound is there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from states.funding.law.findings import Finding

Terms = Sequence[tuple[int, int]]  # variable, coefficient


@dataclass(frozen=True, slots=True)
class Bound:
    """The sum of the terms lies between `low` and `high` (None: no bound), only where the 0/1 variable `when` is 1.

    `ground` is the rule behind it; None is arithmetic that no rule could change. `euro` is what one EUR more of the
    bound would be in its units; 0 where it is no sum of money.
    """

    terms: tuple[tuple[int, int], ...]
    low: int | None = None
    high: int | None = None
    when: int | None = None
    ground: Finding | None = None
    euro: int = 0

    def holds(self, values: Sequence[int]) -> bool:
        """Tell whether values of all variables keep it."""
        if self.when is not None and not values[self.when]:
            return True
        total = sum(factor * values[variable] for variable, factor in self.terms)
        return (self.low is None or total >= self.low) and (self.high is None or total <= self.high)

    def slack(self, values: Sequence[int]) -> int | None:
        """Return how far below `high` the sum is; None where the bound asks nothing of these values."""
        if self.high is None or (self.when is not None and not values[self.when]):
            return None
        return self.high - sum(factor * values[variable] for variable, factor in self.terms)


@dataclass(slots=True)
class Program:
    """Variables by number, each from 0 to its top, and the bounds on them.

    `links` say that no money flows where a 0/1 variable is 0; they are as tight as the bounds let them be, and follow
    from these where the variable is 1.
    """

    tops: list[int] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)
    links: list[Bound] = field(default_factory=list)

    def variable(self, top: int = 1) -> int:
        """Add a variable and return its number."""
        self.tops.append(top)
        return len(self.tops) - 1

    def bound(
        self,
        terms: Iterable[tuple[int, int]],
        *,
        low: int | None = None,
        high: int | None = None,
        when: int | None = None,
        ground: Finding | None = None,
        euro: int = 0,
    ) -> None:
        self.bounds.append(Bound(tuple(terms), low, high, when, ground, euro))

    def any_of(self, parts: Sequence[int]) -> int:
        """Return a variable that is 1 exactly where one of the 0/1 variables is."""
        if len(parts) == 1:
            return parts[0]
        either = self.variable()
        self.bound([*((part, 1) for part in parts), (either, -1)], low=0)
        for part in parts:
            self.bound([(either, 1), (part, -1)], low=0)
        return either

    def faults(self, values: Sequence[int]) -> list[Bound]:
        """Return the bounds that values of all variables do not keep."""
        return [bound for bound in (*self.bounds, *self.links) if not bound.holds(values)]

    def highest(self, terms: Terms) -> int:
        """Return the most that a sum could be, bounds aside."""
        return sum(factor * self.tops[variable] for variable, factor in terms if factor > 0)


def total(terms: Terms, values: Sequence[int]) -> int:
    return sum(factor * values[variable] for variable, factor in terms)
