"""The one error map: domain errors, bad requests and surprises become problem+json (RFC 9457)."""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import schemas
from api.http.conditional import NotModified, PreconditionMalformed, PreconditionRequired
from api.http.dependencies import TokenMissing
from api.http.idempotency import Repeated
from api.http.media_types import JSON, MediaTypeUnfit
from api.http.methods import methods_of
from api.http.tries import TooManyTries
from states.casefile.manifest import CaseUnfit
from states.credentials.links import LinkEnded
from states.credentials.tokens import TokenInvalid
from states.crossings.costs import SectionChanged
from states.errors import BankableError, Denied, Fault, Invalid, Missing, Outage, Refusal, Refused, Stale
from states.protocol.ownership import PartOfAnother
from states.protocol_files.taking import ProtocolTouched
from states.schema import SchemaUnfit
from states.shapes import shape_fault
from states.texts import Text
from states.texts.text import as_json

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

# The codes that no error of the domain has; the catalogue says what they mean.
OF_THE_EDGE = (
    "request_invalid",
    "bad_request",
    "no_such_route",
    "method_not_allowed",
    "body_too_large",
    "body_too_slow",
    "body_packed",
    "written_at_once",
    "value_unfit",
    "database_unavailable",
    "too_many_requests",
    "unexpected",
)
_OF_A_STATUS = {
    HTTPStatus.NOT_FOUND: "no_such_route",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_TIMEOUT: "body_too_slow",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body_too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "body_packed",
}

_LATER = {"Retry-After": "5"}

_SECRETS = {"token", "secret"}  # parameters of paths by which somebody acts

MOST_FAULTS = 100  # more than anybody mends at once
_LONGEST = 1_000  # characters of what was sent, where an answer shows it again
_LONGEST_DETAIL = 4_000

# The nearest class of an error's ancestry counts. Refused is 409, not 422: the request is well formed, it is
# the state of the collaboration that stands against it, and the same request may be granted later.
STATUSES: dict[type[BankableError], HTTPStatus] = {
    TokenMissing: HTTPStatus.UNAUTHORIZED,
    TokenInvalid: HTTPStatus.UNAUTHORIZED,
    PreconditionRequired: HTTPStatus.PRECONDITION_REQUIRED,
    PreconditionMalformed: HTTPStatus.BAD_REQUEST,
    MediaTypeUnfit: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    LinkEnded: HTTPStatus.GONE,
    TooManyTries: HTTPStatus.TOO_MANY_REQUESTS,
    Missing: HTTPStatus.NOT_FOUND,
    Denied: HTTPStatus.FORBIDDEN,
    Refused: HTTPStatus.CONFLICT,
    Stale: HTTPStatus.CONFLICT,
    ProtocolTouched: HTTPStatus.PRECONDITION_FAILED,
    PartOfAnother: HTTPStatus.FORBIDDEN,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    CaseUnfit: HTTPStatus.UNPROCESSABLE_ENTITY,
    SchemaUnfit: HTTPStatus.SERVICE_UNAVAILABLE,
    Outage: HTTPStatus.SERVICE_UNAVAILABLE,
    BankableError: HTTPStatus.INTERNAL_SERVER_ERROR,
}


class ReasonOut(BaseModel):
    """One reason against it: what is missing, who can mend it, and where.

    The message is the sentence `text` of the catalogue (`GET /problems`), which speaks of `parameters`.
    """

    code: str
    text: str
    message: schemas.Text
    parameters: dict[str, object] = {}
    mend_by: list[str] = []
    where: str = ""
    missing: list[schemas.Text] = []

    @classmethod
    def of(cls, reason: Refusal) -> "ReasonOut":
        """Present a refusal."""
        return cls(
            code=reason.code,
            text=reason.text.code,
            message=reason.message,
            parameters=as_json(reason.parameters),
            mend_by=list(reason.mend_by),
            where=reason.where,
            missing=[str(one) for one in reason.missing],
        )


class FaultOut(BaseModel):
    """One thing wrong with the input; message (by `code`) and remedy (by `remedy_code`) speak of `parameters`."""

    place: str
    message: str
    remedy: str = ""
    code: str
    remedy_code: str = ""
    parameters: dict[str, object] = {}

    @classmethod
    def of(cls, fault: Fault) -> "FaultOut":
        """Present a fault."""
        return cls(
            place=fault.place,
            message=fault.message,
            remedy=fault.remedy,
            code=fault.code,
            remedy_code=fault.advice.code if fault.advice else "",
            parameters=as_json(fault.parameters),
        )


class TouchedOut(BaseModel):
    """One place that both changed, each in another way; null where nothing stands there."""

    model_config = ConfigDict(from_attributes=True)

    place: str
    base: object
    yours: object
    theirs: object


