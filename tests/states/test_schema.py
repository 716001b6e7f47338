"""The migrations make the tables that the code declares, and can be taken back."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from states.schema import METADATA, downgrade, is_declared, pending, upgrade
from states.storage import engine


@pytest.mark.usefixtures("installation")
def test_migrations_make_exactly_the_declared_tables() -> None:
    with engine().connect() as connection:
        difference = compare_metadata(
            MigrationContext.configure(connection, opts={"include_object": is_declared}), METADATA
        )
    assert difference == []


@pytest.mark.usefixtures("installation")
def test_down_and_up_again() -> None:
    downgrade(engine())
    assert inspect(engine()).get_table_names() == ["alembic_version"]
    assert pending(engine()) != []
    upgrade(engine())
    assert pending(engine()) == []
