"""Pages of a list: limit and offset, with a Link header to the pages before and after (RFC 8288)."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Depends, Query, Request, Response

T = TypeVar("T")

DEFAULT_LIMIT, LARGEST_LIMIT = 50, 200
LARGEST_OFFSET = 1_000_000


class Pages:
    """The page that the client asks for."""

    def __init__(
        self,
        request: Request,
        response: Response,
        limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
        offset: Annotated[int, Query(ge=0, le=LARGEST_OFFSET)] = 0,
    ) -> None:
        self._request, self._response, self.limit, self.offset = request, response, limit, offset

    def cut(self, entries: Sequence[T]) -> Sequence[T]:
        """Return the entries of this page and send the links to its neighbours."""
        links = []
        if self.offset + self.limit < len(entries):
            links.append(self._link(self.offset + self.limit, "next"))
        if self.offset > 0:
            links.append(self._link(max(self.offset - self.limit, 0), "prev"))
        if links:
            self._response.headers["Link"] = ", ".join(links)
        return entries[self.offset : self.offset + self.limit]

    def _link(self, offset: int, relation: str) -> str:
        url = self._request.url.include_query_params(limit=self.limit, offset=offset)
        return f'<{url.path}?{url.query}>; rel="{relation}"'


Page = Annotated[Pages, Depends()]
