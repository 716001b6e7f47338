"""The same work for every peer: the move from the first stage to the next, and what is necessary for it.

A move needs eight statements. BEGIN; the row, locked, to compare its stage and its version; what the guards of this
move ask, in one statement (in which regions the partners' sites lie, and how many contacts bore fruit); the last line
of the history; the row at its new stage and version; the new line, sealed over the one before; the message for the
outbox; COMMIT. Ours has further effects in the same transaction: the deadline of the stage that is left ends, that of
the next begins, and both are recorded as changes. By hand these take four statements more.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

MOVE, START, END = "draft_outline", "matchmaking", "outline"
ROLE = "project_manager"
SCHEMA = "dbos"  # where DBOS keeps its workflows
LEAST_ORGANISATIONS = LEAST_REGIONS = 2
_NUTS_2 = 4
_NO_SEAL = "0" * 64

# Values are named as SQLite and SQLAlchemy name them; psycopg's own way is made from that.
ROW = "SELECT partnership_id, stage, version FROM collaboration WHERE id = :key"
LOCK = " FOR UPDATE"
FACTS = (
    "SELECT organisation.nuts, (SELECT count(*) FROM contact WHERE contact.collaboration_id = :key"
    " AND contact.status IN ('held', 'accepted')) FROM member JOIN organisation"
    " ON organisation.id = member.organisation_id WHERE member.collaboration_id = :key AND member.left_on IS NULL"
)
LAST = "SELECT number, seal FROM history_line WHERE collaboration_id = :key ORDER BY number DESC LIMIT 1"
STEP = (
    "UPDATE collaboration SET stage = :stage, stage_since = :at, version = version + 1"
    " WHERE id = :key AND version = :version"
)
LINE = (
    "INSERT INTO history_line (id, collaboration_id, number, at, move, from_stage, to_stage, actor_role, reason, seal)"
    " VALUES (:id, :collaboration_id, :number, :at, :move, :from_stage, :to_stage, :actor_role, :reason, :seal)"
)
MESSAGE = (
    "INSERT INTO outbox_message (id, name, partnership_id, collaboration_id, cause_id, payload, created_at,"
    " tries_started, tries_broken_off, tries_failed, last_error, release) VALUES (:id, :name, :partnership_id,"
    " :collaboration_id, :cause_id, :payload, :created_at, 0, 0, 0, '', '')"
)


@dataclass(frozen=True, slots=True)
class Task:
    """What a peer is asked for: this collaboration, as somebody read it."""

    key: str
    version: int


def need(*, stage: str, version: int, expected: int) -> None:
    """Raise where the collaboration is not what was read."""
    if (stage, version) != (START, expected):
        raise RuntimeError(f"it stands at {stage} in version {version}, not at {START} in {expected}")


def check(sites: Sequence[str], contacts: int) -> None:
    """Raise where a guard refuses."""
    if not contacts or len(sites) < LEAST_ORGANISATIONS or len({site[:_NUTS_2] for site in sites}) < LEAST_REGIONS:
        raise RuntimeError("refused")


@dataclass(frozen=True, slots=True)
class Written:
    """The rows of the move, column by column."""

    line: dict[str, Any]
    message: dict[str, Any]


def rows_of(key: str, partnership_id: str, last: tuple[int, str] | None, at: datetime) -> Written:
    """Return the new line of the history, with its seal, and the message."""
    number, previous = last or (0, _NO_SEAL)
    facts = [previous, key, number + 1, at.isoformat(), MOVE, START, END, ROLE, None, ""]
    line: dict[str, Any] = {
        "id": uuid4().hex,
        "collaboration_id": key,
        "number": number + 1,
        "at": at,
        "move": MOVE,
        "from_stage": START,
        "to_stage": END,
        "actor_role": ROLE,
        "reason": "",
        "seal": sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest(),
    }
    message: dict[str, Any] = {
        "id": uuid4().hex,
        "name": "collaboration.moved",
        "partnership_id": partnership_id,
        "collaboration_id": key,
        "cause_id": line["id"],
        "payload": {"move": MOVE, "from_stage": START, "to_stage": END},
        "created_at": at,
    }
    return Written(line, message)


def plain(values: dict[str, object], *, sqlite: bool) -> dict[str, object]:
    """Return values as a driver takes them: JSON as text, and for SQLite instants in UTC without the offset."""
    found: dict[str, object] = {}
    for name, value in values.items():
        if isinstance(value, (dict, list)):
            found[name] = json.dumps(value)
        elif isinstance(value, datetime) and sqlite:
            found[name] = value.replace(tzinfo=None).isoformat(" ", "microseconds")
        else:
            found[name] = value
    return found
