"""The index by which tasks find the deadlines of their kinds."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_deadline_by_kind", "deadline", ["partnership_id", "state", "kind"])


def downgrade() -> None:
    op.drop_index("ix_deadline_by_kind", table_name="deadline")
