"""The web application: the routers under `/api/v1`, health, and the description of it all."""

from functools import partial
from importlib.metadata import version

from fastapi import Depends, FastAPI

from api.docs_page import routes as docs_page
from api.http import problem_texts
from api.http.answers import SafeAnswers
from api.http.came_by import CameBy
from api.http.dependencies import Tx, at_once
from api.http.description import describe
from api.http.limits import LimitedBodies
from api.http.media_types import need_json
from api.http.parameters import need_known_parameters
from api.http.problems import install, refusals
from api.http.rates import LimitedRates
from api.http.schemas import Output
from api.http.stand_ins import ToldStandIns
from api.pages.app import Pages, create_pages
from api.routes.changes import changes
from api.routes.collaborations import (
    bankability,
    case_files,
    checklists,
    collaborations,
    deadlines,
    editions,
    members,
    moves,
    officers,
)
from api.routes.documents import (
    document_editions,
    documents,
    event_documents,
    evidence,
    evidence_links,
    evidence_signatures,
    portfolio,
    public_verification,
    shares,
)
from api.routes.funding import (
    agreement_conditions,
    agreements,
    awards,
    calls,
    cost_lines,
    finances,
    instruments,
    organisation_figures,
    rates,
    rules,
    scenarios,
    simplified_costs,
    vat,
)
from api.routes.funding import cases as funding_cases
from api.routes.funding import solutions as funding_solutions
from api.routes.implementation import change_requests, drawdown, progress, progress_links, results
from api.routes.matchmaking import (
    brokerage,
    contacts,
    interests,
    meetings,
    outcomes,
    participants,
    partners_wanted,
    profiles,
    suggestions,
    timetables,
)
from api.routes.matchmaking import consents as discretion
from api.routes.operations import faults, mails, outbox, reminders
from api.routes.partnerships import (
    events,
    imports,
    operations,
    organisations,
    partnerships,
    regions,
    taxonomies,
    working_areas,
)
from api.routes.people import absences, calendars, links, mail_preferences, me, people, sessions, tokens
from api.routes.protocol import (
    assignments,
    comparisons,
    copies,
    files,
    part_links,
    protocols,
    risk_reviews,
    sign_offs,
)
from api.routes.questions import question_links, questions
from api.routes.reports import reports
from api.routes.review import conflicts, corrections, decisions, evaluations, positions, rounds
from api.routes.search import search
from states.schema import need_newest

PREFIX = "/api/v1"

# Those that are asked most come first: each request is compared with one route after another.
_ROUTERS = (
    me.router,
    moves.router,
    collaborations.router,
    partnerships.router,
    working_areas.router,
    taxonomies.router,
    regions.router,
    organisations.router,
    organisation_figures.router,
    imports.router,
    operations.router,
    events.router,
    calendars.router,
    members.router,
    officers.router,
    checklists.router,
    bankability.router,
    editions.router,
    case_files.router,
    changes.router,
    profiles.router,
    suggestions.router,
    partners_wanted.router,
    interests.router,
    discretion.router,
    brokerage.router,
    participants.router,
    meetings.router,
    outcomes.router,
    timetables.router,
    contacts.router,
    comparisons.router,
    protocols.router,
    files.router,
    copies.router,
    rounds.router,
    conflicts.router,
    evaluations.router,
    positions.router,
    decisions.router,
    corrections.router,
    links.router,
    sign_offs.router,
    assignments.router,
    questions.router,
    question_links.router,
    part_links.router,
    risk_reviews.router,
    instruments.router,
    calls.router,
    rules.router,
    cost_lines.router,
    cost_lines.sums,
    rates.router,
    vat.router,
    simplified_costs.router,
    awards.router,
    agreements.router,
    agreement_conditions.router,
    progress.router,
    progress_links.router,
    drawdown.router,
    change_requests.router,
    results.router,
    funding_cases.router,
    funding_solutions.router,
    scenarios.router,
    finances.router,
    documents.router,
    document_editions.router,
    public_verification.router,
    shares.router,
    event_documents.router,
    portfolio.router,
    evidence.router,
    evidence_links.router,
    evidence_signatures.router,
    search.router,
    reports.router,
    deadlines.router,
    reminders.router,
    outbox.router,
    faults.router,
    mails.router,
    mail_preferences.router,
    people.router,
    absences.router,
    tokens.router,
    sessions.router,
)


class HealthOut(Output):
    status: str


def health(session: Tx) -> HealthOut:
    """Tell whether the application works: it answers, and its database has the schema that it needs."""
    need_newest(session)
    return HealthOut(status="ok")


def create_app() -> FastAPI:
    """Return the application on the installation of the settings."""
    app = FastAPI(
        title="Bankable",
        version=version("bankable"),
        summary="Takes an interregional collaboration from a handshake to a bankable proposal.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.add_middleware(Pages, pages=create_pages())
    app.add_middleware(CameBy)
    app.add_middleware(LimitedBodies)
    app.add_middleware(ToldStandIns)
    install(app)
    app.add_middleware(LimitedRates)
    app.add_middleware(SafeAnswers)  # the last is the outermost: no answer leaves without its headers
    strict = [Depends(at_once(need_known_parameters))]
    app.add_api_route(
        "/api/health",
        health,
        name="get_health",
        methods=["GET"],
        tags=["health"],
        responses=refusals(422, 503),
        dependencies=strict,
    )
    app.include_router(docs_page.router)
    app.include_router(problem_texts.router, dependencies=strict)
    app.include_router(calendars.public, dependencies=strict)
    told, dependencies = refusals(401, 403, 404, 422, 429, 503), [*strict, Depends(at_once(need_json))]
    for router in _ROUTERS:  # each of them here: a router in a router is looked through twice for each request
        app.include_router(router, prefix=PREFIX, responses=told, dependencies=dependencies)
    app.openapi = partial(describe, app)  # type: ignore[method-assign] # as FastAPI's documentation has it
    return app
