"""Reads lists of regions as people write them, and says what was guessed and what could not be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from states.places import nuts
from states.places.nuts import NutsUnit
from states.places.region_index import Firmness, Found, find, find_country, nearest
from states.places.region_names import region_names
from states.places.region_words import Kind, Piece, cut, has_break, is_separator, plain_code


@dataclass(slots=True)
class Entry:
    """What the list says of one region: its name, its country and its code, as far as stated."""

    start: int
    end: int
    name: Piece | None = None
    country: Piece | None = None
    code: Piece | None = None

    @property
    def prefix(self) -> str | None:
        return _prefix(self.country) if self.country else None

    def meant(self) -> tuple[NutsUnit, ...]:
        """Give the units that the name may mean in the stated country."""
        if self.name is None:
            return ()
        if self.name.close is not None:
            return (self.name.close.unit,)
        found = found_for(self.name, self.prefix)
        return found.units if found else ()


def _prefix(piece: Piece) -> str | None:
    """Give the NUTS prefix of a piece that is a country: in brackets, or a country's name or code."""
    if piece.country is not None:
        return piece.country
    return find_country(piece.key) if piece.kind is Kind.NAME else None


def found_for(name: Piece, country: str | None) -> Found | None:
    if name.found is not None and name.found.firmness is Firmness.WHOLE_COUNTRY:
        return name.found if country is None else None
    return find(name.key, country=country)


def entries_of(text: str, pieces: Sequence[Piece]) -> list[Entry]:
    """Put the pieces that speak of the same region together."""
    entries: list[Entry] = []
    for at, piece in enumerate(pieces):
        following = pieces[at + 1] if at + 1 < len(pieces) else None
        last = entries[-1] if entries else None
        if last is None or not _joins(text, last, piece, following):
            entries.append(last := Entry(piece.start, piece.end))
            _put(last, piece)
        last.end = piece.end
    return entries


def _joins(text: str, entry: Entry, piece: Piece, following: Piece | None) -> bool:
    """Add a piece to the region before it, if it speaks of the same one."""
    gap = text[entry.end : piece.start]
    if piece.kind is Kind.CODE:
        joins = _code_joins(text, entry, piece, following)
    elif piece.kind is Kind.COUNTRY:
        same = entry.country is None or entry.prefix == piece.country
        joins = same and ";" not in gap and "\n\n" not in gap
    elif entry.code is not None and entry.name is None:
        joins = not any(char in gap for char in ",;\n") and _agree(piece, entry.prefix, entry.code, text)
    elif entry.name is not None and entry.country is None and entry.code is None:
        return _country_joins(entry, piece, gap)
    else:
        joins = False
    if joins:
        _put(entry, piece)
    return joins


def _put(entry: Entry, piece: Piece) -> None:
    if piece.kind is Kind.CODE:
        entry.code = piece
    elif piece.kind is Kind.COUNTRY:
        entry.country = piece
    else:
        entry.name = piece


def _code_joins(text: str, entry: Entry, code: Piece, following: Piece | None) -> bool:
    if entry.code is not None or (entry.name is None and entry.country is None):
        return False
    if entry.name is not None and _agree(entry.name, entry.prefix, code, text):
        return True
    gap = text[entry.end : code.start]
    if ";" in gap or "\n" in gap:
        return False
    named_next = following is not None and "," not in text[code.end : following.start]
    return not (named_next and following is not None and _agree(following, None, code, text))


def _country_joins(entry: Entry, piece: Piece, gap: str) -> bool:
    """Join a bare country to the name beside it: `Lapland, Finland`, or `Finland: Lapland`."""
    name = entry.name
    if name is None or any(char in gap for char in ";\n"):
        return False
    before, after = _prefix(name), _prefix(piece)
    if after is not None and before is None and _means_in(name, after):
        entry.country = piece
        return True
    heading = ":" in gap or gap.strip() in {"-", "–", "—"}
    if before is not None and after is None and heading and _means_in(piece, before):
        entry.country, entry.name = name, piece
        return True
    return False


def _means_in(name: Piece, country: str) -> bool:
    if name.close is not None:
        return name.close.unit.code.startswith(country)
    return found_for(name, country) is not None


def _agree(name: Piece, country: str | None, code: Piece, text: str) -> bool:
    stated = stated_unit(text[code.start : code.end])
    probe = Entry(name.start, name.end, name=name)
    meant = probe.meant() if country is None else tuple(u for u in probe.meant() if u.code.startswith(country))
    return stated is not None and stated in meant


