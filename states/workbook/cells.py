"""What a cell may hold, and the kinds of value that are read from one and written into one."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

from states import characters
from states.clock import FIRST_DAY, LAST_DAY, is_in_reach
from states.errors import Fault
from states.partners.addresses import read_address
from states.partners.partial_dates import InvalidPartialDate, read_day
from states.places.name_folding import fold
from states.storage.amounts import NumberUnreadable, read_number
from states.texts import Text, Value
from states.workbook.countries import country_code

MOST_CHARACTERS = 32_767  # what a spreadsheet's cell holds


@dataclass(frozen=True, slots=True)
class Oddity:
    """What stands in a cell and is no value: a formula, an error, a part of merged cells; and what is wrong with it."""

    shown: str
    fault: Fault


Raw = str | int | float | bool | datetime | Oddity | None
Written = str | int | Decimal | bool | date | None


class Unreadable(Exception):
    """The cell does not hold what its column wants."""

    def __init__(self, code: str | Text, /, *, remedy: str | Text | None = None, **parameters: Value) -> None:
        super().__init__(str(code))
        self.fault = Fault("", code, remedy=remedy, **parameters)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: how it is read from a filled cell, written, and what may be chosen where that is limited."""

    read: Callable[[Raw], object]
    write: Callable[[object], Written]
    empty: object = None
    choices: tuple[str, ...] = ()
    says: str = ""


# Neither a spreadsheet's cell nor PostgreSQL keeps these; a line break is one character everywhere.
_UNKEPT = re.compile("[\x00-\x08\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_CLOCK = re.compile(
    r"([0-9]{1,2})(?::| ?h ?)([0-9]{2}(?::[0-9]{2}(?:\.[0-9]{6})?)?)(?: ?([ap])\.?m\.?)?", re.IGNORECASE
)
_NOON, _NEVER = 12, 99
_FIRST_OF_A_DAY = 1905  # spreadsheets count from 1900 or 1904
_YES = {"yes", "y", "true", "1", "x", "ja", "j", "wahr", "oui", "o", "vrai", "si", "vero", "tak", "t", "prawda", *"✓✔☑"}
_NO = {"no", "n", "false", "0", "-", "nein", "falsch", "non", "faux", "falso", "nie", "falsz", *"✗✘☐"}
_MOST_EXACT = 10**12
_DIGITS_KEPT = 15  # of a number by a spreadsheet


def tidy(text: str) -> str:
    """Return a text as a cell keeps it: trimmed, with plain line breaks and no control characters."""
    return _UNKEPT.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def shown(raw: Raw) -> str:
    """Return what stands in a cell as one reads it there."""
    if isinstance(raw, Oddity):
        return raw.shown
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    if isinstance(raw, datetime):
        timed = raw.isoformat(" ", "seconds").removesuffix(":00")
        return timed if raw.hour or raw.minute or raw.second else raw.date().isoformat()
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return "" if raw is None else str(raw)


def _words(raw: Raw) -> str:
    if isinstance(raw, int | float) and abs(raw) >= 10**_DIGITS_KEPT:
        raise Unreadable("last_digits_lost", remedy="format_as_text_and_write_anew", most=_DIGITS_KEPT)
    return _text(raw)


def _text(raw: Raw) -> str:
    text = shown(raw)
    if (read := characters.misread(text)) is not None:
        raise Unreadable("read_in_wrong_encoding", remedy="save_as_csv_utf_8_once_more", read=read[:60])
    if _UNKEPT.search(text):
        raise Unreadable("holds_control_character", remedy="write_it_anew")
    text = characters.tidy(text)
    if (odd := characters.meaningless(text)) is not None:
        raise Unreadable("meaningless_character", remedy="write_it_anew", character=characters.code_point(odd))
    if len(text) > MOST_CHARACTERS:
        raise Unreadable("too_many_characters", remedy="at_most", length=len(text), most=MOST_CHARACTERS)
    return tidy(text)


def _number(raw: Raw) -> Decimal:
    text = _figures(raw) if isinstance(raw, float) else _text(raw)
    if isinstance(raw, bool):
        raise Unreadable("not_a_number", remedy="digits_with_point_before_decimals")
    try:
        return read_number(text)
    except NumberUnreadable as error:
        raise Unreadable(error.fault.text, remedy=error.fault.advice) from None


def _figures(raw: float) -> str:
    """Return a number as a spreadsheet shows it: what follows the 15th digit is the noise of binary fractions."""
    text = f"{raw:.{_DIGITS_KEPT}f}" if abs(raw) < 1 else f"{Decimal(f'{raw:.{_DIGITS_KEPT}g}'):f}"
    whole, point, decimals = text.partition(".")
    return f"{whole}.{decimals:0<4}" if point else text  # three decimals of a number are no thousands


def _whole(raw: Raw) -> int:
    number = _number(raw)
    if number != int(number) or abs(number) >= 2**31:
        raise Unreadable("no_whole_number", remedy="digits_only")
    return int(number)


