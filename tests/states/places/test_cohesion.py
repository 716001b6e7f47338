"""Cohesion categories: by region, level and day, with what is verified; and the faults of a broken table."""

from datetime import date

import pytest

from states.places import nuts
from states.places.cohesion import (
    Category,
    CohesionDataInvalid,
    category,
    classification,
    cohesion_table,
    is_outermost,
    read_cohesion,
)

DAY = date(2026, 6, 1)

BROKEN = """
periods:
  - from: 2021-01-01
    until: 2027-12-31
    law: a
    edition: b
    verified: []
    unverified: [{source: s, transition: [FRK1, FRK]}]
  - from: 2027-01-01
    until: 2034-12-31
    law: a
    edition: b
    verified: [{source: c, seen: 2026-01-01, transition: [BE34]}]
    unverified: [{source: s, less_developed: [BE34]}]
outermost: [PT99]
"""


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        ("BE34", Category.LESS_DEVELOPED),
        ("BE341", Category.LESS_DEVELOPED),  # a level 3 site counts with the region around it
        ("IE04", Category.TRANSITION),
        ("ES51", Category.MORE_DEVELOPED),
        ("NL4", Category.MORE_DEVELOPED),  # both its regions are
        ("BE3", None),  # Wallonia holds all three
        ("FRK", None),
        ("SE31", Category.TRANSITION),  # computed, and near a limit
        ("ES62", Category.TRANSITION),
        ("CH01", None),  # not in the Union
    ],
)
def test_the_category_at_a_site(site: str, expected: Category | None) -> None:
    assert category(site, on=DAY) == expected


def test_a_classification_says_where_it_was_read_or_that_it_was_not_verified() -> None:
    read, known = classification("FI1B1", on=DAY), classification("PL229", on=DAY)

    assert read is not None
    assert known is not None
    assert (read.nuts2, read.verified, read.source[:13]) == ("FI1B", True, "Finnish press")
    assert (known.nuts2, known.verified, known.source[:15]) == ("PL22", False, "own computation")
    assert known.law == "Implementing Decision (EU) 2021/1130, Annexes I to III"


def test_a_wider_unit_is_as_sure_as_its_least_sure_region() -> None:
    found = classification("ITI1", on=DAY), classification("NL4", on=DAY)

    assert [one.verified for one in found if one] == [True, False]


@pytest.mark.parametrize(("day", "known"), [("2020-12-31", 0), ("2021-01-01", 1), ("2027-12-31", 1), ("2028-01-01", 0)])
def test_a_period_begins_and_ends(day: str, known: int) -> None:
    assert (category("BE34", on=date.fromisoformat(day)) is not None) == known


def test_every_region_of_the_union_has_a_category() -> None:
    ((_, _, table),) = cohesion_table().periods
    unknown = {
        code
        for code, unit in nuts.units().items()
        if unit.level == 2 and nuts.is_eu27(unit.country) and code not in table
    }

    assert unknown == set()


def test_outermost_regions_by_article_349() -> None:
    assert [is_outermost(site) for site in ("FRY40", "ES703", "PT200", "FRL0", "FRY")] == [
        True,
        True,
        True,
        False,
        True,
    ]


def test_all_faults_of_a_table_come_at_once() -> None:
    with pytest.raises(CohesionDataInvalid) as caught:
        read_cohesion(BROKEN)

    assert [str(fault) for fault in caught.value.faults] == [
        "periods.0.FRK: is no level 2 code of NUTS 2024 (give the present code)",
        "periods.0: overlaps another period (end one before the other begins)",
        "periods.1.BE34: stands 2 times (one region has one category)",
        "outermost.PT99: is no code of NUTS 2024 (give the present code)",
    ]


def test_entries_of_another_shape_are_named_by_their_place() -> None:
    with pytest.raises(CohesionDataInvalid) as caught:
        read_cohesion("periods: [{from: 2021-01-01, law: a, edition: b, verified: [], unverified: []}]\noutermost: []")

    assert [fault.place for fault in caught.value.faults] == ["periods.0.until"]