class ConflictOut(BaseModel):
    """What you sent, what somebody else wrote since, and what both began from (null: nobody can tell any more).

    `touched` are the places that both changed. Where it is empty and there is a base, `merge=true` merges.
    """

    yours: dict[str, object]
    theirs: dict[str, object]
    base: dict[str, object] | None
    written_at: datetime | None
    written_by_id: str | None = None
    written_by_role: str
    written_by_organisation_id: str | None = None
    touched: list[TouchedOut]

    @classmethod
    def of(cls, error: SectionChanged) -> "ConflictOut":
        """Present what both wrote."""
        author = error.written.author if error.written else None
        return cls(
            yours=error.yours,
            theirs=error.theirs,
            base=error.base,
            written_at=error.written.at if error.written else None,
            written_by_id=author.person_id if author else None,
            written_by_role=author.role if author else "",
            written_by_organisation_id=author.organisation_id if author else None,
            touched=[TouchedOut.model_validate(one) for one in error.conflicts],
        )


class Problem(BaseModel):
    """What went wrong (RFC 9457); `code` is stable, `reasons` come with a refusal, `faults` with bad input.

    Where there are neither, the detail is the sentence `text` of the catalogue, which speaks of `parameters`.
    `conflict` is of a section, `conflicts` of a file.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "missing", "status": 404}]})

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    text: str | None = None
    parameters: dict[str, object] | None = None
    reasons: list[ReasonOut] | None = None
    faults: list[FaultOut] | None = None
    expected_version: int | None = None
    actual_version: int | None = None
    conflict: ConflictOut | None = None
    conflicts: list[TouchedOut] | None = None


class ProblemResponse(JSONResponse):
    """A problem on its way out; a lone surrogate in what was sent is shown as its escape."""

    media_type = MEDIA_TYPE

    def render(self, content: object) -> bytes:
        """Return the JSON."""
        return json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace")


def install(app: FastAPI) -> None:
    """Let every error of the application answer as problem+json."""
    app.add_exception_handler(BankableError, _domain)
    app.add_exception_handler(RequestValidationError, _request)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(NotModified, _not_modified)
    app.add_exception_handler(Repeated, _repeated)
    app.add_exception_handler(IntegrityError, _conflict)
    app.add_exception_handler(DataError, _unfit)
    app.add_exception_handler(OperationalError, _unavailable)
    app.add_middleware(Surprises)


def problem_of(request: Request, error: Exception) -> Response:
    """Return the problem that an error is, for whoever says it in another form."""
    match error:
        case BankableError():
            return _domain(request, error)
        case RequestValidationError():
            return _request(request, error)
        case HTTPException():
            return _http(request, error)
        case IntegrityError():
            return _conflict(request, error)
        case DataError():
            return _unfit(request, error)
        case OperationalError():
            return _unavailable(request, error)
        case _:
            return _surprise(request, error)


class Surprises:
    """Answer what nobody foresaw with 500, and keep the connection: the next request on it is another one.

    Starlette's own handler answers and raises all the same; then the server closes the connection.
    """

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
            await _surprise(Request(scope), error)(scope, receive, send)


def refusals(*statuses: int) -> dict[int | str, dict[str, object]]:
    """Declare these problems for OpenAPI."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def _problem(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, object] | None = None,
    whole: Mapping[str, object] | None = None,
) -> Response:
    """Answer; `whole` are members that are never cut: what somebody wrote is not lost."""
    body = {
        "type": f"/problems/{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "instance": request.url.path,
        "code": code,
        **{name: value for name, value in (members or {}).items() if value is not None},
    }
    shown = {
        "detail": _shortened(detail, most=_LONGEST_DETAIL),
        **_cut(jsonable_encoder(body)),
        **jsonable_encoder(whole or {}),
    }
    return ProblemResponse(shown, status, headers=headers)


def _cut(value: Any) -> Any:
    """Return an answer without the length of what was sent: nobody makes Bankable say much by saying much to it."""
    match value:
        case str():
            return _shortened(value)
        case dict():
            return {_shortened(name): _cut(part) for name, part in value.items()}
        case list():
            return [_cut(part) for part in value]
        case _:
            return value


def _shortened(text: str, *, most: int = _LONGEST) -> str:
    return text if len(text) <= most else f"{text[:most]}..."


def _more(count: int) -> list[Fault]:
    """Say how many faults there are beyond those that are shown."""
    beyond = count - MOST_FAULTS
    return [Fault("", "more_faults", remedy="mend_these_first", more=beyond)] if beyond > 0 else []


def _said(text: Text | None) -> dict[str, object]:
    return {"text": text.code, "parameters": as_json(text.parameters)} if text is not None else {}


def _edge(request: Request, status: int, code: str, *, headers: Mapping[str, str] | None = None) -> Response:
    return _problem(request, status, code, str(Text("problem", code)), headers=headers)


