"""What an office has to do about the law: documents that wait for somebody, and a set that ends with none to follow."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session

from states.funding.rules.definition import SetSpec
from states.funding.rules.library import Shelf
from states.funding.rules.queries import DOCUMENTS, Known, shelf_of
from states.funding.rules.tables import DocumentState
from states.storage import Readings

NOTICE = timedelta(days=30)
"""So long before the last day of a set the office is asked for the one that follows."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What of the law waits: the set that ends without a successor (None: one follows), and documents under way."""

    holding: SetSpec | None
    ending: SetSpec | None
    under_way: tuple[Known, ...]


def notice_of(session: Session, partnership_id: str, *, on: date) -> Notice:
    """Return what waits on a day; documents that were added by version, drafts and verified ones."""
    read = Readings(session)
    shelf = shelf_of(read, partnership_id)
    known = sorted(read.of(DOCUMENTS, partnership_id), key=lambda one: one.key)
    waiting = tuple(one for one in known if one.state in (DocumentState.DRAFT, DocumentState.VERIFIED))
    return Notice(shelf.holding(on), next(_ending(shelf, on), None), waiting)


def _ending(shelf: Shelf, on: date) -> Iterator[SetSpec]:
    """Yield the set after whose last day, near or past, none holds."""
    last = shelf.holding(on) or max(shelf.calendar, key=lambda one: one.valid_to or date.max)
    if last.valid_to is not None and last.valid_to <= on + NOTICE:
        after = max(last.valid_to + timedelta(days=1), on)
        if shelf.holding(after) is None:
            yield last
