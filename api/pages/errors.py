"""What goes wrong, as pages: the problems of the API, each with what one may do next.

A form that fails leads back to the page that it came from, which then shows the problem and what was typed.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.dependencies import TokenMissing
from api.http.problems import problem_of
from api.pages.forms import Typed, page_of_form
from api.pages.languages import speaking_to
from api.pages.rendering import lead_to, page
from api.pages.signing import FormForeign, cookie_of, is_from_here, let_out, own_path
from states.credentials.sessions import signed_in_by
from states.credentials.tokens import TokenInvalid
from states.errors import BankableError
from states.storage import begin

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem as a page shows it; `faults` name the field, `reasons` who mends it."""

    status: int
    code: str
    detail: str
    faults: Sequence[dict[str, Any]] = ()
    reasons: Sequence[dict[str, Any]] = ()
    whole: dict[str, Any] = field(default_factory=dict)
    is_page: bool = False  # the page is of the problem alone

    def at(self, name: str) -> list[dict[str, Any]]:
        """Return the faults of a field by the name that it has in its form: `rows.0.title` for `rows[1].title`."""
        return [fault for fault in self.faults if self.field_of(fault) == name]

    def field_of(self, fault: dict[str, Any]) -> str:
        """Return the field of a form that a fault is of."""
        return _field(fault["place"])

    def is_in_a_file(self, fault: dict[str, Any]) -> bool:
        """Tell whether a fault's place is one in a file, as a row of a sheet, and no field of a form."""
        return re.fullmatch(r"[\w.\[\]-]*", fault["place"]) is None


def _field(place: str) -> str:
    """Return a place of a fault as its field is called: a list counts from 1 there, and from 0 in a form."""
    name = "".join(f".{int(part[:-1]) - 1}" if part[:-1].isdecimal() else part for part in _parts(place))
    return name.strip(".")


def _parts(place: str) -> list[str]:
    found: list[str] = []
    for step in place.split("["):
        number, closing, rest = step.partition("]")
        found += [f"{number}]", rest] if closing else [step]
    return found


def install(app: FastAPI) -> None:
    """Let every error be a page."""
    for kind in (BankableError, RequestValidationError, HTTPException, IntegrityError, DataError, OperationalError):
        app.add_exception_handler(kind, answer_with_page)
    app.add_middleware(SurprisingPages)


class SurprisingPages:
    """Answer what nobody foresaw with a page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on; an answer that has begun is broken off."""
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            request = Request(scope)
            with speaking_to(getattr(request.state, "language", "en")):
                problem = _problem(request, error)
            await _shown(request, problem)(scope, receive, send)


async def answer_with_page(request: Request, error: Exception) -> Response:
    """Return the page of an error: the sign-in, the form once more, or what went wrong and what one may do."""
    with speaking_to(getattr(request.state, "language", "en")):
        problem = _problem(request, error)
    if JSON in request.headers.get("accept", ""):
        return problem_of(request, error)
    if isinstance(error, TokenMissing | TokenInvalid):
        return _sign_in(request)
    if request.method == "POST" and isinstance(getattr(request.state, "typed", None), Typed):
        if isinstance(error, FormForeign) and is_from_here(request):
            return _once_more(request)
        again = None if isinstance(error, FormForeign) else await _page_again(request, problem)
        if again is not None:
            return again
    return _shown(request, problem)


def _problem(request: Request, error: Exception) -> Problem:
    answer = problem_of(request, error)
    body = json.loads(bytes(answer.body))
    return Problem(
        answer.status_code, body["code"], body["detail"], body.get("faults") or (), body.get("reasons") or (), body
    )


def _sign_in(request: Request) -> Response:
    """Lead to the sign-in, and from there to the page; a form that was typed stays, to be sent again."""
    if isinstance(getattr(request.state, "typed", None), Typed):
        return _once_more(request)
    ended = cookie_of(request) is not None
    query = f"?{request.url.query}" if request.url.query else ""
    answer = lead_to("/sign-in", next=own_path(request.url.path + query), told="ended" if ended else None)
    if ended:
        let_out(request, answer)
    return answer


def _once_more(request: Request) -> Response:
    """Show what was typed in a session that is over, to be sent again in the next one."""
    _find_reader(request)
    with speaking_to(getattr(request.state, "language", "en")):
        return page(request, "errors/again.html", status=HTTPStatus.UNAUTHORIZED)


def _find_reader(request: Request) -> None:
    if hasattr(request.state, "signed_in") or (text := cookie_of(request)) is None:
        return
    with begin(read_only=True) as session:
        try:
            request.state.signed_in = signed_in_by(session, text)
        except TokenInvalid:
            request.state.signed_in = None


async def _page_again(request: Request, problem: Problem) -> Response | None:
    """Return the page of a form with the problem on it, or None where that page cannot be read."""
    address = urlsplit(page_of_form(request))
    state = {
        **{name: getattr(request.state, name) for name in ("language", "typed") if hasattr(request.state, name)},
        "problem": problem,
    }
    scope = {
        **{
            name: request.scope[name]
            for name in ("type", "asgi", "http_version", "scheme", "server", "client")
            if name in request.scope
        },
        "method": "GET",
        "path": address.path,
        "raw_path": address.path.encode(),
        "query_string": address.query.encode(),
        "root_path": "",
        "headers": [
            (name, value)
            for name, value in request.scope["headers"]
            if name not in (b"content-length", b"content-type")
        ],
        "state": state,
    }
    started: dict[str, Any] = {}
    body = bytearray()

    async def nothing() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def kept(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        else:
            body.extend(message.get("body", b""))

    await request.app(scope, nothing, kept)
    if started.get("status") != problem.status:
        return None
    answer = Response(bytes(body), started["status"])
    answer.raw_headers = list(started["headers"])
    return answer


def _shown(request: Request, problem: Problem) -> Response:
    """Return the page of a problem: what happened, and what one may do next."""
    if problem.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        _find_reader(request)
    state = request.state
    state.problem = replace(problem, is_page=True)
    with speaking_to(getattr(state, "language", "en")):
        return page(request, "errors/problem.html", status=problem.status)
