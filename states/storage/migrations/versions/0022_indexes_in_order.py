"""Indexes in the order of texts anew: SQLite lost the order when their tables were made anew.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_INDEXES = (
    ("ix_collaboration_by_title", "collaboration", "partnership_id", "title"),
    ("ix_organisation_by_name", "organisation", "name"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for name, table, *before, text in _INDEXES:
        op.drop_index(name, table)
        op.create_index(name, table, [*before, sa.text(f"{text} COLLATE NOCASE"), "id"])


def downgrade() -> None:
    """Leave them: the revisions before make the same indexes."""
