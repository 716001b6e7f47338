"""How SQLite finds the rows of what is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from states.storage import engine


@contextmanager
def plans(*, having: str = "") -> Iterator[list[tuple[str, list[str]]]]:
    """Yield the list that every statement goes into which reads, and has such a part, with the lines of its plan."""
    found: list[tuple[str, list[str]]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("SELECT") and having in statement:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found.append((statement, [row[3] for row in cursor.fetchall()]))

    event.listen(engine(), "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine(), "before_cursor_execute", note)
