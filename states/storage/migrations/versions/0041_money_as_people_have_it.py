"""Money as people have it: rates, VAT, in kind, simplified costs.

Revision ID: 0041
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0038"
branch_labels = None
depends_on = None

_OF_A_LINE = (
    ("currency", sa.String(), "'EUR'"),
    ("stated", sa.String(40), None),
    ("rate", sa.String(40), None),
    ("rate_on", sa.Date(), None),
    ("rate_source", sa.String(), "''"),
    ("own_rate", sa.Boolean(), sa.false()),
    ("vat_percent", sa.String(40), None),
    ("vat_included", sa.Boolean(), sa.false()),
    ("vat_recoverable", sa.Boolean(), None),
    ("in_kind", sa.Boolean(), sa.false()),
    ("option", sa.String(), "''"),
    ("percent", sa.String(40), None),
    ("units", sa.String(40), None),
)


def upgrade() -> None:
    op.create_table(
        "exchange_rate",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partnership_id", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("rate", sa.String(40), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partnership_id", "currency", "month", "edition"),
    )
    op.create_index("ix_exchange_rate_partnership_id", "exchange_rate", ["partnership_id"])
    op.create_table(
        "money_terms",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partnership_id", sa.String(), nullable=False),
        sa.Column("rate_rule", sa.String(40), nullable=False),
        sa.Column("options", sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partnership_id"),
    )
    op.create_table(
        "vat_status",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("recovers", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organisation_id"),
    )
    op.create_table(
        "simplified_cost",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partnership_id", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("under", sa.String(), nullable=False),
        sa.Column("percent", sa.String(40), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("base", sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("covers", sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("instrument", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partnership_id", "slug"),
    )
    op.create_index("ix_simplified_cost_partnership_id", "simplified_cost", ["partnership_id"])
    for name, kind, default in _OF_A_LINE:
        stands = sa.text(default) if isinstance(default, str) else default
        op.add_column("cost_line", sa.Column(name, kind, nullable=default is None, server_default=stands))


def downgrade() -> None:
    """Lines keep their EUR; how these came about is lost."""
    with op.batch_alter_table("cost_line") as batch:
        for name, _, _ in reversed(_OF_A_LINE):
            batch.drop_column(name)
    for table in ("simplified_cost", "vat_status", "money_terms", "exchange_rate"):
        op.drop_table(table)
