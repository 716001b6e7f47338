"""Two spellings of one name fold to the same words."""

import pytest

from states.places.name_folding import fold, foldings


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Västra Götaland", "vastra gotaland"),
        ("Va\u0308stra", "vastra"),
        ("ŁÓDŹ", "lodz"),
        ("Θεσσαλονίκη", "thessaloniki"),
        ("Пловдив", "plovdiv"),
        ("Provence-Alpes-Côte d’Azur", "provence alpes cote d azur"),
        ("Hovedstaden / Sjælland", "hovedstaden sjaelland"),
        ("---", ""),
    ],
)
def test_folding(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_an_umlaut_may_be_spelt_out() -> None:
    assert foldings("Tübingen") == {"tubingen", "tuebingen"}


def test_a_comma_of_a_label_may_stay_or_go() -> None:
    assert foldings("Ulm, Stadtkreis") == {"ulm, stadtkreis", "ulm stadtkreis"}
