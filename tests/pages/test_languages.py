"""The pages in six languages: every text is translated, speaks of what the English one does, and comes as asked."""

import re
from pathlib import Path

import pytest

from api.pages.catalogues import TRANSLATED, template
from api.pages.languages import FILES, accepted
from states.texts.catalogue import entries
from tests.pages.house import Reader, a_page_house, said_on

_NAMED = re.compile(r"%\(\w+\)[sd]")
_BRACED = re.compile(r"\{[^{}]*\}")


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_holds_what_the_pages_say_and_nothing_else(language: str) -> None:
    assert FILES.path(language).read_bytes() == FILES.in_step(language, template()), (
        "run `python -m api.pages.catalogues`"
    )
    assert [message.id for message in FILES.untranslated(language)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_speaks_of_what_the_english_text_speaks_of(language: str) -> None:
    english = {(one.kind, one.code): one.forms for one in entries()}
    odd = []
    for one in entries(language):
        known = {name for form in english[one.kind, one.code] for name in _BRACED.findall(form)}
        odd += [(one.code, form) for form in one.forms if not {*_BRACED.findall(form)} <= known]
    assert odd == []
    assert [one.code for one in entries(language) if one.language == "en"] == []


@pytest.mark.parametrize(
    ("header", "language"),
    [("de-AT,de;q=0.9,en;q=0.8", "de"), ("sk, pl;q=0.5", "pl"), ("es-419", "es"), ("", "en"), ("x;q=nan", "en")],
)
def test_a_browser_is_answered_in_the_language_that_it_asks_for(header: str, language: str) -> None:
    assert accepted(header) == language


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_pages_refusals_and_faults_come_in_the_language_that_was_chosen(installation: Path) -> None:
    house, _ = a_page_house()
    manager = house.manager
    manager.get("/language/de?next=/")

    page = manager.read("/")
    wrong = manager.send("/partnership/regions", {"name": "Atlantis"}, page="/partnership")

    assert '<html lang="de">' in page
    assert "Meine Aufgaben" in said_on(page) or "Meine Arbeit" in said_on(page)
    assert "Atlantis" in said_on(wrong.text)
    assert "is no code" not in said_on(wrong.text)
    assert '<html lang="fr">' in Reader().client.get("/sign-in", headers={"Accept-Language": "fr"}).text
