"""Roles that somebody else confirms, and that one changes under their version."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("role_grant") as batch:
        batch.add_column(sa.Column("unconfirmed", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("role_grant") as batch:
        batch.alter_column("unconfirmed", server_default=None)
        batch.alter_column("version", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("role_grant") as batch:
        batch.drop_column("version")
        batch.drop_column("unconfirmed")
