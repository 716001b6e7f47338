"""How values are written: money to the cent, percentages, dates without locale, and text of people."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

from markupsafe import Markup, escape

from documents.parts import Cell, CellKind

NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"

# Not strftime: its names depend on the machine's locale.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_INITIALS = frozenset({"sme", "iag", "wgra"})
_MADE_UP = re.compile(r"\s*\((?:illustrative|illustrative reference)\)", re.IGNORECASE)
_BULLET = re.compile(r"^\s*[-*•]\s+")


def money(amount: Decimal) -> str:
    """Write an amount with two decimals and narrow spaces between thousands: 1 234 567.89."""
    digits = f"{abs(amount):,.2f}".replace(",", NARROW_SPACE)
    return f"{MINUS}{digits}" if amount < 0 else digits


def euro(amount: Decimal) -> str:
    """Write an amount with its currency: EUR 1 234 567.89."""
    return f"EUR{NO_BREAK_SPACE}{money(amount)}"


def percent(value: Decimal) -> str:
    """Write a percentage without needless zeros: 70 %, 12.5 %."""
    return f"{plain(value)}{NARROW_SPACE}%"


def signed(value: Decimal) -> str:
    """Write a change in percent with its sign: +12.5 %, −7 %."""
    sign = MINUS if value < 0 else "+" if value else ""
    return f"{sign}{percent(abs(value))}"


def share(part: Decimal, whole: Decimal) -> str:
    """Write what part of a whole an amount is, to one decimal; nothing where there is no whole."""
    return f"{part * 100 / whole:.1f}{NARROW_SPACE}%" if whole else ""


def minus(value: Decimal) -> str:
    """Write a number with two decimals at most and a true minus sign."""
    return plain(value).replace("-", MINUS)


def unmarked(text: str) -> str:
    """Leave out that something is made up where a block says it already."""
    return _MADE_UP.sub("", text)


def plain(value: Decimal) -> str:
    """Write a number without trailing zeros and without exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def score(value: Decimal) -> str:
    """Write a score with one decimal, with two where a mean needs them."""
    return f"{value:.1f}" if value == round(value, 1) else f"{value:.2f}"


def day(value: date) -> str:
    """Write a day in full: 22 November 2026; an instant by its day in UTC."""
    value = value.astimezone(UTC) if isinstance(value, datetime) else value
    return f"{value.day}{NO_BREAK_SPACE}{_MONTHS[value.month - 1]} {value.year}"


def short_day(value: date) -> str:
    """Write a day for a table: 22 Nov 2026; an instant by its day in UTC."""
    value = value.astimezone(UTC) if isinstance(value, datetime) else value
    return NO_BREAK_SPACE.join((str(value.day), _MONTHS[value.month - 1][:3], str(value.year)))


def moment(value: datetime) -> str:
    """Write an instant to the minute, in UTC: 22 Nov 2026, 09:30."""
    return f"{short_day(value)}, {value.astimezone(UTC):%H:%M}"


def integer(value: int) -> str:
    """Write a whole number, from five digits on with narrow spaces between thousands; a year stays whole."""
    digits = f"{value:,}".replace(",", NARROW_SPACE) if abs(value) >= 10_000 else str(value)
    return digits.replace("-", MINUS)


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
    "percent": percent,
    "signed": signed,
    "share": share,
    "plain": plain,
    "minus": minus,
    "unmarked": unmarked,
    "score": score,
    "day": day,
    "short_day": short_day,
    "moment": moment,
    "integer": integer,
    "short_hash": short_hash,
    "cell": cell,
    "paragraphs": paragraphs,
}
