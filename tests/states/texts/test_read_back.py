"""Names that are kept in English are said in the language of who reads them, whatever stands in them."""

import pytest

from states.texts import Text
from states.texts.catalogue import LANGUAGES
from states.texts.read_back import said_about, said_to_wait
from states.texts.text import speaking


@pytest.mark.parametrize(
    ("name", "german"),
    [
        ("Soil: Outline", "Soil: Projektskizze"),
        ("Soil: part two: Outline", "Soil: part two: Projektskizze"),
        ("Soil: risk review 3", "Soil: Risikoprüfung 3"),
        ("Soil: checklist Due diligence", "Soil: Prüfliste Sorgfaltsprüfung (Due Diligence)"),
        ("Soil: condition 2 of agreement 1", "Soil: Auflage 2 der Vereinbarung 1"),
        (
            "Soil: condition 2 of the Working Group of Regional Authorities",
            "Soil: Auflage 2 (Arbeitsgruppe der regionalen Behörden (WGRA))",
        ),
        ("Soil: sign-off of version 2 by Mill: on the Po", "Soil: Freigabe der Fassung 2 durch Mill: on the Po"),
        ("Soil: question: section: Identity", "Soil: Frage: Abschnitt: Kenndaten"),
        ("Report 2026-H1, to be issued by a second person", "Bericht 2026-H1, von einer zweiten Person herauszugeben"),
        ("Whatever somebody wrote", "Whatever somebody wrote"),
        ("", ""),
    ],
)
def test_the_name_of_a_deadline_is_said_in_the_language_of_who_reads(name: str, german: str) -> None:
    assert said_to_wait(name, "de") == german
    assert said_to_wait(name) == name
    with speaking("de"):
        assert said_to_wait(name) == german


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_kept_is_read_back_as_what_it_was(language: str) -> None:
    for text in (
        Text("waits", "progress", partner="Institute of progress in period 2", period=3),
        Text("waits", "answer_of_funder", agreement=1, number=4),
        Text("waits", "call_closing", call="Call: strand 2"),
        Text("waits", "state_position"),
    ):
        assert said_to_wait(f"A case: {text.kept}", language) == f"A case: {text.in_language(language)}"


def test_what_a_question_is_about_is_said_too() -> None:
    assert said_about("Section: Identity", "de") == "Abschnitt: Kenndaten"
    assert said_about("Condition 3: Investment Advisory Group", "it").startswith("Condizione 3: Gruppo consultivo")
    assert said_about("Document: Plan", "it") == "Documento: Plan"
    assert said_about("The collaboration", "en") == "The collaboration"
    assert said_about("Anything", "de") == "Anything"
