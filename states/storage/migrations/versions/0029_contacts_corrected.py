"""Contacts can be corrected, by a version that was read, and withdrawn with the reason."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("contact") as batch:
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("withdraw_reason", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("contact") as batch:
        batch.alter_column("version", server_default=None)
        batch.alter_column("withdraw_reason", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("contact") as batch:
        batch.drop_column("withdraw_reason")
        batch.drop_column("version")
