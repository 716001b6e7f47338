"""A QR code draws the modules that the standard gives an address, and says it in words."""

import re

import segno

from documents.qr import qr_code

ADDRESS = "https://bankable.example/verify/7K3M9QXT2P"


def test_each_dark_module_is_drawn_once_inside_a_quiet_zone() -> None:
    said = str(qr_code(ADDRESS))

    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", said)
    drawn = [(int(x) + at - 4, int(y) - 4) for x, y, length in runs for at in range(int(length))]
    matrix = segno.make(ADDRESS, error="m", micro=False).matrix
    assert sorted(drawn) == sorted((x, y) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
    assert f'viewBox="0 0 {len(matrix) + 8} {len(matrix) + 8}"' in said


def test_its_text_alternative_is_the_address() -> None:
    assert f"<title>QR code: {ADDRESS}</title>" in str(qr_code(ADDRESS))
