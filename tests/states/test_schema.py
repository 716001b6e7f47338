"""The migrations make the tables that the code declares, and can be taken back."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, StaticPool, create_engine, inspect, text

from states.schema import METADATA, SchemaUnfit, differences, downgrade, is_declared, pending, update, upgrade
from states.storage import engine


@pytest.mark.usefixtures("installation")
def test_migrations_make_exactly_the_declared_tables() -> None:
    with engine().connect() as connection:
        difference = compare_metadata(
            MigrationContext.configure(connection, opts={"include_object": is_declared}), METADATA
        )
    assert difference == []


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_indexes_keep_their_order_where_a_table_was_made_anew(installation: Path) -> None:
    """Alembic compares no COLLATE, and loses it when it copies a table of SQLite."""

    def indexes(of: Engine) -> dict[str, str]:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        with of.connect() as connection:
            return {name: " ".join(sql.replace('"', "").split()) for name, sql in connection.execute(text(query))}

    declared = create_engine("sqlite://", poolclass=StaticPool)
    METADATA.create_all(declared)

    assert indexes(engine()) == indexes(declared)


@pytest.mark.usefixtures("installation")
def test_down_and_up_again() -> None:
    downgrade(engine())
    assert inspect(engine()).get_table_names() == ["alembic_version"]
    assert pending(engine()) != []
    upgrade(engine())
    assert pending(engine()) == []


DAMAGES = {
    "a column gone": (("DROP COLUMN reason",), "history_line", "history_line.reason"),
    "a column that nobody filled": (
        ("DROP COLUMN reason", "ADD COLUMN reason VARCHAR"),
        "history_line",
        "history_line.reason (may be NULL)",
    ),
    "a column of another type": (
        ("DROP COLUMN reason", "ADD COLUMN reason INTEGER NOT NULL DEFAULT 0"),
        "history_line",
        "history_line.reason (INTEGER instead of VARCHAR)",
    ),
}


@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize("name", DAMAGES)
def test_a_database_that_is_not_as_its_schema_is_named_before_anything_is_written(name: str) -> None:
    changes, table, said = DAMAGES[name]
    with engine().connect() as connection, connection.begin() as transaction:
        before = connection.execute(text("SELECT count(*) FROM seal_tip")).scalar_one()
        for change in changes:
            connection.execute(text(f"ALTER TABLE {table} {change}"))
        transaction.commit()
    try:
        assert differences(engine()) == [said]
        with pytest.raises(SchemaUnfit) as refused:
            update(engine())
        assert said in str(refused.value.text)
        with engine().connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM seal_tip")).scalar_one() == before
    finally:
        _put_right(table)


def _put_right(table: str) -> None:
    with engine().begin() as connection:
        columns = {column["name"] for column in inspect(connection).get_columns(table)}
        if "reason" in columns:
            connection.execute(text(f"ALTER TABLE {table} DROP COLUMN reason"))
        connection.execute(text(f"ALTER TABLE {table} ADD COLUMN reason VARCHAR NOT NULL DEFAULT ''"))


@pytest.mark.usefixtures("installation")
def test_an_index_that_is_gone_is_named_and_one_of_ones_own_does_no_harm() -> None:
    with engine().begin() as connection:
        connection.execute(text("CREATE INDEX of_our_own ON history_line (at)"))
        connection.execute(text("DROP INDEX ix_seal_tip_parent"))
    try:
        assert differences(engine()) == ["seal_tip (index over parent)"]
    finally:
        with engine().begin() as connection:
            connection.execute(text("DROP INDEX of_our_own"))
            connection.execute(text("CREATE INDEX ix_seal_tip_parent ON seal_tip (parent)"))
