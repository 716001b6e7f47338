"""Reads of the registry: in a stated order, complete, and never across partnerships."""

import pytest
from sqlmodel import Session

from states.errors import Missing
from states.partners.queries import (
    events_of,
    initiatives_of,
    organisation_by_slug,
    organisations_of,
    partnership_by_slug,
    regions_of,
    site_region,
    working_areas_of,
)
from states.partners.tables import (
    AreaPart,
    EventKind,
    Initiative,
    Membership,
    PartnershipEvent,
    Region,
    WorkingArea,
    WorkingAreaRegion,
)
from tests.factories import World, a_world


@pytest.fixture
def world(session: Session) -> World:
    a_world(session, slug="energy")  # a second partnership that must never be seen
    return a_world(session)


def test_by_slug(session: Session, world: World) -> None:
    assert partnership_by_slug(session, "medtech").id == world.partnership.id
    assert organisation_by_slug(session, "medtech-gliwice").id == world.organisations["gliwice"].id
    with pytest.raises(Missing):
        partnership_by_slug(session, "textiles")
    with pytest.raises(Missing):
        organisation_by_slug(session, "gliwice")


def test_leading_regions_come_first(session: Session, world: World) -> None:
    world.regions["upper-silesia"].leading = True
    session.flush()
    assert [region.slug for region in regions_of(session, world.partnership.id)] == ["upper-silesia", "navarra", "paca"]


def test_working_areas_with_their_regions(session: Session, world: World) -> None:
    assert world.area is not None
    first = WorkingArea(partnership_id=world.partnership.id, number=1, name="Digital")
    session.add(first)
    session.flush()
    parts = [
        ("paca", AreaPart.INVOLVED, 2),
        ("navarra", AreaPart.INVOLVED, 1),
        ("upper-silesia", AreaPart.IN_CHARGE, 0),
    ]
    for name, part, position in parts:
        session.add(
            WorkingAreaRegion(working_area_id=first.id, region_id=world.regions[name].id, part=part, position=position)
        )
    session.flush()
    found = [
        (entry.area.number, [r.slug for r in entry.in_charge], [r.slug for r in entry.involved])
        for entry in working_areas_of(session, world.partnership.id)
    ]
    assert found == [(1, ["upper-silesia"], ["navarra", "paca"]), (2, [], [])]


def test_organisations_events_and_initiatives_of_one_partnership(session: Session, world: World) -> None:
    key = world.partnership.id
    for name in ("marseille", "gliwice"):
        session.add(Membership(partnership_id=key, organisation_id=world.organisations[name].id))
    for name, held_on in (("Later", "2020-05"), ("Earlier", "2020-03")):
        session.add(PartnershipEvent(partnership_id=key, name=name, kind=EventKind.PLENARY, held_on=held_on))
        session.add(Initiative(partnership_id=key, name=name))
    session.flush()
    assert [row.name for row, _ in organisations_of(session, key)] == ["gliwice", "marseille"]
    assert [row.name for row in events_of(session, key)] == ["Earlier", "Later"]
    assert [row.name for row in initiatives_of(session, key)] == ["Earlier", "Later"]


@pytest.mark.parametrize(
    ("site", "expected"),
    [("PL229", "city"), ("PL22A", "silesia"), ("PL22", "silesia"), ("PL2", None), ("PL911", None), ("", None)],
)
def test_a_site_lies_in_the_region_with_the_longest_code(site: str, expected: str | None) -> None:
    regions = [
        Region(partnership_id="p", slug="silesia", name="Silesia", country="PL", codes=["PL22"]),
        Region(partnership_id="p", slug="city", name="City", country="PL", codes=["PL21", "PL229"]),
    ]
    found = site_region(site, regions)
    assert (found.slug if found else None) == expected
