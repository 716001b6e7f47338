"""When and why an organisation left a partnership."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("membership") as batch:
        batch.add_column(sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("left_because", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("membership") as batch:
        batch.alter_column("left_because", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("membership") as batch:
        batch.drop_column("left_because")
        batch.drop_column("left_at")
