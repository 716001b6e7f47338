"""Alembic's environment: the engine and the tables come from `states.schema`."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
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


with config.attributes["engine"].connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=config.attributes["metadata"],
        render_item=_render,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=False,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
