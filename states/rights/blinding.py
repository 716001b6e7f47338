"""The one blinding: who stands under a label, where names are masked in what is shown, and what is never touched.

In a blind stage a partner is `Partner A`, `Partner B` ..., in papers and over the API alike. Its kind and its region
(NUTS 2) stand beside it in fields of their own; site and contribution, which tell who it is, are left out.

A schema marks what may name somebody: `Annotated[str, Prose]` is a text that people write, masked by word;
`Annotated[str, Name]` is a name or short name as a whole, which a label replaces. Whatever is not marked (ids, enums,
digests, links) is never touched, so that no name can make an answer that does not fit its schema.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property, lru_cache
from string import ascii_uppercase
from typing import Any, TypeVar, get_args

from pydantic import BaseModel

T = TypeVar("T", bound=BaseModel)


class Prose:
    """Marks a text, or what holds texts, that people write."""


class Name:
    """Marks a name or short name as a whole."""


@dataclass(frozen=True, slots=True)
class Concealed:
    """What stands under a label: names are masked wherever they are written, keys only where they stand alone.

    The key of what has a name is a name too where it reads as one: with a hyphen as it is, else in capitals.
    """

    label: str
    names: tuple[str, ...]
    keys: tuple[str, ...] = ()


def partner_label(index: int) -> str:
    """Return `Partner A` to `Partner Z` for 0 to 25, then `Partner AA` and so on."""
    before, place = divmod(index, len(ascii_uppercase))
    return partner_label(before - 1) + ascii_uppercase[place] if before else f"Partner {ascii_uppercase[place]}"


@dataclass(frozen=True)
class Blinding:
    """What is hidden from somebody; it is false, and leaves everything as it is, where nothing is."""

    concealed: tuple[Concealed, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.concealed)

    def text(self, text: str) -> str:
        """Return a text with every name masked: whole words, the longest first, in whatever accents and case.

        A short name in capitals, or one that was derived, is masked in its capitals only: `AGE` is a partner, `age`
        a word.
        """
        if not self.concealed:
            return text
        folded, places = _fold(text)
        parts, done = [], 0
        for found in self._pattern.finditer(folded):
            spelling = self._spellings[(found.lastindex or 1) - 1]
            start, end = places[found.start()], places[found.end() - 1] + 1
            while end < len(text) and unicodedata.combining(text[end]):
                end += 1
            if spelling.is_written_as(text[start:end]):
                parts += [text[done:start], spelling.label]
                done = end
        return "".join([*parts, text[done:]])

    def name(self, text: str) -> str:
        """Return the label where the text is nothing but a hidden name or key, else the text with names masked."""
        return self._whole.get(text.casefold()) or self.text(text)

    def over(self, output: T) -> T:
        """Return what is shown with every marked field masked."""
        return _masked_model(self, output) if self.concealed else output

    @cached_property
    def _whole(self) -> Mapping[str, str]:
        return {text.casefold(): one.label for one in self.concealed for text in (*one.names, *one.keys)}

    @cached_property
    def _spellings(self) -> list["_Spelling"]:
        found: dict[str, _Spelling] = {}
        for spelling in sorted((s for one in self.concealed for s in _spellings(one)), key=lambda s: s.derived):
            found.setdefault(spelling.folded, spelling)
        return sorted(found.values(), key=lambda spelling: -len(spelling.folded))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(spelling.pattern for spelling in self._spellings) or "(?!)")


_SHORT, _INFLECTED = 3, 5
# Endings that follow a name and change nothing of it, in the languages of the regions; none that makes a common word.
_ENDINGS = "s|es|u|em|om|owi|ovi|ς"


@dataclass(frozen=True, slots=True)
class _Spelling:
    """One way to write a name, folded to be looked for."""

    label: str
    written: str
    folded: str
    derived: bool

    @property
    def pattern(self) -> str:
        inflects = len(self.folded.rpartition(" ")[2]) >= _INFLECTED and not self.written.isupper()
        return rf"((?<!\w){re.escape(self.folded)}(?:{_folded(_ENDINGS) if inflects else ''})?(?!\w))"

    def is_written_as(self, text: str) -> bool:
        """Tell whether a text that reads so is this name rather than a word that reads like it."""
        if not self.derived and sum(map(str.isalnum, self.written)) > _SHORT:
            return True
        if not any(map(str.islower, self.written)):
            return not any(map(str.islower, text))
        return not text[:1].islower()


_LEGAL_FORMS = """
    gmbh gmbhcokg mbh ag se kg ohg ug ev sa sas sarl srl spa sl slu sc bv nv vzw asbl oy oyj as ab aps ltd limited plc
    llp inc sro kft zrt nyrt doo dd ood eood ad ead uab sia oü lda spzoo spj spk αε
