"""The account: the role in force, the language, where one is signed in, and by what; tokens for programs."""

import json
from dataclasses import replace

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import JSONResponse, Response

from api.http.dependencies import CurrentActor, Tx
from api.http.paging import Page
from api.http.tries import need_tries_left
from api.pages.forms import Form
from api.pages.languages import keep_language
from api.pages.rendering import lead_to, page
from api.pages.signing import Reader, read_session
from api.pages.sites import need_site, site_of
from api.routes.people.tokens import TokenIn, delete_own_token, list_own_tokens, post_own_token
from states.credentials.passkeys import name_passkey, own_passkey, passkeys_of, remove_passkey
from states.credentials.passwords import (
    SHORTEST,
    Password,
    PasswordWrong,
    hash_fit,
    open_lock,
    own_lock,
    remove_password,
    set_password,
)
from states.credentials.sessions import (
    BrowserSession,
    Means,
    SignedIn,
    end_session,
    grants_in_force,
    is_fresh,
    need_fresh,
    own_session,
    sessions_of,
    take_role,
)
from states.crossings.sign_in import end_all
from states.errors import Invalid
from states.partners.people import edit_person, person_plan_of
from states.partners.tables import Person
from states.rights.access import TokenScope
from states.storage import begin

router = APIRouter(prefix="/account")


def _row(session: Session, me: SignedIn) -> BrowserSession:
    return session.get_one(BrowserSession, me.session_id)


def _person(session: Session, me: SignedIn) -> Person:
    return session.get_one(Person, me.person_id)


@router.get("")
def get_account(request: Request, me: Reader, session: Tx) -> Response:
    """Show the roles that one may act in, the language, and where one is signed in."""
    return page(
        request,
        "account/account.html",
        email=_person(session, me).email,
        roles=grants_in_force(session, me.person_id),
        sessions=sessions_of(session, me.person_id),
        has_password=session.get(Password, me.person_id) is not None,
        passkeys=len(passkeys_of(session, me.person_id)),
    )


@router.post("/role")
def post_role(sent: Form, me: Reader, session: Tx) -> Response:
    """Act in another of one's roles from now on."""
    take_role(session, _row(session, me), sent.get("grant"))
    return lead_to("/account", told="role")


@router.post("/language")
def post_language(sent: Form, me: Reader, session: Tx) -> Response:
    """Read pages and mails in another language."""
    person = _person(session, me)
    edit_person(session, person, replace(person_plan_of(person), language=sent.get("language")))
    answer = lead_to("/account", told="language")
    keep_language(answer, person.language)
    return answer


@router.post("/sessions/{session_id}/end")
def post_session_end(session_id: str, _: Form, me: Reader, session: Tx) -> Response:
    """Sign out in another browser."""
    end_session(session, own_session(session, me.person_id, session_id))
    return lead_to("/account", told="ended")


@router.post("/sessions/end-others")
def post_others_end(_: Form, me: Reader, session: Tx) -> Response:
    """Sign out everywhere but here."""
    end_all(session, _person(session, me), but=me.session_id)
    return lead_to("/account", told="others_ended")


# The password


@router.get("/password")
def get_password(request: Request, me: Reader, session: Tx) -> Response:
    """Show the form for another password."""
    return page(
        request,
        "account/password.html",
        email=_person(session, me).email,
        has_password=session.get(Password, me.person_id) is not None,
        needs_old=_needs_old(session, me),
        is_fresh=is_fresh(_row(session, me)),
        shortest=SHORTEST,
    )


@router.post("/password")
def post_password(request: Request, sent: Form) -> Response:
    """Set a password: with the one before, or soon after a sign-in without any; all other browsers are signed out.

    It is hashed between two transactions: that is slow on purpose.
    """
    new = sent.get("new_password")
    with begin() as session:
        me = read_session(request, session)
        person = _person(session, me)
        lock = own_lock(session, me.person_id) if _needs_old(session, me) else None
        if lock is None:
            need_fresh(_row(session, me))
    if lock is not None:
        need_tries_left(request, "password", person.email)
        try:
            open_lock(lock, sent.get("password"))
        except PasswordWrong as error:
            raise Invalid("password_not_the_old_one", field="password", remedy="try_again_or_take_link") from error
    kept = hash_fit(person, new, place="new_password")
    with begin() as session:
        me = read_session(request, session)
        set_password(session, me.person_id, kept)
        end_all(session, _person(session, me), but=me.session_id)
    return lead_to("/account", told="password")


