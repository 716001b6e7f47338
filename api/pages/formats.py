"""How pages write money, numbers, days and times, by the language of the page."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_percent

from api.pages.languages import LOCALES, gettext, ngettext, present_language
from states.clock import today
from states.protocol.definition import ColumnKind
from states.texts.formats import written_number
from states.texts.titles import said


@lru_cache(maxsize=len(LOCALES))
def _locale(language: str) -> Locale:
    return Locale.parse(LOCALES[language])


def here() -> Locale:
    """Return the locale of the page."""
    return _locale(present_language())


def money(amount: Decimal | str | None, *, cents: bool = True) -> str:
    """Write an amount in euro: "EUR 5,000,000.00"; a dash where there is none."""
    if amount is None:
        return "–"
    written = written_number(Decimal(amount), here(), "#,##0.00" if cents else "#,##0")
    return f"EUR\N{NO-BREAK SPACE}{written}"


def number(value: Decimal | float | None) -> str:
    """Write a number as it is, with the language's own points; a dash where there is none."""
    return "–" if value is None else written_number(value, here())


def percent(share: Decimal | float | None) -> str:
    """Write a share of one as per cent, to a tenth."""
    return "–" if share is None else format_percent(share, "#,##0.#\N{NO-BREAK SPACE}%", locale=here())


def day(value: date | datetime | None, form: str = "d MMM y") -> str:
    """Write a day: "10 Jun 2026"; a dash where there is none."""
    return "–" if value is None else format_date(value, form, locale=here())


def moment(value: datetime | None, zone: str = "Europe/Brussels") -> str:
    """Write day and time in a time zone."""
    return "–" if value is None else format_datetime(value.astimezone(ZoneInfo(zone)), "d MMM y, HH:mm", locale=here())


def clock(value: datetime | None, zone: str) -> str:
    """Write the time of a day by the clock of a zone."""
    return "–" if value is None else format_time(value.astimezone(ZoneInfo(zone)), "HH:mm", locale=here())


def from_today(value: date | None) -> str:
    """Tell how far a day is from today: "3 days late", "today", "in 2 days"."""
    if value is None:
        return ""
    days = (value - today()).days
    if days < 0:
        return ngettext("%(num)s day late", "%(num)s days late", -days) % {"num": -days}
    if days == 0:
        return gettext("today")
    return ngettext("in %(num)s day", "in %(num)s days", days) % {"num": days}


def size(count: int) -> str:
    """Write the size of a file: "2.4 MB"."""
    for unit, least in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if count >= least:
            return f"{written_number(Decimal(count) / least, here(), '#,##0.#')}\N{NO-BREAK SPACE}{unit}"
    return ngettext("%(num)s byte", "%(num)s bytes", count) % {"num": count}


def half(score: Decimal | str) -> str:
    """Write a score as people do: "3½" for 3.5, "4" for 4.0."""
    whole, part = divmod(Decimal(score), 1)
    if part == Decimal("0.5"):
        return f"{whole or ''}½"
    return number(Decimal(score).normalize() if part else whole)


def led_on(message: str, remedy: str | None) -> str:
    """Return what follows a fault's sentence: what to do about it, if that is known."""
    return f"{' ' if message.endswith(('.', '!', '?')) else '; '}{remedy}" if remedy else ""


def cell(text: str, kind: ColumnKind) -> str:
    """Write a cell of the protocol, which is kept as text, as its column's kind wants it."""
    try:
        match kind:
            case ColumnKind.MONEY:
                return money(text) if text else ""
            case ColumnKind.PERCENT:
                return percent(Decimal(text) / 100) if text else ""
            case ColumnKind.INTEGER if len(text) <= len("2030"):
                return text  # a year stays whole, as in the papers
            case ColumnKind.INTEGER | ColumnKind.NUMBER:
                return number(Decimal(text)) if text else ""
            case ColumnKind.DATE:
                return day(date.fromisoformat(text)) if text else ""
            case ColumnKind.CHOICE:
                return said(text)
    except (InvalidOperation, ValueError):
        return text
    return text
