"""Regions are named sets of known codes, each code held once."""

from datetime import date

import pytest
from sqlmodel import Session

from states.partners.queries import regions_of
from states.partners.regions import add_region
from states.partners.registry_faults import RegistryInvalid
from tests.expect import places
from tests.factories import REGIONS, World, a_world


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def test_a_region_keeps_the_one_code_of_each_territory(world: World) -> None:
    codes = ["fi1d7", "FI1B1", "FI1B"]

    row = add_region(world.session, world.partnership, slug="north", name=" North ", codes=codes, leading=True)

    assert (row.name, row.country, row.codes) == ("North", "FI", ["FI1D7", "FI1B"])
    assert regions_of(world.session, world.partnership.id)[0].slug == "north"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"slug": "paca"}, ["slug"]),
        ({"slug": "Åland", "name": ""}, ["slug", "name"]),
        ({"codes": []}, ["codes"]),
        ({"codes": ["PL22", "Atlantis"]}, ["codes[2]", "codes[1]"]),
        ({"codes": ["FI1D7", "SE33"]}, ["codes"]),
        ({"valid_from": date(2020, 2, 1), "valid_until": date(2020, 1, 31)}, ["valid_until"]),
    ],
)
def test_a_region_that_does_not_fit_is_not_kept(world: World, change: dict[str, object], expected: list[str]) -> None:
    given = {"slug": "north", "name": "North", "codes": ["FI1D7"], **change}

    with pytest.raises(RegistryInvalid) as caught:
        add_region(world.session, world.partnership, **given)  # type: ignore[arg-type]

    assert places(caught.value) == expected
    assert len(regions_of(world.session, world.partnership.id)) == len(REGIONS)


def test_another_partnership_may_have_the_same_region(world: World) -> None:
    other = a_world(world.session, slug="energy").partnership

    add_region(world.session, world.partnership, slug="north", name="North", codes=["FI1D7"])
    row = add_region(world.session, other, slug="north", name="North", codes=["FI1D7"])

    assert row in regions_of(world.session, other.id)
