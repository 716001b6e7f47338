"""Versions over HTTP: ETag, If-None-Match and If-Match (RFC 9110, section 13)."""

import re
from functools import lru_cache
from typing import Annotated

from fastapi import Depends, FastAPI, Header, Request, Response

from api.http.dependencies import at_once
from states.errors import BankableError, Invalid, Stale
from states.storage.locking import Versioned

_TAG = re.compile(r'(?:W/)?"([^"]*)"')
_VERSION = re.compile(r'(?:W/)?"(\d{1,9})"')
UNWRITTEN = 0  # the version of what nobody has written yet


class PreconditionRequired(BankableError):
    """The change needs the version that you read, as If-Match."""

    code = "precondition_required"


class PreconditionMalformed(Invalid):
    """If-Match holds no version."""

    code = "precondition_malformed"


class NotModified(Exception):
    """The client has this version already."""

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag


class Answer:
    """The headers of an answer: its ETag, and where a new thing lies."""

    def __init__(self, request: Request, response: Response) -> None:
        self._request, self._response = request, response

    def tag(self, version: int | str) -> None:
        """Send the ETag; on a read raise `NotModified` where the client names it in If-None-Match."""
        value = f'"{version}"'
        self._response.headers["ETag"] = value
        if self.is_known(version) and self._request.method in ("GET", "HEAD"):
            raise NotModified(value)

    def is_known(self, version: int | str) -> bool:
        """Tell whether the client names this version in If-None-Match."""
        asked = self._request.headers.get("if-none-match", "")
        return asked.strip() == "*" or str(version) in _TAG.findall(asked)

    def created(self, route: str, **parameters: str | int) -> None:
        """Say where the new thing lies, by the name of the route that reads it."""
        path = _path_of(self._request.app, route, tuple(parameters))
        self._response.headers["Location"] = path.format(**parameters)


@lru_cache(maxsize=256)
def _path_of(app: FastAPI, route: str, names: tuple[str, ...]) -> str:
    """Return the path of a route with its parameters in braces: Starlette looks through all routes for it."""
    return str(app.url_path_for(route, **{name: f"{{{name}}}" for name in names}))


Answered = Annotated[Answer, Depends(at_once(Answer))]


def maybe_match(if_match: Annotated[str | None, Header()] = None) -> int | None:
    """Return the version in If-Match, None where there is none; raise `PreconditionMalformed` for anything else."""
    if if_match is None:
        return None
    found = _VERSION.fullmatch(if_match.strip())
    if found is None:
        raise PreconditionMalformed(
            "not_one_version", field="If-Match", remedy="send_one_version_in_quotes_such_as", value=if_match[:40]
        )
    return int(found[1])


MaybeMatch = Annotated[int | None, Depends(at_once(maybe_match))]


def must_match(version: MaybeMatch) -> int:
    """Return the version in If-Match, or raise `PreconditionRequired`."""
    if version is None:
        raise PreconditionRequired
    return version


IfMatch = Annotated[int, Depends(at_once(must_match))]


def need_match(what: str, sent: int | None, row: Versioned | None) -> None:
    """Let nobody overwrite what they have not read: raise `PreconditionRequired`, or `Stale` for another version.

    Without a row nothing is written yet: the first to write sends nothing, or "0".
    """
    if sent is None and row is not None:
        raise PreconditionRequired
    actual = UNWRITTEN if row is None else row.version
    if (sent or UNWRITTEN) != actual:
        raise Stale(what, expected=sent or UNWRITTEN, actual=actual)
