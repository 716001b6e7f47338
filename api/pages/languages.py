"""The languages of pages: texts of the templates by their catalogues, and how a language is chosen."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path

from babel.core import negotiate_locale
from starlette.responses import Response

from states.texts.po_files import PoFiles
from states.texts.text import SOURCE, speaking

LOCALES = {"en": "en_GB", "de": "de", "fr": "fr", "it": "it", "pl": "pl", "es": "es"}
NAMES = {"en": "English", "de": "Deutsch", "fr": "Français", "it": "Italiano", "pl": "Polski", "es": "Español"}
FILES = PoFiles(Path(__file__).parent / "locale", "pages")
COOKIE = "bankable_language"
_DAYS = 365

_present: ContextVar[str] = ContextVar("language_of_page", default=SOURCE)


def language_of(code: str) -> str:
    """Return the language in which somebody reads pages: "de" for "de-AT", English for one that nobody translated."""
    language = code.replace("_", "-").split("-")[0].lower()
    return language if language in LOCALES else SOURCE


def accepted(header: str) -> str:
    """Return the language that a browser asks for most, by its header Accept-Language."""
    asked = sorted(
        ((_quality(part), part.split(";")[0].strip()) for part in header[:500].split(",")), key=lambda one: -one[0]
    )
    found = negotiate_locale([code for weight, code in asked if weight > 0 and code], list(LOCALES), sep="-")
    return found or SOURCE


def _quality(part: str) -> float:
    _, _, weight = part.partition("q=")
    try:
        return float(weight) if weight else 1.0
    except ValueError:
        return 0.0


def keep_language(answer: Response, code: str) -> None:
    """Let a browser read pages in this language from now on; one that nobody translated changes nothing."""
    if code in LOCALES:
        answer.set_cookie(COOKIE, code, max_age=_DAYS * 86_400, path="/", httponly=True, samesite="lax")


@contextmanager
def speaking_to(language: str) -> Iterator[None]:
    """Let pages, and the sentences of the domain in them, be in this language."""
    token = _present.set(language)
    try:
        with speaking(language):
            yield
    finally:
        _present.reset(token)


def present_language() -> str:
    """Return the language of the page that is being made."""
    return _present.get()


@lru_cache(maxsize=len(LOCALES))
def translations_of(language: str) -> NullTranslations:
    """Return the texts of a language; what nobody has translated is English."""
    return NullTranslations() if language == SOURCE else FILES.compiled(language)


def gettext(message: str) -> str:
    """Say a text of a page."""
    return translations_of(present_language()).gettext(message)


def ngettext(one: str, several: str, count: int) -> str:
    """Say a text of a page that counts."""
    return translations_of(present_language()).ngettext(one, several, count)


def pgettext(context: str, message: str) -> str:
    """Say a word, by the context in which it stands."""
    return translations_of(present_language()).pgettext(context, message)


def npgettext(context: str, one: str, several: str, count: int) -> str:
    """Say a text that counts, by the context in which it stands."""
    return translations_of(present_language()).npgettext(context, one, several, count)
