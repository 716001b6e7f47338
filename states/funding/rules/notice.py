"""What an office has to do about the law: documents that wait for somebody, and a set that ends with none to follow."""

from collections.abc import Iterator, Sequence
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
    """What of the law waits: the set that ends without a successor (None: one follows), and documents under way.

    `unread` are those in force that cannot be read.
    """

    holding: SetSpec | None
    ending: SetSpec | None
    under_way: tuple[Known, ...]
    unread: tuple[Known, ...]


def notices_of(session: Session, partnership_ids: Sequence[str], *, on: date) -> dict[str, Notice]:
    """Return what waits on a day, by partnership."""
    read = Readings(session)
    read.load({DOCUMENTS: partnership_ids})
    return {key: _notice(read, key, on=on) for key in partnership_ids}


def _notice(read: Readings, partnership_id: str, *, on: date) -> Notice:
    shelf = shelf_of(read, partnership_id)
    known = sorted(read.of(DOCUMENTS, partnership_id), key=lambda one: one.key)
    waiting = tuple(one for one in known if one.state in (DocumentState.DRAFT, DocumentState.VERIFIED))
    unread = tuple(one for one in known if shelf.unread.get(one.slug) == one.key)
    return Notice(shelf.holding(on), next(_ending(shelf, on), None), waiting, unread)


def _ending(shelf: Shelf, on: date) -> Iterator[SetSpec]:
    """Yield the set after whose last day, near or past, none holds."""
    last = shelf.holding(on) or max(shelf.calendar, key=lambda one: one.valid_to or date.max)
    if last.valid_to is not None and last.valid_to <= on + NOTICE:
        after = max(last.valid_to + timedelta(days=1), on)
        if shelf.holding(after) is None:
            yield last
