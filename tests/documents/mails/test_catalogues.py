"""The catalogues hold what the templates and words say now: every text, nothing else, with the same placeholders."""

import re
from collections.abc import Sequence

import pytest
from babel.messages.catalog import Catalog, Message

from documents.mails.catalogues import TRANSLATED, template
from documents.mails.languages import FILES, translations_of

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def texts(catalogue: Catalog) -> dict[tuple[str | None, str], Message]:
    return {(one.context, one.id if isinstance(one.id, str) else one.id[0]): one for one in catalogue if one.id}


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


def forms_of(message: Message) -> Sequence[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_missing_obsolete_or_guessed(language: str) -> None:
    catalogue = FILES.read(language)

    assert set(texts(catalogue)) == set(texts(template()))
    assert [one.id for one in FILES.untranslated(language)] == []
    assert not catalogue.fuzzy
    assert dict(catalogue.obsolete) == {}


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_file_is_as_the_tool_writes_it(language: str) -> None:
    def without_header(content: bytes) -> str:
        return content.decode().split("\n\n", 1)[1]

    assert without_header(FILES.path(language).read_bytes()) == without_header(FILES.in_step(language, template()))


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_form_has_the_placeholders_of_its_source(language: str) -> None:
    catalogue = FILES.read(language)
    sources = texts(template())

    plurals = {key: len(forms_of(one)) for key, one in texts(catalogue).items() if one.pluralizable}
    wrong = [
        form
        for key, message in texts(catalogue).items()
        for form in forms_of(message)
        if placeholders(form) != placeholders(key[1])
    ]

    assert wrong == []
    assert plurals == {key: catalogue.num_plurals for key, source in sources.items() if source.pluralizable}


@pytest.mark.parametrize(
    ("language", "number", "expected"),
    [
        ("pl", 1, "%(num)d oczekujący termin"),
        ("pl", 2, "%(num)d oczekujące terminy"),
        ("pl", 5, "%(num)d oczekujących terminów"),
        ("pl", 12, "%(num)d oczekujących terminów"),
        ("pl", 22, "%(num)d oczekujące terminy"),
        ("pl", 112, "%(num)d oczekujących terminów"),
        ("fr", 0, "%(num)d échéance en attente"),
        ("de", 0, "%(num)d offene Fristen"),
        ("it", 1, "%(num)d scadenza in attesa"),
    ],
)
def test_plurals_follow_the_grammar(language: str, number: int, expected: str) -> None:
    found = translations_of(language).ngettext("%(num)d deadline waits", "%(num)d deadlines wait", number)

    assert found == expected
