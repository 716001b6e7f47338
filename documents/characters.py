"""What is printed for a character: itself, one that looks the same, or a stand-in that the last page tells of."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

from documents.fonts import drawable
from states.characters import code_point, tidy

# The fonts lack these, and a font of the machine in their place would change the bytes from machine to machine.
_LOOK_ALIKES = {
    **dict.fromkeys("\N{HAIR SPACE}\N{SIX-PER-EM SPACE}", "\N{NARROW NO-BREAK SPACE}"),
    **dict.fromkeys("\N{EN SPACE}\N{EM SPACE}\N{IDEOGRAPHIC SPACE}\t", " "),
    **dict.fromkeys("\N{HORIZONTAL BAR}\N{TWO-EM DASH}", "\N{EM DASH}"),
    **dict.fromkeys("\N{HEAVY CHECK MARK}\N{WHITE HEAVY CHECK MARK}", "\N{CHECK MARK}"),
    **dict.fromkeys("\N{HEAVY BALLOT X}\N{MULTIPLICATION X}\N{CROSS MARK}", "\N{BALLOT X}"),
    **dict.fromkeys("\N{BLACK RIGHTWARDS ARROWHEAD}\N{HEAVY WIDE-HEADED RIGHTWARDS ARROW}", "\N{RIGHTWARDS ARROW}"),
    "\N{FIGURE SPACE}": "\N{NO-BREAK SPACE}",
    "\N{NON-BREAKING HYPHEN}": "-",
    "\N{HYPHEN}": "-",
    "\N{NUMERO SIGN}": "No.",
    **dict.fromkeys("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}\r\0", ""),
}
_STAND_IN = "\N{WHITE SQUARE}"
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@lru_cache(maxsize=4096)
def _shown(character: str) -> str | None:
    """Return what is printed for a character; None where nothing that we can draw says the same."""
    if character == "\n" or ord(character) in drawable():
        return character
    plain = unicodedata.normalize("NFKC", _LOOK_ALIKES.get(character, character))
    return plain if all(ord(one) in drawable() for one in plain) else None


def settle(text: str) -> str:
    """Compose accents, and put what looks or reads the same for whatever the fonts lack; the rest stays."""
    tidied = unicodedata.normalize("NFC", tidy(text).translate(_ALIKE))
    shown = {ord(one): put for one in set(tidied) if (put := _shown(one)) is not None and put != one}
    return tidied.translate(shown) if shown else tidied


_ALIKE = str.maketrans(_LOOK_ALIKES)


def undrawable(text: str) -> list[str]:
    """Return the characters of a text for which a stand-in is printed, each once, in order."""
    return _lacking(settle(text))


def _lacking(settled: str) -> list[str]:
    return sorted(one for one in set(settled) if _shown(one) is None)


@dataclass(slots=True)
class StandIns:
    """What could not be drawn in a document, each run once: `[0]` of it stands behind the mark ¹."""

    runs: list[str] = field(default_factory=list)

    def put(self, text: str) -> str:
        """Return a settled text with a numbered mark for each run of characters that cannot be drawn."""
        lacking = "".join(map(re.escape, _lacking(text)))
        return re.sub(f"[{lacking}]+", self._mark, text) if lacking else text

    def _mark(self, found: re.Match[str]) -> str:
        if found[0] not in self.runs:
            self.runs.append(found[0])
        number = str(self.runs.index(found[0]) + 1).translate(_RAISED)
        return f"{_STAND_IN}{number}"

    @property
    def told(self) -> list[tuple[str, str]]:
        """For each run its mark, and the characters by code point and name."""
        marks = (f"{_STAND_IN}{str(number).translate(_RAISED)}" for number in range(1, len(self.runs) + 1))
        return [(mark, ", ".join(map(code_point, run))) for mark, run in zip(marks, self.runs, strict=True)]


_LONGEST_WORD = 250  # letters; the longest address that people paste is shorter
_PIECE = 100
_PARTS_OF_HTML = re.compile(r"<style.*?</style>|<[^>]*>|[^<]+", re.DOTALL)
_TOO_LONG = re.compile(rf"\S{{{_LONGEST_WORD + 1},}}")
_LETTERS = re.compile(r"&[#\w]{1,10};|.", re.DOTALL)


def break_words(page: str) -> str:
    """Return HTML whose texts have no word without end: the layout would try each of its letters for each line."""
    if _TOO_LONG.search(page) is None:
        return page
    return _PARTS_OF_HTML.sub(
        lambda found: found[0] if found[0].startswith("<") else _TOO_LONG.sub(_in_pieces, found[0]), page
    )


def _in_pieces(word: re.Match[str]) -> str:
    letters = _LETTERS.findall(word[0])
    if len(letters) <= _LONGEST_WORD:
        return word[0]
    return " ".join("".join(letters[at : at + _PIECE]) for at in range(0, len(letters), _PIECE))
