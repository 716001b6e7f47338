"""The records of change are sealed, as the history is; those that are there are sealed when all revisions are made."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No batch: the longest table of all is not made anew for a column with a default.
    op.add_column("change_record", sa.Column("seal", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("change_record", "seal")
