"""In which encoding a table was written: by its mark, as UTF-8, or by what its letters can mean where it comes from.

Nothing in a file of one byte a letter tells its code page. Libraries that guess by the frequency of letters take a few
names for Chinese; a table of ours says more: the countries in it. A reading counts where its letters stand in words as
letters do, and where they are letters of the languages of these countries. Where two readings are left, the file is
refused with both of them.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise

import yaml
from babel.core import get_global
from babel.languages import get_official_languages
from pydantic import TypeAdapter

from states.errors import Fault
from states.packages import FileInvalid, refuse_file
from states.places.name_folding import fold
from states.places.nuts import iso_country
from states.workbook.countries import countries

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What is looked through where nothing is said, the likelier first; of two that read the same the first is named.
CODE_PAGES = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "iso8859-2", "iso8859-15", "iso8859-7", "iso8859-5"),
    *("iso8859-13", "mac-roman", "mac-latin2", "mac-cyrillic", "mac-greek", "mac-turkish", "mac-croatian"),
    *("mac-romanian", "cp850", "cp852", "cp866", "cp737", "cp857", "cp775", "koi8-r", "koi8-u"),
)
# What is taken where somebody says it.
KNOWN = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", *CODE_PAGES, "iso8859-1", "iso8859-9", "cp437")

_INSIDE = frozenset("’–·\u00a0")  # may stand between two letters,
_OPENING = frozenset("“„‚‘’«‹¿¡•·\u00a0")  # before the first one of a word,
_CLOSING = frozenset("”“’‘»›…®™°²³¹\u00a0")  # after the last one,
_APART = frozenset("–—§€£©±×½¼¾№")  # and elsewhere
_WORD = re.compile(r"[^\W\d_]+")
_NUTS = re.compile(r"(?<![A-Z0-9])([A-Z]{2})(?=[A-Z]?[0-9])[0-9A-Z]{1,3}(?![A-Z0-9])")
_CELL = re.compile(r"[;,\t|\r\n]+")
_ZONE = re.compile(r"[A-Z][a-z]+/[A-Z][A-Za-z_]+")
_TOP_LEVEL = re.compile(r"[@.][a-z0-9-]+\.([a-z]{2})(?![a-z0-9.-])")
_USUAL = "cp125"  # what an office's programs write
_CLEARLY = 8
_SHOWN, _MOST_READINGS = 60, 6
_MOST_BYTES = 1 << 18  # of what is looked at: a table tells it long before


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file reads in one encoding."""

    encoding: str
    text: str


def decoded(data: bytes, *, name: str, encoding: str = "") -> str:
    """Return the text of a file, in the encoding said or found out; raise `FileInvalid` where that is not sure."""
    if encoding:
        return _as_said(data, name, encoding)
    marked = next((known for mark, known in MARKS if data.startswith(mark)), _wide(data))
    try:
        return data.decode(marked or "utf-8")
    except UnicodeDecodeError:
        if marked:
            raise refuse_file(name, "encoding_unknown", remedy="save_as_csv_utf_8") from None
    return _by_letters(data, name)


def _as_said(data: bytes, name: str, encoding: str) -> str:
    known = {codecs.lookup(one).name: one for one in KNOWN}
    try:
        said = known.get(codecs.lookup(encoding).name)
    except LookupError:
        said = None
    if said is None:
        raise refuse_file("encoding", "no_known_encoding", remedy="one_of", known=KNOWN, encoding=encoding[:40])
    try:
        return data.decode(said).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        where = error.start + 1
        raise refuse_file(name, "not_in_encoding", remedy="say_another_encoding", encoding=said, at=where) from None


def is_wide(data: bytes) -> bool:
    """Tell whether a file is written in two or four bytes a letter, so that zeros in it mean nothing."""
    return bool(_wide(data)) or any(data.startswith(mark) for mark, known in MARKS if known != "utf-8-sig")


def _wide(data: bytes) -> str:
    """Return which UTF-16 a file without a mark is: every second byte of Latin letters is zero."""
    if b"\0" not in data or len(data) % 2:
        return ""
    low, high = data[::2].count(0), data[1::2].count(0)
    half = len(data) // 4
    return "utf-16-be" if low > half > high else "utf-16-le" if high > half > low else ""


def _by_letters(data: bytes, name: str) -> str:
    telling = b"\n".join(dict.fromkeys(line for line in data.splitlines() if not line.isascii()))[:_MOST_BYTES]
    readings = list({one.text: one for one in reversed(list(_plausible(telling)))}.values())[::-1]
    if not readings:
        raise refuse_file(name, "encoding_unknown", remedy="save_as_csv_utf_8")
    left = _likeliest(readings, _places(data[:_MOST_BYTES]))
    if len(left) == 1:
        return _as_said(data, name, left[0].encoding)
    shown = [(one.encoding, _line(one)) for one in left[:_MOST_READINGS]]
    raise FileInvalid(
        faults=[
            Fault(name, "may_be_in_encoding", remedy="save_as_utf_8_or_say", encoding=encoding, shown=line)
            for encoding, line in shown
        ]
    )


