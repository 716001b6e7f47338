"""The catalogues: patterns of sentences by kind and code, read from .po files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from gettext import c2py
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from states.texts.formats import fill
from states.texts.text import SOURCE, Value

_HERE = Path(__file__).parent
LANGUAGES = tuple(sorted(file.stem for file in _HERE.glob("*.po")))


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The patterns of a language, each in its plural forms, and which form a number takes."""

    forms: Mapping[tuple[str, str], tuple[str, ...]]
    form_of: Callable[[int], int]


def say(kind: str, code: str, parameters: Mapping[str, Value], language: str = SOURCE) -> str:
    """Return the sentence with what it speaks of; raise `LookupError` where nobody has written it."""
    for spoken in dict.fromkeys((language, SOURCE)):
        pattern = _pattern(kind, code, parameters, spoken)
        if pattern:
            return fill(pattern, parameters, spoken, word=partial(say, parameters={}, language=spoken))
    raise LookupError(f"no text: {kind} {code}")


def catalogue(language: str = SOURCE) -> Catalog:
    """Read the catalogue of a language, as translators have it."""
    with (_HERE / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, domain="texts")


@dataclass(frozen=True, slots=True)
class Entry:
    """A sentence or word of a catalogue, in each of its plural forms, and the language in which it is written."""

    kind: str
    code: str
    forms: tuple[str, ...]
    language: str


def entries(language: str = SOURCE) -> list[Entry]:
    """Return every sentence and word by kind and code, in English where nobody has translated it."""
    source, wanted = _patterns(SOURCE), _patterns(language)
    assert source is not None
    own = wanted.forms if wanted is not None else {}
    return [
        Entry(kind, code, own.get((kind, code), forms), language if (kind, code) in own else SOURCE)
        for (kind, code), forms in sorted(source.forms.items())
    ]


def _pattern(kind: str, code: str, parameters: Mapping[str, Value], language: str) -> str | None:
    patterns = _patterns(language)
    forms = patterns.forms.get((kind, code), ()) if patterns is not None else ()
    if patterns is None or len(forms) < 2:
        return next(iter(forms), None)
    count = parameters["count"]
    return forms[patterns.form_of(count if isinstance(count, int) else 0)]


@lru_cache(maxsize=8)
def _patterns(language: str) -> _Patterns | None:
    if not (_HERE / f"{language}.po").exists():
        return None
    read = catalogue(language)
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for message in read:
        code = message.id if isinstance(message.id, str) else message.id[0]
        if code and message.context:
            forms = message.string or ""
            found[message.context, code] = (forms,) if isinstance(forms, str) else tuple(forms)
    return _Patterns(found, c2py(read.plural_expr))
