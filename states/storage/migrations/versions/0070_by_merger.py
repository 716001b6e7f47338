"""What merged into a collaboration is found without a look at all others: its page, papers and evidence show it.

Revision ID: 0070
Revises: 0069
"""

from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_collaboration_merges_into_id", "collaboration", ["merges_into_id"])


def downgrade() -> None:
    op.drop_index("ix_collaboration_merges_into_id", "collaboration")
