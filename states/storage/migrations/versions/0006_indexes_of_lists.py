"""Indexes by which long lists are filtered and sorted."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_collaboration_by_opening": ("collaboration", ["partnership_id", "opened_at", "id"]),
    "ix_collaboration_by_stage": ("collaboration", ["partnership_id", "stage", "opened_at", "id"]),
    "ix_collaboration_by_stage_since": ("collaboration", ["partnership_id", "stage_since", "id"]),
    "ix_issued_document_by_issue": ("issued_document", ["partnership_id", "issued_at", "id"]),
    "ix_issued_document_by_kind": ("issued_document", ["partnership_id", "kind", "issued_at", "id"]),
    "ix_deadline_by_day": ("deadline", ["partnership_id", "state", "due_on", "id"]),
    "ix_deadline_by_opening": ("deadline", ["partnership_id", "state", "opened_at", "id"]),
    "ix_contact_by_record": ("contact", ["partnership_id", "recorded_at", "id"]),
    "ix_interest_by_sending": ("interest", ["partnership_id", "sent_at", "id"]),
}
BY_TEXT = {
    "ix_collaboration_by_title": ("collaboration", ["partnership_id"], "title"),
    "ix_profile_by_reference": ("profile", ["partnership_id"], "reference"),
    "ix_organisation_by_name": ("organisation", [], "name"),
}


def upgrade() -> None:
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)
    of_postgresql = op.get_bind().dialect.name == "postgresql"
    for name, (table, before, column) in BY_TEXT.items():
        by_text = f'lower({column} COLLATE "C")' if of_postgresql else f"{column} COLLATE NOCASE"
        op.create_index(name, table, [*before, sa.text(by_text), "id"])


def downgrade() -> None:
    for name, (table, *_) in (BY_TEXT | INDEXES).items():
        op.drop_index(name, table_name=table)
