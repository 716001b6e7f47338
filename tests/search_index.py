"""What the index for search holds, and whether that is what the rows say."""

from sqlmodel import Session

from states.search import rebuild, write_entries
from states.search.tables import SearchEntry
from states.storage import table_of

Key = tuple[str, str, str]
Parts = dict[str, str]

_ENTRIES = table_of(SearchEntry)
_PARTS = ("title", "outline", "details", "inside", "blind_title", "blind_outline", "blind_details")


def entries_in(session: Session) -> dict[Key, Parts]:
    """Return the parts of every entry, by its kind, subject and partnership."""
    write_entries(session)
    rows = session.execute(_ENTRIES.select()).mappings()
    return {
        (row["kind"].value, row["subject_id"], row["partnership_id"]): {name: row[name] for name in _PARTS}
        | {"collaboration_id": row["collaboration_id"] or ""}
        for row in rows
    }


def unlike_rebuilt(session: Session) -> list[str]:
    """Return every entry that is not what `rebuild` makes of the rows; the index stays as it is."""
    held = entries_in(session)
    with session.begin_nested() as savepoint:
        rebuild(session)
        made = entries_in(session)
        savepoint.rollback()
    return [
        f"{key}: {held.get(key)} is held, {made.get(key)} is made"
        for key in sorted(held.keys() | made.keys())
        if held.get(key) != made.get(key)
    ]
