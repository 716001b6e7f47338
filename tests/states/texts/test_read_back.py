"""Names that are kept in English are said in the language of who reads them, whatever stands in them."""

import pytest

from states.texts import Text
from states.texts.catalogue import LANGUAGES
from states.texts.read_back import Checked, checked_said, said_about, said_to_wait
from states.texts.text import speaking
from states.texts.titles import said


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_checker_keeps_is_said_in_the_language_of_who_reads(language: str) -> None:
    for text in (
        Text("checked", "closed_on", day="2020-12-31"),
        Text("checked", "most_of_partner", partner="the mill", paid="12.00", most="10.00"),
        Text("checked", "most_of_budget", paid="12.00", most="10.00"),
        Text("checked", "met_with_small", aid="9.00", item="rig of two: parts", small="1.00", most="8.00"),
        Text("checked", "terms", instrument="Call: strand 2"),
    ):
        assert checked_said(text.kept, language) == text.in_language(language)
    assert checked_said("Whatever an office wrote.", language) == "Whatever an office wrote."


def test_a_breach_is_said_with_where_it_comes_from() -> None:
    kept = Checked("Terms of Vouchers: It closed on 2020-12-31.")

    assert said(kept, "de") == "Bedingungen von Vouchers: Geschlossen seit dem 2020-12-31."
    assert said(kept, "en") == kept
    assert said(Checked("the case itself: 1.00 EUR have no source; at most 0.00 EUR may."), "de").startswith(
        "der Fall selbst: 1.00 EUR haben keine Quelle"
    )
