"""Partnerships, regions and working areas that people make and change: versions, and when one was closed or ended."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for table in ("partnership", "region", "working_area"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        with op.batch_alter_table(table) as batch:
            batch.alter_column("version", server_default=None)
    with op.batch_alter_table("partnership") as batch:
        batch.add_column(sa.Column("closed_at", _INSTANT, nullable=True))
        batch.add_column(sa.Column("close_reason", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("partnership") as batch:
        batch.alter_column("close_reason", server_default=None)
    with op.batch_alter_table("working_area") as batch:
        batch.add_column(sa.Column("ended_at", _INSTANT, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("working_area") as batch:
        batch.drop_column("ended_at")
        batch.drop_column("version")
    with op.batch_alter_table("partnership") as batch:
        for column in ("close_reason", "closed_at", "version"):
            batch.drop_column(column)
    with op.batch_alter_table("region") as batch:
        batch.drop_column("version")
