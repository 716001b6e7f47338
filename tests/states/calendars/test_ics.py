"""Calendars as two independent readers see them: local times across the change of the clock, and every text whole."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from states.calendars.entries import Entry
from states.calendars.ics import Invitation, feed, invitation, tidy
from tests.states.calendars.readers import READERS, Seen, by_icalendar, by_vobject

CHANGED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
BRUSSELS = ZoneInfo("Europe/Brussels")
ENTRY = Entry("one@bankable", "Review", datetime(2026, 3, 27, 17, tzinfo=BRUSSELS), CHANGED, 0)

Reader = Callable[[bytes], dict[str, Seen]]
each_reader = pytest.mark.parametrize("read", READERS, ids=lambda one: one.__name__)


def a_feed(*entries: Entry, language: str = "en") -> bytes:
    return feed(entries, name="Deadlines", language=language)


def local(instant: date | datetime, zone: str) -> str:
    assert isinstance(instant, datetime)
    return f"{instant.astimezone(ZoneInfo(zone)):%d %H:%M}"


@each_reader
@pytest.mark.parametrize(
    ("day", "brussels", "new_york", "kolkata"),
    [
        (date(2026, 3, 28), "28 17:00", "28 12:00", "28 21:30"),  # New York has summer time already
        (date(2026, 3, 29), "29 17:00", "29 11:00", "29 20:30"),
        (date(2026, 3, 30), "30 17:00", "30 11:00", "30 20:30"),
        (date(2026, 10, 24), "24 17:00", "24 11:00", "24 20:30"),
        (date(2026, 10, 25), "25 17:00", "25 12:00", "25 21:30"),
        (date(2026, 10, 26), "26 17:00", "26 12:00", "26 21:30"),
    ],
)
def test_five_in_brussels_is_read_everywhere(
    read: Reader, day: date, brussels: str, new_york: str, kolkata: str
) -> None:
    body = a_feed(replace(ENTRY, starts=datetime(day.year, day.month, day.day, 17, tzinfo=BRUSSELS)))

    starts = read(body)["one@bankable"].starts

    zones = ("Europe/Brussels", "America/New_York", "Asia/Kolkata")
    assert [local(starts, zone) for zone in zones] == [brussels, new_york, kolkata]


@each_reader
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns"])
@pytest.mark.parametrize("day", [(2026, 3, 8), (2026, 4, 5), (2026, 10, 4), (2026, 11, 1)])
def test_hours_about_a_change_of_the_clock_are_the_same_instants(
    read: Reader, zone: str, day: tuple[int, int, int]
) -> None:
    begins = datetime(*day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    instants = {f"{number}@bankable": begins + timedelta(minutes=30 * number) for number in range(12)}

    found = read(
        a_feed(
            *(
                replace(ENTRY, uid=uid, starts=instant.astimezone(ZoneInfo(zone)), ends=instant + timedelta(hours=1))
                for uid, instant in instants.items()
            )
        )
    )

    assert {uid: seen.starts for uid, seen in found.items()} == instants
    assert {seen.ends - seen.starts for seen in found.values()} == {timedelta(hours=1)}  # type: ignore[operator]


@each_reader
def test_a_time_that_the_clock_skips_is_the_one_that_it_shows_instead(read: Reader) -> None:
    body = a_feed(replace(ENTRY, starts=datetime(2026, 3, 29, 2, 30, tzinfo=BRUSSELS)))

    assert local(read(body)["one@bankable"].starts, "Europe/Brussels") == "29 03:30"
    assert b"DTSTART;TZID=Europe/Brussels:20260329T033000" in body


@each_reader
def test_a_day_is_a_whole_day(read: Reader) -> None:
    seen = read(a_feed(replace(ENTRY, starts=date(2026, 12, 31))))["one@bankable"]

    assert (seen.starts, seen.ends) == (date(2026, 12, 31), date(2027, 1, 1))


@given(title=st.text(st.characters(exclude_categories=["Cs"])), place=st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_is_read_back(title: str, place: str) -> None:
    body = a_feed(replace(ENTRY, title=title, place=place, text=f"{place}\n{title}"))

    for read in READERS:
        seen = read(body)["one@bankable"]
        assert (seen.title, seen.place, seen.text) == (tidy(title), tidy(place), tidy(f"{place}\n{title}"))


@pytest.mark.parametrize(
    "text",
    [
        r"C:\New\notes; a, b:c",
        'An "offer", 100 %',
        "Łódź – Besançon – Ελλάδα – 東京",
        "\N{FAMILY}\N{ZERO WIDTH JOINER}" * 40,
        "two\nlines",
        "BEGIN:VEVENT",
        "x" * 400,
    ],
)
def test_what_people_write_is_kept_as_it_is(text: str) -> None:
    assert tidy(text) == text
    assert {read(a_feed(replace(ENTRY, title=text)))["one@bankable"].title for read in READERS} == {text}


def test_what_no_calendar_can_keep_is_left_out() -> None:
    assert tidy(" a\x00b\t c\r\nd\u2028e\r\ufeff ") == "ab c\nd e"


def test_lines_are_folded() -> None:
    body = a_feed(replace(ENTRY, title="Überprüfung " * 40, place="\N{GRINNING FACE}" * 100))

    lines = body.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"\n" not in b"".join(lines)


def test_equal_entries_give_equal_bytes() -> None:
    entries = [replace(ENTRY, uid=f"{number}@bankable") for number in range(3)]
    entries.append(replace(ENTRY, uid="zone", starts=datetime(2026, 3, 1, tzinfo=ZoneInfo("Asia/Kolkata"))))
    entries.append(replace(ENTRY, uid="day", starts=date(2026, 3, 2)))

    assert a_feed(*entries) == a_feed(*reversed(entries))


def test_the_calendar_says_what_it_is_and_when_to_read_it_again() -> None:
    calendar = Calendar.from_ical(a_feed(ENTRY, language="fr"))

    said = {name: str(calendar[name]) for name in ("PRODID", "VERSION", "NAME", "X-WR-CALNAME", "X-PUBLISHED-TTL")}
    assert said == {
        "PRODID": "-//Bankable//Calendar//EN",
        "VERSION": "2.0",
        "NAME": "Deadlines",
        "X-WR-CALNAME": "Deadlines",
        "X-PUBLISHED-TTL": "PT1H",
    }
    assert calendar.refresh_interval == timedelta(hours=1)
    assert calendar["NAME"].params["LANGUAGE"] == "fr"
    assert {one.name for one in calendar.walk()} == {"VCALENDAR", "VTIMEZONE", "STANDARD", "DAYLIGHT", "VEVENT"}


def test_stamps_come_from_the_entry_and_not_from_the_clock() -> None:
    shown = Calendar.from_ical(a_feed(ENTRY)).events[0]

    assert (shown.decoded("DTSTAMP"), shown.decoded("LAST-MODIFIED")) == (CHANGED, CHANGED)


@each_reader
def test_what_is_cancelled_says_so(read: Reader) -> None:
    body = a_feed(replace(ENTRY, sequence=3, cancelled=True), replace(ENTRY, uid="two@bankable"))

    found = {uid: (seen.sequence, seen.status) for uid, seen in read(body).items()}
    assert found == {"one@bankable": (3, "CANCELLED"), "two@bankable": (0, "CONFIRMED")}


def test_only_what_takes_time_makes_busy() -> None:
    body = a_feed(ENTRY, replace(ENTRY, uid="two@bankable", busy=True))

    shown = {str(one["UID"]): str(one["TRANSP"]) for one in Calendar.from_ical(body).events}
    assert shown == {"one@bankable": "TRANSPARENT", "two@bankable": "OPAQUE"}


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "Review (illustrative)"), ("de", "Review (Beispiel)"), ("nl", "Review (illustrative)")],
)
def test_what_is_made_up_is_marked(language: str, title: str) -> None:
    body = a_feed(replace(ENTRY, illustrative=True), language=language)

    assert by_vobject(body)["one@bankable"].title == title


def test_an_empty_calendar_is_one() -> None:
    body = a_feed()

    assert (by_icalendar(body), by_vobject(body)) == ({}, {})


@pytest.mark.parametrize(("cancelled", "method"), [(False, "REQUEST"), (True, "CANCEL")])
def test_an_invitation_is_for_one_person(cancelled: bool, method: str) -> None:
    sent = Invitation(organizer="office@example.org", attendee="mary@example.org")

    body, said = invitation(replace(ENTRY, cancelled=cancelled, sequence=2), sent, language="en")

    calendar = Calendar.from_ical(body)
    shown = calendar.events[0]
    assert (said, str(calendar["METHOD"])) == (method, method)
    assert (str(shown["ORGANIZER"]), str(shown["ATTENDEE"])) == (
        "mailto:office@example.org",
        "mailto:mary@example.org",
    )
    assert by_vobject(body)["one@bankable"].sequence == 2
