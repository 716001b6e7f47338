"""Why a decision, or its correction, departs from what was recommended; empty for whatever was decided before.

Revision ID: 0068
Revises: 0067
"""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

_TABLES = ("decision", "decision_correction")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("departure", sa.String(), nullable=True))


def downgrade() -> None:
    for table in _TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("departure")