def _flag(raw: Raw) -> bool:
    words = {fold(_text(raw)), _text(raw)}  # folding leaves nothing of a mark
    if words & _YES:
        return True
    if words & _NO:
        return False
    raise Unreadable("neither_yes_nor_no", remedy="yes_or_no")


def need_in_reach(day: date) -> None:
    """Raise `Unreadable` for a day or an instant in a year that nobody means."""
    if not is_in_reach(day):
        first, last = FIRST_DAY.year, LAST_DAY.year
        raise Unreadable("year_too_far", remedy="years_or_left_out", year=day.year, first=first, last=last)


def _day(raw: Raw) -> date:
    if isinstance(raw, datetime):
        if raw.hour or raw.minute or raw.second:
            raise Unreadable("time_not_day", remedy="write_as_2026_05_04")
        need_in_reach(raw)
        return raw.date()
    try:
        return read_day(_text(raw))
    except InvalidPartialDate as error:
        raise Unreadable("no_day", remedy="write_as_2026_05_04", why=error.why) from None


def _clock(raw: Raw) -> time:
    if isinstance(raw, datetime) and raw.year < _FIRST_OF_A_DAY:  # a span of 24 hours or more
        raise Unreadable("not_a_time", remedy="write_time_as")
    text = raw.time().isoformat() if isinstance(raw, datetime) else _text(raw)
    found = _CLOCK.fullmatch(text)
    if not found:
        raise Unreadable("not_a_time", remedy="write_time_as")
    hour = int(found[1])
    if half := found[3]:
        hour = hour % _NOON + _NOON * (half.lower() == "p") if 1 <= hour <= _NOON else _NEVER
    try:
        return time.fromisoformat(f"{hour:0>2}:{found[2]}")
    except ValueError:
        raise Unreadable("not_a_time", remedy="write_time_as") from None


def _written_text(value: object) -> str | None:
    return tidy(str(value)) or None if value is not None else None


def _many(raw: Raw) -> tuple[str, ...]:
    text = _text(raw)
    parts = text.split("\n") if "\n" in text else text.split(";")
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _written_many(value: object) -> str | None:
    items = [tidy(str(one)) for one in value] if isinstance(value, list | tuple) else []
    glue = "\n" if any(";" in one for one in items) else "; "
    return glue.join(items) or None


def _same(value: object) -> Written:
    return value if isinstance(value, int | Decimal | date) else None


def _amount(value: object) -> Written:
    """Return an amount; as text where a spreadsheet, which keeps 15 digits, would lose cents."""
    return f"{value:f}" if isinstance(value, Decimal) and abs(value) >= _MOST_EXACT else _same(value)


def _yes_no(value: object) -> str:
    return "yes" if value else "no"


def _address(raw: Raw) -> str:
    read = read_address("", shown(raw))
    if isinstance(read, Fault):
        raise Unreadable(read.text, remedy=read.advice)
    return read


TEXT = Kind(_words, _written_text, "")
ADDRESS = Kind(_address, _written_text, "")
WHOLE = Kind(_whole, _same)
MONEY = Kind(_number, _amount)
FLAG = Kind(_flag, _yes_no, False, ("yes", "no"))
ANSWER = Kind(_flag, lambda value: None if value is None else _yes_no(value), None, ("yes", "no"))
DAY = Kind(_day, _same)
CLOCK = Kind(_clock, lambda value: value.isoformat().removesuffix(":00") if isinstance(value, time) else None)
MANY = Kind(_many, _written_many, (), says="several with a semicolon between, or one on each line")


def choice(options: type[StrEnum], *, empty: StrEnum | None = None) -> Kind:
    """Return the kind of a cell that holds one of these words; their case, blanks and hyphens do not matter."""
    words = tuple(option.value for option in options)
    return Kind(lambda raw: _chosen(_text(raw), words), _written_text, empty and empty.value, words)


def choices(options: type[StrEnum]) -> Kind:
    """Return the kind of a cell that holds any number of these words."""
    words = tuple(option.value for option in options)

    def read(raw: Raw) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_chosen(part, words) for part in _many(raw)))

    return Kind(read, _written_many, (), says=f"{MANY.says}: {', '.join(words)}")


def _chosen(text: str, words: tuple[str, ...]) -> str:
    word = re.sub(r"[\s-]+", "_", text.casefold())
    if word not in words:
        raise Unreadable("none_words_for", remedy="one_of", known=tuple(words))
    return word


def _country(raw: Raw) -> str:
    code = country_code(_text(raw))
    if code is None:
        raise Unreadable("no_country", remedy="iso_3166_1_alpha_2_pl")
    return code


COUNTRY = Kind(_country, _written_text, "", says="ISO 3166-1 alpha-2, or the name in one of the five languages")
COUNTRIES = Kind(
    lambda raw: tuple(dict.fromkeys(_country(part) for part in _many(raw))), _written_many, (), says=MANY.says
)
