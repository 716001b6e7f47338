"""Call tables and columns by the names of the house: outbox messages, revisions, tries."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = (("outbox_event", "outbox_message"), ("consumed_event", "consumed_message"))
_COLUMNS = (
    ("outbox_message", "begun", "tries_started"),
    ("outbox_message", "attempts", "tries_failed"),
    ("consumed_message", "event_id", "message_id"),
    ("mail", "attempts", "tries_failed"),
    ("deadline", "edition", "date_revision"),
    ("deadline", "edition_at", "date_revised_at"),
    ("deadline", "handovers", "owner_revision"),
    ("deadline", "look_at", "next_check_at"),
    ("reminder", "edition", "date_revision"),
    ("reminder", "handover", "owner_revision"),
)
_OPEN = sa.text("done_at IS NULL AND dead_at IS NULL")


def upgrade() -> None:
    _drop_indexes("outbox_event", "look_at")
    for old, new in _TABLES:
        op.rename_table(old, new)
    for table, old, new in _COLUMNS:
        _rename(table, old, new)
    _make_indexes("outbox_message", "next_check_at")


def downgrade() -> None:
    _drop_indexes("outbox_message", "next_check_at")
    for table, old, new in _COLUMNS:
        _rename(table, new, old)
    for old, new in _TABLES:
        op.rename_table(new, old)
    _make_indexes("outbox_event", "look_at")


def _rename(table: str, old: str, new: str) -> None:
    # Both engines rename a column in place, with all that refers to it; a batch would copy the whole table.
    op.execute(f'ALTER TABLE "{table}" RENAME COLUMN "{old}" TO "{new}"')


def _drop_indexes(outbox: str, check: str) -> None:
    for suffix in ("cause_id", "collaboration_id", "name", "open", "open_of"):
        op.drop_index(f"ix_{outbox}_{suffix}", table_name=outbox)
    op.drop_index(f"ix_deadline_{check}", table_name="deadline")


def _make_indexes(outbox: str, check: str) -> None:
    for column in ("cause_id", "collaboration_id", "name"):
        op.create_index(f"ix_{outbox}_{column}", outbox, [column])
    op.create_index(f"ix_{outbox}_open", outbox, ["sequence"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    columns = ["collaboration_id", "sequence"]
    op.create_index(f"ix_{outbox}_open_of", outbox, columns, sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index(f"ix_deadline_{check}", "deadline", [check])
