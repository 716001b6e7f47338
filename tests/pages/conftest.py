"""What tests of pages share: in a worker the event loop of their requests, and a house with a case to finance."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from fastapi.testclient import TestClient
from sqlmodel import select

from states.partners.tables import Partnership
from states.storage import begin
from tests.api.funding_house import a_case
from tests.pages.house import PageHouse, sign_in_everybody


@pytest.fixture(scope="session", autouse=True)
def event_loop_of_all_requests() -> Iterator[None]:
    """Run the requests of every client in one event loop; nobody waits for guesses, which come from one place."""
    with start_blocking_portal() as portal, pytest.MonkeyPatch.context() as patch:
        patch.setattr(TestClient, "portal", portal)
        patch.setenv("BANKABLE_GUESSES_PER_MINUTE", "0")
        patch.setenv("BANKABLE_DEAR_PER_MINUTE", "0")
        yield


@pytest.fixture
def whole(installation: Path) -> tuple[PageHouse, str]:
    """Return the house behind its pages and a case that can be solved."""
    _, path = a_case()
    with begin() as session:
        key = session.exec(select(Partnership.id)).one()
        cookies = sign_in_everybody(session, key)
    return PageHouse(cookies), path.rpartition("/")[2]
