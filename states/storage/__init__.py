"""Where rows live: the engine, the one transaction block, and the column types.

    with begin() as session:
        ...

commits at the end of the block or leaves nothing behind. Services flush; only `begin` commits.
"""

from states.storage.columns import Cents, EnumText, Exact, Instant, Json, fits_cents, new_dict, new_id, new_list
from states.storage.engine import aside, begin, engine, make_engine, reads_only, session_on, snapshot
from states.storage.locking import bump_version
from states.storage.of_transaction import OfTransaction
from states.storage.reading import (
    Keys,
    Length,
    PlainSelect,
    Reading,
    Readings,
    columns_of,
    is_among,
    is_one_of,
    is_value,
    names_set,
    table_of,
)
from states.storage.writing import insert_columns

__all__ = [
    "Cents",
    "EnumText",
    "Exact",
    "Instant",
    "Json",
    "Keys",
    "Length",
    "OfTransaction",
    "PlainSelect",
    "Reading",
    "Readings",
    "aside",
    "begin",
    "bump_version",
    "columns_of",
    "engine",
    "fits_cents",
    "insert_columns",
    "is_among",
    "is_one_of",
    "is_value",
    "make_engine",
    "names_set",
    "new_dict",
    "new_id",
    "new_list",
    "reads_only",
    "session_on",
    "snapshot",
    "table_of",
]
