"""What matches, as a condition of the database's own full-text index; nothing but folded words goes into it."""

from enum import IntEnum

from sqlalchemy import CTE, BigInteger, String, column, func, literal_column, select, table
from sqlmodel import Session

from states.search.words import Phrase, Words

# The same digits as in migration 0007: PostgreSQL's parser would take 4e26 for a number and cut what follows.
_DIGITS = str.maketrans("0123456789", "ᚠᚢᚦᚨᚱᚲᚷᚹᚺᚾ")
_PARTS = ("title", "outline", "details", "inside")
_WEIGHTS = "ABCD"
_INDEX = table("search_index", column("rowid", BigInteger), column("search_index", String))
_VECTORS = table("search_entry", column("number", BigInteger), column("plain_words"), column("blind_words"))


class Level(IntEnum):
    """How much somebody reads of what can be found: ever more of its parts."""

    TITLE = 1
    OUTLINE = 2
    DETAILS = 3
    INSIDE = 4


def matches(session: Session, words: Words, level: Level, *, blind: bool = False) -> CTE:
    """Return the `number` of each entry that holds the words in the parts up to a level, names masked if `blind`.

    What lies beyond the level has no part in it, neither for what is wanted nor for what is excluded. The full-text
    index is asked once, before anything else: no engine makes of it an inner loop.
    """
    if session.get_bind().dialect.name == "postgresql":
        vector = _VECTORS.c.blind_words if blind else _VECTORS.c.plain_words
        asked = func.to_tsquery(literal_column("'simple'"), _tsquery(words, _WEIGHTS[:level]))
        found = select(_VECTORS.c.number).where(vector.bool_op("@@")(asked))
    else:
        parts = [f"blind_{name}" if blind else name for name in _PARTS[:level]]
        found = select(_INDEX.c.rowid.label("number")).where(
            _INDEX.c.search_index.bool_op("MATCH")(_fts5(words, parts))
        )
    return found.cte(f"{'blind' if blind else 'plain'}_{level.name.lower()}").prefix_with("MATERIALIZED")


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
