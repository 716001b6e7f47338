"""What is read from cells: numbers, days, words, countries, times; and what is said of what cannot be."""

from collections import Counter
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from states.matchmaking.event_day.programme import EventSession, Span, slots_of
from states.partners.tables import OrganisationKind
from states.places.name_folding import fold
from states.workbook.cells import CLOCK, COUNTRY, DAY, FLAG, MANY, MONEY, TEXT, WHOLE, Kind, Raw, Unreadable, choice
from states.workbook.labels import meant, translations
from states.workbook.sheets import SHEETS
from states.workbook.times import clock_time, moment, read_sessions, read_slots, write_sessions, write_slots

WARSAW = ZoneInfo("Europe/Warsaw")


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (TEXT, " a\r\nb ", "a\nb"),
        (TEXT, 12.0, "12"),
        (WHOLE, "1 200", 1200),
        (WHOLE, 7.0, 7),
        (MONEY, "1 234,50", Decimal("1234.50")),
        (MONEY, 1234.56, Decimal("1234.56")),
        (MONEY, "1.234,56", Decimal("1234.56")),
        (MONEY, "1,234.56", Decimal("1234.56")),
        (MONEY, "1.000.000", Decimal(1000000)),
        (MONEY, "12,345,678", Decimal(12345678)),
        (MONEY, "1’250’000.50 €", Decimal("1250000.50")),
        (MONEY, "EUR 400\u202f000,00", Decimal("400000.00")),
        (MONEY, "€ 5", Decimal(5)),
        (MONEY, "\N{MINUS SIGN}5", Decimal(-5)),
        (MONEY, 0.1 + 0.2, Decimal("0.3")),
        (MONEY, 1200.1 * 3, Decimal("3600.3")),
        (MONEY, 5.55e-17, Decimal(0)),
        (WHOLE, 0.1 * 3 * 10, 3),
        (TEXT, 391234567890123, "391234567890123"),
        (FLAG, "✓", True),
        (FLAG, "✔\ufe0f", True),
        (FLAG, "☑", True),
        (FLAG, "✗", False),
        (FLAG, "☐", False),
        (CLOCK, "5:00 PM", time(17)),
        (CLOCK, "12:05:00 a.m.", time(0, 5)),
        (CLOCK, "12:05 pm", time(12, 5)),
        (CLOCK, "9h30", time(9, 30)),
        (CLOCK, "17 h 00", time(17)),
        (FLAG, "Tak", True),
        (FLAG, "non", False),
        (DAY, "4.5.2026", date(2026, 5, 4)),
        (DAY, "31/12/2027", date(2027, 12, 31)),
        (DAY, "5/5/2027", date(2027, 5, 5)),
        (DAY, "31 December 2027", date(2027, 12, 31)),
        (DAY, "December 31, 2027", date(2027, 12, 31)),
        (DAY, "31. Dezember 2027", date(2027, 12, 31)),
        (DAY, "1er février 2028", date(2028, 2, 1)),
        (DAY, "3 maja 2027", date(2027, 5, 3)),
        (DAY, "2027/12/31", date(2027, 12, 31)),
        (DAY, "20271231", date(2027, 12, 31)),
        (DAY, "2027-12-31T00:00:00", date(2027, 12, 31)),
        (CLOCK, "9:30:00", time(9, 30)),
        (CLOCK, "9:30", time(9, 30)),
        (CLOCK, "09:30:15", time(9, 30, 15)),
        (CLOCK, "0:05:00", time(0, 5)),
        (CLOCK, datetime(2026, 5, 4, 9, 30, tzinfo=UTC), time(9, 30)),
        (DAY, datetime(2026, 5, 4, tzinfo=UTC), date(2026, 5, 4)),
        (MANY, "a; b;a", ("a", "b")),
        (MANY, "a; b\nc", ("a; b", "c")),
        (choice(OrganisationKind), "Technology-Centre", "technology_centre"),
        (COUNTRY, "Finnland", "FI"),
        (COUNTRY, "pl", "PL"),
    ],
)
def test_a_cell_is_read_as_people_write_it(kind: Kind, raw: Raw, value: object) -> None:
    assert kind.read(raw) == value


