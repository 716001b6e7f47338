"""Whether a paper is genuine, for whoever holds it: by the code on its cover, or by its file. Nobody signs in."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, File, Request
from starlette.responses import Response

from api.http.dependencies import Tx
from api.pages.rendering import page
from api.routes.documents.public_verification import FileVerdictOut, GenuineOut, genuine, verdict_of
from states.archive.codes import PATH
from states.archive.verification import document_by_code
from states.errors import Missing

router = APIRouter(prefix=PATH)


@router.get("")
def get_verify(request: Request) -> Response:
    """Show where a file is sent."""
    return _page(request)


@router.get("/{code}")
def get_verify_code(request: Request, code: str, session: Tx) -> Response:
    """Show what the paper with a code is."""
    try:
        return _page(request, code=code[:40], found=genuine(session, document_by_code(session, code)))
    except Missing:
        return _page(request, code=code[:40], status=HTTPStatus.NOT_FOUND)


@router.post("")
def post_verify(request: Request, file: Annotated[bytes, File()]) -> Response:
    """Show what a file is; nothing of it is kept."""
    said = verdict_of(file)
    return _page(request, said=said, found=said.document)


def _page(
    request: Request,
    *,
    code: str = "",
    found: GenuineOut | None = None,
    said: FileVerdictOut | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    return page(
        request,
        "verify/verify.html",
        status=status,
        code=code,
        found=found,
        verdict=said.verdict.value if said else "",
    )
