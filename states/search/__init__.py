"""Full-text search: an index that every session keeps, in the transaction of the rows of which it tells."""

from states.search.indexing import Entry, Texts, Watched, is_complete, provide, rebuild, write_entries, write_subjects
from states.search.tables import SearchKind

__all__ = [
    "Entry",
    "SearchKind",
    "Texts",
    "Watched",
    "is_complete",
    "provide",
    "rebuild",
    "write_entries",
    "write_subjects",
]
