"""Who reads a page: the cookie of the session, the person behind it, and what keeps forms from other sites out."""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.responses import Response

from api.http.dependencies import SAFE_METHODS, TokenMissing, Tx
from states.credentials.sessions import SignedIn, is_to_note, note_seen, signed_in_by
from states.credentials.tokens import TokenInvalid
from states.errors import Denied
from states.rights.access import Actor
from states.seals.secrets import known_secrets, secret_in_force
from states.settings import settings

_SESSION, _FORMS = "bankable_session", "bankable_forms"
_OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")
DAYS = 14


class FormForeign(Denied):
    """A form came from another site, or from a page of another session."""

    code = "form_foreign"


def is_secure(request: Request) -> bool:
    """Tell whether pages are read over https."""
    return request.url.scheme == "https" or settings().public_url.startswith("https://")


def _name(request: Request, name: str) -> str:
    return f"__Host-{name}" if is_secure(request) else name


def cookie_of(request: Request) -> str | None:
    """Return the text of the browser's session, if it sends one."""
    return request.cookies.get(_name(request, _SESSION)) or None


def let_in(request: Request, answer: Response, text: str) -> None:
    """Give a browser the cookie of a new session."""
    _set(request, answer, _SESSION, text, days=DAYS)
    answer.delete_cookie(_name(request, _FORMS), path="/")


def let_out(request: Request, answer: Response) -> None:
    """Take the cookie of a session away."""
    for name in (_SESSION, _FORMS):
        answer.delete_cookie(_name(request, name), path="/", secure=is_secure(request), httponly=True, samesite="lax")


def _set(request: Request, answer: Response, name: str, text: str, *, days: int | None) -> None:
    answer.set_cookie(
        _name(request, name),
        text,
        max_age=None if days is None else days * 86_400,
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )


def read_session(request: Request, session: Tx) -> SignedIn:
    """Return who is signed in, or raise `TokenMissing` or `TokenInvalid`."""
    text = cookie_of(request)
    if text is None:
        raise TokenMissing
    found = signed_in_by(session, text)
    request.state.signed_in = found
    request.state.let_in = True
    if request.method not in SAFE_METHODS:
        note_seen(session, found.session_id)
    elif is_to_note(found) and request.headers.get("sec-fetch-dest", "document") == "document":
        request.state.seen_in = found.session_id  # whoever only reads writes nothing: it is noted behind the answer
    return found


Reader = Annotated[SignedIn, Depends(read_session)]


def actor_of_page(found: Reader) -> Actor:
    """Return who acts: a page asks the session's cookie where the API asks the bearer's token."""
    return found.actor


def read_maybe(request: Request, session: Tx) -> SignedIn | None:
    """Return who is signed in, if anybody is."""
    try:
        return read_session(request, session)
    except (TokenMissing, TokenInvalid):
        return None


MaybeReader = Annotated[SignedIn | None, Depends(read_maybe)]


# Forms


def form_token(request: Request) -> str:
    """Return what a form of this page sends along; it is of the browser's session, or of its cookie for forms."""
    if (bound := cookie_of(request) or request.cookies.get(_name(request, _FORMS))) is None:
        bound = getattr(request.state, "forms", None) or secrets.token_urlsafe(24)
        request.state.forms = bound
    return _signed(secret_in_force(), bound)


def keep_forms(request: Request, answer: Response) -> None:
    """Give a browser without a session the cookie to which the forms of its page are bound."""
    if (bound := getattr(request.state, "forms", None)) is not None:
        _set(request, answer, _FORMS, bound, days=None)


def need_own_form(request: Request, sent: Mapping[str, str]) -> None:
    """Raise `FormForeign` for a form that no page of ours gave to this browser."""
    need_own_origin(request)
    bound, token = cookie_of(request) or request.cookies.get(_name(request, _FORMS)), sent.get("form_token", "")
    good = bound is not None and any(
        hmac.compare_digest(_signed(secret, bound).encode(), token.encode("utf-8", "replace"))
        for secret in known_secrets()
    )
    if not good:
        raise FormForeign("form_of_another_session")


def need_own_origin(request: Request) -> None:
    """Raise `FormForeign` where a browser says that another site has sent the request."""
    if not is_from_here(request):
        raise FormForeign("form_of_another_site")


def is_from_here(request: Request) -> bool:
    """Tell whether a page of ours has sent the request, as far as the browser says."""
    site, origin = request.headers.get("sec-fetch-site", "same-origin"), request.headers.get("origin")
    ours = {request.url.netloc, urlsplit(settings().public_url).netloc}
    return site in ("same-origin", "none") and (origin is None or urlsplit(origin).netloc in ours)


def _signed(secret: bytes, bound: str) -> str:
    mac = hmac.new(secret, f"form\n{sha256(bound.encode()).hexdigest()}".encode(), sha256).digest()
    return urlsafe_b64encode(mac).decode().rstrip("=")


def own_path(text: str | None, otherwise: str = "/") -> str:
    """Return an address of a page of ours as it is, and `otherwise` for any other: nobody is sent to another site."""
    return text if text and _OWN_PATH.fullmatch(text) and not text.startswith("/api") else otherwise
