"""Alembic's environment: the engine and the tables come from `states.schema`; all revisions are made, or none."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator
from sqlmodel.sql.sqltypes import AutoString

config = context.config


def _render(kind: str, item: object, _: AutogenContext) -> str | Literal[False]:
    """Write plain column types into migrations, so that old ones do not depend on today's code."""
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    if kind == "type" and isinstance(item, TypeDecorator) and type(item).__module__ == "states.storage.columns":
        if type(item).__name__ == "Json":
            return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
        return f"sa.{item.impl!r}"
    return False


@contextmanager
def _tables_may_be_replaced(connection: Connection) -> Iterator[None]:
    """Let SQLite drop and make anew a table to which rows of others point, as a batch operation does.

    SQLite switches its foreign keys off outside a transaction only; then nothing checks them but `_check_foreign_keys`.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = {row.table for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
        if broken:
            raise RuntimeError(f"Rows of {', '.join(sorted(broken))} point to rows that are not there.")


with config.attributes["engine"].connect() as connection, _tables_may_be_replaced(connection):
    context.configure(
        connection=connection,
        target_metadata=config.attributes["metadata"],
        include_object=config.attributes["include_object"],
        render_item=_render,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=False,
        transactional_ddl=True,  # so it is on SQLite too, where our engine and not the driver says BEGIN
    )
    with context.begin_transaction():
        context.run_migrations()
        if context.get_context().get_current_heads() == (context.get_head_revision(),):
            config.attributes.get("at_head", bool)(connection)
        _check_foreign_keys(connection)
