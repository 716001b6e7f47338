"""How what a sentence speaks of is written in a language: amounts, days, lists, words."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from string import Formatter
from typing import Any, Literal

from babel.core import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_decimal

from states.texts.text import Text, Value
from states.texts.titles import Title, said

Word = Callable[[str, str], str]
_LOCALES = {"en": "en_GB"}
_JOINS: dict[str, Literal["standard", "or"]] = {"and": "standard", "or": "or"}
# A mere list has no word between its last two; Babel's own for it is incomplete in German and Spanish.
_MARKS = {"list": ", ", "semicolon": "; "}
_MOST_DIGITS = 28  # Babel rounds by Python's usual context
FORMATS = frozenset({*_JOINS, *_MARKS, "eur", "given", "month", "quoted"})


def fill(pattern: str, parameters: Mapping[str, Value], language: str, *, word: Word) -> str:
    """Return the pattern with its parameters written; `word` says a word of a kind by its code."""
    writer = _Writer(language, word)
    return "".join(
        literal if name is None else literal + writer.write(parameters[name], formats)
        for literal, name, formats in _pieces(pattern)
    )


def written_number(value: Decimal | float, locale: Locale, pattern: str | None = None) -> str:
    """Write a number by a pattern of CLDR, or with all of its decimals.

    One that nobody would write out stays as it was given: somebody may have sent 1E+999999, and a refusal speaks of it.
    """
    number = Decimal(str(value))
    digits = len(number.as_tuple().digits)
    if number and not (number.is_finite() and digits <= _MOST_DIGITS and abs(number.adjusted()) < _MOST_DIGITS - 2):
        return str(value)
    return format_decimal(number, pattern, locale=locale, decimal_quantization=pattern is not None)


@lru_cache(maxsize=4096)
def _pieces(pattern: str) -> tuple[tuple[str, str | None, tuple[str, ...]], ...]:
    """Return what stands before each pair of braces, the parameter in it, and the formats behind its colon."""
    return tuple(
        (literal, name, tuple(one for one in (formats or "").split("|") if one))
        for literal, name, formats, _ in Formatter().parse(pattern)
    )


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES.get(language, language))


class _Writer:
    """Writes what stands in braces by its formats, from left to right."""

    def __init__(self, language: str, word: Word) -> None:
        self._language, self._word = language, word
        self._locale = _locale(language)

    def write(self, value: Any, formats: Sequence[str]) -> str:
        """Write one parameter."""
        if not isinstance(value, tuple):
            return self._one(value, formats)
        join = "and"
        if formats and formats[-1] in (*_JOINS, *_MARKS):
            *formats, join = formats
        if join in _MARKS:
            return _MARKS[join].join(self._one(part, formats) for part in value)
        return format_list([self._one(part, formats) for part in value], style=_JOINS[join], locale=self._locale)

    def _one(self, value: Any, formats: Sequence[str]) -> str:
        plain = value.value if isinstance(value, Enum) else value
        kind = next((one for one in formats if one not in FORMATS), None)
        written = self._plain(plain) if kind is None else self._word(kind, plain)
        if "given" in formats:
            return str(plain)
        if "month" in formats:
            return format_date(plain, "MMMM y", locale=self._locale)
        if "eur" in formats:
            return f"EUR {written_number(plain, self._locale, '#,##0.00')}"
        return f'"{written}"' if "quoted" in formats else written

    def _plain(self, value: Any) -> str:
        match value:
            case Text():
                return value.in_language(self._language)
            case Title():
                return said(value, self._language)
            case Decimal():
                return written_number(value, self._locale)
            case datetime():
                return format_datetime(value, "d MMMM y, HH:mm z", locale=self._locale)
            case date():
                return format_date(value, "long", locale=self._locale)
            case time():
                return value.isoformat("minutes")
            case _:
                return str(value)
