"""The languages of mails: their catalogues, read from .po files, and what happens where a text is not translated."""

import logging
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path

from states.texts.po_files import PoFiles

SOURCE = "en"
LOCALES = {"en": "en_GB", "de": "de", "fr": "fr", "it": "it", "pl": "pl", "es": "es"}
FILES = PoFiles(Path(__file__).parent / "locale", "mails")

_log = logging.getLogger(__name__)


def language_of(code: str) -> str:
    """Return the language in which a person is written to: "de" for "de-AT", English for one that nobody translated."""
    language = code.replace("_", "-").split("-")[0].lower()
    if language in LOCALES:
        return language
    _log.warning("mails are not translated into %s: English instead", code)
    return SOURCE


@lru_cache(maxsize=len(LOCALES))
def translations_of(language: str) -> NullTranslations:
    """Return the texts of a language; a missing one is English, with a warning in the log."""
    if language == SOURCE:
        return NullTranslations()
    translations = FILES.compiled(language)
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
