"""A paper in another language: its texts, numbers and days, its marks for readers and archives, and its printing."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from documents.formats import NARROW_SPACE, NO_BREAK_SPACE, day, euro, integer, money, percent, short_day
from documents.languages import LANGUAGES
from documents.letter.context import LetterContext
from documents.printing import printing
from documents.render import environment, html, render
from states.archive.tables import DocumentKind
from states.texts.text import speaking
from tests.documents.conforming import faults_of
from tests.documents.conftest import Samples

LETTER = DocumentKind.DECISION_LETTER
CONTENTS = {"de": "Fassung", "fr": "Version", "it": "Versione", "pl": "Wersja", "es": "Versión"}


def in_language(samples: Samples, language: str) -> LetterContext:
    letter = samples[LETTER]
    assert isinstance(letter, LetterContext)
    return letter.model_copy(update={"meta": letter.meta.model_copy(update={"language": language})})


@pytest.mark.parametrize("language", CONTENTS)
def test_a_paper_speaks_the_language_of_its_meta(samples: Samples, language: str) -> None:
    page = html(LETTER, in_language(samples, language), with_contents=False)

    assert f'<html lang="{language}">' in page
    assert f'<th scope="row">{CONTENTS[language]}</th>' in page
    assert "Made from content" not in page


def test_a_constant_of_a_template_is_said_anew_in_each_language() -> None:
    template = environment().from_string('{{ "Partners and their parts"|titled }}, {{ "critical"|term }}')

    said = {}
    for language in ("en", "de", "en"):
        with speaking(language):
            said[language] = template.render()
    assert said == {"en": "Partners and their parts, critical", "de": "Partner und ihre Aufgaben, kritisch"}


def test_the_file_names_its_language_to_readers_and_archives(samples: Samples) -> None:
    reader = PdfReader(BytesIO(render(LETTER, in_language(samples, "pl"))))

    assert str(reader.root_object["/Lang"]) == "pl"
    assert reader.xmp_metadata is not None
    assert reader.xmp_metadata.dc_language == ["pl"]
    assert "strona 1 z " in reader.pages[0].extract_text()


@pytest.mark.parametrize("language", CONTENTS)
def test_no_language_speaks_against_a_standard_or_gives_other_bytes(samples: Samples, language: str) -> None:
    written = render(LETTER, in_language(samples, language))

    assert faults_of(written) == []
    assert render(LETTER, in_language(samples, language)) == written


def test_languages_are_printed_by_the_texts_that_they_say() -> None:
    assert len({printing(LETTER, language).template for language in LANGUAGES}) == len(LANGUAGES)
    assert {printing(LETTER, language).renderer for language in LANGUAGES} == {printing(LETTER).renderer}


@pytest.mark.parametrize(
    ("language", "amount", "part", "long", "short"),
    [
        ("en", "EUR −1 234 567.50", "12.5 %", "1 September 2026", "1 Sep 2026"),
        ("de", "−1.234.567,50 EUR", "12,5 %", "1. September 2026", "01.09.2026"),
        ("fr", "−1 234 567,50 EUR", "12,5 %", "1er septembre 2026", "1er sept. 2026"),
        ("it", "−1.234.567,50 EUR", "12,5 %", "1 settembre 2026", "1 set 2026"),
        ("pl", "−1 234 567,50 EUR", "12,5 %", "1 września 2026", "1 wrz 2026"),
        ("es", "−1.234.567,50 EUR", "12,5 %", "1 de septiembre de 2026", "1 sept 2026"),
        ("sv", "EUR −1 234 567.50", "12.5 %", "1 September 2026", "1 Sep 2026"),
    ],
)
def test_values_are_written_as_the_language_does(language: str, amount: str, part: str, long: str, short: str) -> None:
    def plainly(text: str) -> str:
        return text.replace(NARROW_SPACE, " ").replace(NO_BREAK_SPACE, " ")

    with speaking(language):
        said = (
            euro(Decimal("-1234567.5")),
            percent(Decimal("12.50")),
            day(date(2026, 9, 1)),
            short_day(date(2026, 9, 1)),
        )
        assert tuple(map(plainly, said)) == (amount, part, long, short)
        assert integer(2026) == "2026"
        assert len(money(Decimal(1000))) == 8
