"""What an organisation is before the law: its name, seat and numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_COLUMNS = ("legal_name", "legal_form", "address", "registration_number", "vat_number", "pic", "nace")


def upgrade() -> None:
    with op.batch_alter_table("organisation") as batch:
        for name in _COLUMNS:
            batch.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("organisation") as batch:
        for name in _COLUMNS:
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("organisation") as batch:
        for name in _COLUMNS:
            batch.drop_column(name)