def _domain(request: Request, error: Exception) -> Response:
    assert isinstance(error, BankableError)
    status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    headers: Mapping[str, str] | None = None
    members, detail = _said(error.text), ""
    whole: Mapping[str, object] = {}
    match error:
        case TokenMissing():
            headers = {"WWW-Authenticate": 'Bearer realm="bankable"'}
        case TokenInvalid():
            headers = {"WWW-Authenticate": 'Bearer realm="bankable", error="invalid_token"'}
        case Refused(reasons=reasons):
            members = {"reasons": [ReasonOut.of(reason) for reason in reasons]}
        case Invalid(faults=faults):
            shown = [*faults[:MOST_FAULTS], *_more(len(faults))]
            members = {"faults": [FaultOut.of(fault) for fault in shown]}
            detail = _joined(shown) if len(shown) > MOST_FAULTS else ""
        case Stale(expected=expected, actual=actual):
            members |= {"expected_version": expected, "actual_version": actual}
            if "if-match" in request.headers or getattr(request.state, "read_version", None) is not None:
                status = HTTPStatus.PRECONDITION_FAILED
            if isinstance(error, SectionChanged):
                whole = {"conflict": ConflictOut.of(error)}
        case ProtocolTouched(conflicts=touched):
            whole = {"conflicts": [TouchedOut.model_validate(one) for one in touched]}
        case Outage():
            log.error("outage method=%s path=%s", request.method, _logged(request), exc_info=error)
            headers = _LATER
        case TooManyTries(seconds=seconds):
            headers = {"Retry-After": str(seconds)}
        case MediaTypeUnfit():
            headers = {"Accept": JSON}
        case _:
            pass
    return _problem(request, status, error.code, detail or error.message, headers=headers, members=members, whole=whole)


def _request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = error.errors()
    known = [
        (one, _known_steps(one["loc"], error.body, missing=one["type"] == "missing")) for one in errors[:MOST_FAULTS]
    ]
    deeper = {steps[:end] for _, steps in known for end in range(len(steps))}
    # Of a value that may be one thing or another, what its parts lack says more than that it is not the other thing.
    told = [(one, steps) for one, steps in known if len(steps) == len(one["loc"]) or steps not in deeper]
    faults = [shape_fault(one, place=_place(steps)) for one, steps in told] + _more(len(errors))
    members = {"faults": [FaultOut.of(fault) for fault in faults]}
    return _problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, "request_invalid", _joined(faults), members=members)


def _known_steps(location: Sequence[int | str], body: object, *, missing: bool) -> tuple[int | str, ...]:
    """Leave out of a place in a body what names one of the forms that a value may have: nobody has sent that."""
    if not location or location[0] != "body":
        return tuple(location)
    steps, here = list[int | str](location[:1]), body
    for number, step in enumerate(location[1:], start=2):
        if isinstance(here, dict | list) and step in (here if isinstance(here, dict) else range(len(here))):
            here = here[step]  # type: ignore[index]
        elif not missing or number < len(location):
            continue
        steps.append(step)
    return tuple(steps)


def _joined(faults: Sequence[Fault]) -> str:
    return "; ".join(str(fault) for fault in faults)


def _place(location: Sequence[int | str]) -> str:
    # `body` is where nearly everything is; a list counts from 1, as the domain's own faults do.
    steps = location[1:] if location[0] == "body" else location
    shown = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in steps)
    return shown.lstrip(".") or "body"


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    code = _OF_A_STATUS.get(status, "bad_request")
    said, headers = Text("problem", code), error.headers
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
        said = Text("error", "no_such_route", method=request.method, path=request.url.path)
    if status is HTTPStatus.METHOD_NOT_ALLOWED:  # Starlette names those of the first route only that has the path
        headers = {"Allow": ", ".join(methods_of(request))}
    return _problem(request, status, code, str(said), headers=headers, members=_said(said))


def _not_modified(_: Request, error: Exception) -> Response:
    assert isinstance(error, NotModified)
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": error.tag})


def _repeated(_: Request, error: Exception) -> Response:
    assert isinstance(error, Repeated)
    return Response(error.body, error.status, {**error.headers, "Idempotency-Replayed": "true"})


def _logged(request: Request) -> str:
    """Return the path for a log: where a part of it is the secret, the route alone."""
    secret = not _SECRETS.isdisjoint(request.path_params)
    return str(request.scope["route"].path) if secret else request.url.path


def answer_too_many(request: Request, *, seconds: int) -> Response:
    """Return the answer to a request that comes too soon."""
    return _edge(request, HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests", headers={"Retry-After": str(seconds)})


def _conflict(request: Request, error: Exception) -> Response:
    log.warning("conflict method=%s path=%s: %s", request.method, _logged(request), type(error).__name__)
    return _edge(request, HTTPStatus.CONFLICT, "written_at_once")


def _unfit(request: Request, error: Exception) -> Response:
    log.warning("unfit value method=%s path=%s: %s", request.method, _logged(request), type(error).__name__)
    return _edge(request, HTTPStatus.UNPROCESSABLE_ENTITY, "value_unfit")


def _unavailable(request: Request, error: Exception) -> Response:
    log.error("database unavailable method=%s path=%s", request.method, _logged(request), exc_info=error)
    return _edge(request, HTTPStatus.SERVICE_UNAVAILABLE, "database_unavailable", headers=_LATER)


def _surprise(request: Request, error: Exception) -> Response:
    log.error("unexpected error method=%s path=%s", request.method, _logged(request), exc_info=error)
    return _edge(request, HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected")
