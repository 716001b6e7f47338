"""Which language a person is written to in, and what happens where a text is not translated."""

import logging
from collections.abc import Callable
from gettext import NullTranslations

import pytest

from documents.mails.languages import language_of, translations_of


@pytest.mark.parametrize(
    ("code", "language"), [("de", "de"), ("de-AT", "de"), ("FR_be", "fr"), ("en-GB", "en"), ("pl", "pl")]
)
def test_a_region_does_not_change_the_language(code: str, language: str, caplog: pytest.LogCaptureFixture) -> None:
    assert language_of(code) == language
    assert caplog.messages == []


@pytest.mark.parametrize("code", ["", "sv", "klingon"])
def test_nobody_is_left_without_a_language(code: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert language_of(code) == "en"

    assert caplog.messages == [f"mails are not translated into {code}: English instead"]


@pytest.mark.parametrize(
    ("ask", "english"),
    [
        (lambda texts: texts.gettext("Nobody wrote this"), "Nobody wrote this"),
        (lambda texts: texts.ngettext("One of it", "Many of it", 1), "One of it"),
        (lambda texts: texts.ngettext("One of it", "Many of it", 5), "Many of it"),
        (lambda texts: texts.pgettext("role", "Nobody wrote this"), "Nobody wrote this"),
        (lambda texts: texts.npgettext("role", "One of it", "Many of it", 2), "Many of it"),
    ],
)
def test_a_missing_text_is_english_and_logged(
    ask: Callable[[NullTranslations], str], english: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert ask(translations_of("pl")) == english

    assert caplog.messages == [f"not translated into pl: {english!r}"]
