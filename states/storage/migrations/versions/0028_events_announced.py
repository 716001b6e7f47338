"""When an event was announced: releases before told of each one at once."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("partnership_event") as batch:
        batch.add_column(sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE partnership_event SET announced_at = changed_at")


def downgrade() -> None:
    with op.batch_alter_table("partnership_event") as batch:
        batch.drop_column("announced_at")
