"""The newest moves of all cases, and what stands longest in a stage, are read in their order.

Revision ID: 0069
Revises: 0068
"""

from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_history_line_by_time", "history_line", ["at", "id"])
    columns = ["partnership_id", "stage", "stage_since", "id"]
    op.create_index("ix_collaboration_by_time_in_stage", "collaboration", columns)


def downgrade() -> None:
    op.drop_index("ix_collaboration_by_time_in_stage", "collaboration")
    op.drop_index("ix_history_line_by_time", "history_line")
