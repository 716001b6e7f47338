"""What the cover of a later edition says of itself: its number, which edition it replaced, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from documents.languages import gettext, marked
from states.archive.tables import Because, IssuedDocument

REASONS = {
    Because.CONTENT: marked("its content changed"),
    Because.TEMPLATE: marked("its template changed"),
    Because.FONTS: marked("the fonts changed"),
    Because.RENDERER: marked("the renderer changed"),
    Because.UNRECORDED: marked("its template is unknown (0.1.0)"),
    Because.FILE: marked("its file was lost"),
}


@dataclass(frozen=True, slots=True)
class Imprint:
    """The number of an edition from 2, when it and the one before were issued, and what had changed."""

    edition: int
    issued_at: datetime
    before_at: datetime
    because: tuple[Because, ...]

    @property
    def why(self) -> str:
        """Say in words what had changed."""
        return in_words(self.because)


def in_words(because: Sequence[Because]) -> str:
    """Say why an edition was replaced."""
    return ", ".join(gettext(REASONS[reason]) for reason in because) or gettext("nothing changed")


def imprint_of(row: IssuedDocument, before: IssuedDocument | None) -> Imprint | None:
    """Return what the cover of an issued document says; None for a first edition, and for any of release 0.1.0."""
    if before is None or not row.template:
        return None
    return Imprint(row.edition, row.issued_at, before.issued_at, tuple(Because(one) for one in row.because))


def imprint_after(before: IssuedDocument | None, because: tuple[Because, ...], at: datetime) -> Imprint | None:
    """Return what the cover of the next edition says; None where it is the first."""
    return None if before is None else Imprint(before.edition + 1, at, before.issued_at, because)