def stated_unit(code: str) -> NutsUnit | None:
    """Give the unit that a written code stands for: today's, or the only successor of a former one."""
    upper = plain_code(code)
    successors = region_names().former.get(upper, (upper,))
    if len(successors) == 1 and successors[0] in nuts.units():
        return nuts.unit(nuts.canonical(successors[0]))
    return None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a fragment begins (line and column, from 1), and its span: `text[start:end]`."""

    line: int
    column: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ReadRegion:
    """A region that was read: its kept NUTS code and official label, what was written, and why it is a guess.

    `guessed` is None where the name or the code is exact and nothing beside it contradicts.
    """

    code: str
    name: str
    spelling: str
    country: str | None
    guessed: str | None
    position: Position


@dataclass(frozen=True, slots=True)
class UnreadFragment:
    """A fragment that was not read: its text, the reason, and the units it may have meant."""

    text: str
    why: str
    nearest: tuple[NutsUnit, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class RegionReading:
    """All of a text: each character that is no separator lies in exactly one fragment."""

    read: tuple[ReadRegion, ...]
    unread: tuple[UnreadFragment, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes read, each once, in the order of the text."""
        return tuple(dict.fromkeys(region.code for region in self.read))


def read_regions(text: str) -> RegionReading:
    """Read a list of regions in any of its usual forms; never raise for a region that nobody knows.

    A list may hold names in English or locally, countries in brackets (ISO or sporting codes, or words), codes,
    and the monitoring form's own `Lapland (FI), FI1D7` (S3 monitoring form, question I.3). Lines, commas and
    semicolons separate; where they lack, names are told apart by what they mean.
    """
    entries = entries_of(text, cut(text))
    read: list[ReadRegion] = []
    unread: list[UnreadFragment] = []
    for at, (start, end) in enumerate(_spans(text, entries)):
        position = _position(text, start, end)
        outcome = _read(text, entries, at, position)
        if isinstance(outcome, ReadRegion):
            read.append(outcome)
        else:
            unread.append(outcome)
    if not entries and (marks := [at for at, char in enumerate(text) if not is_separator(char)]):
        position = _position(text, marks[0], marks[-1] + 1)
        fragment = text[position.start : position.end]
        unread.append(UnreadFragment(fragment, "it holds no word", (), position))
    return RegionReading(tuple(read), tuple(unread))


def _spans(text: str, entries: Sequence[Entry]) -> list[tuple[int, int]]:
    """Share the characters between entries out: what adjoins goes to the one before, the rest to the next."""
    if not entries:
        return []
    starts, ends = [_skip(text, 0)], []
    for before, after in pairwise(entries):
        end = before.end
        while end < after.start and not is_separator(text[end]) and text[end] not in "([":
            end += 1
        ends.append(end)
        starts.append(_skip(text, end))
    ends.append(len(text) - _skip(text[::-1], 0))
    return list(zip(starts, ends, strict=True))


def _skip(text: str, at: int) -> int:
    while at < len(text) and is_separator(text[at]):
        at += 1
    return at


def _position(text: str, start: int, end: int) -> Position:
    line_start = text.rfind("\n", 0, start) + 1
    return Position(text.count("\n", 0, start) + 1, start - line_start + 1, start, end)


def _read(text: str, entries: Sequence[Entry], at: int, position: Position) -> ReadRegion | UnreadFragment:
    entry = entries[at]
    stated = stated_unit(text[entry.code.start : entry.code.end]) if entry.code else None
    named = _named_unit(entry)
    unit = stated or named
    if unit is None:
        why, suggestions = _obstacle(text, entry)
        return UnreadFragment(text[position.start : position.end], why, suggestions, position)
    reasons = _doubts(text, entry, stated, named)
    if entry.code is None and not _stands_apart(text, entries, at):
        reasons.append("nothing separates it from what stands beside it")
    shown = entry.name or entry.code
    country = text[entry.country.start : entry.country.end] if entry.country else None
    spelling = _as_written(text, shown) if shown else ""
    return ReadRegion(unit.code, unit.name, spelling, country, "; ".join(reasons) or None, position)


