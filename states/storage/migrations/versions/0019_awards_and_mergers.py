"""Submissions and agreements; a collaboration names into which one it merges."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def _shared() -> list[sa.Column[object] | sa.Constraint]:
    return [
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("collaboration_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["collaboration_id"], ["collaboration.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("collaboration_id", "number"),
    ]


def upgrade() -> None:
    with op.batch_alter_table("collaboration") as batch:
        batch.add_column(sa.Column("merges_into_id", sa.String(), nullable=True))
        batch.create_foreign_key("collaboration_merges_into_id_fkey", "collaboration", ["merges_into_id"], ["id"])
    op.create_table(
        "submission",
        *_shared(),
        sa.Column("protocol_version_id", sa.String(), nullable=False),
        sa.Column("instrument_id", sa.String(), nullable=True),
        sa.Column("call", sa.String(), nullable=False),
        sa.Column("lender", sa.String(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["instrument_id"], ["instrument.id"]),
    )
    op.create_index("ix_submission_collaboration_id", "submission", ["collaboration_id"])
    op.create_table(
        "agreement",
        *_shared(),
        sa.Column("submission_id", sa.String(), nullable=False),
        sa.Column("funder", sa.String(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"]),
    )
    op.create_index("ix_agreement_collaboration_id", "agreement", ["collaboration_id"])
    op.create_index("ix_agreement_submission_id", "agreement", ["submission_id"])


def downgrade() -> None:
    op.drop_table("agreement")
    op.drop_table("submission")
    with op.batch_alter_table("collaboration") as batch:
        batch.drop_constraint("collaboration_merges_into_id_fkey", type_="foreignkey")
        batch.drop_column("merges_into_id")
