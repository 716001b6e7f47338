"""The language of a document, and that of a partnership's papers; whatever was issued before is English.

The way back takes papers in other languages out, with their sealed copies and shares.

Revision ID: 0067
Revises: 0066
"""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

_OTHER_LANGUAGES = "SELECT id FROM issued_document WHERE language <> 'en'"


def upgrade() -> None:
    for table in ("partnership", "issued_document"):
        op.add_column(table, sa.Column("language", sa.String(), nullable=False, server_default="en"))
    with op.batch_alter_table("partnership") as batch:
        batch.alter_column("language", server_default=None)
    with op.batch_alter_table("issued_document") as batch:
        batch.alter_column("language", server_default=None)
        batch.drop_constraint("uq_issued_document_edition", type_="unique")
        batch.create_unique_constraint("uq_issued_document_edition", ["kind", "subject_id", "language", "edition"])


def downgrade() -> None:
    shares = f"SELECT id FROM document_share WHERE document_id IN ({_OTHER_LANGUAGES})"
    op.execute(f"DELETE FROM document_share_opening WHERE share_id IN ({shares})")
    op.execute(f"DELETE FROM document_share WHERE document_id IN ({_OTHER_LANGUAGES})")
    op.execute(f"DELETE FROM document_seal WHERE document_id IN ({_OTHER_LANGUAGES})")
    op.execute("DELETE FROM issued_document WHERE language <> 'en'")
    with op.batch_alter_table("issued_document") as batch:
        batch.drop_constraint("uq_issued_document_edition", type_="unique")
        batch.create_unique_constraint("uq_issued_document_edition", ["kind", "subject_id", "edition"])
        batch.drop_column("language")
    with op.batch_alter_table("partnership") as batch:
        batch.drop_column("language")
