"""What is measured is the product alone."""

from contextvars import ContextVar

import pytest

from states.rights import authors


@pytest.fixture(scope="session", autouse=True)
def everything_is_recorded() -> None:
    """Leave out the suite's watch over every statement, which would be measured too; who writes has a name still."""
    tester = authors.by_command("pytest")
    authors._acting = ContextVar("acting", default=tester)
