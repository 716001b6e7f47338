"""Organisations are registered with every fault named at once, and changed by one writer at a time."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from states.errors import Stale
from states.partners.organisations import Profile, edit_organisation, profile_faults, profile_of, register_organisation
from states.partners.queries import member_by_slug
from states.partners.registry_faults import RegistryInvalid
from states.partners.tables import MembershipPart, Organisation, OrganisationKind, SizeClass
from tests.expect import places
from tests.factories import World, a_world

LAB = Profile("Lab", OrganisationKind.TECHNOLOGY_CENTRE, "GR", "EL303", headcount=40, turnover=Decimal("5000000.00"))


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def test_an_organisation_is_a_member_from_the_start(world: World) -> None:
    row = register_organisation(world.session, world.partnership, LAB, slug="lab", part=MembershipPart.COORDINATOR)

    found, membership = member_by_slug(world.session, world.partnership.id, "lab")
    assert (found.id, membership.part) == (row.id, MembershipPart.COORDINATOR)
    assert (profile_of(found), found.size_class, found.version) == (LAB, SizeClass.SMALL, 1)


def test_all_faults_come_at_once_and_nothing_is_kept(world: World) -> None:
    before = len(world.session.exec(select(Organisation)).all())
    wrong = Profile(" ", LAB.kind, "GR", "EL9", headcount=-1, turnover=Decimal("-0.01"), balance_sheet=Decimal("0.001"))

    with pytest.raises(RegistryInvalid) as caught:
        register_organisation(world.session, world.partnership, wrong, slug="medtech-gliwice")

    assert places(caught.value) == ["slug", "name", "nuts", "headcount", "turnover", "balance_sheet"]
    assert len(world.session.exec(select(Organisation)).all()) == before


@pytest.mark.parametrize(
    ("nuts", "remedy"),
    [
        ("PL2299", "perhaps PL229 (Gliwicki), PL22 (Śląskie), PL922 (Ciechanowski)"),
        ("Upper Silesia", "perhaps PL22 (Śląskie)"),
        ("PT17", "an earlier NUTS edition had it; take PT1A and PT1B"),
        ("XX99", "give a code of NUTS 2024, such as FRK2 or FI1D7; Greece begins with EL"),
    ],
)
def test_a_site_that_nobody_knows(world: World, nuts: str, remedy: str) -> None:
    with pytest.raises(RegistryInvalid) as caught:
        register_organisation(world.session, world.partnership, replace(LAB, nuts=nuts), slug="lab")

    assert [(fault.place, fault.remedy) for fault in caught.value.faults] == [("nuts", remedy)]


def test_a_site_lies_in_its_country(world: World) -> None:
    with pytest.raises(RegistryInvalid, match="EL303 lies in GR, not in CY"):
        register_organisation(world.session, world.partnership, replace(LAB, country="CY"), slug="lab")


@pytest.mark.parametrize(
    ("country", "site", "kept"),
    [("EL", "EL303", "GR"), ("UK", "UKM82", "GB"), ("el", "EL30", "GR"), ("GR", "EL303", "GR"), ("gb", "UKM82", "GB")],
)
def test_the_codes_of_the_union_are_those_of_iso(world: World, country: str, site: str, kept: str) -> None:
    profile = replace(LAB, country=country, nuts=site)

    assert register_organisation(world.session, world.partnership, profile, slug="lab").country == kept


@pytest.mark.parametrize(("workers", "right"), [("9.5", True), ("0.25", True), ("0", True), ("9.555", False)])
def test_annual_work_units_may_be_parts_of_people(world: World, workers: str, right: bool) -> None:
    faults = profile_faults(replace(LAB, headcount=Decimal(workers)))

    assert [one.place for one in faults if one] == ([] if right else ["headcount"])


def test_a_change_counts_the_version_and_the_size_anew(world: World) -> None:
    row = register_organisation(world.session, world.partnership, LAB, slug="lab")
    grown = replace(LAB, name=" New lab ", headcount=60)

    edit_organisation(world.session, row, grown, expected_version=1)

    world.session.refresh(row)
    assert profile_of(row) == replace(grown, name="New lab")
    assert (row.size_class, row.version) == (SizeClass.MEDIUM, 2)


def test_a_change_that_is_wrong_or_late_changes_nothing(world: World) -> None:
    row = register_organisation(world.session, world.partnership, LAB, slug="lab")

    with pytest.raises(RegistryInvalid):
        edit_organisation(world.session, row, replace(LAB, headcount=-1), expected_version=1)
    with pytest.raises(Stale):
        edit_organisation(world.session, row, replace(LAB, name="Late"), expected_version=7)

    world.session.refresh(row)
    assert (profile_of(row), row.version) == (LAB, 1)
