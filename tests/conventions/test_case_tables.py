"""Every table is said to belong to a case, to be pointed to, or to stay where it is: none can be forgotten."""

import pytest
from sqlalchemy import Table

from states.casefile.declared import (
    APART,
    NAMED,
    OWN,
    REFERENCED,
    Place,
    belonging,
    columns_of_case,
    is_numbered,
    place_of,
    targets_of,
)
from states.schema import METADATA
from states.seals import SEALED

TABLES = METADATA.sorted_tables


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_each_table_has_its_place(table: Table) -> None:
    assert place_of(table) in Place


def test_nothing_is_declared_that_is_not_there() -> None:
    names = {table.name for table in TABLES}

    assert {*APART, *REFERENCED, *NAMED, *OWN} - names == set()
    assert set(APART) & set(REFERENCED) == set()
    assert [name for name, why in APART.items() if not why] == []
    for name, columns in [*OWN.items(), *((name, set(of)) for name, of in NAMED.items())]:
        assert columns - set(METADATA.tables[name].columns.keys()) == set()


def test_whatever_a_case_must_point_to_goes_along() -> None:
    torn = [
        f"{table.name}.{column.name}"
        for table in belonging()
        for column in table.columns
        for target in targets_of(table, column)
        if place_of(target) is Place.APART and not column.nullable
    ]

    assert torn == []


def test_what_is_sealed_goes_along_whole() -> None:
    for table in belonging():
        sealed = SEALED[table.name].columns if table.name in SEALED else ()
        left_out = {*sealed} - {column.name for column in columns_of_case(table)}
        assert (table.name, left_out) == (table.name, set())


def test_whatever_belongs_is_known_by_an_id_or_numbered_by_the_database() -> None:
    odd = [table.name for table in belonging() if "id" not in table.columns and not is_numbered(table)]

    assert odd == ["funding_question"]
