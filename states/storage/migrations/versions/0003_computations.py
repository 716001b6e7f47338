"""Keep every long computation in one ledger: timetables and solved funding cases had one each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_INSTANT = sa.DateTime(timezone=True)
_AT_ONCE = 200
# What an answer of a timetable holds, with its value where there is none.
_FOUND: Mapping[str, object] = {
    "took": None, "breaks": None, "bound": None, "unfair": 0, "proven": False, "moved": None, "placements": {},
    "unplaced": [], "explanation": [],
}  # fmt: skip

Row = Mapping[str, Any]


def upgrade() -> None:
    _make("computation", _LEDGER, ("asked_by", "before_id", "collaboration_id", "partnership_id"))
    op.create_index("ix_computation_subject", "computation", ["kind", "subject_id"])
    for column in ("partnership_id", "collaboration_id"):
        op.create_index(f"ix_computation_{column}", "computation", [column])
    _make("computation_line", _LINES, ("computation_id",))
    op.create_index("ix_computation_line_computation_id", "computation_line", ["computation_id"])
    ledger, lines, timetables, timetable_lines, solvings, solving_lines = _tables()
    _copy(timetables, ledger, _from_timetable)
    _copy(solvings, ledger, _from_solving)
    _point_back(solvings, ledger)
    _copy(timetable_lines, lines, _from_timetable_line)
    _copy(solving_lines, lines, _from_solving_line)
    for table in ("timetable_line", "funding_line", "timetable_run", "funding_run"):
        op.drop_table(table)


def downgrade() -> None:
    """Take the two ledgers back; assignments of seats, which had none, are left out."""
    _make("timetable_run", _TIMETABLES, ("asked_by", "event_id", "partnership_id"))
    _make("funding_run", _SOLVINGS, ("asked_by", "before_id", "collaboration_id", "partnership_id"))
    _make("timetable_line", _TIMETABLE_LINES, ("run_id",))
    _make("funding_line", _SOLVING_LINES, ("run_id",))
    for table, column in (
        ("timetable_run", "event_id"),
        ("timetable_run", "partnership_id"),
        ("funding_run", "collaboration_id"),
        ("timetable_line", "run_id"),
        ("funding_line", "run_id"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])
    ledger, lines, timetables, timetable_lines, solvings, solving_lines = _tables()
    _copy(ledger, timetables, _to_timetable, where=ledger.c.kind == "timetable")
    _copy(ledger, solvings, _to_solving, where=ledger.c.kind == "funding")
    _point_back(ledger, solvings)
    for kind, into, change in (
        ("timetable", timetable_lines, _to_timetable_line),
        ("funding", solving_lines, _to_solving_line),
    ):
        of_kind = lines.c.computation_id.in_(sa.select(ledger.c.id).where(ledger.c.kind == kind))
        _copy(lines, into, change, where=of_kind)
    op.drop_table("computation_line")
    op.drop_table("computation")


Columns = Mapping[str, tuple[sa.types.TypeEngine[Any], bool]]  # its type, and whether it may be null

_TEXT, _NUMBER, _FLAG, _STATE = sa.String(), sa.Integer(), sa.Boolean(), sa.String(length=40)

_LEDGER: Columns = {
    "id": (_TEXT, False),
    "kind": (_TEXT, False),
    "subject_id": (_TEXT, False),
    "partnership_id": (_TEXT, False),
    "collaboration_id": (_TEXT, True),
    "asked_by": (_TEXT, True),
    "asked_at": (_INSTANT, False),
    "seconds": (_NUMBER, False),
    "before_id": (_TEXT, True),
    "task": (_JSON, False),
    "state": (_STATE, False),
    "started_at": (_INSTANT, True),
    "ended_at": (_INSTANT, True),
    "answer": (_JSON, False),
    "faults": (_JSON, False),
    "version": (_NUMBER, False),
}
_LINES: Columns = {
    "id": (_NUMBER, False),
    "computation_id": (_TEXT, False),
    "at": (_INSTANT, False),
    "progress": (_JSON, False),
}
_TIMETABLES: Columns = {
    "id": (_TEXT, False),
    "event_id": (_TEXT, False),
    "partnership_id": (_TEXT, False),
    "asked_by": (_TEXT, False),
    "asked_at": (_INSTANT, False),
    "seconds": (_NUMBER, False),
    "keep": (_FLAG, False),
    "demand": (_NUMBER, False),
    "state": (_STATE, False),
    "ended_at": (_INSTANT, True),
    "took": (sa.Float(), True),
    "breaks": (_NUMBER, True),
    "bound": (_NUMBER, True),
    "unfair": (_NUMBER, False),
    "proven": (_FLAG, False),
    "moved": (_NUMBER, True),
    "placements": (_JSON, False),
    "unplaced": (_JSON, False),
    "explanation": (_JSON, False),
    "published_at": (_INSTANT, True),
    "version": (_NUMBER, False),
}
_TIMETABLE_LINES: Columns = {
    "id": (_NUMBER, False),
    "run_id": (_TEXT, False),
    "at": (_INSTANT, False),
    "breaks": (_NUMBER, True),
    "unplaced": (_NUMBER, False),
    "bound": (_NUMBER, True),
}
_SOLVINGS: Columns = {
    "id": (_TEXT, False),
    "collaboration_id": (_TEXT, False),
    "partnership_id": (_TEXT, False),
    "asked_by": (_TEXT, True),
    "asked_at": (_INSTANT, False),
    "seconds": (_NUMBER, False),
    "before_id": (_TEXT, True),
    "change": (_JSON, False),
    "state": (_STATE, False),
    "case": (_JSON, False),
    "answer": (_JSON, False),
    "differences": (_JSON, False),
    "faults": (_JSON, False),
    "ended_at": (_INSTANT, True),
    "version": (_NUMBER, False),
}
_SOLVING_LINES: Columns = {
    "id": (_NUMBER, False),
    "run_id": (_TEXT, False),
    "at": (_INSTANT, False),
    "mix": (_TEXT, False),
    "number": (_NUMBER, False),
    "total": (_NUMBER, False),
    "work": (_TEXT, False),
    "objective": (_TEXT, False),
    "gap": (sa.BigInteger(), True),
}
_REFERRED = {"asked_by": "person", "event_id": "brokerage_event", "computation_id": "computation"}


def _columns(of: Columns) -> Iterator[sa.Column[Any]]:
    return (sa.Column(name, kind, nullable=nullable) for name, (kind, nullable) in of.items())


def _make(name: str, columns: Columns, keys: Sequence[str]) -> None:
    """Make a table with a foreign key on each of these columns."""
    own = {"before_id": name, "run_id": name.replace("_line", "_run")}
    referred = {key: own.get(key) or _REFERRED.get(key) or key.removesuffix("_id") for key in keys}
    op.create_table(
        name,
        *_columns(columns),
        *(sa.ForeignKeyConstraint([key], [f"{other}.id"]) for key, other in referred.items()),
        sa.PrimaryKeyConstraint("id"),
    )


def _tables() -> list[sa.Table]:
    known = sa.MetaData()
    shapes = {
        "computation": _LEDGER,
        "computation_line": _LINES,
        "timetable_run": _TIMETABLES,
        "timetable_line": _TIMETABLE_LINES,
        "funding_run": _SOLVINGS,
        "funding_line": _SOLVING_LINES,
    }
    return [sa.Table(name, known, *_columns(shape)) for name, shape in shapes.items()]


def _point_back(source: sa.Table, into: sa.Table) -> None:
    """Say which one each changes, once all are there: it may have been asked for within the same instant."""
    bind = op.get_bind()
    for row in bind.execute(sa.select(source.c.id, source.c.before_id).where(source.c.before_id.is_not(None))).all():
        bind.execute(into.update().where(into.c.id == row.id).values(before_id=row.before_id))


def _copy(
    source: sa.Table,
    into: sa.Table,
    change: Callable[[Row], dict[str, object]],
    *,
    where: sa.ColumnElement[bool] | None = None,
) -> None:
    """Copy a table in pieces by its key, each read whole before it is written."""
    query = sa.select(source).order_by(source.c.id).limit(_AT_ONCE)
    query = query if where is None else query.where(where)
    bind, last = op.get_bind(), None
    while rows := bind.execute(query if last is None else query.where(source.c.id > last)).mappings().all():
        bind.execute(into.insert(), [change(row) for row in rows])
        last = rows[-1]["id"]


def _kept(row: Row, *names: str) -> dict[str, object]:
    return {name: row[name] for name in names}


_ALIKE = ("id", "partnership_id", "asked_by", "asked_at", "seconds", "ended_at", "version")


def _from_timetable(row: Row) -> dict[str, object]:
    published = None if row["published_at"] is None else _as_text(row["published_at"])
    answer = {} if row["took"] is None else {**_kept(row, *_FOUND), "published_at": published}
    return {
        **_kept(row, *_ALIKE, "state"),
        "kind": "timetable",
        "subject_id": row["event_id"],
        "task": _kept(row, "keep", "demand"),
        "answer": answer,
        "faults": [],
    }


def _to_timetable(row: Row) -> dict[str, object]:
    answer = {**_FOUND, "published_at": None, **row["answer"]}
    published = answer.pop("published_at")
    return {
        **_kept(row, *_ALIKE, "state"),
        "event_id": row["subject_id"],
        **row["task"],
        **answer,
        "published_at": None if published is None else datetime.fromisoformat(published),
    }


def _from_solving(row: Row) -> dict[str, object]:
    return {
        **_kept(row, *_ALIKE, "collaboration_id", "faults"),
        "state": "infeasible" if row["state"] == "clashing" else row["state"],
        "kind": "funding",
        "subject_id": row["collaboration_id"],
        "task": {"case": row["case"], "change": row["change"] or None},
        "answer": _kept(row, "answer", "differences") if row["answer"] else {},
    }


def _to_solving(row: Row) -> dict[str, object]:
    return {
        **_kept(row, *_ALIKE, "collaboration_id", "faults"),
        "state": "clashing" if row["state"] == "infeasible" else row["state"],
        "case": row["task"]["case"],
        "change": row["task"]["change"] or {},
        "answer": row["answer"].get("answer", {}),
        "differences": row["answer"].get("differences", []),
    }


def _from_timetable_line(row: Row) -> dict[str, object]:
    return _line(row) | {"progress": _kept(row, "breaks", "unplaced", "bound")}


def _from_solving_line(row: Row) -> dict[str, object]:
    gap = None if row["gap"] is None else f"{Decimal(row['gap']).scaleb(-2):.2f}"
    progress = _kept(row, "mix", "number", "total", "work", "objective")
    return _line(row) | {"progress": {**progress, "gap": gap}}


def _line(row: Row) -> dict[str, object]:
    return {"computation_id": row["run_id"], "at": row["at"]}


def _to_timetable_line(row: Row) -> dict[str, object]:
    return {"run_id": row["computation_id"], "at": row["at"], **row["progress"]}


def _to_solving_line(row: Row) -> dict[str, object]:
    gap = row["progress"]["gap"]
    cents = None if gap is None else int(Decimal(gap) * 100)
    return {"run_id": row["computation_id"], "at": row["at"], **row["progress"], "gap": cents}


def _as_text(instant: datetime) -> str:
    known = instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    return known.isoformat().replace("+00:00", "Z")
