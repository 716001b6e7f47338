"""By hand: the necessary statements on the driver itself, psycopg or sqlite3, over one open connection."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg

from states.clock import now
from states.storage.engine import SQLITE_BUSY_SECONDS
from tests.bench.moving.work import (
    END,
    FACTS,
    LAST,
    LINE,
    LOCK,
    MESSAGE,
    ROLE,
    ROW,
    STEP,
    Task,
    check,
    need,
    plain,
    rows_of,
)

_OPEN = (
    "SELECT id, title, ladder, nuts, time_zone FROM deadline"
    " WHERE collaboration_id = :key AND kind = 'stage' AND state = 'open'"
)
_DONE = (
    "UPDATE deadline SET state = 'done', sequence = sequence + 1, changed_at = :at, closed_at = :at,"
    " next_check_at = NULL WHERE id = :id"
)
_NEXT = (
    "INSERT INTO deadline (id, partnership_id, collaboration_id, kind, subject_id, title, owner_role, personal, legal,"
    " ladder, nuts, due_on, time_zone, anchor_days, date_revision, date_revised_at, owner_revision, sequence,"
    " opened_at, changed_at, state, next_check_at, version) VALUES (:id, :partnership_id, :key, 'stage', :key, :title,"
    " :role, false, false, :ladder, :nuts, :due_on, :time_zone, 0, 1, :at, 0, 0, :at, :at, 'open', :at, 1)"
)
_RECORD = (
    "INSERT INTO change_record (act, at, via, key, role, operator, noun, subject_id, partnership_id, collaboration_id,"
    " kind, field, before, after) VALUES (:act, :at, 'command', 'by hand', '', '', 'deadline', :subject_id,"
    " :partnership_id, :key, :kind, :field, :before, :after)"
)
_DAYS = 60


class Postgres:
    """psycopg, with prepared statements as its default has them."""

    lock, sqlite = LOCK, False

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url)
        self._texts: dict[str, str] = {}

    @contextmanager
    def begin(self) -> Iterator[None]:
        with self._connection.transaction():
            yield

    def run(self, statement: str, values: Mapping[str, object]) -> Sequence[tuple[Any, ...]]:
        cursor = self._connection.execute(self._text(statement), values)
        return cursor.fetchall() if cursor.description else ()

    def run_many(self, statement: str, values: Sequence[Mapping[str, object]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(self._text(statement), values)

    def _text(self, statement: str) -> Any:
        if statement not in self._texts:
            self._texts[statement] = re.sub(r":(\w+)", r"%(\1)s", statement)
        return self._texts[statement]


class Sqlite:
    """sqlite3, set up as the product sets it up."""

    lock, sqlite = "", True

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(
            path, timeout=SQLITE_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL"):
            self._connection.execute(f"PRAGMA {pragma}")

    @contextmanager
    def begin(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def run(self, statement: str, values: Mapping[str, object]) -> Sequence[tuple[Any, ...]]:
        return self._connection.execute(statement, values).fetchall()

    def run_many(self, statement: str, values: Sequence[Mapping[str, object]]) -> None:
        self._connection.executemany(statement, values)


def connect(url: str) -> Postgres | Sqlite:
    """Return an open connection to the database of an address."""
    path = url.removeprefix("sqlite:///")
    return Postgres(url) if path == url else Sqlite(path)


def mover(url: str) -> Callable[[Task], None]:
    """Return what makes a move."""
    connection = connect(url)

    def move(task: Task) -> None:
        with connection.begin():
            step(connection, task, now())

    return move


def mover_with_effects(url: str) -> Callable[[Task], None]:
    """Return what makes a move with the further effects of ours."""
    connection = connect(url)

    def move(task: Task) -> None:
        at = now()
        with connection.begin():
            _deadlines(connection, task.key, step(connection, task, at), at)

    return move


def step(connection: Postgres | Sqlite, task: Task, at: datetime) -> str:
    """Send the necessary statements within a transaction; return the partnership's id."""
    key, sqlite = {"key": task.key}, connection.sqlite
    [(partnership_id, stage, version)] = connection.run(ROW + connection.lock, key)
    need(stage=stage, version=version, expected=task.version)
    facts = connection.run(FACTS, key)
    check([site for site, _ in facts], facts[0][1] if facts else 0)
    last = next(iter(connection.run(LAST, key)), None)
    made = rows_of(task.key, partnership_id, None if last is None else (last[0], last[1]), at)
    connection.run(STEP, plain({**key, "stage": END, "at": at, "version": version}, sqlite=sqlite))
    connection.run(LINE, plain(made.line, sqlite=sqlite))
    connection.run(MESSAGE, plain(made.message, sqlite=sqlite))
    return str(partnership_id)


def _deadlines(connection: Postgres | Sqlite, key: str, partnership_id: str, at: datetime) -> None:
    sqlite = connection.sqlite
    [(ended, title, ladder, nuts, zone)] = connection.run(_OPEN, {"key": key})
    connection.run(_DONE, plain({"id": ended, "at": at}, sqlite=sqlite))
    opened: dict[str, object] = {
        "id": uuid4().hex,
        "partnership_id": partnership_id,
        "key": key,
        "title": title,
        "role": ROLE,
        "ladder": ladder,
        "nuts": nuts,
        "due_on": (at + timedelta(days=_DAYS)).date().isoformat(),
        "time_zone": zone,
        "at": at,
    }
    connection.run(_NEXT, plain(opened, sqlite=sqlite))
    record: dict[str, object] = {"act": uuid4().hex, "at": at, "partnership_id": partnership_id, "key": key}
    changed = {**record, "subject_id": ended, "kind": "changed"}
    made = {name: str(value) for name, value in opened.items()}
    records: list[dict[str, object]] = [
        {**changed, "field": "closed_at", "before": "null", "after": f'"{at.isoformat()}"'},
        {**changed, "field": "state", "before": '"open"', "after": '"done"'},
        {**record, "subject_id": opened["id"], "kind": "created", "field": "", "before": "null", "after": made},
    ]
    connection.run_many(_RECORD, [plain(one, sqlite=sqlite) for one in records])
