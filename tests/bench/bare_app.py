"""The plain things that the API is held against: routes that insert, move and list the same rows and check nothing."""

from datetime import datetime
from threading import Lock
from typing import Annotated

from fastapi import FastAPI, Query
from pydantic import BaseModel
from sqlmodel import Session, SQLModel, col, func, select

import states.schema  # noqa: F401 - the rows refer to tables of other modules
from states.clock import now
from states.collaborations.tables import Collaboration
from states.deadlines.tables import Deadline
from states.matchmaking.tables import Contact
from states.outbox.tables import OutboxMessage
from states.review.tables import Evaluation
from states.rights import authors
from states.settings import settings
from states.storage import engine
from tests.bench.moving.by_hand import connect, step
from tests.bench.moving.work import Task

LISTED: dict[str, type[SQLModel]] = {
    "collaborations": Collaboration,
    "deadlines": Deadline,
    "contacts": Contact,
    "outbox-messages": OutboxMessage,
}


class Sent(BaseModel):
    """What is inserted, as it comes."""

    round_id: str
    person_id: str
    number: int
    scores: dict[str, str]
    comments: dict[str, str]


class Asked(BaseModel):
    """The version that a move starts from."""

    version: int


class Moved(BaseModel):
    """When a move was made."""

    at: datetime


def create_app() -> FastAPI:
    """Return an application with a route for each thing that is measured."""
    app = FastAPI()

    @app.get("/api/health")
    def health() -> str:
        return "ok"

    @app.post("/evaluations", status_code=201)
    def insert(sent: Sent) -> str:
        with authors.acting(authors.by_command("bare")), Session(engine()) as session:
            row = Evaluation(**sent.model_dump(), submitted_at=now())
            key = row.id
            payload = {"kind": "evaluation-report", "subject_id": key}
            event = OutboxMessage(name="document.requested", partnership_id="", payload=payload, created_at=now())
            session.add_all([row, event])
            session.commit()
        return key

    connection, alone = connect(settings().database), Lock()

    @app.post("/collaborations/{key}/moves", status_code=201)
    def move(key: str, asked: Asked) -> Moved:
        at = now()
        with alone, connection.begin():
            step(connection, Task(key, asked.version), at)
        return Moved(at=at)

    for name, model in LISTED.items():
        _list(app, name, model)
    return app


def _list(app: FastAPI, name: str, model: type[SQLModel]) -> None:
    class Listing(BaseModel):
        items: list[model]  # type: ignore[valid-type]
        total: int

    key = next(iter(model.__table__.primary_key))  # type: ignore[attr-defined]

    @app.get(f"/{name}")
    def rows(limit: Annotated[int, Query(le=200)] = 50) -> Listing:
        with Session(engine()) as session:
            total = session.exec(select(func.count(col(key)))).one()
            return Listing(items=list(session.exec(select(model).order_by(key).limit(limit))), total=total)
