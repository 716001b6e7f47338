"""Reports are prepared and issued by two people, say why a question has no answer, and are corrected by editions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_HANDS = ("prepared_by", "issued_by")


def upgrade() -> None:
    with op.batch_alter_table("progress_report") as batch:
        batch.add_column(sa.Column("unanswered", _JSON, nullable=True))
        batch.add_column(sa.Column("because", sa.String(), nullable=True))
        batch.add_column(sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True))
        for name in _HANDS:
            batch.add_column(sa.Column(name, sa.String(), nullable=True))
            batch.create_foreign_key(f"progress_report_{name}_fkey", "person", [name], ["id"])
    op.create_table(
        "report_edition",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partnership_id", sa.String(), nullable=False),
        sa.Column("report_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("answers", _JSON, nullable=False),
        sa.Column("figures", _JSON, nullable=False),
        sa.Column("goals", _JSON, nullable=False),
        sa.Column("self_assessment", _JSON, nullable=False),
        sa.Column("unanswered", _JSON, nullable=True),
        sa.Column("because", sa.String(), nullable=True),
        sa.Column("prepared_by", sa.String(), nullable=True),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_by", sa.String(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"]),
        sa.ForeignKeyConstraint(["report_id"], ["progress_report.id"]),
        sa.ForeignKeyConstraint(["prepared_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["issued_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("report_id", "number"),
    )
    op.create_index("ix_report_edition_report_id", "report_edition", ["report_id"])


def downgrade() -> None:
    op.drop_table("report_edition")
    with op.batch_alter_table("progress_report") as batch:
        for name in _HANDS:
            batch.drop_constraint(f"progress_report_{name}_fkey", type_="foreignkey")
            batch.drop_column(name)
        for name in ("prepared_at", "because", "unanswered"):
            batch.drop_column(name)
