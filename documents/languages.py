"""The languages of papers: what stands in templates and code, said in the language that is spoken (`speaking`).

A paper is gathered and printed in one language: `shown.gathered` and `render` begin to speak it. What is said outside
of both, or when a module is loaded, is English for good: a constant holds `marked` texts, and who uses one says it by
`gettext`.
"""

from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path
from typing import Literal, get_args

from states.texts.po_files import PoFiles
from states.texts.text import SOURCE, spoken_language

Language = Literal["en", "de", "fr", "it", "pl", "es"]
LANGUAGES: tuple[str, ...] = get_args(Language)
FILES = PoFiles(Path(__file__).parent / "locale", "papers")


def paper_language() -> Language:
    """Return the language that is spoken; English where papers do not know it."""
    return next((known for known in get_args(Language) if known == spoken_language()), "en")


@lru_cache(maxsize=len(LANGUAGES))
def _texts_of(language: str) -> NullTranslations:
    return FILES.compiled(language) if language in LANGUAGES and language != SOURCE else NullTranslations()


def marked(text: str) -> str:
    """Mark a text of a constant for the catalogues."""
    return text


def gettext(text: str) -> str:
    """Say a text."""
    return _texts_of(spoken_language()).gettext(text)


def ngettext(one: str, several: str, count: int) -> str:
    """Say a text that counts."""
    return _texts_of(spoken_language()).ngettext(one, several, count)


def pgettext(context: str, text: str) -> str:
    """Say a word, by the context in which it stands."""
    return _texts_of(spoken_language()).pgettext(context, text)


def npgettext(context: str, one: str, several: str, count: int) -> str:
    """Say a text that counts, by the context in which it stands."""
    return _texts_of(spoken_language()).npgettext(context, one, several, count)