def _named_unit(entry: Entry) -> NutsUnit | None:
    if entry.name is None or entry.name.kind is Kind.UNKNOWN:
        return None
    if entry.name.close is not None:
        return entry.name.close.unit
    found = found_for(entry.name, entry.prefix)
    return found.unit if found else None


def _doubts(text: str, entry: Entry, stated: NutsUnit | None, named: NutsUnit | None) -> list[str]:
    doubts: list[str] = []
    if entry.code is not None:
        doubts += _doubts_of_code(text, entry, entry.code, stated, named)
    if entry.name is None or (stated is not None and stated == named):
        return doubts
    if stated is None and entry.name.close is not None:
        likeness = f"{entry.name.close.likeness:.0%}"
        doubts.append(f"spelt almost like a name of {entry.name.close.unit.name} ({likeness} alike)")
    found = found_for(entry.name, entry.prefix)
    if stated is None and found is not None and found.firmness is not Firmness.FIRM:
        doubts.append(found.firmness.value)
    return doubts


def _doubts_of_code(text: str, entry: Entry, code: Piece, stated: NutsUnit | None, named: NutsUnit | None) -> list[str]:
    written = text[code.start : code.end]
    if stated is None:
        return [f"{written} beside it is not a code of NUTS 2024; the name decided"]
    doubts: list[str] = []
    if plain_code(written) not in nuts.units():
        doubts.append(f"{written} is a code of an earlier NUTS edition, now {stated.code}")
    if entry.prefix is not None and not stated.code.startswith(entry.prefix):
        doubts.append(f"the code {written} contradicts the country; the code decided")
    elif entry.name is not None and named is None and stated not in entry.meant():
        doubts.append(f"the name is not known for {stated.name}; the code {written} decided")
    if named is not None and named != stated:
        doubts.append(f"the code {written} contradicts the name, which means {named.code}; the code decided")
    return doubts


def _obstacle(text: str, entry: Entry) -> tuple[str, tuple[NutsUnit, ...]]:
    """Say why nothing was read, and what may have been meant."""
    name = entry.name
    if name is None:
        return _obstacle_without_name(text, entry)
    meant = entry.meant()
    if entry.code is not None and (divided := region_names().former.get(plain_code(_written(text, entry.code)))):
        return f"{_written(text, entry.code)} was divided: name one of its successors", tuple(map(nuts.unit, divided))
    if len({unit.country for unit in meant}) == 1 and len(meant) > 1:
        return "several regions of this country have this name: name one of them, or give its code", meant
    if len(meant) > 1:
        return "several regions have this name: state the country", meant
    if meant:
        return "this name needs its country beside it", meant
    elsewhere = found_for(name, None) if entry.prefix else None
    if elsewhere is not None:
        return "the name and the country contradict each other", elsewhere.units
    return "no region has this name", nearest(name.key, country=entry.prefix) or nearest(name.key)


def _written(text: str, piece: Piece) -> str:
    return text[piece.start : piece.end]


def _obstacle_without_name(text: str, entry: Entry) -> tuple[str, tuple[NutsUnit, ...]]:
    if entry.code is None:
        return "a country without a region", (nuts.unit(nuts.canonical(entry.prefix or "")),)
    written = plain_code(text[entry.code.start : entry.code.end])
    successors = region_names().former.get(written, ())
    if successors:
        return f"{written} was divided: name one of its successors", tuple(map(nuts.unit, successors))
    around = next((written[:end] for end in range(len(written), 1, -1) if written[:end] in nuts.units()), None)
    return f"{written} is not a code of NUTS 2024", (nuts.unit(around),) if around else ()


def _stands_apart(text: str, entries: Sequence[Entry], at: int) -> bool:
    """Say whether the list itself separates a name from its neighbours."""
    neighbours = [(entries[at - 1], entries[at])] if at else []
    neighbours += [(entries[at], entries[at + 1])] if at + 1 < len(entries) else []
    return all(
        before.country is not None or before.code is not None or _is_divided(text[before.end : after.start])
        for before, after in neighbours
    )


def _is_divided(gap: str) -> bool:
    return has_break(gap) or any(char.isalnum() for char in gap)


def _as_written(text: str, piece: Piece) -> str:
    """Give a piece as written, with the bracket that its last word may stand in."""
    closing = text[piece.end : piece.end + 1]
    opened = text.count("(", piece.start, piece.end) > text.count(")", piece.start, piece.end)
    return text[piece.start : piece.end] + (closing if opened and closing == ")" else "")
