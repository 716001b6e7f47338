"""Names that are kept in English, such as those of deadlines and tasks, said in the language of who reads them.

The name of a deadline is the title of its case, a colon, and what waits there: a sentence of the kind `waits`, or a
title of the playbook. What a question is about is a sentence of the kind `about`.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from string import Formatter

from states.texts.text import SOURCE, Text, Value, spoken_language
from states.texts.titles import Title, said

_TITLES = frozenset({"checklist", "criterion", "panel", "section"})
"""Parameters that are titles of a playbook."""


def said_to_wait(name: str, language: str | None = None) -> str:
    """Say the name of a deadline or task; what is in no catalogue stays as it is."""
    spoken = language or spoken_language()
    if spoken == SOURCE:
        return name
    for begins in _beginnings(name):
        if (read := _read_back("waits", name[begins:])) is not None:
            return name[:begins] + read.in_language(spoken)
    before, colon, title = name.rpartition(": ")
    return before + colon + said(title, spoken)


def said_about(name: str, language: str | None = None) -> str:
    """Say what a question is about; what is in no catalogue stays as it is."""
    read = _read_back("about", name)
    return name if read is None else read.in_language(language or spoken_language())


class Checked(Title):
    """What the checker of scenarios found, kept in English: an article, a colon, and a sentence of it."""

    def in_language(self, language: str) -> str:
        """Say it; an article or a sentence that is in no catalogue stays as it is."""
        article, colon, sentence = self.partition(": ")
        return colon.join(checked_said(part, language) for part in (article, sentence) if part)


def checked_said(text: str, language: str | None = None) -> str:
    """Say a sentence of the checker, or where it comes from; what is in no catalogue stays as it is."""
    read = _read_back("checked", text)
    return text if read is None else read.in_language(language or spoken_language())


def _beginnings(name: str) -> Iterator[int]:
    yield 0
    yield from (found.end() for found in re.finditer(": ", name))


def _read_back(kind: str, sentence: str) -> Text | None:
    """Return the text of a kind that is this sentence in English."""
    for code, pattern in _patterns(kind):
        if found := pattern.fullmatch(sentence):
            return Text(kind, code, **{name: _value(name, one) for name, one in found.groupdict().items()})
    return None


def _value(name: str, written: str) -> Value:
    if name == "about":
        return _read_back("about", written[:1].upper() + written[1:]) or written
    return Title(written) if name in _TITLES else written


@lru_cache(maxsize=3)
def _patterns(kind: str) -> list[tuple[str, re.Pattern[str]]]:
    """Return by code what each English sentence of a kind looks like, those first that say most themselves."""
    from states.texts.catalogue import entries  # Babel takes 50 ms, and most commands say nothing

    found = [(one.code, list(Formatter().parse(one.forms[0]))) for one in entries() if one.kind == kind]
    found.sort(key=lambda one: -sum(len(literal) for literal, *_ in one[1]))
    return [(code, re.compile("".join(_part(*part[:2]) for part in parts))) for code, parts in found]


def _part(literal: str, name: str | None) -> str:
    return re.escape(literal) + (f"(?P<{name}>.+)" if name else "")
