"""Idempotency keys: a POST that arrives twice under one key has one effect, and both get the same answer.

The answer is kept in the transaction of the effect. Rights are asked again before it is given once more.
"""

from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from functools import wraps
from hashlib import sha256
from hmac import digest
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute
from sqlmodel import Session

from api.http.dependencies import at_once
from states.credentials.idempotency_records import KeptAnswer, Repeat, reserve

HEADER = "Idempotency-Key"
_KEPT_HEADERS = ("Location", "ETag", "Content-Type")

_asked: ContextVar["Asked | None"] = ContextVar("asked", default=None)


class Repeated(Exception):
    """The request was answered before, so."""

    def __init__(self, answer: KeptAnswer, *, body: str) -> None:
        super().__init__(answer.key)
        self.status, self.headers, self.body = answer.status, dict(answer.headers), body


class Asked:
    """A request under a key: its record, once the transaction of its effect has begun."""

    def __init__(self, request: Request, sent: Repeat) -> None:
        self._request, self._sent = request, sent
        self.record: KeptAnswer | None = None

    def begin(self, session: Session | None = None) -> None:
        """Reserve the key in the transaction of the effect, or raise `Repeated` with the answer of the first."""
        found = session or getattr(self._request.state, "session", None)
        if found is None:  # the route opens its transaction itself, and calls `keep_in` then
            return
        record, new = reserve(found, self._sent)
        if not new:
            raise Repeated(record, body=self._sent.unseal(record.body))
        self.record = record

    def keep(self, answer: Response) -> None:
        """Keep the answer with the effect."""
        if self.record is None:
            return
        self.record.status = answer.status_code
        self.record.headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
        self.record.body = self._sent.seal(bytes(answer.body))


def keep_in(session: Session) -> Callable[[Response], None]:
    """Reserve the request's key, if it has one, in a transaction that the route opened itself.

    Returns what keeps the answer; call it before the transaction ends.
    """
    asked = _asked.get()
    if asked is None:
        return lambda _: None
    asked.begin(session)
    return asked.keep


def key_header(
    idempotency_key: Annotated[
        str | None,
        Header(min_length=1, max_length=200, description="sent again within 24 h, the request has no second effect"),
    ] = None,
) -> None:
    """Describe the header; the route's handler reads it."""
    _ = idempotency_key


class Idempotent(APIRoute):
    """A route whose POST may carry an idempotency key."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if "POST" in (options.get("methods") or ()):
            options["dependencies"] = [*(options.get("dependencies") or ()), Depends(at_once(key_header))]
            endpoint = _once(endpoint)
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, which notes the key before and keeps the answer after."""
        handle = super().get_route_handler()

        async def handler(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if request.method != "POST" or not key:
                return await handle(request)
            asked = Asked(request, await _repeat(request, key))
            token = _asked.set(asked)
            try:
                answer = await handle(request)
            finally:
                _asked.reset(token)
            if getattr(request.state, "session", None) is not None:
                asked.keep(answer)
            return answer

        return handler


def _once(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(endpoint)
    def called(*args: Any, **named: Any) -> Any:
        asked = _asked.get()
        if asked is not None:
            asked.begin()  # by now every right was asked for
        return endpoint(*args, **named)

    return called


async def _repeat(request: Request, key: str) -> Repeat:
    who = (request.headers.get("Authorization") or request.url.path).encode()
    secret = digest(who, key.encode(), "sha256")
    return Repeat(sha256(who).hexdigest(), key, await _digest(request), secret)


async def _digest(request: Request) -> str:
    # A form with files is streamed: it is known by its size, and every try has other boundaries anyway.
    is_form = request.headers.get("Content-Type", "").startswith("multipart/")
    body = request.headers.get("Content-Length", "").encode() if is_form else await request.body()
    parts = (request.method, request.url.path, request.url.query, request.headers.get("If-Match", ""))
    return sha256("\n".join(parts).encode() + b"\n" + body).hexdigest()
