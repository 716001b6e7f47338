"""The description of the API (OpenAPI): what every operation has is added here, by what its route depends on."""

import re
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from api.http.conditional import Answered, IfMatch, MaybeMatch
from api.http.dependencies import SAFE_METHODS
from api.http.examples import example_of
from api.http.headers import HEADERS, carry
from api.http.idempotency import Idempotent
from api.http.media_types import JSON
from api.http.paging import Page
from api.http.problem_texts import meanings, problem_codes
from api.http.problems import MEDIA_TYPE, STATUSES, Problem
from api.http.tags import TAGS

Described = dict[str, Any]

_ABOUT = """\
Every request under `/api/v1` but those by a signed link carries a token: `Authorization: Bearer ...`.
What is refused comes as `application/problem+json` (RFC 9457) with every reason and every fault at once; its `code` is
stable, and `GET /problems/{code}` says what it means.

A change names in `If-Match` the version that it was made from: the `ETag` of what was read. A field that a `PUT` or
`PATCH` leaves out stays as it is; null takes it away where that is possible. A `POST` may carry an
`Idempotency-Key`: sent again, it has no second effect. Lists come in pages; the header `Link` and the field `next` lead
to the next one. A query parameter or a field that is not known is refused, with those that are.
"""

_EXAMPLES = {  # by status: the code that is met most often
    400: "bad_request",
    401: "token_missing",
    403: "denied",
    404: "missing",
    408: "body_too_slow",
    409: "refused",
    410: "link_ended",
    412: "stale",
    413: "body_too_large",
    415: "media_type_unfit",
    422: "request_invalid",
    428: "precondition_required",
    429: "too_many_requests",
    503: "database_unavailable",
}
_UNNAMED = "Successful Response"  # what FastAPI says where a route says nothing
_OF_A_PROBLEM = {401: "WWW-Authenticate", 415: "Accept", 429: "Retry-After", 503: "Retry-After"}


def describe(app: FastAPI) -> Described:
    """Return the description, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = _whole(app)
    return app.openapi_schema


def operations(app: FastAPI) -> Iterator[tuple[RouteContext, str]]:
    """Yield each route that is described, with each of its methods."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute) and route.include_in_schema:
            yield from ((route, method) for method in sorted(route.methods or ()))


def summary_of(docstring: str) -> str:
    """Return what a route does in a few words: the first clause of its docstring, up to a stop, comma or colon."""
    return re.split(r"[.,:;](?:\s|$)", docstring.strip(), maxsplit=1)[0].replace("\n", " ")


def _whole(app: FastAPI) -> Described:
    described = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=_ABOUT,
        routes=app.routes,
        tags=[{"name": name, "description": sentence} for name, sentence in TAGS.items()],
    )
    for route, method in operations(app):
        _complete(described["paths"][route.path_format][method.lower()], route, method)
    components = described["components"]
    components["schemas"] |= _problem_schemas()
    for name, schema in components["schemas"].items():
        if "-" in name:  # what is read and written in two forms: generators of clients name classes by the title
            schema["title"] = name.replace("-", "")
    for route, method in operations(app):
        if method not in SAFE_METHODS:
            _show(described["paths"][route.path_format][method.lower()], components["schemas"])
    components["headers"] = {
        name: {"description": said, "schema": {"type": "integer" if name == "Retry-After" else "string"}}
        for name, said in HEADERS.items()
    }
    used = {status for one in _answers(described) for status in one if int(status) >= 400}
    components["responses"] = {f"Problem{status}": _problem(int(status)) for status in sorted(used)}
    for answers in _answers(described):
        for status in set(answers) & used:
            answers[status] = {"$ref": f"#/components/responses/Problem{status}"}
    return described


def _complete(operation: Described, route: RouteContext, method: str) -> None:
    needs = set(_needs(route.dependant))
    operation["summary"] = route.summary or summary_of(operation["description"])
    for parameter in operation.get("parameters", []):
        if parameter["name"] == "if-match":
            parameter |= _if_match(required=_made_by(IfMatch) in needs)
        if parameter["name"] == "idempotency-key":  # it is there or it is not: no header is null
            parameter["schema"] = {"type": "string", "minLength": 1, "maxLength": 200, "examples": ["open-1"]}
    answers: Described = operation["responses"]
    for needed in _statuses(operation, needs, method):
        answers.setdefault(str(needed), {})
    for status, answer in answers.items():
        carried = carry(*_headers(int(status), route, needs, method))
        answer["headers"] = carried["headers"] | answer.get("headers", {})
        if answer.get("description", _UNNAMED) == _UNNAMED:
            answer["description"] = HTTPStatus(int(status)).phrase
    operation["responses"] = dict(sorted(answers.items()))


def _show(operation: Described, schemas: Described) -> None:
    """Give the request and its answers their examples."""
    for part in (operation.get("requestBody", {}), *operation["responses"].values()):
        content = part.get("content", {}).get(JSON)
        if content is not None:
            content["example"] = example_of(content["schema"], schemas)


def _statuses(operation: Described, needs: set[object], method: str) -> Iterable[int]:
    if "requestBody" in operation:
        yield from (400, 408, 413, 415)
    if method not in SAFE_METHODS:
        yield 409  # two wrote at once, or an idempotency key was used for something else
    if _made_by(MaybeMatch) in needs:
        yield from (400, 412, 428)


def _headers(status: int, route: RouteContext, needs: set[object], method: str) -> Iterator[str]:
    if status >= 300:
        return
    if _made_by(Answered) in needs:
        yield "ETag"
        if status == HTTPStatus.CREATED:
            yield "Location"
    if _made_by(Page) in needs:
        yield "Link"
    if method in ("POST", "PUT", "PATCH"):
        yield "Warning"
    if method == "POST" and isinstance(route.original_route, Idempotent):
        yield "Idempotency-Replayed"


def _made_by(alias: Any) -> Callable[..., object]:
    """Return the function behind one of the aliases that routes ask for."""
    return alias.__metadata__[0].dependency  # type: ignore[no-any-return]


def _needs(dependant: Dependant) -> Iterator[object]:
    for below in dependant.dependencies:
        yield below.call
        yield from _needs(below)


def _if_match(*, required: bool) -> Described:
    return {
        "required": required,
        "description": 'the version that the change was made from, in quotes, as ETag has it; `"0"` where nothing is '
        "written yet",
        "schema": {"type": "string", "pattern": r'^(W/)?"\d{1,9}"$', "examples": ['"3"']},
    }


def _answers(described: Described) -> Iterator[Described]:
    for path in described["paths"].values():
        for operation in path.values():
            yield operation["responses"]


def _problem(status: int) -> Described:
    answer: Described = {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if code := _EXAMPLES.get(status) or next((kind.code for kind, of in STATUSES.items() if of == status), None):
        answer["content"][MEDIA_TYPE]["example"] = {
            "type": f"/problems/{code}",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": meanings()[code],
            "instance": "/api/v1/collaborations",
            "code": code,
        }
    if header := _OF_A_PROBLEM.get(status):
        answer |= carry(header)
    return answer


def _problem_schemas() -> Described:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas: Described = schema.pop("$defs", {})
    known, every = meanings(), sorted(problem_codes())
    schemas["ProblemCode"] = {
        "type": "string",
        "enum": every,
        "description": "\n".join(f"- `{code}`: {' '.join(known[code].split())}" for code in every),
    }
    either = [{"$ref": "#/components/schemas/ProblemCode"}, {"type": "string"}]
    schema["properties"]["code"] = {"anyOf": either, "description": "a later release may know more of them"}
    return schemas | {"Problem": schema}
