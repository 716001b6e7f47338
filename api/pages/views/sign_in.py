"""Sign in: by a link in a mail, a password, a passkey or an issuer; and out again."""

import json
from base64 import urlsafe_b64encode
from typing import Any, TypedDict

from cryptography.fernet import Fernet, InvalidToken
from fastapi import APIRouter, BackgroundTasks, Request
from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from api.http.tries import need_tries_left
from api.pages.forms import Form, Typed
from api.pages.languages import COOKIE, keep_language
from api.pages.rendering import lead_to, page
from api.pages.signing import MaybeReader, cookie_of, is_secure, let_in, let_out, own_path
from api.pages.sites import need_site, site_of
from states.credentials.links import LinkEnded, LinkForged
from states.credentials.passwords import PasswordWrong, lock_of, open_lock
from states.credentials.sessions import Means, end_session, session_by, signed_in_by
from states.crossings.sign_in import (
    LINK_MINUTES,
    begin_session,
    person_with_role,
    read_link,
    send_link,
    use_sign_in_link,
)
from states.errors import Fault, Invalid
from states.founding.service import AlreadyFounded, need_first
from states.mail.addresses import page_address
from states.partners.addresses import read_address
from states.partners.tables import RoleGrant
from states.seals.secrets import derived, known_secrets, secret_in_force
from states.settings import settings
from states.storage import begin
from states.texts.text import SOURCE

router = APIRouter()

_ISSUER_COOKIE, _ISSUER_SECONDS = "bankable_issuer", 600


@router.get("/sign-in")
def get_sign_in(request: Request, found: MaybeReader, next: str = "", again: bool = False) -> Response:
    """Ask who is there; who is signed in goes on, but for what asks for a sign-in only just."""
    if found is not None and not again:
        return lead_to(own_path(next))
    return _sign_in_page(request, next)


def _sign_in_page(request: Request, then: str, *, status: int = 200, **told: Any) -> Response:
    return page(
        request,
        "sign_in/sign_in.html",
        status=status,
        then=own_path(then, ""),
        issuer=settings().oidc_name if _has_issuer() else "",
        site=site_of(request),
        empty=_is_empty(),
        **{"link_fault": None, **told},
    )


def _is_empty() -> bool:
    """Tell that nobody has founded a partnership yet, so that nobody can sign in."""
    with begin(read_only=True) as session:
        try:
            need_first(session)
        except AlreadyFounded:
            return False
    return True


# By a link


@router.post("/sign-in/link")
def post_link(request: Request, sent: Form, later: BackgroundTasks) -> Response:
    """Write to an address with a link. The answer comes first: it takes the same time whoever has the address."""
    email = _typed_address(sent)
    need_tries_left(request, "link", email)
    later.add_task(_send, email, own_path(sent.get("next"), ""))
    return lead_to("/sign-in/link", next=own_path(sent.get("next"), ""))


def _send(email: str, then: str) -> None:
    with begin() as session:
        send_link(session, email, then=then)


@router.get("/sign-in/link")
def get_link_sent(request: Request, next: str = "") -> Response:
    """Tell what comes next, whether anybody has the address or not."""
    return page(request, "sign_in/sent.html", minutes=LINK_MINUTES, then=own_path(next, ""))


@router.get("/sign-in/link/{token}")
def get_link(request: Request, token: str, next: str = "") -> Response:
    """Show whom a link signs in, and the button that does it: nothing happens, for mail scanners follow every link."""
    try:
        with begin(read_only=True) as session:
            person = read_link(session, token)
            known = {"label": person.label, "email": person.email}
    except (LinkEnded, LinkForged) as error:
        return _sign_in_page(request, next, status=410, link_fault=error)
    return page(request, "sign_in/link.html", known=known, token=token, then=own_path(next, ""))


@router.post("/sign-in/link/{token}")
def post_link_token(request: Request, token: str, sent: Form) -> Response:
    """Use a link up and sign in."""
    try:
        with begin() as session:
            person = use_sign_in_link(session, token)
            text = begin_session(session, person.id, means=Means.LINK, **_browser(request))
    except (LinkEnded, LinkForged) as error:
        request.state.typed = None
        return _sign_in_page(request, sent.get("next"), status=410, link_fault=error)
    return _signed_in(request, text, sent.get("next"))


# By a password


@router.get("/sign-in/password")
def get_password(request: Request, next: str = "") -> Response:
    """Ask for address and password."""
    return page(request, "sign_in/password.html", then=own_path(next, ""))


@router.post("/sign-in/password")
def post_password(request: Request, sent: Form) -> Response:
    """Sign in by a password."""
    email = _typed_address(sent)
    need_tries_left(request, "password", email)
    with begin(read_only=True) as session:
        lock = lock_of(session, email)
    try:
        person_id = open_lock(lock, sent.get("password"))
    except PasswordWrong as error:
        raise Invalid("password_or_address_wrong", field="password", remedy="try_again_or_take_link") from error
    with begin() as session:
        text = begin_session(session, person_id, means=Means.PASSWORD, **_browser(request))
    return _signed_in(request, text, sent.get("next"))


# By a passkey


@router.get("/sign-in/passkey")
def get_passkey(request: Request, next: str = "") -> Response:
    """Ask for a passkey; without JavaScript there is none."""
    need_site(request)
    return page(request, "sign_in/passkey.html", then=own_path(next, ""))


