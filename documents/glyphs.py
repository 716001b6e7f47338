"""Which characters the document fonts can draw, and what stands in for those that only look different."""

import unicodedata
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont

from documents.assets import FONTS

# The fonts lack these, and a font of the machine in their place would change the bytes from machine to machine.
_STAND_INS = str.maketrans(
    {
        "\N{THIN SPACE}": "\N{NARROW NO-BREAK SPACE}",
        "\N{HAIR SPACE}": "\N{NARROW NO-BREAK SPACE}",
        "\N{FIGURE SPACE}": "\N{NO-BREAK SPACE}",
        "\N{EN SPACE}": " ",
        "\N{EM SPACE}": " ",
        "\N{NON-BREAKING HYPHEN}": "-",
        "\N{HYPHEN}": "-",
        "\N{HORIZONTAL BAR}": "\N{EM DASH}",
        "\N{BLACK CIRCLE}": "\N{BULLET}",
        "\N{WHITE CIRCLE}": "\N{BULLET}",
        "\N{HEAVY CHECK MARK}": "\N{CHECK MARK}",
        "\N{NUMERO SIGN}": "No.",
        "\N{SOFT HYPHEN}": None,
        "\N{ZERO WIDTH SPACE}": None,
        "\N{ZERO WIDTH NO-BREAK SPACE}": None,
        "\N{ZERO WIDTH NON-JOINER}": None,
        "\N{ZERO WIDTH JOINER}": None,
        "\t": " ",
        "\r": None,
    }
)


@lru_cache(maxsize=1)
def drawable() -> frozenset[int]:
    """Return the code points that every sans-serif font of the house can draw."""
    tables = [_characters(path) for key, path in FONTS.items() if "sans" in key]
    return frozenset(set.intersection(*tables) | {ord("\n")})


def _characters(path: Path) -> set[int]:
    with TTFont(path, lazy=True) as font:
        return set(font.getBestCmap())


def settle(text: str) -> str:
    """Compose accents and put look-alikes for typographic characters that the fonts lack."""
    return unicodedata.normalize("NFC", text).translate(_STAND_INS)


def missing(text: str) -> tuple[str, ...]:
    """Return the characters that no document font can draw, in order, with their Unicode names."""
    lacking = sorted({character for character in text if ord(character) not in drawable()})
    return tuple(f"U+{ord(c):04X} {unicodedata.name(c, 'without a name')}" for c in lacking)
