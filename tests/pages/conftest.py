"""What all tests of pages share in a worker: the event loop of their requests."""

from collections.abc import Iterator

import pytest
from anyio.from_thread import start_blocking_portal
from fastapi.testclient import TestClient


@pytest.fixture(scope="session", autouse=True)
def event_loop_of_all_requests() -> Iterator[None]:
    """Run the requests of every client in one event loop; nobody waits for guesses, which come from one place."""
    with start_blocking_portal() as portal, pytest.MonkeyPatch.context() as patch:
        patch.setattr(TestClient, "portal", portal)
        patch.setenv("BANKABLE_GUESSES_PER_MINUTE", "0")
        patch.setenv("BANKABLE_DEAR_PER_MINUTE", "0")
        yield
