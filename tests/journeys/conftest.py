"""Fixtures of the flows' tests, for journeys that need the same partnership, mail server and Prefect server."""

from tests.flows.conftest import inbox, prefect_environment, simulated_clock, world

__all__ = ["inbox", "prefect_environment", "simulated_clock", "world"]
