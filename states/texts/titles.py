"""Titles: what a playbook calls its parts, said in the language of who reads them.

A title is kept, compared and sent as it is written. Only where somebody reads it `said` puts the translation for it:
the playbook's own, else that of the playbooks that are shipped (`locale/`), else the title stays as it is.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ValidationInfo

from states.texts.text import SOURCE, spoken_language

Language = Literal["en", "de", "es", "fr", "it", "pl"]
LOCALE = Path(__file__).parent / "locale"
DOMAIN = "titles"
TRANSLATED = tuple(language for language in get_args(Language) if language != SOURCE)

Translations = Mapping[str, Mapping[str, str]]
"""Translations of texts: by language, then by the text."""


class Title(str):
    """A text of a playbook, with the translations that its own playbook brings, by language."""

    own: Mapping[str, str]

    def __new__(cls, text: str, own: Mapping[str, str] | None = None) -> Self:
        made = super().__new__(cls, text)
        made.own = own or {}
        return made

    def in_language(self, language: str) -> str:
        """Say it; as it is written where nobody has translated it."""
        return self.own.get(language) or _look_up(self, language)

    def __repr__(self) -> str:
        return f"{super().__repr__()}{self.own or ''}"

    def __html__(self) -> str:
        """Say it where a page shows it."""
        return escape(said(self))


class TitlePath(Title):
    """Titles one below the other, such as a section and its field."""

    parts: tuple[str, ...]

    @classmethod
    def of(cls, *parts: str) -> Self:
        made = cls(": ".join(parts))
        made.parts = parts
        return made

    def in_language(self, language: str) -> str:
        return ": ".join(said(part, language) for part in self.parts)

    def __repr__(self) -> str:
        return repr(self.parts)


def kept_title(title: str) -> str | dict[str, object]:
    """Return a title as JSON keeps it for later: with its own translations, where it has any."""
    own = title.own if isinstance(title, Title) else {}
    return {"title": str(title), "own": dict(own)} if own else str(title)


def read_title(kept: object) -> Title:
    """Return a title as it was before JSON kept it."""
    if isinstance(kept, Mapping):
        return Title(kept["title"], kept["own"])
    return kept if isinstance(kept, Title) else Title(str(kept))


def _titled(text: str, info: ValidationInfo) -> Title:
    translations: Translations = (info.context or {}).get(DOMAIN, {})
    return Title(text, {language: texts[text] for language, texts in translations.items() if text in texts})


Named = Annotated[str, AfterValidator(_titled)]
"""A field of a playbook that people read; `Translations` come as `DOMAIN` of the context of its validation."""


def said(text: str, language: str | None = None) -> str:
    """Say a title in a language, else in that of who reads; a plain text is looked up as it is written."""
    spoken = language or spoken_language()
    return text.in_language(spoken) if isinstance(text, Title) else _look_up(text, spoken)


Said = Annotated[str, BeforeValidator(lambda value: said(value) if isinstance(value, str) else value)]
"""A title as an answer shows it: said in the language of who reads."""


def is_translated(title: Title, language: str) -> bool:
    """Tell whether somebody has translated a title, be it by the same word."""
    return language in title.own or (language in TRANSLATED and title in _shipped(language))


def _look_up(text: str, language: str) -> str:
    return _shipped(language).get(text, str(text)) if language in TRANSLATED else str(text)


@lru_cache(maxsize=len(TRANSLATED))
def _shipped(language: str) -> Mapping[str, str]:
    from states.texts.po_files import PoFiles  # Babel takes 50 ms, and most commands say nothing

    return {str(one.id): str(one.string) for one in PoFiles(LOCALE, DOMAIN).read(language) if one.id}


def titles_in(part: Any) -> Iterator[Title]:
    """Yield each title of a playbook or a part of it."""
    if isinstance(part, Title):
        yield part
    elif isinstance(part, BaseModel):
        for _, value in part:
            yield from titles_in(value)
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from titles_in(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from titles_in(value)
