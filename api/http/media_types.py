"""A body of a kind that a route does not read: refused with the kind that it reads, before it is looked at."""

from email.message import Message

from fastapi import Request
from fastapi.routing import APIRoute

from states.errors import BankableError

JSON = "application/json"


class MediaTypeUnfit(BankableError):
    """The body is of a kind that this address does not read; the header Content-Type says of which."""

    code = "media_type_unfit"


def need_json(request: Request) -> None:
    """Raise `MediaTypeUnfit` where a route reads JSON and the request brings a body that does not say that it is."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or route.body_field is None:
        return
    if getattr(route.body_field.field_info, "media_type", JSON) != JSON or not _brings_body(request):
        return
    sent = Message()
    sent["Content-Type"] = request.headers.get("Content-Type", "application/octet-stream")
    if sent.get_content_type() != JSON and not sent.get_content_type().endswith("+json"):
        raise MediaTypeUnfit(known=JSON, sent=request.headers.get("Content-Type", "")[:80])


def _brings_body(request: Request) -> bool:
    return request.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in request.headers
