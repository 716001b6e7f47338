"""QR codes as SVG, with the address that they hold as their text alternative."""

import segno
from markupsafe import Markup

from documents.drawing import INK

_QUIET = 4  # modules around it (ISO/IEC 18004)


def qr_code(address: str) -> Markup:
    """Draw a QR code that still reads where a seventh of it is dirt."""
    rows = [bytes(row) for row in segno.make(address, error="m", micro=False).matrix]
    side = len(rows) + 2 * _QUIET
    runs = (
        f"M{start + _QUIET} {number + _QUIET}h{length}v1h-{length}z"
        for number, row in enumerate(rows)
        for start, length in _runs(row)
    )
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {side} {side}" width="{side}" height="{side}">'
        '<title>{title}</title><path fill="{ink}" d="{marks}"/></svg>'
    ).format(side=side, title=f"QR code: {address}", ink=INK, marks="".join(runs))


def _runs(row: bytes) -> list[tuple[int, int]]:
    """Return where the dark modules of a row begin, and how many lie side by side."""
    found, start = [], 0
    for part in row.split(b"\0"):
        if part:
            found.append((start, len(part)))
        start += len(part) + 1
    return found
