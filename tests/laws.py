"""How many examples a law is tried on: few at every change (`make test`), all that it names in `make long`."""

import pytest

FEWEST, PART = 10, 5
_deep = False


def choose(config: pytest.Config) -> None:
    """Look which of the two this run is; before any test is imported."""
    global _deep
    _deep = config.option.markexpr.startswith("long")


def often(examples: int) -> int:
    """Return how many of so many examples are tried in this run."""
    return examples if _deep else min(examples, max(FEWEST, examples // PART))


def mark(item: pytest.Item) -> None:
    """Let a law belong to `make long` too."""
    law = getattr(getattr(item, "obj", None), "is_hypothesis_test", False) or item.get_closest_marker("law")
    if _deep and law:
        item.add_marker(pytest.mark.long)
