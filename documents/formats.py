"""How values are written in the language that is spoken: money to the cent, percentages, days; and text of people.

English has narrow spaces between thousands, as this house writes; the other languages write as CLDR says.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache

from babel.core import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import get_decimal_symbol, get_group_symbol
from markupsafe import Markup, escape

from documents.languages import LANGUAGES, paper_language
from documents.parts import Cell, CellKind
from states.texts.text import SOURCE

NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"

_INITIALS = frozenset({"sme", "iag", "wgra"})
_MADE_UP = re.compile(r"\s*\((?:illustrative|illustrative reference)\)", re.IGNORECASE)
_BULLET = re.compile(r"^\s*[-*•]\s+")
# English days are of no country: CLDR has them by the American order, and September in four letters in the British.
_LONG, _SHORT = {"en": "d MMMM y"}, {"en": "d MMM y"}


def number(value: Decimal | float, digits: int = 0) -> str:
    """Write a number with so many decimals, with its thousands apart and a true minus sign: 1 234 567.89."""
    return _marks(f"{value:,.{digits}f}")


def _marks(english: str) -> str:
    """Put the marks of the language that is spoken into a number that Python wrote."""
    return english.translate(_marks_of(paper_language()))


@lru_cache(maxsize=len(LANGUAGES))
def _marks_of(language: str) -> dict[int, str]:
    locale = _locale(language)
    point, comma = get_decimal_symbol(locale), get_group_symbol(locale)
    return str.maketrans({".": point, ",": NARROW_SPACE if language == SOURCE else comma, "-": MINUS})


@lru_cache(maxsize=len(LANGUAGES))
def _locale(language: str) -> Locale:
    return Locale.parse(language)


def money(amount: Decimal) -> str:
    """Write an amount with two decimals: 1 234 567.89."""
    return number(amount, 2)


def euro(amount: Decimal) -> str:
    """Write an amount with its currency: EUR 1 234 567.89."""
    return in_euro(money(amount))


def whole(amount: Decimal) -> str:
    """Write an amount in whole euros, as what is planned or judged is read: 1 234 568."""
    return number(amount)


def whole_euro(amount: Decimal) -> str:
    """Write whole euros with their currency: EUR 1 234 568."""
    return in_euro(whole(amount))


def in_euro(written: str) -> str:
    """Put the currency to a written amount: before it in English, else behind it (Interinstitutional Style Guide)."""
    parts = ("EUR", written) if paper_language() == SOURCE else (written, "EUR")
    return NO_BREAK_SPACE.join(parts)


def percent(value: Decimal) -> str:
    """Write a percentage without needless zeros: 70 %, 12.5 %."""
    return f"{plain(value)}{NARROW_SPACE}%"


def signed(value: Decimal) -> str:
    """Write a change in percent with its sign: +12.5 %, −7 %."""
    sign = MINUS if value < 0 else "+" if value else ""
    return f"{sign}{percent(abs(value))}"


def share(part: Decimal, whole: Decimal) -> str:
    """Write what part of a whole an amount is, to one decimal; nothing where there is no whole."""
    return f"{number(part * 100 / whole, 1)}{NARROW_SPACE}%" if whole else ""


def minus(value: Decimal) -> str:
    """Write a number with two decimals at most and a true minus sign."""
    return plain(value)


def unmarked(text: str) -> str:
    """Leave out that something is made up where a block says it already."""
    return _MADE_UP.sub("", text)


def plain(value: Decimal) -> str:
    """Write a number without trailing zeros and without exponent."""
    text = f"{value:f}"
    return _marks(text.rstrip("0").rstrip(".") if "." in text else text)


def score(value: Decimal) -> str:
    """Write a score with one decimal, with two where a mean needs them."""
    return number(value, 1 if value == round(value, 1) else 2)


def day(value: date) -> str:
    """Write a day in full: 22 November 2026; an instant by its day in UTC."""
    language = paper_language()
    return _written_day(_day_of(value), _LONG.get(language, "long"), language).replace(" ", NO_BREAK_SPACE, 1)


def short_day(value: date) -> str:
    """Write a day for a table: 22 Nov 2026; an instant by its day in UTC."""
    language = paper_language()
    return _written_day(_day_of(value), _SHORT.get(language, "medium"), language).replace(" ", NO_BREAK_SPACE)


def month_name(value: date) -> str:
    """Write a month for a chart: Nov 2026."""
    return _written_day(value, "MMM y", paper_language())


def _day_of(value: date) -> date:
    return value.astimezone(UTC).date() if isinstance(value, datetime) else value


@lru_cache(maxsize=4096)
def _written_day(value: date, pattern: str, language: str) -> str:
    # CLDR's patterns have no ordinal, and of all days only the first of a French month has one.
    written = format_date(value, pattern, locale=_locale(language))
    return re.sub(r"^1 ", "1er ", written) if language == "fr" else written


def moment(value: datetime) -> str:
    """Write an instant to the minute, in UTC: 22 Nov 2026, 09:30."""
    return f"{short_day(value)}, {value.astimezone(UTC):%H:%M}"


def integer(value: int) -> str:
    """Write a whole number, from five digits on with its thousands apart; a year stays whole."""
    return number(value) if abs(value) >= 10_000 else _marks(str(value))


def listed(items: Iterable[str]) -> str:
    """Write a list as a sentence has it: A, B and C."""
    language = paper_language()
    return format_list(list(items), locale="en_GB" if language == SOURCE else _locale(language))


def short_hash(sha256: str) -> str:
    """Write the twelve digits by which people compare two hashes."""
    return sha256[:12]


def in_words(key: str) -> str:
    """Write the key of a stage, a role or a kind as people read it: iag_chair becomes IAG chair."""
    return " ".join(word.upper() if word in _INITIALS else word for word in key.split("_"))


def cell(value: Cell, kind: CellKind) -> str:
    """Write the cell of a table as its column asks; a text in any column stays a text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else _CELLS[kind](value)


def paragraphs(text: str) -> Markup:
    """Turn what people wrote into paragraphs at empty lines, and lines that begin with a dash into a list."""
    blocks = [block.splitlines() for block in re.split(r"\n\s*\n", text.strip()) if block.strip()]
    return Markup("\n").join(part for block in blocks for part in _block(block))


def _block(lines: list[str]) -> list[Markup]:
    prose = [line.strip() for line in lines if not _BULLET.match(line)]
    points = [_BULLET.sub("", line).strip() for line in lines if _BULLET.match(line)]
    written = [Markup("<p>{}</p>").format(" ".join(prose))] if prose else []
    if points:
        items = Markup("").join(Markup("<li>{}</li>").format(escape(point)) for point in points)
        written.append(Markup("<ul>{}</ul>").format(items))
    return written


_CELLS: dict[CellKind, Callable[..., str]] = {
    CellKind.TEXT: str,
    CellKind.MONEY: money,
    CellKind.PERCENT: percent,
    CellKind.DATE: short_day,
    CellKind.INTEGER: integer,
}

FILTERS: dict[str, Callable[..., str]] = {
    "money": money,
    "euro": euro,
    "whole": whole,
    "whole_euro": whole_euro,
    "percent": percent,
    "signed": signed,
    "share": share,
    "plain": plain,
    "minus": minus,
    "number": number,
    "unmarked": unmarked,
    "score": score,
    "day": day,
    "short_day": short_day,
    "moment": moment,
    "integer": integer,
    "listed": listed,
    "short_hash": short_hash,
    "cell": cell,
    "paragraphs": paragraphs,
}
