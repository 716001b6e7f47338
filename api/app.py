"""The web application: the routers under `/api/v1`, health, and the description of it all."""

from functools import partial

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from sqlmodel import select

from api import (
    brokerage,
    calendars,
    calls,
    collaborations,
    contacts,
    cost_lines,
    deadlines,
    decisions,
    discretion,
    documents,
    evaluations,
    event_documents,
    events,
    finances,
    firewall,
    funding_cases,
    funding_solutions,
    imports,
    instruments,
    interests,
    links,
    mail_preferences,
    mails,
    me,
    meetings,
    moves,
    organisation_figures,
    organisations,
    outbox,
    outcomes,
    participants,
    partners_wanted,
    partnerships,
    positions,
    problem_texts,
    profiles,
    protocols,
    regions,
    reminders,
    reports,
    risk_reviews,
    rounds,
    scenarios,
    sign_offs,
    suggestions,
    timetables,
)
from api.dependencies import Tx
from api.limits import LimitedBodies
from api.problems import Problem, install, refusals
from api.schemas import Output

PREFIX = "/api/v1"

_ROUTERS = (
    me.router,
    partnerships.router,
    regions.router,
    organisations.router,
    organisation_figures.router,
    imports.router,
    events.router,
    calendars.router,
    collaborations.router,
    moves.router,
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
    protocols.router,
    rounds.router,
    firewall.router,
    evaluations.router,
    positions.router,
    decisions.router,
    links.router,
    sign_offs.router,
    risk_reviews.router,
    instruments.router,
    calls.router,
    cost_lines.router,
    funding_cases.router,
    funding_solutions.router,
    scenarios.router,
    finances.router,
    documents.router,
    event_documents.router,
    reports.router,
    deadlines.router,
    reminders.router,
    outbox.router,
    mails.router,
    mail_preferences.router,
)


class HealthOut(Output):
    status: str


def health(session: Tx) -> HealthOut:
    """Tell that the application answers and its database too."""
    session.exec(select(1)).one()
    return HealthOut(status="ok")


def create_app() -> FastAPI:
    """Return the application on the installation of the settings."""
    app = FastAPI(
        title="Bankable",
        version="0.1.0",
        summary="Takes an interregional collaboration from a handshake to a bankable proposal.",
        openapi_url="/api/openapi.json",
        docs_url="/api/docs",
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    install(app)
    app.add_middleware(LimitedBodies)
    app.add_api_route("/api/health", health, methods=["GET"], tags=["health"], responses=refusals(503))
    app.include_router(problem_texts.router)
    app.include_router(calendars.public)
    v1 = APIRouter(prefix=PREFIX, responses=refusals(401, 403, 404, 422, 503))
    for router in _ROUTERS:
        v1.include_router(router)
    app.include_router(v1)
    app.openapi = partial(_openapi, app)  # type: ignore[method-assign] # as FastAPI's documentation has it
    return app


def _openapi(app: FastAPI) -> dict[str, object]:
    if app.openapi_schema is None:
        described = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        for operation in (one for path in described["paths"].values() for one in path.values()):
            if "requestBody" in operation:
                operation["responses"] |= {str(status): answer for status, answer in refusals(413).items()}
        schemas = described["components"]["schemas"]
        schemas |= schema.pop("$defs", {}) | {"Problem": schema}
        app.openapi_schema = described
    return app.openapi_schema
