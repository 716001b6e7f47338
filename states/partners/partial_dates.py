"""Dates as people announce them, known to the day, the month, or only the part of a year."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import total_ordering
from typing import Self

from states.clock import FIRST_DAY, LAST_DAY, is_in_reach
from states.errors import Invalid
from states.places.name_folding import fold
from states.texts import Text, Value

FORMS = "2020-10-24, 24/10/2020, 24 October 2020, October 2020, 2020-10, mid-2020, early Nov 2018, Q2 2020, 2020"

# Two-digit years: 00 to 69 belong to this century, 70 to 99 to the last (the POSIX convention).
_PIVOT = 70

# English, German, French, Italian, Polish (nominative and genitive), folded; any prefix of three letters or more.
_MONTHS = (
    "january januar janner janvier gennaio styczen stycznia",
    "february februar feber fevrier febbraio luty lutego",
    "march marz maerz mrz mars marzo marzec marca",
    "april avril aprile kwiecien kwietnia",
    "may mai maggio maj maja",
    "june juni juin giugno czerwiec czerwca",
    "july juli juillet luglio lipiec lipca",
    "august aout agosto sierpien sierpnia",
    "september septembre settembre wrzesien wrzesnia",
    "october oktober octobre ottobre pazdziernik pazdziernika",
    "november novembre listopad listopada",
    "december dezember decembre dicembre grudzien grudnia",
)
_ENGLISH = tuple(names.split()[0].capitalize() for names in _MONTHS)


class InvalidPartialDate(Invalid):
    """The text is no date, or a date that does not exist."""

    code = "partial_date_invalid"

    def __init__(self, text: str, why: str | Text, /, **parameters: Value) -> None:
        self.why = why if isinstance(why, Text) else Text("why", why, **parameters)
        super().__init__("date_unreadable", field="date", remedy="date_forms", written=text, why=self.why, forms=FORMS)


class Part(StrEnum):
    """A part of a year or of a month."""

    EARLY = "early"
    MID = "mid"
    LATE = "late"
    H1 = "H1"
    H2 = "H2"
    Q1 = "Q1"
    Q2 = "Q2"
    Q3 = "Q3"
    Q4 = "Q4"


# First and last month of each part of a year; mid-year is the middle third.
_MONTHS_OF = {
    Part.EARLY: (1, 4),
    Part.MID: (5, 8),
    Part.LATE: (9, 12),
    Part.H1: (1, 6),
    Part.H2: (7, 12),
    Part.Q1: (1, 3),
    Part.Q2: (4, 6),
    Part.Q3: (7, 9),
    Part.Q4: (10, 12),
}
# First and last day of each part of a month; the last day of a month stands as 31.
_DAYS_OF = {Part.EARLY: (1, 10), Part.MID: (11, 20), Part.LATE: (21, 31)}

_PART_WORDS = {
    Part.EARLY: ["early", "beginning", "begin", "start", "anfang", "debut", "inizio", "poczatek"],
    Part.MID: ["mid", "middle", "mitte", "milieu", "meta", "polowa"],
    Part.LATE: ["late", "end", "ende", "fin", "fine", "koniec"],
}
_PART_OF_WORD = {word: part for part, words in _PART_WORDS.items() for word in words} | {
    part.value.lower(): part for part in Part
}
_FILLING = frozenset(["of", "the", "in", "de", "del", "della", "des", "du", "im", "von", "le", "el", "r"])
_STORED = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?(?:~(?P<part>\w+))?")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?")
_DAY_FIRST = re.compile(r"(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{4}|\d{2})")
_MONTH_FIRST = re.compile(r"(\d{1,2})[-/.](\d{4})")
_ORDINAL_PART = re.compile(
    r"\b(?:(1|1st|first|erstes?|premier|primo|i)|(2|2nd|second|zweites?|deuxieme|secondo|ii)"
    r"|(3|3rd|third|drittes?|troisieme|terzo|iii)|(4|4th|fourth|viertes?|quatrieme|quarto|iv))"
    r" (?:(half|halbjahr|semester|semestre|polrocze)|quarter|quartal|trimestre|kwartal)\b"
)
_DAY_WORD = re.compile(r"\d{1,2}(st|nd|rd|th|er)?")


@total_ordering
@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date known in part: a year, with a month and day, or a part of the year or month.

    `str()` gives the stored form, which `parse` reads back: 2020, 2020-03, 2020-10-24, 2020~mid, 2018-11~early.
    """

    year: int
    month: int | None = None
    day: int | None = None
    part: Part | None = None

    def __post_init__(self) -> None:
        fault = self._fault()
        if fault:
            raise InvalidPartialDate(str(self), fault)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a date in one of FORMS, the day before the month. Raise InvalidPartialDate.

        Two-digit years up to 69 belong to this century, from 70 on to the last. Months may be named in English,
        German, French, Italian or Polish, or cut to three letters.
        """
        stripped = text.strip()
        try:
            year, month, day, part = _from_digits(stripped) or _from_words(stripped)
            return cls(year, month, day, part)
        except InvalidPartialDate as error:
            raise InvalidPartialDate(text, error.why) from None

    @property
    def earliest(self) -> date:
        """The first day that it may mean."""
        first_month, _ = self._months()
        first_day = self.day or (_DAYS_OF[self.part][0] if self.month and self.part else 1)
        return date(self.year, first_month, first_day)

    @property
    def latest(self) -> date:
        """The last day that it may mean."""
        _, last_month = self._months()
        last_of_month = monthrange(self.year, last_month)[1]
        last_day = self.day or (_DAYS_OF[self.part][1] if self.month and self.part else last_of_month)
        return date(self.year, last_month, min(last_day, last_of_month))

    @property
    def text(self) -> str:
        """The date for an English reader: 24 October 2019, early November 2018, mid-2020, Q2 2020."""
        month = f"{_ENGLISH[self.month - 1]} " if self.month else ""
        day = f"{self.day} " if self.day else ""
        joint = "-" if self.part is Part.MID else " "
        return (f"{self.part.value}{joint}" if self.part else "") + f"{day}{month}{self.year}"

    def __str__(self) -> str:
        month = f"-{self.month:02}" if self.month is not None else ""
        day = f"-{self.day:02}" if self.day is not None else ""
        return f"{self.year:04}{month}{day}" + (f"~{self.part.value}" if self.part else "")

    def __lt__(self, other: "PartialDate") -> bool:
        """Order by the first day each may mean, then by the last: 2020-01-01 comes before 2020."""
        if not isinstance(other, PartialDate):
            return NotImplemented
        return self._order() < other._order()

    def _order(self) -> tuple[date, date, str]:
        return self.earliest, self.latest, str(self)

    def _months(self) -> tuple[int, int]:
        if self.month is not None:
            return self.month, self.month
        return _MONTHS_OF[self.part] if self.part else (1, 12)

    def _fault(self) -> Text | None:
        if not 1000 <= self.year <= 9999:
            return Text("why", "no_such_year", year=self.year)
        if self.month is None:
            return Text("why", "day_without_month") if self.day is not None else None
        if not 1 <= self.month <= 12:
            return Text("why", "no_such_month", month=self.month)
        if self.day is not None and not 1 <= self.day <= monthrange(self.year, self.month)[1]:
            return Text("why", "no_such_day", month=date(self.year, self.month, 1), day=self.day)
        if self.part is not None and (self.day is not None or self.part not in _DAYS_OF):
            return Text("why", "part_with_day" if self.day else "part_with_month", part=self.part)
        return None


_MAY_BE_EITHER = re.compile(r"(\d{1,2})\s?[-/]\s?(\d{1,2})\s?[-/]\s?\d{4}")


def read_day(text: str) -> date:
    """Return the one day that a text means: 2027-12-31, 31.12.2027, 31/12/2027, 31 December 2027.

    Raise `InvalidPartialDate` for less than a day, for 04/05/2027, which is read one way here and the other there, and
    for years that cannot be reckoned with.
    """
    plain = text.strip().removesuffix(" 00:00:00").removesuffix("T00:00:00")
    either = _MAY_BE_EITHER.fullmatch(plain)
    if either and either[1] != either[2] and int(either[1]) <= 12 and int(either[2]) <= 12:
        raise InvalidPartialDate(text, "day_or_month_first")
    plain = re.sub(r"(\d{4})(\d\d)(\d\d)", r"\1-\2-\3", plain)
    known = PartialDate.parse(plain)
    if known.day is None or not re.search(r"\d{4}", plain):
        raise InvalidPartialDate(text, "not_to_the_day")
    if not is_in_reach(known.earliest):
        raise InvalidPartialDate(text, "year_too_far", year=known.year, first=FIRST_DAY.year, last=LAST_DAY.year)
    return known.earliest


_TWICE = {"year": "two_years", "month": "two_months", "day": "two_days"}
_Parts = tuple[int, int | None, int | None, Part | None]


def _from_digits(text: str) -> _Parts | None:
    """Read the stored form and the forms in figures; the day comes before the month."""
    if found := _STORED.fullmatch(text):
        part = found["part"]
        if part is not None and part not in {p.value for p in Part}:
            raise InvalidPartialDate(text, "no_part_of_a_year", part=part)
        return int(found["year"]), _number(found["month"]), _number(found["day"]), Part(part) if part else None
    if found := _YEAR_FIRST.fullmatch(text):
        return int(found[1]), int(found[2]), _number(found[3]), None
    if found := _DAY_FIRST.fullmatch(text):
        return _full_year(found[3]), int(found[2]), int(found[1]), None
    if found := _MONTH_FIRST.fullmatch(text):
        return int(found[2]), int(found[1]), None, None
    return None


def _number(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (2000 if year < _PIVOT else 1900)


def _from_words(text: str) -> _Parts:
    """Read words in any order: a year, and at most one month, day and part."""
    numbers: dict[str, int] = {}
    parts: list[Part] = []
    for word in _ORDINAL_PART.sub(_short_part, fold(text)).split():
        if word in _PART_OF_WORD:
            parts.append(_PART_OF_WORD[word])
        elif word not in _FILLING:
            kind, number = _meaning(text, word)
            if kind in numbers:
                raise InvalidPartialDate(text, _TWICE[kind])
            numbers[kind] = number
    if len(parts) > 1:
        raise InvalidPartialDate(text, "two_parts")
    if "year" not in numbers:
        raise InvalidPartialDate(text, "no_year")
    return numbers["year"], numbers.get("month"), numbers.get("day"), parts[0] if parts else None


def _short_part(found: re.Match[str]) -> str:
    which = next(number for number in range(1, 5) if found[number])
    return f"{'h' if found[5] else 'q'}{which}"


def _meaning(text: str, word: str) -> tuple[str, int]:
    if word.isdecimal() and len(word) == 4:
        return "year", int(word)
    if _DAY_WORD.fullmatch(word):
        return "day", int(re.sub(r"\D", "", word))
    months = [number for number, names in enumerate(_MONTHS, 1) if _begins_one(names, word)]
    if len(months) == 1:
        return "month", months[0]
    raise InvalidPartialDate(text, "several_months" if months else "no_part_of_a_date", word=word)


def _begins_one(names: str, word: str) -> bool:
    return len(word) >= 3 and any(name.startswith(word) for name in names.split())