def _likeliest(readings: list[Reading], places: set[str]) -> list[Reading]:
    """Return the one reading that is right, or those of which nobody can tell."""
    for regional in (False, True):
        at_home = _at_home(readings, _letters_of(places, regional=regional))
        usual = [one for one in at_home if one.encoding.startswith(_USUAL)]
        if len(usual) == 1 and _is_capitalised(usual[0].text):
            return usual
        if at_home:
            return at_home
    return [one for one in readings if _is_of_one_language(one.text)] or readings


def _at_home(readings: list[Reading], letters: set[str]) -> list[Reading]:
    """Return the readings with letters of these languages alone; else the one that has by far the most of them."""
    strange = {one.encoding: sum(letter not in letters for letter in _beyond_ascii(one.text)) for one in readings}
    first, *others = sorted(readings, key=lambda one: strange[one.encoding])
    least = strange[first.encoding]
    if not least:
        return [one for one in readings if not strange[one.encoding]]
    clear = all(least * _CLEARLY < strange[one.encoding] for one in others)
    return [first] if clear and least * _CLEARLY < len(_beyond_ascii(first.text)) else []


def _plausible(telling: bytes) -> Iterator[Reading]:
    """Yield how the telling lines read in each encoding in which they can be read."""
    for encoding in CODE_PAGES:
        try:
            text = telling.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _reads_well(text):
            yield Reading(encoding, text)


def _reads_well(text: str) -> bool:
    """Tell whether every character beyond ASCII stands where such a character stands in words."""
    for at, one in enumerate(text):
        if one.isascii():
            continue
        before, after = text[max(at - 1, 0) : at].isalpha(), text[at + 1 : at + 2].isalpha()
        if not one.isalpha() and one not in _places_for(before, after):
            return False
    return all(_is_a_word(word) for word in _WORD.findall(text) if not word.isascii())


def _places_for(before: bool, after: bool) -> frozenset[str]:
    if before:
        return _INSIDE if after else _CLOSING
    return _OPENING if after else _OPENING | _CLOSING | _APART


def _is_a_word(word: str) -> bool:
    """Tell whether a word is of one script, has its capitals in front or has nothing else, and ends as Greek does."""
    if len(_scripts(word)) != 1 or re.search("ς.|.σ$", word):
        return False
    later = [two for one, two in pairwise(word) if two.isupper() and not (one.isascii() and two.isascii())]
    return not later or all(one.isupper() or one == "ß" for one in word)


def _is_capitalised(text: str) -> bool:
    """Tell whether some word beyond ASCII begins with a capital: other code pages of Cyrillic turn capitals about."""
    return any(word[0].isupper() and word[1:].islower() for word in _WORD.findall(text) if not word.isascii())


def _scripts(word: str) -> set[str]:
    return {unicodedata.name(one, "?").split()[0] for one in word if one not in "µªº"} or {""}


def _beyond_ascii(text: str) -> list[str]:
    return [one for one in text.lower() if one.isalpha() and not one.isascii() and one not in "µªº"]


def _is_of_one_language(text: str) -> bool:
    return any(letters.issuperset(_beyond_ascii(text)) for letters in _alphabets().values())


@lru_cache(maxsize=1)
def _alphabets() -> dict[str, frozenset[str]]:
    text = resources.files("states.workbook").joinpath("alphabets.yaml").read_text(encoding="utf-8")
    read = TypeAdapter(dict[str, str]).validate_python(yaml.safe_load(text))
    return {language: frozenset(unicodedata.normalize("NFC", letters)) for language, letters in read.items()}


def _letters_of(places: set[str], *, regional: bool) -> set[str]:
    """Return the letters of the languages that are official in these countries, or in a part of them too."""
    languages = {one for place in places for one in get_official_languages(place, regional=regional, de_facto=True)}
    return {letter for one in languages for letter in _alphabets().get(one, _alphabets().get(one.split("_")[0], ""))}


def _places(data: bytes) -> set[str]:
    """Return the countries that a table speaks of: by NUTS codes, countries, time zones, languages and addresses."""
    text = data.decode("ascii", "replace")
    found = {*_NUTS.findall(text), *(one.upper() for one in _TOP_LEVEL.findall(text))}
    zones = get_global("zone_territories")
    found |= {zones[one] for one in _ZONE.findall(text) if one in zones}
    cells = {cell.strip(' "') for cell in _CELL.split(text)}
    found |= {code for cell in cells if len(cell) < _SHOWN and (code := countries().get(fold(cell)))}
    found |= {cell for cell in cells if re.fullmatch("[A-Z]{2}", cell)}
    return {iso_country(one) for one in found}


def _line(reading: Reading) -> str:
    """Return the part of the first telling line around its first letter beyond ASCII."""
    line = reading.text.partition("\n")[0]
    at = next((at for at, one in enumerate(line) if not one.isascii()), 0)
    start = max(at - _SHOWN // 2, 0)
    return line[start : start + _SHOWN].strip()
