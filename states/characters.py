"""The form in which a text is kept: what differs in form alone is written in one way, what says nothing is left out.

People paste from word processors, PDFs, web pages and mails, which bring bullets of symbol fonts, ligatures, marks of
direction and blanks of no width along. Nobody sees the difference; searches, comparisons and printers do.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

# Symbol and Wingdings as word processors paste them: in the area for private use, by the font's own numbers.
_SYMBOLS = {
    **dict.fromkeys("\uf0a7\uf0b7\uf06c\uf06e\uf071\uf075\uf076\uf077\uf09f\uf0a8\uf0d8\uf0d6", "•"),
    **dict.fromkeys("\uf0e0\uf0e8\uf0f0", "→"),
    **dict.fromkeys("\uf0fc\uf0fe", "✓"),
    **dict.fromkeys("\uf0fb\uf0fd", "✗"),
    "\uf0a3": "≤",
    "\uf0b3": "≥",
    "\uf0b1": "±",
    "\uf0b4": "×",
    "\uf0b0": "°",
    "\uf06d": "μ",
    "\uf061": "α",
    "\uf062": "β",
    "\uf067": "γ",
    "\uf064": "δ",
    "\uf044": "Δ",
    "\uf057": "Ω",
    "\uf02d": "–",
    "\uf020": " ",
}
_BULLETS = dict.fromkeys("\u2043\u27a2\u27a4\u2219\u25b8\u2023", "•")
_LINES = dict.fromkeys("\u2028\u2029\x85\x0b\x0c", "\n")
# Marks of direction, joiners and blanks without a width, choices of a variant: none is seen in what we print.
_UNSEEN = dict.fromkeys(
    [
        *map(chr, (0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x180E, 0x3164, 0xFEFF, 0xFFA0, 0x200B, 0x200E, 0x200F)),
        *map(chr, (*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10), *range(0xFFF9, 0xFFFC))),
        *map(chr, (*range(0xE0000, 0xE0080), *range(0xE0100, 0xE01F0), 0xFFFE, 0xFFFF, *range(0xFDD0, 0xFDF0))),
    ]
)
_LIGATURES = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
# Control characters of the upper half are letters of Windows that were read as Latin-1; the others say nothing.
_CONTROLS = {chr(code): bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_CONTROLS |= dict.fromkeys(map(chr, (*range(1, 9), *range(14, 32), 0x7F)), "")
_OTHERWISE = str.maketrans({**_CONTROLS, **_UNSEEN, **_LINES, **_LIGATURES, **_BULLETS, **_SYMBOLS})
# Joiners mean something in scripts beyond the European ones, and between pictures.
_JOINERS = re.compile("(?<![\u0590-\U0010ffff])[\u200c\u200d]|[\u200c\u200d](?![\u0590-\U0010ffff])")
# What letters of UTF-8 become where each of their bytes is read as one of Windows-1252, but for square ångströms.
_TWICE = re.compile("(?!Å[²³](?![\x80-\uffff]))[\xc2-\xf4][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
_EUROPEAN = re.compile("[\\s\x20-\x7e\xa0-\u017f\u0218-\u021b\u0370-\u052f\u1e00-\u206f\u20ac\u2116\u2122]*")
_PLAIN = re.compile(r"[\t\n\r\x20-\x7e]*")
_LONE = re.compile("[\ud800-\udfff]")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")


def tidy(text: str) -> str:
    """Return a text in the form in which it is kept: accents composed (NFC), and plain where only the form differs."""
    if _PLAIN.fullmatch(text):
        return text
    return unicodedata.normalize("NFC", _JOINERS.sub("", text.translate(_OTHERWISE)))


def meaningless(text: str) -> str | None:
    """Return the first character that means nothing outside the program it comes from."""
    kept = tidy(text)
    found = _PRIVATE.search(kept) or _LONE.search(kept)
    return found[0] if found else None


def misread(text: str) -> str | None:
    """Return what a text says that was written as UTF-8 and read as Windows-1252 on its way (SociÃ©tÃ©), else None."""
    if _TWICE.search(text) is None:
        return None
    try:
        data = b"".join(one.encode("latin-1" if one in _CONTROLS else "cp1252") for one in text)
        read = data.decode("utf-8")
    except UnicodeError:
        return None
    return read if _EUROPEAN.fullmatch(read) else None


def code_point(character: str) -> str:
    """Return how a character is called: U+4E2D CJK UNIFIED IDEOGRAPH-4E2D."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'without a name')}"


def texts_in(raw: object) -> Iterator[str]:
    """Yield the texts of a value read from JSON that are not plain, keys left out."""
    waiting = [raw]  # no recursion: a body may be nested as deep as the parser goes
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            if not _PLAIN.fullmatch(part):
                yield part
        elif isinstance(part, Mapping):
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def tidied(raw: object) -> object:
    """Return a value read from JSON with all its texts tidy, its keys as they are."""
    if next(texts_in(raw), None) is None:
        return raw
    whole: list[Any] = [raw]
    waiting: list[tuple[Any, Any]] = [(whole, 0)]
    while waiting:
        holder, key = waiting.pop()
        part = holder[key]
        if isinstance(part, str):
            holder[key] = tidy(part)
        elif isinstance(part, Mapping):
            holder[key] = dict(part)
            waiting += ((holder[key], name) for name in part)
        elif isinstance(part, list):
            holder[key] = list(part)
            waiting += ((holder[key], number) for number in range(len(part)))
    return whole[0]
