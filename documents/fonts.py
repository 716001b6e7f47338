"""The fonts of documents: cuts of two families that come as packages, the same bytes in every process.

The families are variable: as they are, the renderer writes other bytes each time, and widths that are not those of the
letters. Each cut is made once in a process, by pinning weight and optical size.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import uharfbuzz

_SANS, _SERIF = ("fontpkg-source-sans-3", "SourceSans3"), ("fontpkg-source-serif-4", "SourceSerif4")
_REGULAR, _SEMIBOLD, _TEXT, _HEADING = 400.0, 600.0, 14.0, 20.0  # weights; points of the optical size
_PICTURES = {ord("\N{HOT BEVERAGE}")}  # the renderer asks a font of the machine for pictures (emoji)


@dataclass(frozen=True, slots=True)
class Cut:
    """A font file of a package, and where its axes are pinned."""

    file: Path
    axes: Mapping[str, float]


def _cut(family: tuple[str, str], style: str, axes: str, **pinned: float) -> Cut:
    package, name = family
    file = distribution(package).locate_file(f"{package.replace('-', '_')}/files/{name}{style}[{axes}].ttf")
    return Cut(Path(str(file)), pinned)


FONTS: dict[str, Cut] = {
    "fonts/sans-regular": _cut(_SANS, "", "wght", wght=_REGULAR),
    "fonts/sans-italic": _cut(_SANS, "-Italic", "wght", wght=_REGULAR),
    "fonts/sans-semibold": _cut(_SANS, "", "wght", wght=_SEMIBOLD),
    "fonts/sans-semibold-italic": _cut(_SANS, "-Italic", "wght", wght=_SEMIBOLD),
    "fonts/serif-regular": _cut(_SERIF, "", "opsz,wght", wght=_REGULAR, opsz=_TEXT),
    "fonts/serif-italic": _cut(_SERIF, "-Italic", "opsz,wght", wght=_REGULAR, opsz=_TEXT),
    "fonts/serif-semibold": _cut(_SERIF, "", "opsz,wght", wght=_SEMIBOLD, opsz=_HEADING),
    "fonts/serif-semibold-italic": _cut(_SERIF, "-Italic", "opsz,wght", wght=_SEMIBOLD, opsz=_HEADING),
}


@cache
def font(name: str) -> bytes:
    """Return a static font, complete but for its axes."""
    cut = FONTS[name]
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(cut.file))
    wanted = uharfbuzz.SubsetInput()
    wanted.keep_everything()
    for axis, place in cut.axes.items():
        wanted.pin_axis_location(face, axis, place)
    static: bytes = uharfbuzz.subset(face, wanted).blob.data
    return static


@cache
def drawable() -> frozenset[int]:
    """Return the code points that every cut of the sans serif draws: the serif is followed by it wherever it stands."""
    files = {cut.file for name, cut in FONTS.items() if "sans" in name}
    faces = [uharfbuzz.Face(uharfbuzz.Blob.from_file_path(file)) for file in files]
    return frozenset(set.intersection(*(set(face.unicodes) for face in faces)) - _PICTURES)
