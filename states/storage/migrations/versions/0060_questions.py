"""Questions on cases, and their answers.

Revision ID: 0060
Revises: 0059
"""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partnership_id", sa.String(), nullable=False),
        sa.Column("collaboration_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=True),
        sa.Column("asked_role", sa.String(), nullable=False),
        sa.Column("asked_organisation_id", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_role", sa.String(), nullable=False),
        sa.Column("to_organisation_id", sa.String(), nullable=True),
        sa.Column("to_person_id", sa.String(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("blind_words", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"]),
        sa.ForeignKeyConstraint(["collaboration_id"], ["collaboration.id"]),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["asked_organisation_id"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["to_organisation_id"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["to_person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_question_by_asking", "question", ["partnership_id", "asked_at", "id"])
    op.create_index("ix_question_of_collaboration", "question", ["collaboration_id", "asked_at", "id"])
    op.create_index("ix_question_by_day", "question", ["partnership_id", "due_on", "id"])
    for column in ("asked_by", "to_person_id"):
        op.create_index(f"ix_question_{column}", "question", [column])
    op.create_table(
        "question_answer",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("written_by", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("of_asker", sa.Boolean(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"]),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("question_id", "number"),
    )
    op.create_index("ix_question_answer_question_id", "question_answer", ["question_id"])


def downgrade() -> None:
    op.drop_table("question_answer")
    op.drop_table("question")
