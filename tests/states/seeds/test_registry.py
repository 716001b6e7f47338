"""The seed partnership loads as the report lists it, and loads once."""

from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import Session, func, select

from states.partners.partial_dates import PartialDate
from states.partners.queries import events_of, initiatives_of, organisations_of, regions_of, working_areas_of
from states.partners.tables import (
    Initiative,
    Membership,
    Organisation,
    Partnership,
    PartnershipEvent,
    Region,
    SizeClass,
    WorkingArea,
    WorkingAreaRegion,
)
from states.places.nuts import canonical, country, unit
from states.places.region_reader import read_regions
from states.seeds.registry import load_registry, read_registry

# The partnership's 29 regions by NUTS 2024 code: two that lead, then those that take part.
CODES = {
    *("FRK", "NL4"),
    *("DE1", "NL2", "BE3", "FRH0", "DEG0", "SE232", "ES51", "BE2", "FRL0", "FRF", "ITC1", "DK01", "DK03", "ES22"),
    *("ITI1", "FI1B", "ES24", "FI1D9", "HU23", "PL22", "SI0", "ES21", "DEA", "ITH5", "IE0", "FRJ", "ITC4"),
}
SEED = Path(__file__).parents[3] / "../shared/seeds"
TABLES = (
    *(Partnership, Region, WorkingArea, WorkingAreaRegion),
    *(Organisation, Membership, PartnershipEvent, Initiative),
)


def counts(session: Session) -> list[int]:
    return [session.exec(select(func.count()).select_from(table)).one() for table in TABLES]


def test_the_regions_have_their_codes(session: Session) -> None:
    partnership = load_registry(session)

    regions = regions_of(session, partnership.id)

    assert Counter(code for region in regions for code in region.codes) == Counter(CODES)
    assert {code for region in regions if region.leading for code in region.codes} == {"FRK", "NL4"}
    assert [region.codes for region in regions if len(region.codes) != 1] == []


def test_codes_are_kept_ones_of_the_stated_country() -> None:
    regions = read_registry().regions

    assert [code for region in regions for code in region.codes if canonical(code) != code] == []
    assert [region.slug for region in regions for code in region.codes if country(code) != region.country] == []


def test_the_regions_are_those_of_the_real_report() -> None:
    reports = sorted(SEED.glob("004_*.txt"))
    if not reports:
        pytest.skip("the seed report is not here: it is no part of the product")
    text = reports[0].read_text(encoding="utf-8")
    listed = text[text.index("Baden-Württemberg") : text.index("Please provide the list of interested")]

    codes = {"FRK", *read_regions(listed).codes}

    assert {code for region in read_registry().regions for code in region.codes} == codes


def test_working_areas_keep_the_order_of_the_report(session: Session) -> None:
    partnership = load_registry(session)

    entries = working_areas_of(session, partnership.id)

    assert [
        (
            entry.area.name,
            [region.codes[0] for region in entry.in_charge],
            [region.codes[0] for region in entry.involved],
        )
        for entry in entries
    ] == [
        ("Connected Health", ["NL2", "ITI1", "ITH5"], ["ITC4", "ES22", "FRK", "NL4"]),
        ("Biomaterials and implants", ["PL22", "FRL0"], ["ES22", "ITH5", "FRK", "ES51"]),
        (
            "Medical devices and imaging",
            ["NL4", "ITC1", "FRK"],
            ["ES51", "FRF", "ES24", "ITH5", "ITC4", "FRL0"],
        ),
    ]


def test_organisations_have_sites_and_no_invented_size(session: Session) -> None:
    partnership = load_registry(session)

    entries = organisations_of(session, partnership.id)

    assert {one.slug: membership.part for one, membership in entries if membership.part != "member"} == {
        "lyonbiopole": "coordinator",
        "biowin": "cluster_partner",
        "biopmed": "cluster_partner",
        "gapr-medsilesia": "cluster_partner",
        "bioregio-stern": "cluster_partner",
    }
    assert [one.slug for one, _ in entries if (unit(one.nuts).level, country(one.nuts)) != (3, one.country)] == []
    assert {(one.size_class, one.headcount, one.turnover, one.balance_sheet) for one, _ in entries} == {
        (SizeClass.UNKNOWN, None, None, None)
    }


def test_events_keep_dates_as_exact_as_they_were_stated(session: Session) -> None:
    partnership = load_registry(session)

    events = events_of(session, partnership.id)

    assert {(event.held_on, PartialDate.parse(event.held_on).text, event.place) for event in events} == {
        ("2018-11~early", "early November 2018", "Lyon"),
        ("2019-04-02", "2 April 2019", "Lyon"),
        ("2019", "2019", ""),
        ("2019-10-24", "24 October 2019", "Brussels"),
        ("2020-03", "March 2020", "online"),
        ("2020~mid", "mid-2020", "Brussels"),
        ("2020", "2020", ""),
    }


def test_initiatives_name_their_leads(session: Session) -> None:
    partnership = load_registry(session)

    assert {row.name: row.lead for row in initiatives_of(session, partnership.id)} == {
        "S3MARTMED": "Lyonbiopole",
        "AI4Diag": "Eurobiomed",
        "MedTech4Europe": "",
        "Interreg Europe Call 3 (AURA)": "",
    }


def test_loading_twice_changes_nothing(session: Session) -> None:
    first = load_registry(session)
    region = regions_of(session, first.id)[0]
    region.name = "Renamed since"
    before = counts(session)

    second = load_registry(session)

    assert (second.id, counts(session)) == (first.id, before)
    assert before == [1, 29, 3, 22, 8, 8, 7, 4]
    assert regions_of(session, first.id)[0].name == "Renamed since"
