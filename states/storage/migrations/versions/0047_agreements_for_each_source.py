"""Agreements for each source: planned or signed, with days, document, former terms and conditions.

Revision ID: 0047
Revises: 0046
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("source_kind", sa.String()),
    ("instrument_id", sa.String()),
    ("organisation_id", sa.String()),
    ("starts_on", sa.Date()),
    ("ends_on", sa.Date()),
    ("evidence_id", sa.String()),
    ("ended_on", sa.Date()),
    ("withdrawn_on", sa.Date()),
    ("closed_because", sa.String()),
)
_LEADS_TO = (("instrument_id", "instrument"), ("organisation_id", "organisation"), ("evidence_id", "evidence"))


def upgrade() -> None:
    with op.batch_alter_table("agreement") as batch:
        for name, kind in _COLUMNS:
            batch.add_column(sa.Column(name, kind, nullable=True))
        for name, table in _LEADS_TO:
            batch.create_foreign_key(f"agreement_{name}_fkey", table, [name], ["id"])
        batch.alter_column("submission_id", existing_type=sa.String(), nullable=True)
        batch.alter_column("agreed_on", existing_type=sa.Date(), nullable=True)
    op.create_table(
        "agreement_terms",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("funder", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("evidence_id", sa.String(), nullable=True),
        sa.Column("replaced_because", sa.String(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("agreement_id", "number"),
    )
    op.create_index("ix_agreement_terms_agreement_id", "agreement_terms", ["agreement_id"])
    op.create_table(
        "agreement_condition",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("evidence_id", sa.String(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("agreement_id", "number"),
    )
    op.create_index("ix_agreement_condition_agreement_id", "agreement_condition", ["agreement_id"])


def downgrade() -> None:
    op.drop_table("agreement_condition")
    op.drop_table("agreement_terms")
    op.execute("DELETE FROM agreement WHERE submission_id IS NULL OR agreed_on IS NULL")
    with op.batch_alter_table("agreement") as batch:
        for name, _ in _LEADS_TO:
            batch.drop_constraint(f"agreement_{name}_fkey", type_="foreignkey")
        for name, _ in _COLUMNS:
            batch.drop_column(name)
        batch.alter_column("submission_id", existing_type=sa.String(), nullable=False)
        batch.alter_column("agreed_on", existing_type=sa.Date(), nullable=False)
