"""What changed is told in the words of who reads it."""

from states.crossings.changes.values import label_of, shown
from states.texts.text import speaking


def test_a_field_is_called_in_the_language_of_who_reads() -> None:
    with speaking("de"):
        assert label_of("maximum_rate") == "Höchstsatz"
    assert label_of("maximum_rate") == "Maximum rate"


def test_a_field_that_another_release_had_goes_by_its_name() -> None:
    with speaking("de"):
        assert label_of("nuts_of_site_id") == "NUTS of site"


def test_an_amount_and_a_day_are_written_as_who_reads_them_writes_them() -> None:
    with speaking("de"):
        assert shown("accounts", "turnover", "1234567.50", {}) == "EUR 1.234.567,50"
        assert shown("agreement", "ends_on", "2029-12-31", {}) == "31. Dezember 2029"
    assert shown("agreement", "ends_on", "2029-12-31", {}) == "31 December 2029"
