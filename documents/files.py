"""Where the house's own files and the fonts of its documents lie; naming them loads nothing."""

from pathlib import Path

import font_source_sans_pro
import font_source_serif_pro

HOUSE = Path(__file__).parent

_SANS = Path(font_source_sans_pro.font_directory)
_SERIF = Path(font_source_serif_pro.font_directory)

FONTS: dict[str, Path] = {
    "fonts/sans-regular": _SANS / "SourceSansPro-Regular.otf",
    "fonts/sans-italic": _SANS / "SourceSansPro-It.otf",
    "fonts/sans-semibold": _SANS / "SourceSansPro-Semibold.otf",
    "fonts/serif-regular": _SERIF / "SourceSerifPro-Regular.otf",
    "fonts/serif-semibold": _SERIF / "SourceSerifPro-Semibold.otf",
}
