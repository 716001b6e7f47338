"""The fonts of pages: cuts of those of the papers with the letters that a page needs, as WOFF2.

They are made once for a home (half a second), and kept there: a release with other fonts makes others.
"""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from io import BytesIO

import uharfbuzz

from documents.fonts import font
from states.settings import settings

# By what a browser loads them only where a page has such letters: U+ ranges of the style sheet are the same.
LATIN, MORE = "latin", "more"
_RANGES: Mapping[str, tuple[tuple[int, int], ...]] = {
    LATIN: (
        (0x20, 0x7E),
        (0xA0, 0x17F),
        (0x2010, 0x2027),
        (0x2030, 0x203A),
        (0x20AC, 0x20AC),
        (0x2190, 0x2193),
        (0x2212, 0x2212),
        (0x2260, 0x2265),
    ),
    MORE: ((0x180, 0x24F), (0x370, 0x3FF), (0x400, 0x52F), (0x1E00, 0x1EFF), (0x1F00, 0x1FFF), (0x2070, 0x209F)),
}
FONTS: Mapping[str, tuple[str, str]] = {
    f"{name}-{part}.woff2": (f"fonts/{name}", part)
    for name in ("sans-regular", "sans-semibold", "serif-semibold")
    for part in _RANGES
}


@cache
def web_font(name: str) -> bytes:
    """Return a font of pages by its name in `FONTS`."""
    kept = settings().home / "fonts" / f"{_edition()}-{name}"
    if kept.exists():
        return kept.read_bytes()
    made = _made(*FONTS[name])
    kept.parent.mkdir(parents=True, exist_ok=True)
    written = kept.with_suffix(f".{sha256(made).hexdigest()[:8]}")
    written.write_bytes(made)
    written.replace(kept)
    return made


def _edition() -> str:
    packages = ("fontpkg-source-sans-3", "fontpkg-source-serif-4", "uharfbuzz", "fonttools")
    of_all = repr(([version(one) for one in packages], sorted(_RANGES.items())))
    return sha256(of_all.encode()).hexdigest()[:12]


def _made(whole: str, part: str) -> bytes:
    from fontTools.ttLib import TTFont  # a fifth of a second, once in the life of a home

    face = uharfbuzz.Face(font(whole))
    wanted = uharfbuzz.SubsetInput()
    wanted.unicode_set.update(point for first, last in _RANGES[part] for point in range(first, last + 1))
    read = TTFont(BytesIO(uharfbuzz.subset(face, wanted).blob.data))
    read.flavor = "woff2"
    written = BytesIO()
    read.save(written)
    return written.getvalue()
