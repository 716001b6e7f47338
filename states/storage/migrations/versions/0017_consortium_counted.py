"""Versions of the protocol say under which lead and with which partners they were frozen."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TABLES = ("collaboration", "protocol_version")


def upgrade() -> None:
    for table in _TABLES:  # without a value the seals of earlier rows still fit
        op.add_column(table, sa.Column("consortium", sa.Integer(), nullable=True))


def downgrade() -> None:
    for table in _TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("consortium")
