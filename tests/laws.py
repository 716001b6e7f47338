"""How many examples a law is tried on: few at every change (`make test`), all that it names in `make long`."""

from collections.abc import Sequence
from typing import TypeVar

import pytest

T = TypeVar("T")

FEWEST, PART = 5, 10
_deep = False


def choose(config: pytest.Config) -> None:
    """Look which of the two this run is; before any test is imported."""
    global _deep
    _deep = config.option.markexpr.startswith("long")


def often(examples: int) -> int:
    """Return how many of so many examples are tried in this run."""
    return examples if _deep else min(examples, max(FEWEST, examples // PART))


def of(all_of_them: Sequence[T], few: Sequence[T]) -> Sequence[T]:
    """Return what a law of its own kind goes through in this run; it is marked as one."""
    return all_of_them if _deep else few


def mark(item: pytest.Item) -> None:
    """Let a law belong to `make long` too."""
    law = getattr(getattr(item, "obj", None), "is_hypothesis_test", False) or item.get_closest_marker("law")
    if _deep and law:
        item.add_marker(pytest.mark.long)
