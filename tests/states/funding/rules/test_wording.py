"""A rule's sentence is said in the language of who reads; that of an office's own book stays as it was written."""

import re

import pytest

from states.funding.rules.wording import FILES, rule_said, template
from states.texts.text import speaking
from states.texts.titles import TRANSLATED

FIGURE = re.compile(r"\d+")


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_of_the_shipped_books_is_translated(language: str) -> None:
    assert FILES.path(language).read_bytes() == FILES.in_step(language, template()), (
        "run `python -m states.funding.rules.wording`"
    )
    assert [message.id for message in FILES.untranslated(language)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_figures_of_the_english_sentence(language: str) -> None:
    """Numbers of articles stand in figures in every language, as amounts and percentages do."""
    pairs = [(str(one.id), str(one.string)) for one in FILES.read(language) if one.id]

    assert [text for text, said in pairs if sorted(FIGURE.findall(text)) != sorted(FIGURE.findall(said))] == []


def test_a_sentence_is_said_in_the_language_of_who_reads() -> None:
    with speaking("de"):
        assert rule_said("Half of the investment.") == "Die Hälfte der Investition."
        assert rule_said("The office pays half.") == "The office pays half."
    assert rule_said("Half of the investment.") == "Half of the investment."