@router.post("/password/removal")
def post_password_removal(_: Form, me: Reader, session: Tx) -> Response:
    """Sign in by no password any more."""
    remove_password(session, me.person_id)
    return lead_to("/account", told="password_removed")


def _needs_old(session: Session, me: SignedIn) -> bool:
    """Tell whether the password is asked for: not of who has none, or came in by another way only just."""
    row = _row(session, me)
    by_another_way = row.means is not Means.PASSWORD and is_fresh(row)
    return session.get(Password, me.person_id) is not None and not by_another_way


# Passkeys


@router.get("/passkeys")
def get_passkeys(request: Request, me: Reader, session: Tx) -> Response:
    """List the passkeys, and offer to make one where this browser can."""
    return page(
        request,
        "account/passkeys.html",
        passkeys=passkeys_of(session, me.person_id),
        site=site_of(request),
        is_fresh=is_fresh(_row(session, me)),
    )


@router.post("/passkeys/options")
def post_passkey_options(request: Request, _: Form, me: Reader, session: Tx) -> Response:
    """Return what the browser asks its authenticators."""
    from states.credentials.passkey_ceremonies import ask_for_new  # loads webauthn, which is slow

    need_fresh(_row(session, me))
    asked = ask_for_new(session, _person(session, me), need_site(request))
    return JSONResponse({"challenge": asked.challenge_id, "options": json.loads(asked.options)})


@router.post("/passkeys")
def post_passkey(request: Request, sent: Form) -> Response:
    """Keep the passkey that an authenticator has made."""
    from states.credentials.passkey_ceremonies import add_passkey, use_challenge  # loads webauthn, which is slow

    with begin() as session:
        me = read_session(request, session)
        challenge = use_challenge(session, sent.get("challenge"), me.person_id)
    with begin() as session:
        me = read_session(request, session)
        need_fresh(_row(session, me))
        add_passkey(
            session,
            _person(session, me),
            need_site(request),
            challenge=challenge,
            answer=sent.get("answer"),
            name=sent.get("name"),
        )
    return lead_to("/account/passkeys", told="made")


@router.post("/passkeys/{passkey_id}/name")
def post_passkey_name(passkey_id: str, sent: Form, me: Reader, session: Tx) -> Response:
    """Call a passkey by another name."""
    name_passkey(session, own_passkey(session, me.person_id, passkey_id), sent.get("name"))
    return lead_to("/account/passkeys", told="named")


@router.post("/passkeys/{passkey_id}/removal")
def post_passkey_removal(passkey_id: str, _: Form, me: Reader, session: Tx) -> Response:
    """Sign in by a passkey no more."""
    remove_passkey(session, own_passkey(session, me.person_id, passkey_id))
    return lead_to("/account/passkeys", told="removed")


# Tokens


@router.get("/tokens")
def get_tokens(request: Request, me: Reader, actor: CurrentActor, session: Tx, cut: Page) -> Response:
    """List the tokens by which programs act in the role in force."""
    return _tokens_page(request, me, actor, session, cut, made="")


@router.post("/tokens")
def post_token(request: Request, sent: Form, me: Reader, actor: CurrentActor, session: Tx, cut: Page) -> Response:
    """Make a token and show it: this once, so the answer is the page itself."""
    need_fresh(_row(session, me))
    made = post_own_token(actor, sent.read(TokenIn, lists=("scopes",)), session)
    request.state.typed = None
    return _tokens_page(request, me, actor, session, cut, made=made.token)


def _tokens_page(
    request: Request, me: SignedIn, actor: CurrentActor, session: Session, cut: Page, *, made: str
) -> Response:
    return page(
        request,
        "account/tokens.html",
        tokens=list_own_tokens(actor, session, cut),
        scopes=list(TokenScope),
        made=made,
        is_fresh=is_fresh(_row(session, me)),
    )


@router.post("/tokens/{token_id}/end")
def post_token_end(token_id: str, _: Form, actor: CurrentActor, session: Tx) -> Response:
    """End a token at once."""
    delete_own_token(actor, token_id, session)
    return lead_to("/account/tokens", told="ended")
