"""How a list of regions is cut into names, countries and codes when its separators cannot be trusted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from states.places import nuts
from states.places.name_folding import WORD, fold
from states.places.region_index import Close, Firmness, Found, find, find_close, find_country
from states.places.region_names import country_codes, region_names

# Characters that only separate. Dashes, slashes and brackets are part of what somebody wrote.
SEPARATORS = ",;|•·‣▪●◦"
_HARD_BREAK = re.compile(r"[;|\t•·‣▪●◦]|\n\s*\n")
_BREAK = re.compile(r"[,;|\t\n•·‣▪●◦/&+:]|\s[-–—]\s")
_BRACKETED = re.compile(r"[(\[]([^()\[\]]{2,60})[)\]]")
_BEFORE_CODE = re.compile(r"^\s*nuts\s*[-\s]?[0-3]?\s*(code)?\s*[:\s]\s*", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z]{2}(?:[0-9][0-9A-Za-z]{0,2}|[A-Za-z][0-9][0-9A-Za-z]?)")
_APART = re.compile(r"(?<![0-9A-Za-z])([A-Z]{2})[ .\u00a0-]([0-9][0-9A-Z]{0,2})(?![0-9A-Za-z])")
_ISO = {"GR": "EL", "GB": "UK"}  # what NUTS writes in another way
# What is said of a region's part in a project, beside its name.
_NOTES = frozenset(["lead", "leader", "leading", "colead", "coordinator", "coordinating", "coordination", "tbc"])
_JOINING = frozenset(
    ["and", "et", "und", "y", "e", "i", "och", "og", "en", "oraz", "ed", "nuts", "nuts1", "nuts2", "nuts3", "code"]
)

_LONGEST_NAME = 14  # words; the longest official label has twelve

# The reading with the lowest sum wins: few names before many, exact before close, and nothing unread if avoidable.
_FIRM_LARGE, _FIRM, _UNSURE, _NEAR, _CONTRADICTED = 0.1, 1.0, 1.5, 3.0, 4.0
_UNKNOWN, _UNKNOWN_WORD = 6.0, 0.5
_JOINED, _ACROSS_LINES, _UNSEPARATED = 0.2, 0.5, 0.3
_TELLING_LENGTH = 5  # letters from which a name of level 0 to 2 is believed inside a longer text


class Kind(StrEnum):
    """What a piece of the text is."""

    NAME = "name"
    CLOSE = "close spelling"
    UNKNOWN = "unknown"
    COUNTRY = "country in brackets"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the text, as written and folded, with its place."""

    text: str
    folded: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words with one meaning. `key` is its folded name, `start` and `end` its place in the text."""

    kind: Kind
    start: int
    end: int
    key: str = ""
    found: Found | None = None
    close: Close | None = None
    country: str | None = None


def is_separator(char: str) -> bool:
    """Say whether a character only separates regions in a list."""
    return char.isspace() or char in SEPARATORS


def has_break(gap: str) -> bool:
    """Say whether what stands between two words separates them."""
    return _BREAK.search(gap) is not None or any(bracket in gap for bracket in "()[]")


def cut(text: str) -> list[Piece]:
    """Cut a text into pieces, in order; joining words and list numbers stay between them."""
    words = [Word(m.group(), fold(m.group()), m.start(), m.end()) for m in WORD.finditer(text)]
    fixed = {piece.start: piece for piece in _fixed_pieces(text, words)}
    pieces: list[Piece] = []
    run: list[Word] = []
    covered = 0
    for word in words:
        if word.start < covered:
            continue
        piece = fixed.get(word.start)
        if piece is None:
            run.append(word)
            continue
        pieces += _cut_run(text, run, country=piece.country if run and _adjoins(text, run, piece) else None)
        pieces.append(piece)
        run, covered = [], piece.end
    return pieces + _cut_run(text, run, country=None)


def _adjoins(text: str, run: list[Word], piece: Piece) -> bool:
    return _HARD_BREAK.search(text[run[-1].end : piece.start]) is None


def _fixed_pieces(text: str, words: list[Word]) -> Iterator[Piece]:
    """Find what needs no context: bracketed countries, and codes anywhere."""
    for match in _BRACKETED.finditer(text):
        yield from _qualifiers(text, match.start(1), match.end(1))
    for match in _APART.finditer(text):
        if plain_code(match[0]) in nuts.units() or plain_code(match[0]) in region_names().former:
            yield Piece(Kind.CODE, match.start(), match.end())
    for word in words:
        if is_code(word.text):
            yield Piece(Kind.CODE, word.start, word.end)


def _qualifiers(text: str, start: int, end: int) -> Iterator[Piece]:
    """Read a bracket that holds a country, or a country and codes; any other bracket belongs to a name."""
    for part in re.finditer(r"[^,;]+", text[start:end]):
        bare = _BEFORE_CODE.sub("", part.group()).strip()
        prefix = find_country(bare)
        if prefix is not None:
            inside = start + part.start() + part.group().index(bare)
            first = WORD.search(bare)
            offset = first.start() if first else 0
            yield Piece(Kind.COUNTRY, inside + offset, inside + len(bare), fold(bare), country=prefix)


def plain_code(written: str) -> str:
    """Return a code as NUTS writes it: `ES 51` is ES51, GR30 is EL30."""
    code = re.sub(r"[^0-9A-Z]", "", written.upper())
    return _ISO.get(code[:2], code[:2]) + code[2:]


def is_code(word: str) -> bool:
    """Say whether a word has the form of a NUTS code (`FI1D7`), or is one without a digit (`FRK`)."""
    if _CODE.fullmatch(word):
        return True
    return len(word) > 2 and word.isupper() and (word in nuts.units() or word in region_names().former)


@dataclass(frozen=True, slots=True)
class _Reading:
    """The best reading of the first words of a run: its cost, and its last step back to a shorter reading."""

    cost: float
    before: int = 0
    piece: Piece | None = None


def _cut_run(text: str, words: list[Word], *, country: str | None) -> list[Piece]:
    """Cut words without brackets or codes between them into the cheapest row of names and unknown pieces."""
    readings = [_Reading(0.0)]
    for end in range(1, len(words) + 1):
        options: list[_Reading] = []
        for start in range(max(0, end - _LONGEST_NAME), end):
            stated = country if end == len(words) else None
            for cost, piece in _options(text, words, start, end, stated):
                options.append(_Reading(readings[start].cost + cost, start, piece))
        readings.append(min(options, key=lambda option: option.cost))
    pieces: list[Piece] = []
    at = len(words)
    while at > 0:
        reading = readings[at]
        if reading.piece is not None:
            pieces.append(reading.piece)
        at = reading.before
    return _join_unknown(text, pieces[::-1])


def _options(
    text: str, words: list[Word], start: int, end: int, country: str | None
) -> Iterator[tuple[float, Piece | None]]:
    """Give the ways to take words[start:end] as one piece, each with its cost."""
    gaps = [text[a.end : b.start] for a, b in zip(words[start : end - 1], words[start + 1 : end], strict=True)]
    if any(_HARD_BREAK.search(gap) for gap in gaps):
        return
    place = (words[start].start, words[end - 1].end)
    lines = sum("\n" in gap for gap in gaps)
    breaks = sum(has_break(gap) for gap in gaps)
    edges = _is_edge(text, words, start), _is_edge(text, words, end)
    extra = _ACROSS_LINES * lines + _UNSEPARATED * (not edges[0])
    key = words[start].folded
    for gap, word in zip(gaps, words[start + 1 : end], strict=True):
        key += (", " if "," in gap else " ") + word.folded
    if not gaps and _only_joins(text, words, start):
        yield _JOINED, None
    known = _known(key, words[start:end], country)
    if known is not None:
        cost, found = known
        if _has_direction_beside(words, start, end, edges):
            cost = max(cost, _FIRM)
        yield cost + extra, Piece(Kind.NAME, *place, key, found)
    elif all(edges) and breaks <= 1 and ", " not in key and (close := find_close(key, country=country)):
        yield _NEAR + extra, Piece(Kind.CLOSE, *place, key, close=close)
    if lines == 0 and ", " not in key:
        yield _UNKNOWN + _UNKNOWN_WORD * (end - start), Piece(Kind.UNKNOWN, *place, key)


def _known(key: str, words: list[Word], country: str | None) -> tuple[float, Found] | None:
    """Find a name and what believing it costs."""
    if len(words) == 1 and words[0].text.isupper() and (prefix := country_codes().get(words[0].text)):
        return _UNSURE, Found((nuts.unit(nuts.canonical(prefix)),), Firmness.WHOLE_COUNTRY)
    found = find(key, country=country)
    if found is None:
        elsewhere = find(key) if country else None
        return (_CONTRADICTED, elsewhere) if elsewhere else None
    if found.unit is None or found.firmness is not Firmness.FIRM:
        return _UNSURE, found
    large = found.unit.level <= 2 and len(key) >= _TELLING_LENGTH
    return (_FIRM_LARGE if large else _FIRM), found


def _has_direction_beside(words: list[Word], start: int, end: int, edges: tuple[bool, bool]) -> bool:
    """Say whether a direction adjoins: an unknown `East Transdanubia` is not Transdanubia."""
    beside = ([] if edges[0] else [words[start - 1]]) + ([] if edges[1] else [words[end]])
    return any(word.folded in region_names().directions for word in beside)


def _is_edge(text: str, words: list[Word], at: int) -> bool:
    """Say whether the list itself ends a name before words[at]."""
    if at in (0, len(words)):
        return True
    joined = _only_joins(text, words, at - 1) or _only_joins(text, words, at)
    return joined or has_break(text[words[at - 1].end : words[at].start])


def _only_joins(text: str, words: list[Word], at: int) -> bool:
    """Say whether a word stands between regions: `and`, `NUTS code`, or the number of a line in a list."""
    word = words[at]
    if word.text.isdecimal() and len(word.text) <= 3:
        return at == 0 or has_break(text[words[at - 1].end : word.start])
    noted = word.folded in _NOTES or (word.folded == "co" and at + 1 < len(words) and words[at + 1].folded in _NOTES)
    return noted or word.text in _JOINING or word.folded in {"nuts", "code"}


def _join_unknown(text: str, pieces: list[Piece]) -> list[Piece]:
    """Join unknown neighbours that nothing separates: they were cut for their length alone."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last and last.kind is piece.kind is Kind.UNKNOWN and not has_break(text[last.end : piece.start]):
            joined[-1] = Piece(Kind.UNKNOWN, last.start, piece.end, f"{last.key} {piece.key}")
        else:
            joined.append(piece)
    return joined
