"""Parts of the API's lists on a page that shows several of them: so many entries each, from the first one on."""

from typing import Annotated

from fastapi import BackgroundTasks, Depends, Request, Response

from api.http.dependencies import at_once
from api.http.paging import LARGEST_LIMIT, Pages


class ListParts:
    """What asks the API's lists for a page; what cannot be read is noted once the page is out."""

    def __init__(self, request: Request, afterwards: BackgroundTasks) -> None:
        self._request, self._afterwards = request, afterwards

    def first(self, limit: int) -> Pages:
        """Return the first part of a list."""
        return Pages(self._request, Response(), self._afterwards, limit=limit)

    def whole(self) -> Pages:
        """Return all of a list, as far as one part may go."""
        return self.first(LARGEST_LIMIT)


Lists = Annotated[ListParts, Depends(at_once(ListParts))]
