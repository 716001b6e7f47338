"""Every role follows every link of every page that it sees: none leads nowhere, and none fails.

Neither where there is nothing yet, which is how everybody begins.
"""

from pathlib import Path

import pytest

from states.matchmaking.profiles.tables import ProfileType
from tests.factories import World, a_collaboration, a_collaboration_at
from tests.meeting_factories import (
    a_brokerage_event,
    a_content,
    a_held_meeting,
    a_participant,
    a_published_profile,
    a_request,
)
from tests.pages.house import a_page_house
from tests.pages.walk import walk

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

ROLES = (
    *("project_manager", "administrator", "iag_secretary", "iag_chair", "iag_member 1"),
    *("paca", "wgra_chair", "partner", "observer"),
)


def two_cases(world: World) -> None:
    a_collaboration(world, slug="young")
    a_collaboration_at(world, "funding_scenario")


def everything(world: World) -> None:
    """Make two cases, profiles that suit each other, and an event with meetings, one of them held."""
    two_cases(world)
    a_published_profile(world)
    a_published_profile(world, "marseille", a_content(ProfileType.TECHNOLOGY_REQUEST, title="Coating wanted"))
    event = a_brokerage_event(world)
    people = [a_participant(world, event, who) for who in ("gliwice", "katowice", "marseille")]
    a_request(world, event, people[0], people[1])
    a_held_meeting(world, event, people[0], people[2])


@pytest.mark.long
@pytest.mark.parametrize("role", ROLES)
def test_no_link_leads_nowhere(installation: Path, role: str) -> None:
    house, _ = a_page_house(everything)

    found = walk(house.by(role))

    assert {"/", "/cases", "/account", "/partnership"} <= found.keys()
    assert len(found) >= 10, sorted(found)


def test_no_link_leads_nowhere_where_there_is_nothing_yet(installation: Path) -> None:
    house, _ = a_page_house()

    found = {role: walk(house.by(role)) for role in ROLES}

    assert {role for role in ROLES if "/cases" in found[role]} == set(ROLES)
