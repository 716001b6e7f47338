"""Which statements are sent to the database of the settings within a block."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from states.storage import engine


@contextmanager
def counted() -> Iterator[list[str]]:
    """Yield the list that every statement goes into."""
    statements: list[str] = []

    def note(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    event.listen(engine(), "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine(), "before_cursor_execute", note)
