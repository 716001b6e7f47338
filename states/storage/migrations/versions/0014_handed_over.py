"""Messages say to which flow run they are handed over, and what an outage or an upgrade has to do with them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_FILLED = (
    ("tries_broken_off", sa.Integer(), "0"),
    ("release", sa.String(), ""),
)


def upgrade() -> None:
    with op.batch_alter_table("outbox_message") as batch:
        batch.add_column(sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("flow_run_id", sa.String(), nullable=True))
        for name, type_, value in _FILLED:
            batch.add_column(sa.Column(name, type_, nullable=False, server_default=value))
    with op.batch_alter_table("outbox_message") as batch:
        for name, _, _ in _FILLED:
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("outbox_message") as batch:
        for name in ("handed_over_at", "flow_run_id", "tries_broken_off", "release"):
            batch.drop_column(name)
