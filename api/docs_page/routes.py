"""Routes of the page that shows the description of the API, with Swagger UI's files from their package."""

from collections.abc import Mapping
from http import HTTPStatus
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter
from fastapi.responses import Response
from fastapi_swagger import resources as swagger_ui
from starlette.exceptions import HTTPException

router = APIRouter(prefix="/api/docs", include_in_schema=False)

_OWN, _THEIRS = files("api.docs_page"), files(swagger_ui)
_FILES: Mapping[str, tuple[Traversable, str]] = {
    "start.js": (_OWN / "start.js", "text/javascript"),
    "swagger-ui-bundle.js": (_THEIRS / "swagger-ui-bundle.js", "text/javascript"),
    "swagger-ui.css": (_THEIRS / "swagger-ui.css", "text/css"),
    "favicon-32x32.png": (_THEIRS / "favicon-32x32.png", "image/png"),
}
# Swagger UI draws its arrows as `data:` images; it sets styles by its script, which needs no permission.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@router.get("")
def get_page() -> Response:
    """Show the description of the API, where one may try it with a token."""
    return _sent(_OWN / "page.html", "text/html")


@router.get("/{name}")
def get_file(name: str) -> Response:
    """Read a file of the page."""
    if name not in _FILES:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return _sent(*_FILES[name])


def _sent(file: Traversable, kind: str) -> Response:
    return Response(file.read_bytes(), media_type=kind, headers={"Content-Security-Policy": POLICY})
