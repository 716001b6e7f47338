"""Every role follows every link of every page that it sees: none leads nowhere, and none fails."""

from pathlib import Path

import pytest

from tests.factories import World, a_collaboration, a_collaboration_at
from tests.pages.house import a_page_house
from tests.pages.walk import walk

pytestmark = [pytest.mark.long, pytest.mark.parametrize("installation", ["sqlite"], indirect=True)]

ROLES = (
    *("project_manager", "administrator", "iag_secretary", "iag_chair", "iag_member 1"),
    *("paca", "wgra_chair", "partner", "observer"),
)


def two_cases(world: World) -> None:
    a_collaboration(world, slug="young")
    a_collaboration_at(world, "funding_scenario")


@pytest.mark.parametrize("role", ROLES)
def test_no_link_leads_nowhere(installation: Path, role: str) -> None:
    house, _ = a_page_house(two_cases)

    found = walk(house.by(role))

    assert {"/", "/cases", "/account", "/partnership"} <= found.keys()
    assert len(found) >= 10, sorted(found)
