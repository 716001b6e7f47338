"""A cost line may wait for its start of works: the protocol's table of costs does not ask for it."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cost_line") as batch:
        batch.alter_column("starts_on", existing_type=sa.Date(), nullable=True)


def downgrade() -> None:
    """A line without a start begins on the first day that the release before can hold."""
    op.execute("UPDATE cost_line SET starts_on = '1990-01-01' WHERE starts_on IS NULL")
    with op.batch_alter_table("cost_line") as batch:
        batch.alter_column("starts_on", existing_type=sa.Date(), nullable=False)
