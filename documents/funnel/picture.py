"""The picture of a funnel: a bar for each step, as wide as the share of the requests that came so far."""

from collections.abc import Sequence
from typing import Protocol

from markupsafe import Markup

from documents.drawing import ACCENT, MUTED, RULE, TINTS, box, label, picture

_WIDTH, _ROW, _BAR = 640.0, 30.0, 18.0
_LEFT, _RIGHT = 130.0, 540.0


class Counted(Protocol):
    """A step with its count."""

    @property
    def name(self) -> str: ...

    @property
    def count(self) -> int: ...


def steps(counted: Sequence[Counted]) -> Markup:
    """Draw how many came how far; the first step is the whole."""
    whole = max((one.count for one in counted), default=0)
    told = "; ".join(f"{one.name} {one.count}" for one in counted) or "none"
    marks: list[Markup] = []
    for number, one in enumerate(counted):
        y = 8 + number * _ROW
        wide = (_RIGHT - _LEFT) * one.count / whole if whole else 0.0
        marks += [
            label(_LEFT - 10, y + _BAR - 5, one.name, anchor="end"),
            box(_LEFT, y, _RIGHT - _LEFT, _BAR, fill="none", stroke=RULE),
            box(_LEFT, y, wide, _BAR, fill=ACCENT if one.count else TINTS[-1]),
            label(_RIGHT + 10, y + _BAR - 5, f"{one.count}", strong=True),
        ]
        if whole and number:
            marks.append(label(_RIGHT + 50, y + _BAR - 5, f"{100 * one.count / whole:.0f} %", color=MUTED))
    return picture(_WIDTH, 12 + len(counted) * _ROW, f"Steps: {told}.", marks)
