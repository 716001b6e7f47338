"""My work: what waits for who is signed in, the latest first."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.dependencies import CurrentActor, Tx
from api.http.paging import Page
from api.pages.languages import keep_language
from api.pages.rendering import lead_to, page
from api.pages.signing import own_path
from api.routes.people.me import list_tasks

router = APIRouter()


@router.get("/")
def get_work(request: Request, actor: CurrentActor, session: Tx, cut: Page) -> Response:
    """Show what is to be done, by how late it is."""
    tasks = list_tasks(actor, session, cut)
    return page(request, "work/work.html", tasks=tasks)


@router.get("/language/{code}")
def get_language(code: str, next: str = "/") -> Response:
    """Choose the language of pages in this browser."""
    answer = lead_to(own_path(next))
    keep_language(answer, code)
    return answer
