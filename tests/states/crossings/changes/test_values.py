"""What changed is told in the words of who reads it."""

from states.crossings.changes.values import label_of
from states.texts.text import speaking


def test_a_field_is_called_in_the_language_of_who_reads() -> None:
    with speaking("de"):
        assert label_of("maximum_rate") == "Höchstsatz"
    assert label_of("maximum_rate") == "Maximum rate"


def test_a_field_that_another_release_had_goes_by_its_name() -> None:
    with speaking("de"):
        assert label_of("nuts_of_site_id") == "NUTS of site"
