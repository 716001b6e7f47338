"""The headcount of an organisation in annual work units, to the hundredth (Recommendation 2003/361/EC, Annex, Article 5).

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_NAMES = "ix_organisation_by_name"


def upgrade() -> None:
    _turn(sa.Integer(), sa.Numeric(9, 2))


def downgrade() -> None:
    """Go back to whole people: a part of one is rounded."""
    op.execute("UPDATE organisation SET headcount = ROUND(headcount)")
    _turn(sa.Numeric(9, 2), sa.Integer())


def _turn(before: sa.types.TypeEngine, after: sa.types.TypeEngine) -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:  # it makes the table anew, and forgets by what the index is in order
        op.drop_index(_NAMES, "organisation")
    with op.batch_alter_table("organisation") as batch:
        batch.alter_column("headcount", existing_type=before, type_=after, existing_nullable=True)
    if sqlite:
        op.create_index(_NAMES, "organisation", [sa.text("name COLLATE NOCASE"), "id"])
