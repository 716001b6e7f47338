"""How mails write days, times and columns: in the language and on the clock of their reader."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from gettext import NullTranslations
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, format_timedelta, get_timezone_name

from documents.mails.words import Word, word

WIDTH = 72  # characters of a line, with room to be quoted
_MOMENT = word("time", "%(day)s, %(time)s")
_HOURS = word("time", "%(day)s, %(start)s–%(end)s")
_FROM_TO = word("time", "%(start)s – %(end)s")


@dataclass(frozen=True, slots=True)
class Dates:
    """Writes days and times in one language; `own` is the reader's time zone, empty where it is not known."""

    locale: str
    translations: NullTranslations
    own: str = ""

    def day(self, day: date) -> str:
        """Write a day in full: Friday, 27 November 2026."""
        written = format_date(day, "full", locale=self.locale)
        # Of all days only the first of a French month has an ordinal, and CLDR's patterns cannot say so.
        return written.replace(" 1 ", " 1er ") if self.locale == "fr" else written

    def distance(self, days: int) -> str:
        """Write how far a day lies from today (negative is still to come): in 3 days, 1 day ago."""
        # Never weeks or months: nobody counts days back from "1 month".
        return format_timedelta(
            timedelta(days=-days), granularity="day", threshold=float("inf"), add_direction=True, locale=self.locale
        )

    def due(self, day: date, at: time | None, zone: str) -> str:
        return self.day(day) if at is None else self.span(_instant(day, at, zone), None, zone)

    def own_due(self, day: date, at: time | None, zone: str) -> str:
        """Write a due time on the reader's clock, or nothing where that shows the same."""
        return "" if at is None else self.own_span(_instant(day, at, zone), None, zone)

    def until(self, end: datetime | date) -> str:
        """Write the end of a term: a day, or a moment on the reader's clock."""
        return self.span(end, None, self.own or "UTC")

    def span(self, start: datetime | date, end: datetime | date | None, zone: str) -> str:
        """Write when something takes place, in the time zone of that place; without one, in the reader's."""
        if not isinstance(start, datetime):
            return self._from_to(self.day(start), self.day(end or start))
        where = ZoneInfo(zone or self.own or "UTC")
        first = start.astimezone(where)
        last = end.astimezone(where) if isinstance(end, datetime) else first
        if first == last or (first.date(), first.utcoffset()) != (last.date(), last.utcoffset()):
            return self._from_to(self._moment(first), self._moment(last))
        hours = {"day": self.day(first), "start": self._clock(first), "end": self._clock(last)}
        return f"{self._say(_HOURS, hours)} ({self._zone(first)})"

    def own_span(self, start: datetime | date, end: datetime | date | None, zone: str) -> str:
        """Write the same on the reader's clock, or nothing where that shows the same."""
        if not isinstance(start, datetime) or not self.own or not zone:
            return ""
        moments = [one for one in (start, end) if isinstance(one, datetime)]
        here, there = ([one.astimezone(ZoneInfo(key)).utcoffset() for one in moments] for key in (self.own, zone))
        return "" if here == there else self.span(start, end, self.own)

    def _moment(self, at: datetime) -> str:
        return f"{self._say(_MOMENT, {'day': self.day(at), 'time': self._clock(at)})} ({self._zone(at)})"

    def _from_to(self, start: str, end: str) -> str:
        return start if start == end else self._say(_FROM_TO, {"start": start, "end": end})

    def _clock(self, at: datetime) -> str:
        return format_time(at, "short", tzinfo=at.tzinfo, locale=self.locale)

    def _zone(self, at: datetime) -> str:
        return get_timezone_name(at, width="long", locale=self.locale)

    def _say(self, message: Word, values: Mapping[str, str]) -> str:
        return self.translations.pgettext(*message) % values


def wrap(text: str, first: str = "", rest: str = "") -> str:
    """Break a paragraph into lines; an address is never broken."""
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def columns(rows: Sequence[tuple[str, str]], colon: str) -> str:
    """Write labels and their values side by side; what has no value is left out."""
    filled = [(f"{label}{colon} ", value) for label, value in rows if value]
    width = max((len(label) for label, _ in filled), default=0)
    return "\n".join(wrap(value, label.ljust(width), " " * width) for label, value in filled)


def _instant(day: date, at: time, zone: str) -> datetime:
    return datetime.combine(day, at, ZoneInfo(zone))
