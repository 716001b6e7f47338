"""Laws of seals: whatever is changed in a sealed row is found, and whatever the services write fits."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    MetaData,
    Numeric,
    Table,
    func,
    select,
    update,
)

from states.schema import METADATA
from states.seals import SEALED, SealTip
from states.seals.checking import check_seals
from states.seals.seal import Verdict, judge, make_seal
from states.storage import begin, engine, table_of
from tests.laws import often
from tests.sealed import a_sealed_case

# Who did something, and when, stands there as well; it is not sealed, for a reason.
ELSEWHERE = {
    "avoidance": "a wish that its holder takes back at will",
    "computation": "what was asked of a machine; what is taken of its answer is a sealed case",
    "mail": "the ledger of mails",
    "meeting": "before there is a case",
    "outbox_message": "messages to flows",
    **dict.fromkeys(("question", "question_answer", "section_assignment"), "the record of changes has it"),
}


@pytest.fixture
def case(installation: Path) -> str:
    with begin() as session:
        return a_sealed_case(session).id


def _breaches(connection: Connection) -> int:
    return check_seals(connection).breached


def test_what_the_services_write_fits_and_every_kind_is_there(case: str) -> None:
    with engine().connect() as connection:
        checked = check_seals(connection)
        tables = {noun: spec.table for noun, spec in SEALED.items()}
        empty = {
            noun for noun, table in tables.items() if not connection.scalar(select(func.count()).select_from(table))
        }

    assert (checked.breaches, dict(checked.keys)) == ([], {})
    assert empty == {
        "agreement",
        "agreement_condition",
        "agreement_terms",
        "change_approval",
        "change_request",
        "partner_progress",
        "project_result",
        "decision_correction",
        "discussion",
        "document_seal",
        "document_share",
        "evidence_request",
        "progress_report",
        "report_edition",
        "review_condition",
        "rule_document",
        "seat_change",
        "submission",
    }


@pytest.mark.long
def test_any_column_that_is_changed_is_found(case: str) -> None:
    """Every column of every kind, in one row each; also the rows that tie them to their case."""
    unnoticed = []
    tables = [(spec.table, spec.columns) for spec in SEALED.values()]
    tips = table_of(SealTip)
    for table, columns in [*tables, (tips, [column.name for column in tips.columns if column.name != "scope"])]:
        plain = _as_stored(table)
        for name in columns:
            with engine().connect() as connection, connection.begin() as transaction:
                connection.exec_driver_sql(_without_foreign_keys())
                row = connection.execute(select(plain).limit(1)).mappings().first()
                if row is not None:
                    here = [plain.c[column.name] == row[column.name] for column in table.primary_key]
                    other = _another(plain.c[name], row[name])
                    connection.execute(update(plain).where(*here).values({name: other}))
                    if not _breaches(connection):
                        unnoticed.append(f"{table.name}.{name}: {row[name]!r} -> {other!r}")
                transaction.rollback()

    assert unnoticed == []


def _without_foreign_keys() -> str:
    sqlite = engine().dialect.name == "sqlite"
    return "PRAGMA defer_foreign_keys=ON" if sqlite else "SET LOCAL session_replication_role = replica"


def _as_stored(table: Table) -> Table:
    """Return a table as the database has it, without the types of the house."""
    return Table(table.name, MetaData(), autoload_with=engine(), resolve_fks=False)


def _another(column: Column[Any], value: object) -> object:
    """Return a value of a column's type that is not this one."""
    match column.type:
        case Boolean():
            return not value
        case DateTime():
            return (value if isinstance(value, datetime) else datetime(2020, 1, 1, tzinfo=UTC)) + timedelta(
                microseconds=1
            )
        case Date():
            return (value if isinstance(value, date) else date(2020, 1, 1)) + timedelta(days=1)
        case Integer():
            return (value if isinstance(value, int) else 0) + 50
        case Numeric():
            return (Decimal(str(value)) if value is not None else Decimal(0)) + 1
        case _ if isinstance(value, dict):
            return {**value, "another": "x"}
        case _ if isinstance(value, list):
            return [*value, "x"]
        case _:
            return f"{value or ''}x"


def test_what_tells_who_did_something_and_when_is_sealed_or_said_why_not() -> None:
    signed = {
        table.name
        for table in METADATA.sorted_tables
        if {"_by", "_at"} <= {column.name[-3:] for column in table.columns if column.name[-3:] in ("_by", "_at")}
    }

    assert {"decision", "sign_off", "consensus"} <= signed
    assert signed - SEALED.keys() == ELSEWHERE.keys()


_EAST = timezone(timedelta(hours=2))

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.text(),
    st.integers(-(2**60), 2**60),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(-1000, 1000, places=2),
    st.datetimes(timezones=st.timezones()),
    st.dates(),
    st.times(),
)
VALUES = st.dictionaries(
    st.sampled_from("abc"),
    st.one_of(SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(st.text(max_size=3), SCALARS, max_size=3)),
    max_size=3,
)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("installation")
@given(one=VALUES, other=VALUES)
@examples(max_examples=often(300))
def test_a_seal_fits_what_it_was_made_of_and_nothing_else(one: dict[str, object], other: dict[str, object]) -> None:
    seal = make_seal("evaluation", one)

    assert judge(seal, "evaluation", one) is Verdict.FITS
    assert judge(seal, "position", one) is Verdict.BROKEN
    assert judge(seal, "evaluation", one, previous="before") is Verdict.BROKEN
    if judge(seal, "evaluation", other) is Verdict.FITS:
        assert _told(one) == _told(other)


def _told(value: object) -> object:
    """Return what a value says, whatever says it: an instant in any zone, a number in any type, NULL as nothing."""
    match value:
        case dict():
            return {name: _told(one) for name, one in value.items() if one is not None}
        case list():
            return [_told(one) for one in value]
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case Decimal():
            return f"{value:.2f}"
        case int() | float() if not isinstance(value, bool):
            return float(value) if abs(value) > 2**53 else value
        case _:
            return value


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"a": Decimal("30")}, {"a": Decimal("30.00")}),
        ({"a": {"x": 1e2, "b": [1.0, (2,)]}}, {"a": {"b": [1, [2.0]], "x": 100}}),
        (
            {"a": datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))},
            {"a": datetime(2026, 7, 1, 10, tzinfo=UTC)},
        ),
        ({"a": None}, {}),
    ],
)
def test_a_seal_is_the_same_for_what_was_written_and_what_is_read(
    written: dict[str, object], read: dict[str, object]
) -> None:
    assert judge(make_seal("position", written), "position", read) is Verdict.FITS
