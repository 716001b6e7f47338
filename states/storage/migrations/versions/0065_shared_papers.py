"""Papers shared with somebody outside by a link, and each opening.

Revision ID: 0065
Revises: 0064
"""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document_share",
        sa.Column("seal", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partnership_id", sa.String(), nullable=False),
        sa.Column("collaboration_id", sa.String(), nullable=True),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("shared_by", sa.String(), nullable=True),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"]),
        sa.ForeignKeyConstraint(["collaboration_id"], ["collaboration.id"]),
        sa.ForeignKeyConstraint(["document_id"], ["issued_document.id"]),
        sa.ForeignKeyConstraint(["shared_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("partnership_id", "collaboration_id", "shared_by"):
        op.create_index(f"ix_document_share_{column}", "document_share", [column])
    op.create_index("ix_document_share_in_order", "document_share", ["document_id", "shared_at", "id"])
    op.create_table(
        "document_share_opening",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("share_id", sa.String(), nullable=False),
        sa.Column("opened", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["share_id"], ["document_share.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_document_share_opening_in_order", "document_share_opening", ["share_id", "at", "id"])


def downgrade() -> None:
    op.drop_table("document_share_opening")
    op.drop_table("document_share")