@pytest.mark.parametrize(
    ("kind", "raw", "said"),
    [
        (TEXT, "a\x07", "holds a control character"),
        (TEXT, "x" * 32_768, "has 32768 characters"),
        (MONEY, "1.200", "may be thousands or decimals"),
        (MONEY, True, "is no number"),
        (MONEY, "EUR 5.000", "may be thousands or decimals"),
        (MONEY, "5 USD", "is no number"),
        (MONEY, "1.234,567,8", "is no number"),
        (MONEY, "1,00,000", "is no number"),
        (MONEY, "1.234.56", "is no number"),
        (MONEY, "(1,234.56)", "is no number"),
        (MONEY, "٥٠٠", "is no number"),
        (MONEY, float("nan"), "is no number"),
        (MONEY, 1e300, "is too large a number"),
        (TEXT, 1234567890123456, "is a number of which a spreadsheet keeps no more than 15 digits"),
        (TEXT, 1.2e19, "is a number of which a spreadsheet keeps no more than 15 digits"),
        (
            TEXT,
            "SociÃ©tÃ© d'OrthÃ¨ses",
            "was read in another encoding than it was written in: it may mean Société d'Orthèses",
        ),
        (TEXT, "GÃ¶teborg", "was read in another encoding than it was written in: it may mean Göteborg"),
        (TEXT, "Å\x81Ã³dÅº", "was read in another encoding than it was written in: it may mean Łódź"),
        (TEXT, "Î‘Î¸Î®Î½Î±", "was read in another encoding than it was written in: it may mean Αθήνα"),
        (TEXT, "37 Â°C â€“ 5 â‚¬", "was read in another encoding than it was written in: it may mean 37 °C – 5 €"),
        (MONEY, "9" * 30, "is too large a number"),
        (WHOLE, 1.5, "is no whole number of people, meetings or minutes"),
        (FLAG, "perhaps", "is neither yes nor no"),
        (DAY, "04/05/2026", "is no day: it may be day or month first"),
        (DAY, "1/2/2027 ", "is no day: it may be day or month first"),
        (DAY, "May 2026", "is no day: it is not known to the day, with a year of four digits"),
        (DAY, "31/12/27", "is no day: it is not known to the day, with a year of four digits"),
        (DAY, "13/13/2027", "is no day: there is no month 13"),
        (DAY, "29.2.2027", "is no day: February 2027 has no day 29"),
        (DAY, "9999-12-31", "is no day: the year 9999 is too far away: 1900 to 2199"),
        (DAY, "31.12.9999", "is no day: the year 9999 is too far away: 1900 to 2199"),
        (DAY, datetime(9999, 12, 31, tzinfo=UTC), "the year 9999 is too far away to reckon with"),
        (DAY, datetime(1899, 12, 30, tzinfo=UTC), "the year 1899 is too far away to reckon with"),
        (CLOCK, "25:00", "is no time of day"),
        (CLOCK, "9.30", "is no time of day"),
        (CLOCK, "13:00 pm", "is no time of day"),
        (CLOCK, "0:30 am", "is no time of day"),
        (CLOCK, "24:00", "is no time of day"),
        (CLOCK, datetime(1900, 1, 1, tzinfo=UTC), "is no time of day"),  # 24:00 as a spreadsheet keeps it
        (CLOCK, datetime(1904, 1, 2, 1, tzinfo=UTC), "is no time of day"),  # 25:00 where it counts from 1904
        (DAY, datetime(2026, 5, 4, 9, tzinfo=UTC), "is a time, not a day"),
        (choice(OrganisationKind), "factory", "is none of the words for this"),
        (COUNTRY, "Utopia", "is no country"),
    ],
)
def test_a_cell_that_cannot_be_read_says_why(kind: Kind, raw: Raw, said: str) -> None:
    with pytest.raises(Unreadable) as caught:
        kind.read(raw)

    assert (caught.value.fault.message, caught.value.fault.remedy != "") == (said, True)


@pytest.mark.parametrize(
    "text", ["10 Å²", "“CAFÉ”", "CAFÉ—BAR", "ÂGE D’OR", "São João & Filhos", "Łódź Ã©", "Ötztal – Çeşme", "№ 5 ©"]
)
def test_a_text_that_is_merely_rare_is_read(text: str) -> None:
    assert TEXT.read(text) == text


@pytest.mark.parametrize("text", ["2026-05-04 09:00", "2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+02:00"])
def test_a_time_is_written_so_that_it_comes_back(text: str) -> None:
    assert clock_time(moment(text, WARSAW), WARSAW) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-10-25 02:30", "comes twice by the clock of Europe/Warsaw"),
        ("2026-03-29 02:30", "does not exist by the clock of Europe/Warsaw"),
        ("soon", "is no time"),
        ("9999-12-31 23:59", "the year 9999 is too far away to reckon with"),
    ],
)
def test_a_time_that_is_none_says_why(text: str, said: str) -> None:
    with pytest.raises(Unreadable) as caught:
        moment(text, WARSAW)

    assert caught.value.fault.message == said


def _at(hour: int, minute: int = 0, *, day: int = 4) -> datetime:
    return datetime(2026, 5, day, hour - 2, minute, tzinfo=UTC)  # Warsaw is two hours ahead then


EVENING = EventSession("Evening | two", _at(22), _at(2, day=5), 4, (Span(_at(23), _at(23, 20)),))
MORNING = EventSession("Morning", _at(9, day=5), _at(10, day=5), 0)


def test_sessions_and_slots_are_written_so_that_they_come_back() -> None:
    sessions = [EVENING, MORNING]
    slots = slots_of(sessions, slot_minutes=20)
    text = write_sessions(sessions, WARSAW)

    assert text == (
        "Evening | two | 2026-05-04 22:00 - 2026-05-05 02:00 | 4 tables | breaks 23:00 - 23:20\n"
        "Morning | 2026-05-05 09:00 - 10:00 | 0 tables"
    )
    assert read_sessions(text, WARSAW) == sessions
    for taken in ([], [0], [0, 1, 2, 5], list(range(len(slots)))):
        assert read_slots(write_slots(taken, slots, WARSAW), slots, WARSAW) == taken


def test_headings_are_known_in_five_languages_and_never_two_at_once() -> None:
    for sheet in SHEETS:
        names = [column.name for column in sheet.columns]
        words = Counter(
            fold(word) for name in names for word in {name, *translations()[name]} if fold(word) != fold(name)
        )
        assert [word for word, count in words.items() if count > 1 or word in map(fold, names)] == []
        assert [meant(translations()[name][3].upper() + " *", names) for name in names] == names
    assert {len(words) for words in translations().values()} == {4}
