"""Each partnership speaks a taxonomy: one that is shipped, or its own, kept edition by edition."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("partnership") as batch:
        batch.add_column(sa.Column("taxonomy", sa.String(), nullable=False, server_default="medtech"))
    with op.batch_alter_table("partnership") as batch:
        batch.alter_column("taxonomy", server_default=None)
    op.create_table(
        "taxonomy_edition",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partnership_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("nodes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partnership_id", "number"),
    )


def downgrade() -> None:
    op.drop_table("taxonomy_edition")
    with op.batch_alter_table("partnership") as batch:
        batch.drop_column("taxonomy")
