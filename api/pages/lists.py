"""Lists on pages that show more than one: each as far as one page of it goes, whatever the address asks of another."""

from typing import Annotated

from fastapi import BackgroundTasks, Depends, Request, Response

from api.http.dependencies import at_once
from api.http.paging import LARGEST_LIMIT, Pages


def whole_list(request: Request, response: Response, afterwards: BackgroundTasks) -> Pages:
    """Return the first page of every list that is read by it, as long as a page may be."""
    return Pages(request, response, afterwards, limit=LARGEST_LIMIT, after=None)


Whole = Annotated[Pages, Depends(at_once(whole_list))]