""".split()  # noqa: SIM905 - a form a line would fill the page
_ACRONYM = re.compile(r"^(.+?)\s*\(([^\W_a-z]{2,})\)$")


def _spellings(one: Concealed) -> Iterator[_Spelling]:
    """Yield each name as registered, without its legal form, its acronym in brackets, and keys that read as names."""
    for name in one.names:
        yield from _spelt(one.label, name)
        forms = [name]
        if found := _ACRONYM.match(name):
            forms += found.groups()
        for form in forms:
            for bare in sorted({form, _without_legal_form(form)} - {name}):
                yield from _spelt(one.label, bare, derived=" " not in bare)
    for key in one.keys if one.names else ():
        if "-" in key:
            yield from _spelt(one.label, key)
        elif len(key) > _SHORT:
            yield from _spelt(one.label, key.upper(), derived=True)


def _without_legal_form(name: str) -> str:
    words = name.replace(",", " ").split()
    for count in range(min(4, len(words) - 1), 0, -1):
        if "".join(filter(str.isalnum, "".join(words[-count:]))).casefold() in _LEGAL_FORMS:
            return " ".join(words[:-count])
    return name


def _spelt(label: str, written: str, *, derived: bool = False) -> Iterator[_Spelling]:
    if folded := _folded(written).strip():
        yield _Spelling(label, written, folded, derived)


_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
    | dict.fromkeys("‐‑‒–—−", "-")
    | dict.fromkeys("‘’ʼ´`", "'")
    | dict.fromkeys("„“”«»", '"')
)


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """Return a character without case and accent; nothing for a mark, or for what is not seen."""
    if character.isspace():
        return " "
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    kept = (part for part in bare if not unicodedata.combining(part) and unicodedata.category(part) != "Cf")
    return "".join(kept).translate(_LETTERS)


def _fold(text: str) -> tuple[str, list[int]]:
    """Return a text without case, accents and double blanks, and where each of its characters stood."""
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for part in _plain(character):
            if part != " " or folded[-1:] != [" "]:
                folded.append(part)
                places.append(place)
    return "".join(folded), places


def _folded(text: str) -> str:
    return _fold(text)[0]


def _masked_model(blinding: Blinding, model: T) -> T:
    changed: dict[str, Any] = {}
    for name, mark in _marks(type(model)).items():
        value = getattr(model, name)
        masked = _masked(blinding, value, mark)
        if masked is not value:
            changed[name] = masked
    return model.model_copy(update=changed) if changed else model


def _masked(blinding: Blinding, value: Any, mark: type[Prose | Name] | None) -> Any:
    if isinstance(value, BaseModel):
        return _masked_model(blinding, value)
    if isinstance(value, str):
        if mark is None or isinstance(value, Enum):
            return value
        return blinding.text(value) if mark is Prose else blinding.name(value)
    if isinstance(value, Mapping):
        return {key: _masked(blinding, part, mark) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_masked(blinding, part, mark) for part in value)
    return value


@cache
def _marks(model: type[BaseModel]) -> Mapping[str, type[Prose | Name] | None]:
    """Return how each field of a schema is marked, by name."""
    return {name: _mark((field.annotation, *field.metadata)) for name, field in model.model_fields.items()}


def _mark(parts: tuple[object, ...]) -> type[Prose | Name] | None:
    for part in parts:
        if part in (Prose, Name):
            return part
        metadata = getattr(part, "__metadata__", ())
        if (found := _mark((*get_args(part)[:1], *metadata)) if metadata else _mark(get_args(part))) is not None:
            return found
    return None
