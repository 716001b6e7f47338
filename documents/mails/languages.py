"""The languages of mails: their catalogues, read from .po files, and what happens where a text is not translated."""

import logging
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE = "en"
LOCALES = {"en": "en_GB", "de": "de", "fr": "fr", "it": "it", "pl": "pl"}
FOLDER = Path(__file__).parent / "locale"

_log = logging.getLogger(__name__)


def language_of(code: str) -> str:
    """Return the language in which a person is written to: "de" for "de-AT", English for one that nobody translated."""
    language = code.replace("_", "-").split("-")[0].lower()
    if language in LOCALES:
        return language
    _log.warning("mails are not translated into %s: English instead", code)
    return SOURCE


def path_of(language: str) -> Path:
    """Return where the catalogue of a language lies."""
    return FOLDER / language / "LC_MESSAGES" / "mails.po"


def catalogue_of(language: str) -> Catalog:
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language, domain="mails")


@lru_cache(maxsize=len(LOCALES))
def translations_of(language: str) -> NullTranslations:
    """Return the texts of a language; a missing one is English, with a warning in the log."""
    if language == SOURCE:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue_of(language))
    compiled.seek(0)
    translations = GNUTranslations(compiled)
    translations.add_fallback(_Untranslated(language))
    return translations


class _Untranslated(NullTranslations):
    """Answers in English, and says so in the log."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language

    def gettext(self, message: str) -> str:
        return self._in_english(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self._in_english(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return self._in_english(message)

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        return self._in_english(msgid1 if n == 1 else msgid2)

    def _in_english(self, message: str) -> str:
        _log.warning("not translated into %s: %r", self._language, message)
        return message
