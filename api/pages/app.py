"""The application of the pages: everything that is not under `/api`, for people with a browser.

A page asks the same dependencies as a route of the API, and calls the same services or the route's own function; only
who acts is told by a cookie here (`signing.py`).
"""

from contextlib import suppress

from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.dependencies import SAFE_METHODS, current_actor
from api.pages import errors, static
from api.pages.languages import accepted, language_of, speaking_to
from api.pages.places import page_of
from api.pages.signing import actor_of_page
from api.pages.views import (
    account,
    agreements,
    avoidances,
    bankability,
    brokerage,
    calendar_feeds,
    case_funding,
    case_reviews,
    case_settings,
    cases,
    change_requests,
    checklists,
    contacts,
    costs,
    deadlines,
    decisions,
    documents,
    evaluations,
    events,
    evidence,
    figures,
    finances,
    funding,
    funding_questions,
    funnel,
    handover,
    history,
    implementation,
    instruments,
    interests,
    links,
    meetings,
    members,
    money,
    moves,
    operations,
    organisations,
    participants,
    partners_wanted,
    partnership,
    pipeline,
    positions,
    preferences,
    profiles,
    protocol,
    protocol_files,
    questions,
    reports,
    reviewing,
    rounds,
    rules,
    scores,
    search,
    secretariat,
    sections,
    set_up,
    shares,
    sign_in,
    stewardship,
    suggestions,
    taxonomies,
    timetables,
    verify,
    versions,
    what_ifs,
    work,
)
from states.credentials.sessions import note_seen
from states.storage import begin

_ROUTERS = (
    static.router,
    work.router,
    pipeline.router,
    cases.router,
    moves.router,
    members.router,
    case_settings.router,
    deadlines.router,
    documents.router,
    history.router,
    search.router,
    organisations.router,
    figures.router,
    protocol.router,
    protocol_files.router,
    sections.router,
    versions.router,
    rounds.router,
    evaluations.router,
    scores.router,
    decisions.router,
    secretariat.router,
    positions.router,
    reviewing.router,
    case_reviews.router,
    bankability.router,
    case_funding.router,
    agreements.router,
    change_requests.router,
    implementation.router,
    instruments.router,
    rules.router,
    funding.router,
    what_ifs.router,
    funding_questions.router,
    evidence.router,
    questions.router,
    costs.router,
    finances.router,
    checklists.router,
    links.router,
    partnership.router,
    money.router,
    handover.router,
    taxonomies.router,
    stewardship.router,
    calendar_feeds.router,
    operations.router,
    reports.router,
    meetings.router,
    interests.router,
    profiles.router,
    suggestions.router,
    contacts.router,
    avoidances.router,
    funnel.router,
    partners_wanted.router,
    brokerage.router,
    participants.router,
    timetables.router,
    events.router,
    preferences.router,
    set_up.router,
    shares.router,
    sign_in.router,
    account.router,
    verify.router,
)
_OF_THE_API = ("/api", "/calendars", "/problems")


def create_pages() -> FastAPI:
    """Return the application of the pages."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.dependency_overrides[current_actor] = actor_of_page
    errors.install(app)
    app.add_middleware(NotesReading)
    app.add_middleware(InLanguage)
    for router in _ROUTERS:
        app.include_router(router)
    return app


class Pages:
    """Send what is not the API's to the pages."""

    def __init__(self, app: ASGIApp, pages: ASGIApp) -> None:
        self._app, self._pages = app, pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on to where it belongs; a browser that a mail leads into the API is led to a page."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif not scope["path"].startswith(_OF_THE_API):
            await self._pages(_without_blanks(scope), receive, send)
        elif (page := _page_instead(scope)) is not None:
            await RedirectResponse(page, status_code=303)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _without_blanks(scope: Scope) -> Scope:
    """Return what is asked for without what a form left blank: a filter that nobody filled in narrows nothing."""
    if scope["method"] not in SAFE_METHODS:
        return scope
    parts = scope["query_string"].split(b"&")
    kept = b"&".join(part for part in parts if part.partition(b"=")[2].strip(b"+") or b"=" not in part)
    return {**scope, "query_string": kept}


def _page_instead(scope: Scope) -> str | None:
    """Return the page of an address of the API that a browser opens: by a mail's link, or typed."""
    headers = dict(scope["headers"])
    opened = headers.get(b"accept", b"").startswith(b"text/html") and b"authorization" not in headers
    return page_of(scope["path"]) if scope["method"] == "GET" and opened else None


class NotesReading:
    """Note behind an answer that its page was read: who reads for hours is not signed out for being idle."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on; a database that is busy takes no page from anybody."""
        await self._app(scope, receive, send)
        if (key := scope.get("state", {}).get("seen_in")) is not None:
            with suppress(OperationalError):
                await run_in_threadpool(_note, key)


def _note(session_id: str) -> None:
    with begin() as session:
        note_seen(session, session_id)


class InLanguage:
    """Let a page be in the language of who is signed in, or else in the one that the browser asks for most."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on; what a form writes is said in English, as everywhere."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if not hasattr(request.state, "language"):
            request.state.language = _language(request)
        if scope["method"] == "POST":
            await self._app(scope, receive, send)
            return
        with speaking_to(request.state.language):
            await self._app(scope, receive, send)


def _language(request: Request) -> str:
    chosen = request.cookies.get("bankable_language", "")
    return language_of(chosen) if chosen else accepted(request.headers.get("accept-language", ""))
