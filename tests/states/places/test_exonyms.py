"""A region is called what its readers call it; a name of an office's own stays."""

import pytest

from states.places.exonyms import exonyms, region_said, unit_said
from states.places.nuts import units
from states.texts.text import speaking


def test_each_name_is_of_a_unit_and_in_each_language() -> None:
    languages = {"en", "de", "fr", "it", "pl", "es"}

    assert [code for code in exonyms().names if code not in units()] == []
    assert {code: set(names) ^ languages for code, names in exonyms().names.items() if set(names) != languages} == {}


@pytest.mark.parametrize(
    ("name", "codes", "language", "said"),
    [
        ("Andalucía", ["ES61"], "de", "Andalusien"),
        ("Andalusien", ["ES61"], "fr", "Andalousie"),
        ("Andalucía", ["ES61"], "en", "Andalucía"),
        ("Our Andalusia", ["ES61"], "de", "Our Andalusia"),
        ("Lombardia", ["ITC4", "ITC1"], "de", "Lombardia"),
        ("Śląskie", ["PL22"], "de", "Śląskie"),
        ("Mazowiecki regionalny", ["PL92"], "de", "Mazowiecki regionalny"),
    ],
)
def test_a_known_name_is_said_in_the_language_of_who_reads(
    name: str, codes: list[str], language: str, said: str
) -> None:
    with speaking(language):
        assert region_said(name, codes) == said


def test_a_unit_is_said_by_its_exonym_or_as_it_calls_itself() -> None:
    assert unit_said("PL22") == "Upper Silesia"
    assert unit_said("PL229") == "Gliwicki"
    with speaking("de"):
        assert unit_said("PL22") == "Oberschlesien"
