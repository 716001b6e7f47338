"""Editions of documents, and what they show kept beside them.

What 0.1.0 issued of one subject is numbered in the order of its issue: another context was another document then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_BEFORE = "issued_document_kind_subject_id_context_sha256_key"
_CONVENTION = {"uq": "%(table_name)s_%(column_0_N_name)s_key"}
_NEW = {"edition": "1", "template": "", "fonts": "", "renderer": "", "because": "[]"}

_NUMBERED = """
UPDATE issued_document SET edition = numbered.number, because = {because}
FROM (
    SELECT id, row_number() OVER (PARTITION BY kind, subject_id ORDER BY issued_at, id) AS number FROM issued_document
) AS numbered
WHERE issued_document.id = numbered.id AND numbered.number > 1
"""
_OLDER_OF_A_CONTEXT = """
DELETE FROM issued_document WHERE EXISTS (
    SELECT 1 FROM issued_document AS newer
    WHERE newer.kind = issued_document.kind AND newer.subject_id = issued_document.subject_id
    AND newer.context_sha256 = issued_document.context_sha256 AND newer.edition > issued_document.edition
)
"""


def upgrade() -> None:
    json = sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")
    op.create_table(
        "document_context",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    with op.batch_alter_table("issued_document") as batch:
        batch.add_column(sa.Column("edition", sa.Integer(), nullable=False, server_default=_NEW["edition"]))
        batch.add_column(sa.Column("because", json, nullable=False, server_default=_NEW["because"]))
        for name in ("template", "fonts", "renderer"):
            batch.add_column(sa.Column(name, sa.String(), nullable=False, server_default=_NEW[name]))
        batch.add_column(sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True))
    changed = "'[\"content\"]'"
    of_postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(_NUMBERED.format(because=f"{changed}::jsonb" if of_postgresql else changed))
    with op.batch_alter_table("issued_document", naming_convention=_CONVENTION) as batch:
        for name in _NEW:
            batch.alter_column(name, server_default=None)
        batch.drop_constraint(_BEFORE, type_="unique")
        batch.create_unique_constraint("uq_issued_document_edition", ["kind", "subject_id", "edition"])
        batch.create_index("ix_issued_document_sha256", ["sha256"])


def downgrade() -> None:
    op.execute(_OLDER_OF_A_CONTEXT)
    with op.batch_alter_table("issued_document") as batch:
        batch.drop_index("ix_issued_document_sha256")
        batch.drop_constraint("uq_issued_document_edition", type_="unique")
        batch.create_unique_constraint(_BEFORE, ["kind", "subject_id", "context_sha256"])
        for name in (*_NEW, "lost_at"):
            batch.drop_column(name)
    op.drop_table("document_context")
