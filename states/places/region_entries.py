"""Which pieces of a list of regions speak of the same region: its name, its country and its code."""

from collections.abc import Sequence
from dataclasses import dataclass

from states.places import nuts
from states.places.nuts import NutsUnit
from states.places.region_index import Firmness, Found, find, find_country
from states.places.region_names import region_names
from states.places.region_words import Kind, Piece


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
    upper = code.upper()
    successors = region_names().former.get(upper, (upper,))
    if len(successors) == 1 and successors[0] in nuts.units():
        return nuts.unit(nuts.canonical(successors[0]))
    return None
