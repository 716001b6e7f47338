"""The record of changes says by which route of the API a change came."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No batch: the longest table of all is not made anew for a column with a default.
    op.add_column("change_record", sa.Column("route", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("change_record", "route")
