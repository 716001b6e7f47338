"""Pages of a list: each begins after the last entry of the one before (`after`), and names the next one (`next`)."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any, TypeVar, TypeVarTuple, overload
from urllib.parse import urlencode

from fastapi import BackgroundTasks, Depends, Query, Request, Response
from sqlalchemy.orm import object_mapper
from sqlmodel import Session, SQLModel
from sqlmodel.sql.expression import Select, SelectOfScalar

from api.http.dependencies import at_once
from api.http.schemas import Listing, UnreadableOut
from states.storage import begin
from states.storage.paging import Key, Order, Part, cut_part, read_cursor, read_part, write_cursor
from states.sweeps.apart import Failed, LeftOut, apart, leave_out, listening
from states.sweeps.each import read_each
from states.sweeps.service import LISTS, note_faults

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Out = TypeVar("Out")

DEFAULT_LIMIT, LARGEST_LIMIT = 50, 200
_LONGEST_KEY = 200
_OF_THE_PAGE = frozenset({"after", "limit"})


class Pages:
    """The page that the client asks for."""

    def __init__(
        self,
        request: Request,
        response: Response,
        afterwards: BackgroundTasks,
        limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
        after: Annotated[str | None, Query(max_length=2_000, description="from `next` of the page before")] = None,
    ) -> None:
        self._request, self._response, self.limit, self._after = request, response, limit, after
        self._afterwards, self._left_out = afterwards, list[LeftOut]()

    @overload
    def read(
        self,
        session: Session,
        query: SelectOfScalar[T],
        *order: Order,
        show: Callable[[Sequence[T]], list[Out]],
    ) -> Listing[Out]: ...

    @overload
    def read(
        self,
        session: Session,
        query: Select[*Ts],
        *order: Order,
        show: Callable[[Sequence[tuple[*Ts]]], list[Out]],
    ) -> Listing[Out]: ...

    def read(
        self, session: Session, query: Any, *order: Order, show: Callable[[Sequence[Any]], list[Out]]
    ) -> Listing[Out]:
        """Let the database cut; `order` as `read_part` wants it, `show` makes entries of all rows at once."""
        key = self._key()
        part = self.each(session, lambda: read_part(session, query, order, limit=self.limit, after=key))
        return self._listing(part, show)

    def each(self, session: Session, read: Callable[[], T]) -> T:
        """Return what the list is made from; a row that cannot be read is left out, and named in the answer."""
        with listening() as left_out:
            found = read_each(session, read)
        self._left_out += left_out
        return found

    def cut(
        self, entries: Sequence[T], key: Callable[[T], object], *, show: Callable[[Sequence[T]], list[Out]]
    ) -> Listing[Out]:
        """Cut a list that is computed, not read; `key` is of one entry alone and short."""
        keys = [(key(entry),) for entry in entries]
        return self._listing(cut_part(entries, keys, limit=self.limit, after=self._key()), show, key)

    def _key(self) -> Key | None:
        return None if self._after is None else read_cursor(self._after, of=self._list())

    def _listing(
        self, part: Part[T], show: Callable[[Sequence[T]], list[Out]], key: Callable[[T], object] = str
    ) -> Listing[Out]:
        address = None
        if part.last is not None:
            asked = [(name, value) for name, value in self._request.query_params.multi_items() if name != "after"]
            after = write_cursor(part.last, of=self._list())
            address = f"{self._request.url.path}?{urlencode([*asked, ('after', after)])}"
            self._response.headers["Link"] = f'<{address}>; rel="next"'
        items = self._shown(part.items, show, key)
        left_out = {(one.noun, one.key): one for one in self._left_out}
        if left_out:
            failed = {subject: one.error for subject, one in left_out.items()}
            self._afterwards.add_task(_note, failed)  # this transaction reads only
        unreadable = [UnreadableOut(noun=noun, id=key) for noun, key in left_out]
        return Listing(items=items, total=part.total, next=address, unreadable=unreadable)

    def _shown(
        self, rows: Sequence[T], show: Callable[[Sequence[T]], list[Out]], key: Callable[[T], object]
    ) -> list[Out]:
        """Return the entries of rows; where one cannot be made, those of the others."""
        if not rows:
            return show(rows)
        shown: list[Out] = []
        with listening() as left_out:
            for outcome in apart(rows, show, at_once=len(rows)):
                if isinstance(outcome, Failed):
                    leave_out(*_subject(outcome.key, key), outcome.error)
                else:
                    shown += outcome.result
        self._left_out += left_out
        return shown

    def _list(self) -> str:
        """Name the list with its filters and its order, shortly: a place in it is none in another."""
        asked = sorted(one for one in self._request.query_params.multi_items() if one[0] not in _OF_THE_PAGE)
        return sha256(repr((self._request.url.path, asked)).encode()).hexdigest()[:12]


def _subject(entry: Any, key: Callable[[Any], object]) -> tuple[str, str]:
    """Return the table and the id of the row of which an entry is made, or else what it is called and its key."""
    match entry:
        case SQLModel() as row:
            return str(row.__tablename__), "/".join(map(str, object_mapper(row).primary_key_from_instance(row)))
        case (StrEnum() as kind, str(subject_id)):  # a hit of the search
            return kind.value, subject_id
        case (SQLModel() as row, *_):
            return _subject(row, str)
        case _:
            return type(entry).__name__.lower(), str(key(entry))[:_LONGEST_KEY]


def _note(failed: Mapping[tuple[str, str], Exception]) -> None:
    with begin() as session:
        note_faults(session, LISTS, failed)


Page = Annotated[Pages, Depends(at_once(Pages))]
