"""Seals over what people sign and decide, and the tips that tie them to their cases."""

import json
from datetime import UTC
from hashlib import sha256

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_SEALED = (
    "collaboration",
    "consensus",
    "decision",
    "declaration",
    "discussion",
    "evaluation",
    "issued_document",
    "panel_minute",
    "playbook_edition",
    "position",
    "progress_report",
    "protocol_version",
    "review_condition",
    "review_round",
    "reviewer_agreement",
    "risk_review",
    "scenario",
    "scenario_source",
    "scenario_use",
    "seat",
    "seat_change",
    "sign_off",
    "solved_case",
)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    for table in _SEALED:  # no batch: no table is made anew for a column with a default
        op.add_column(table, sa.Column("seal", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "seal_tip",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=False),
        sa.Column("kinds", _JSON, nullable=False),
        sa.Column("doubts", _JSON, nullable=False),
        sa.Column("notes", _JSON, nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("scope"),
    )
    op.create_index("ix_seal_tip_parent", "seal_tip", ["parent"])
    op.create_index("ix_seal_tip_by_sealing", "seal_tip", ["sealed_at", "scope"])


def downgrade() -> None:
    """Take the seals away; lines of the history get those that releases before this one look for."""
    op.drop_table("seal_tip")
    for table in _SEALED:
        op.drop_column(table, "seal")
    lines = sa.table(
        "history_line",
        *(
            sa.column(name)
            for name in (
                *("id", "collaboration_id", "number", "move", "from_stage", "to_stage", "actor_role"),
                *("actor_person_id", "reason", "seal"),
            )
        ),
        sa.column("at", sa.DateTime(timezone=True)),
    )
    connection = op.get_bind()
    previous, case = "", None
    query = sa.select(lines).order_by(lines.c.collaboration_id, lines.c.number)
    for line in connection.execute(query).all():
        previous = previous if line.collaboration_id == case else "0" * 64
        case = line.collaboration_id
        at = (line.at if line.at.tzinfo else line.at.replace(tzinfo=UTC)).astimezone(UTC)
        facts = [
            *(previous, line.collaboration_id, line.number, at.isoformat(), line.move, line.from_stage),
            *(line.to_stage, line.actor_role, line.actor_person_id, line.reason),
        ]
        previous = sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()
        connection.execute(lines.update().where(lines.c.id == line.id).values(seal=previous))
