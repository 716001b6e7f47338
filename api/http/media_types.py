"""A body of a kind that a route does not read, or that can be read in two ways: refused before anything is done."""

import json
from email.message import Message

from fastapi import Request
from fastapi.routing import APIRoute

from states.errors import BankableError, Invalid

JSON = "application/json"


class MediaTypeUnfit(BankableError):
    """The body is of a kind that this address does not read; the header Content-Type says of which."""

    code = "media_type_unfit"


class BodyAmbiguous(Invalid):
    """A key stands twice in an object of the body, so that every program reads another value."""

    code = "body_ambiguous"


def need_json(request: Request) -> None:
    """Raise `MediaTypeUnfit` where a route reads JSON and the request brings a body that does not say that it is.

    One that says so has been read by now; raise `BodyAmbiguous` where it says something twice.
    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or route.body_field is None:
        return
    if getattr(route.body_field.field_info, "media_type", JSON) != JSON or not _brings_body(request):
        return
    sent = Message()
    sent["Content-Type"] = request.headers.get("Content-Type", "application/octet-stream")
    if sent.get_content_type() != JSON and not sent.get_content_type().endswith("+json"):
        raise MediaTypeUnfit(known=JSON, sent=request.headers.get("Content-Type", "")[:80])
    json.loads(getattr(request, "_body", b"") or b"null", object_pairs_hook=_need_once)  # as Starlette keeps it


def _need_once(pairs: list[tuple[str, object]]) -> None:
    if len(pairs) > len(keys := dict(pairs)):
        names = [name for name, _ in pairs]
        twice = next(name for name in keys if names.count(name) > 1)
        raise BodyAmbiguous("stands_here_twice", field="body", remedy="say_once", key=twice[:80])


def _brings_body(request: Request) -> bool:
    return request.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in request.headers
