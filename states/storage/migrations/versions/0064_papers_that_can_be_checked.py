"""Codes on the covers of documents, and sealed copies of them.

Revision ID: 0064
Revises: 0062
"""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("issued_document", sa.Column("code", sa.String(), nullable=True))
    op.add_column("issued_document", sa.Column("verified_at", sa.String(), nullable=True))
    op.create_index("ix_issued_document_code", "issued_document", ["code"], unique=True)
    op.create_table(
        "document_seal",
        sa.Column("seal", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partnership_id", sa.String(), nullable=False),
        sa.Column("collaboration_id", sa.String(), nullable=True),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("signer", sa.String(), nullable=False),
        sa.Column("certificate_sha256", sa.String(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"]),
        sa.ForeignKeyConstraint(["collaboration_id"], ["collaboration.id"]),
        sa.ForeignKeyConstraint(["document_id"], ["issued_document.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_document_seal_partnership_id", "document_seal", ["partnership_id"])
    op.create_index("ix_document_seal_collaboration_id", "document_seal", ["collaboration_id"])
    op.create_index("ix_document_seal_sha256", "document_seal", ["sha256"])
    op.create_index("ix_document_seal_in_order", "document_seal", ["document_id", "sealed_at", "id"])


def downgrade() -> None:
    op.drop_table("document_seal")
    op.drop_index("ix_issued_document_code", "issued_document")
    op.drop_column("issued_document", "verified_at")
    op.drop_column("issued_document", "code")
