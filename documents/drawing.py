"""The grammar of charts in SVG: marks, words, scales, axes and keys. Coordinates are CSS pixels."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from textwrap import wrap
from typing import Generic, TypeVar

from markupsafe import Markup

FONT = "House Sans"
INK = "#1c2730"
MUTED = "#55626d"
RULE = "#c9d1d7"
ACCENT = "#12466b"
PAPER = "#ffffff"
TINTS = ("#12466b", "#3d6a8a", "#6a8ea7", "#93afc2", "#b7cad7", "#d6e1e9")
SMALL, BODY = 10.5, 11.5
WIDTH, LINE = 640.0, 13.0  # of a picture; of a line of words

_HATCH_STEP = 6.0
_AVERAGE_ADVANCE = 0.5  # of the font size, for Source Sans in running text

Value = TypeVar("Value", float, Decimal, date, datetime)


@dataclass(frozen=True, slots=True)
class Scale(Generic[Value]):
    """Turns values into pixels: `low` lies at `start`, `high` at `end`."""

    low: Value
    high: Value
    start: float
    end: float

    def at(self, value: Value) -> float:
        return self.start + (self.end - self.start) * float((value - self.low) / (self.high - self.low))


def picture(height: float, title: str, marks: Iterable[Markup]) -> Markup:
    """Wrap marks in an SVG whose title is the text alternative in the tagged PDF."""
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{title}" viewBox="0 0 {width} {height}" '
        'width="{width}" height="{height}" font-family="{font}" font-size="{size}"><title>{title}</title>{marks}</svg>'
    ).format(title=title, width=_n(WIDTH), height=_n(height), font=FONT, size=_n(BODY), marks=Markup("").join(marks))


def box(
    x: float, y: float, width: float, height: float, *, fill: str, stroke: str = "none", dashed: bool = False
) -> Markup:
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="{}" stroke-width="1"{}/>').format(
        _n(x), _n(y), _n(width), _n(height), fill, stroke, _dashes(dashed)
    )


def line(
    x1: float, y1: float, x2: float, y2: float, *, color: str = RULE, width: float = 1, dashed: bool = False
) -> Markup:
    return Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}"{}/>').format(
        _n(x1), _n(y1), _n(x2), _n(y2), color, _n(width), _dashes(dashed)
    )


def curve(points: Sequence[tuple[float, float]], *, dashed: bool = False) -> list[Markup]:
    return [line(*start, *end, color=TINTS[0], width=2, dashed=dashed) for start, end in pairwise(points)]


def dot(x: float, y: float, *, hollow: bool = False) -> Markup:
    """Draw a filled disc, or a ring."""
    return Markup('<circle cx="{}" cy="{}" r="4" fill="{}" stroke="{}" stroke-width="1.5"/>').format(
        _n(x), _n(y), PAPER if hollow else ACCENT, ACCENT
    )


def hatch(x: float, y: float, width: float, height: float) -> Markup:
    """Draw a dashed frame filled with slanted lines: the sign for what is missing, in print without colour too."""
    marks = [box(x, y, width, height, fill=PAPER, stroke=ACCENT, dashed=True)]
    offset = -height + _HATCH_STEP / 2
    while offset < width:
        start, end = max(offset, 0.0), min(width, offset + height)
        marks.append(line(x + start, y + start - offset, x + end, y + end - offset, color=ACCENT, width=0.7))
        offset += _HATCH_STEP
    return Markup("").join(marks)


def label(
    x: float, y: float, text: str, *, anchor: str = "start", size: float = BODY, color: str = INK, strong: bool = False
) -> Markup:
    """Write one line of text with its baseline at y."""
    return Markup('<text x="{}" y="{}" text-anchor="{}" font-size="{}" fill="{}"{}>{}</text>').format(
        _n(x), _n(y), anchor, _n(size), color, Markup(' font-weight="600"') if strong else "", text
    )


def note(x: float, y: float, text: str, *, anchor: str = "start") -> Markup:
    """Write what only explains: small and muted."""
    return label(x, y, text, anchor=anchor, size=SMALL, color=MUTED)


def row_name(text: str, *, x: float, middle: float, width: float) -> list[Markup]:
    """Write the name of a row left of x, on one line or on two around the middle of the row."""
    lines = in_two_lines(text, width=width)
    top = middle + 4 - LINE * (len(lines) - 1) / 2
    return [label(x, top + LINE * index, part, anchor="end") for index, part in enumerate(lines)]


def key(y: float, x: float, *entries: tuple[Callable[[float, float], Markup], str]) -> list[Markup]:
    """Explain marks side by side below a chart; each is drawn 18 pixels wide and 9 high."""
    marks = []
    for drawn, text in entries:
        marks += [drawn(x, y - 9), note(x + 24, y, text)]
        x += 48 + len(text) * SMALL * 0.5
    return marks


def round_steps(amounts: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Return four to nine ticks of 1, 2 or 5 times a power of ten around the amounts."""
    low, high = min(amounts), max(amounts)
    spread = max(high - low, Decimal(1))
    power = Decimal(10) ** (spread.adjusted() - 1)
    step = next(power * factor for factor in (1, 2, 5, 10, 20) if spread / (power * factor) <= 7)
    first, last = int(low // step) - (low % step < 0), int(high // step)
    last += last * step < high or last == first
    return tuple(step * index for index in range(first, last + 1))


def fitted(text: str, *, width: float, size: float = BODY) -> str:
    """Shorten a text to about `width` pixels; the whole of it stands in the table beside the chart."""
    room = max(int(width / (size * _AVERAGE_ADVANCE)), 4)
    return text if len(text) <= room else f"{text[: room - 1].rstrip()}…"


def in_two_lines(text: str, *, width: float, size: float = BODY) -> list[str]:
    """Break a text between words into at most two lines of about `width` pixels, the second shortened if need be."""
    first, *rest = wrap(text, width=max(int(width / (size * _AVERAGE_ADVANCE)), 4)) or [""]
    return [first, fitted(" ".join(rest), width=width, size=size)] if rest else [first]


def room_for(names: Iterable[str], *, least: float) -> float:
    """Return the pixels in which each name takes two lines and none is shortened: from `least` to half a picture."""
    room = least
    while room < WIDTH / 2 and any(part.endswith("…") for name in names for part in in_two_lines(name, width=room)):
        room += LINE
    return room


def spread(wanted: list[float], *, gap: float, top: float, bottom: float) -> list[float]:
    """Move ascending positions apart so that neighbours keep `gap`, between top and bottom if they fit at all."""
    placed: list[float] = []
    for position in wanted:
        placed.append(max(position, placed[-1] + gap if placed else top))
    limit = bottom
    for index in range(len(placed) - 1, -1, -1):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - gap
    return placed


def _dashes(dashed: bool) -> Markup:
    return Markup(' stroke-dasharray="3 2"') if dashed else Markup("")


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