@router.post("/sign-in/passkey/options")
def post_passkey_options(request: Request, _: Form) -> Response:
    """Return what the browser asks its authenticators."""
    from states.credentials.passkey_ceremonies import ask_for_known  # loads webauthn, which is slow

    need_tries_left(request, "passkey")
    with begin() as session:
        asked = ask_for_known(session, need_site(request))
    return JSONResponse({"challenge": asked.challenge_id, "options": json.loads(asked.options)})


@router.post("/sign-in/passkey")
def post_passkey(request: Request, sent: Form) -> Response:
    """Sign in by the passkey that has signed the challenge."""
    from states.credentials.passkey_ceremonies import person_of_passkey, use_challenge  # loads webauthn, which is slow

    site = need_site(request)
    with begin() as session:
        challenge = use_challenge(session, sent.get("challenge"))
    with begin() as session:
        person_id = person_of_passkey(session, site, challenge=challenge, answer=sent.get("answer"))
        text = begin_session(session, person_id, means=Means.PASSKEY, **_browser(request))
    return _signed_in(request, text, sent.get("next"))


# By an issuer


@router.get("/sign-in/oidc")
def get_issuer(request: Request, next: str = "") -> Response:
    """Lead to the issuer; what its answer must fit lies in a cookie that this browser alone sends, and nobody reads."""
    _need_issuer()
    from api.http.openid import begin_at_issuer  # loads Authlib, which is slow

    begun = begin_at_issuer(back_to=_back())
    answer = lead_to(begun.address)
    kept = json.dumps({**begun.kept, "then": own_path(next, "")}).encode()
    answer.set_cookie(
        _issuer_cookie(request),
        _cipher(secret_in_force()).encrypt(kept).decode(),
        max_age=_ISSUER_SECONDS,
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="lax",  # the issuer sends the browser back from another site
    )
    return answer


@router.get("/sign-in/oidc/back")
def get_back_from_issuer(request: Request) -> Response:
    """Sign in whom the issuer names by a verified address; each answer of an issuer is good once."""
    _need_issuer()
    from api.http.openid import IssuerRefused, address_said  # loads Authlib, which is slow

    kept = _kept(request)
    if kept is None:
        raise IssuerRefused("issuer_answer_too_late")
    email = address_said(kept, came_to=str(request.url), back_to=_back())
    with begin() as session:
        person = person_with_role(session, email)
        text = begin_session(session, person.id, means=Means.ISSUER, **_browser(request)) if person else None
    if text is None:
        answer = page(request, "sign_in/unknown.html", status=403, email=email, issuer=settings().oidc_name)
    else:
        answer = _signed_in(request, text, kept["then"])
    answer.delete_cookie(_issuer_cookie(request), path="/", secure=is_secure(request), httponly=True, samesite="lax")
    return answer


def _has_issuer() -> bool:
    return bool(settings().oidc_issuer and settings().oidc_client_id)


def _need_issuer() -> None:
    if not _has_issuer():
        raise HTTPException(404)


def _back() -> str:
    return page_address("sign-in/oidc/back")


def _kept(request: Request) -> dict[str, str] | None:
    """Return what was kept for the issuer's answer; None where it is too late for it, or another browser's."""
    text = request.cookies.get(_issuer_cookie(request), "").encode()
    for secret in known_secrets():
        try:
            found: dict[str, str] = json.loads(_cipher(secret).decrypt(text, ttl=_ISSUER_SECONDS))
        except InvalidToken:
            continue
        return found
    return None


def _cipher(secret: bytes) -> Fernet:
    return Fernet(urlsafe_b64encode(derived(secret, "answers of the issuer")))


def _issuer_cookie(request: Request) -> str:
    return f"__Host-{_ISSUER_COOKIE}" if is_secure(request) else _ISSUER_COOKIE


# Out again


@router.post("/sign-out")
def post_sign_out(request: Request, _: Form) -> Response:
    """Sign this browser out; who is signed out already stays so."""
    with begin() as session:
        row = session_by(session, cookie_of(request) or "")
        if row is not None:
            end_session(session, row)
    answer = lead_to("/sign-in", told="signed_out")
    let_out(request, answer)
    return answer


def _typed_address(sent: Typed) -> str:
    address = read_address("email", sent.get("email"))
    if isinstance(address, Fault):
        raise Invalid(faults=[address])
    return address


class Browser(TypedDict):
    browser: str
    former: str | None


def _browser(request: Request) -> Browser:
    """Return what a new session is told of the browser, and by what this one was signed in before."""
    return {"browser": request.headers.get("user-agent", ""), "former": cookie_of(request)}


def _signed_in(request: Request, text: str, then: str) -> Response:
    answer = lead_to(own_path(then))
    let_in(request, answer, text)
    with begin(read_only=True) as session:
        language = signed_in_by(session, text).language
    if language != SOURCE and COOKIE not in request.cookies:  # English is what nobody has chosen, too
        keep_language(answer, language)
    return answer


def let_holder_in(request: Request, session: Session, grant: RoleGrant, *, to: str) -> Response:
    """Sign the holder of a role in who came by a link of ours, and lead on."""
    text = begin_session(session, grant.person_id, means=Means.LINK, grant=grant, **_browser(request))
    answer = lead_to(to)
    let_in(request, answer, text)
    return answer
