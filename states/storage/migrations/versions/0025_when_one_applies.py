"""On which day of a call one applies."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("instrument_call") as batch:
        batch.add_column(sa.Column("apply_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("instrument_call") as batch:
        batch.drop_column("apply_on")
