"""Days, times and columns as readers of different languages and time zones see them."""

from datetime import UTC, date, datetime, time

import pytest

from documents.mails.formats import WIDTH, Dates, columns, wrap
from documents.mails.languages import LOCALES, translations_of


def dates(language: str = "en", own: str = "") -> Dates:
    return Dates(LOCALES[language], translations_of(language), own)


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "Tuesday, 1 December 2026"),
        ("de", "Dienstag, 1. Dezember 2026"),
        ("fr", "mardi 1er décembre 2026"),
        ("it", "martedì 1 dicembre 2026"),
        ("pl", "wtorek, 1 grudnia 2026"),
    ],
)
def test_a_day_is_written_in_full(language: str, written: str) -> None:
    assert dates(language).day(date(2026, 12, 1)) == written


def test_only_the_first_of_a_french_month_is_an_ordinal() -> None:
    assert dates("fr").day(date(2026, 12, 11)) == "vendredi 11 décembre 2026"
    assert dates("fr").day(date(2026, 12, 21)) == "lundi 21 décembre 2026"


@pytest.mark.parametrize(
    ("language", "days", "written"),
    [("en", -1, "in 1 day"), ("en", 45, "45 days ago"), ("pl", -400, "za 400 dni"), ("it", 2, "2 giorni fa")],
)
def test_a_distance_is_counted_in_days(language: str, days: int, written: str) -> None:
    assert dates(language).distance(days) == written


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "Friday, 26 March 2027, 14:00–16:30 (Central European Standard Time)"),
        ("de", "Freitag, 26. März 2027, 14:00–16:30 Uhr (Mitteleuropäische Normalzeit)"),
        ("fr", "vendredi 26 mars 2027, de 14:00 à 16:30 (heure normale d’Europe centrale)"),
        ("it", "venerdì 26 marzo 2027, ore 14:00–16:30 (Ora standard dell’Europa centrale)"),
        ("pl", "piątek, 26 marca 2027, godz. 14:00–16:30 (czas środkowoeuropejski standardowy)"),
    ],
)
def test_hours_of_one_day_name_it_once(language: str, written: str) -> None:
    assert dates(language).span(at(26, 13), at(26, 15, 30), "Europe/Paris") == written


def test_a_moment_has_no_end() -> None:
    moment = "Friday, 26 March 2027, 14:00 (Central European Standard Time)"

    assert dates().span(at(26, 13), None, "Europe/Paris") == moment
    assert dates().span(at(26, 13), at(26, 13), "Europe/Paris") == moment


def test_clocks_that_change_in_between_are_both_named() -> None:
    written = dates().span(at(28, 0, 30), at(28, 2), "Europe/Paris")

    assert written == (
        "Sunday, 28 March 2027, 01:30 (Central European Standard Time) – "
        "Sunday, 28 March 2027, 04:00 (Central European Summer Time)"
    )


def test_a_repeated_hour_is_told_apart() -> None:
    first, second = (dates().span(at(31, hour, 30, month=10), None, "Europe/Paris") for hour in (0, 1))

    assert first == "Sunday, 31 October 2027, 02:30 (Central European Summer Time)"
    assert second == "Sunday, 31 October 2027, 02:30 (Central European Standard Time)"


def test_days_have_no_clock() -> None:
    days = (date(2027, 3, 26), date(2027, 3, 27))

    assert dates().span(*days, "Europe/Paris") == "Friday, 26 March 2027 – Saturday, 27 March 2027"
    assert dates().span(days[0], days[0], "Europe/Paris") == "Friday, 26 March 2027"
    assert dates(own="Asia/Tokyo").own_span(*days, "Europe/Paris") == ""


@pytest.mark.parametrize(
    ("own", "written"),
    [
        ("Europe/Lisbon", "Friday, 26 March 2027, 13:00 (Western European Standard Time)"),
        ("Europe/Warsaw", ""),
        ("", ""),
    ],
)
def test_the_readers_clock_is_told_where_it_shows_something_else(own: str, written: str) -> None:
    assert dates(own=own).own_span(at(26, 13), None, "Europe/Paris") == written
    assert dates(own=own).own_due(date(2027, 3, 26), time(14), "Europe/Paris") == written


def test_an_end_of_another_offset_is_told_even_where_the_start_is_the_same() -> None:
    # Abidjan and Lisbon show the same time until Lisbon's clocks go forward.
    assert dates(own="Africa/Abidjan").own_span(at(27, 13), at(28, 13), "Europe/Lisbon") == (
        "Saturday, 27 March 2027, 13:00 (Greenwich Mean Time) – Sunday, 28 March 2027, 13:00 (Greenwich Mean Time)"
    )


def test_a_due_date_without_a_time_is_a_day() -> None:
    assert dates().due(date(2026, 11, 27), None, "") == "Friday, 27 November 2026"
    assert dates(own="Asia/Tokyo").own_due(date(2026, 11, 27), None, "") == ""


def test_a_term_ends_on_the_readers_clock() -> None:
    end = at(26, 23, 30)

    assert dates(own="Europe/Warsaw").until(end) == "Saturday, 27 March 2027, 00:30 (Central European Standard Time)"
    assert dates().until(end) == "Friday, 26 March 2027, 23:30 (Coordinated Universal Time)"
    assert dates(own="Europe/Warsaw").until(date(2027, 3, 26)) == "Friday, 26 March 2027"


def test_lines_are_broken_but_addresses_are_not() -> None:
    address = "https://bankable.example/" + "a" * WIDTH

    lines = wrap(f"{'word ' * 30}{address}", "- ", "  ").splitlines()

    assert lines[0].startswith("- word")
    assert lines[-1] == f"  {address}"
    assert max(len(line) for line in lines[:-1]) <= WIDTH


def test_columns_leave_out_what_has_no_value() -> None:
    assert columns([("Due", "today"), ("Where", ""), ("Waits for", "you")], ":") == "Due:       today\nWaits for: you"
    assert columns([], ":") == ""
