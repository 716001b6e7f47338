"""Pages of a list: each begins after the last entry of the one before (`after`), and names the next one (`next`)."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Annotated, Any, TypeVar, TypeVarTuple, overload
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response
from sqlmodel import Session
from sqlmodel.sql.expression import Select, SelectOfScalar

from api.http.dependencies import at_once
from api.http.schemas import Listing
from states.storage.paging import Key, Order, Part, cut_part, read_cursor, read_part, write_cursor

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Out = TypeVar("Out")

DEFAULT_LIMIT, LARGEST_LIMIT = 50, 200
_OF_THE_PAGE = frozenset({"after", "limit"})


class Pages:
    """The page that the client asks for."""

    def __init__(
        self,
        request: Request,
        response: Response,
        limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
        after: Annotated[str | None, Query(max_length=2_000, description="from `next` of the page before")] = None,
    ) -> None:
        self._request, self._response, self.limit, self._after = request, response, limit, after

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
        return self._listing(read_part(session, query, order, limit=self.limit, after=self._key()), show)

    def cut(
        self, entries: Sequence[T], key: Callable[[T], object], *, show: Callable[[Sequence[T]], list[Out]]
    ) -> Listing[Out]:
        """Cut a list that is computed, not read; `key` is of one entry alone and short."""
        keys = [(key(entry),) for entry in entries]
        return self._listing(cut_part(entries, keys, limit=self.limit, after=self._key()), show)

    def _key(self) -> Key | None:
        return None if self._after is None else read_cursor(self._after, of=self._list())

    def _listing(self, part: Part[T], show: Callable[[Sequence[T]], list[Out]]) -> Listing[Out]:
        address = None
        if part.last is not None:
            asked = [(name, value) for name, value in self._request.query_params.multi_items() if name != "after"]
            after = write_cursor(part.last, of=self._list())
            address = f"{self._request.url.path}?{urlencode([*asked, ('after', after)])}"
            self._response.headers["Link"] = f'<{address}>; rel="next"'
        return Listing(items=show(part.items), total=part.total, next=address)

    def _list(self) -> str:
        """Name the list with its filters and its order, shortly: a place in it is none in another."""
        asked = sorted(one for one in self._request.query_params.multi_items() if one[0] not in _OF_THE_PAGE)
        return sha256(repr((self._request.url.path, asked)).encode()).hexdigest()[:12]


Page = Annotated[Pages, Depends(at_once(Pages))]
