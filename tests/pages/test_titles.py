"""Pages name what a playbook has in the reader's language: no English title of it is left in daily work."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from states.texts.titles import said, titles_in
from tests.factories import World, a_collaboration, a_collaboration_at, s3
from tests.pages.house import a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

DAILY = (
    "",
    "/moves",
    "/deadlines",
    "/checklists",
    "/review",
    "/evidence",
    "/protocol",
    "/bankability",
    "/sections-given",
)


def english_left(text: str) -> Iterator[str]:
    """Yield what of the playbook is said in English on a page in German."""
    titles = set(titles_in(s3()))
    for german in sorted((said(one, "de") for one in titles), key=len, reverse=True):
        text = text.replace(german, " ")
    for title in titles:
        if said(title, "de") != title and (found := re.search(rf"(?<![\w-]){re.escape(title)}(?![\w-])", text)):
            yield text[max(0, found.start() - 30) : found.end() + 30]


def cases(world: World) -> list[str]:
    return [a_collaboration(world, slug="young").id, a_collaboration_at(world, "funding_scenario").id]


def test_no_title_of_the_playbook_is_left_in_english(installation: Path) -> None:
    house, found = a_page_house(cases)
    manager = house.manager
    manager.get("/language/de?next=/")
    pages = ["/", "/cases", "/cases?view=table", *(f"/cases/{key}{page}" for key in found for page in DAILY)]

    left = {page: list(english_left(said_on(manager.read(page)))) for page in pages}

    assert {page: some for page, some in left.items() if some} == {}
    assert "Finanzierungsszenario" in said_on(manager.read(f"/cases/{found[1]}"))


def test_what_a_form_writes_stays_as_the_playbook_has_it(installation: Path) -> None:
    house, [young, _] = a_page_house(cases)
    manager = house.manager
    manager.get("/language/de?next=/")

    manager.send(f"/cases/{young}/moves", {"move": "draft_outline"}, page=f"/cases/{young}/moves/draft_outline")

    assert "Projektskizze" in said_on(manager.read(f"/cases/{young}/deadlines"))
    manager.get("/language/en?next=/")
    assert "Outline" in said_on(manager.read(f"/cases/{young}/deadlines"))


def test_a_word_of_a_column_is_said_in_german_and_kept_as_it_is_written(installation: Path) -> None:
    house, case = a_page_house(lambda world: a_collaboration_at(world, "investment_protocol").id)
    manager, page = house.manager, f"/cases/{case}/protocol/object"
    manager.get("/language/de?next=/")
    assert '<option value="Granted">Erteilt</option>' in manager.read(page)

    site = {"organisation": "gliwice", "investment": "Labor", "nuts": "PL229", "ownership": "eigen", "risk": "keines"}
    row = {f"object.sites.0.{name}": value for name, value in {**site, "permits": "Granted"}.items()}
    texts = {"object.what": "Ein Labor.", "object.services": "Prüfungen."}
    manager.send(page, {**texts, **row, "object.sites.shown": "1"}, follow=True)

    assert '<option value="Granted" selected>Erteilt</option>' in manager.read(page)
