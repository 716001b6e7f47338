"""After the money: progress of partners, changes that are asked for with their approvals, and results.

Revision ID: 0059
Revises: 0058
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "partner_progress",
        *_case(),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("done", sa.String(), nullable=False),
        sa.Column("readiness", sa.Integer(), nullable=True),
        sa.Column("jobs", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("spent", _JSON, nullable=False),
        sa.Column("received", _JSON, nullable=False),
        sa.Column("indicators", _JSON, nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_in_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["handed_in_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"]),
        sa.UniqueConstraint("collaboration_id", "organisation_id", "period", "revision"),
    )
    op.create_index("ix_partner_progress_organisation_id", "partner_progress", ["organisation_id"])
    op.create_table(
        "change_request",
        *_case(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("differences", _JSON, nullable=False),
        sa.Column("shifted", sa.BigInteger(), nullable=True),
        sa.Column("budget", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answered_before", sa.Integer(), nullable=False),
        sa.Column("from_version_id", sa.String(), nullable=True),
        sa.Column("draft_sha256", sa.String(), nullable=True),
        sa.Column("to_version_id", sa.String(), nullable=True),
        sa.Column("closed_because", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["requested_by"], ["person.id"]),
        sa.UniqueConstraint("collaboration_id", "number"),
    )
    op.create_table(
        "change_approval",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("change_request_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["change_request_id"], ["change_request.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("change_request_id", "number"),
    )
    op.create_index("ix_change_approval_change_request_id", "change_approval", ["change_request_id"])
    op.create_table(
        "project_result",
        *_case(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("target", sa.Numeric(precision=18, scale=4), nullable=False),
        sa.Column("achieved", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("collaboration_id", "number"),
    )
    for table in ("partner_progress", "change_request", "project_result"):
        for column in ("partnership_id", "collaboration_id"):
            op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for table in ("project_result", "change_approval", "change_request", "partner_progress"):
        op.drop_table(table)


def _case() -> list[sa.schema.SchemaItem]:
    """Return what the rows of a collaboration have in common."""
    return [
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partnership_id", sa.String(), nullable=False),
        sa.Column("collaboration_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"]),
        sa.ForeignKeyConstraint(["collaboration_id"], ["collaboration.id"]),
        sa.PrimaryKeyConstraint("id"),
    ]
