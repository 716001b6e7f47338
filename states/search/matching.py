"""What matches, as a condition of the database's own full-text index; nothing but folded words goes into it."""

from enum import IntEnum

from sqlalchemy import ColumnElement, bindparam, column, func, literal_column, select, table
from sqlalchemy.types import NullType
from sqlmodel import Session

from states.search.tables import SearchEntry
from states.search.words import Phrase, Words
from states.storage import columns_of

# The same digits as in migration 0007: PostgreSQL's parser would take 4e26 for a number and cut what follows.
_DIGITS = str.maketrans("0123456789", "ᚠᚢᚦᚨᚱᚲᚷᚹᚺᚾ")
_PARTS = ("title", "outline", "details", "inside")
_WEIGHTS = "ABCD"
_ANY: NullType = NullType()
_INDEX = table("search_index", column("rowid"))


class Level(IntEnum):
    """How much somebody reads of what can be found: ever more of its parts."""

    TITLE = 1
    OUTLINE = 2
    DETAILS = 3
    INSIDE = 4


def matches(session: Session, words: Words, level: Level, *, blind: bool = False) -> ColumnElement[bool]:
    """Return the condition that an entry holds the words in the parts up to a level, with names masked if `blind`.

    What lies beyond the level has no part in it, neither for what is wanted nor for what is excluded.
    """
    if session.get_bind().dialect.name == "postgresql":
        vector = literal_column(f"search_entry.{'blind' if blind else 'plain'}_words", _ANY)
        found: ColumnElement[bool] = vector.bool_op("@@")(
            func.to_tsquery(literal_column("'simple'"), bindparam(None, _tsquery(words, _WEIGHTS[:level])))
        )
        return found
    parts = [f"blind_{name}" if blind else name for name in _PARTS[:level]]
    asked = literal_column("search_index", _ANY).bool_op("MATCH")(bindparam(None, _fts5(words, parts)))
    held: ColumnElement[bool] = columns_of(SearchEntry).number.in_(select(_INDEX.c.rowid).where(asked))
    return held


def _fts5(words: Words, columns: list[str]) -> str:
    wanted = " AND ".join(map(_fts5_phrase, words.wanted))
    excluded = " OR ".join(map(_fts5_phrase, words.excluded))
    return f"{{{' '.join(columns)}}} : (({wanted}){f' NOT ({excluded})' if excluded else ''})"


def _fts5_phrase(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.words)}"{" *" if phrase.open else ""}'


def _tsquery(words: Words, weights: str) -> str:
    wanted = [_ts_phrase(phrase, weights) for phrase in words.wanted]
    excluded = [f"!({_ts_phrase(phrase, weights)})" for phrase in words.excluded]
    return " & ".join([*wanted, *excluded]).translate(_DIGITS)


def _ts_phrase(phrase: Phrase, weights: str) -> str:
    *before, last = phrase.words
    words = [*(f"'{word}':{weights}" for word in before), f"'{last}':{'*' if phrase.open else ''}{weights}"]
    return f"({' <-> '.join(words)})"
