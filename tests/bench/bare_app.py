"""The plain thing that submitting an evaluation is held against: a route that inserts its rows and checks nothing."""

from fastapi import FastAPI
from pydantic import BaseModel
from sqlmodel import Session

import states.schema  # noqa: F401 - the rows refer to tables of other modules
from states.clock import now
from states.outbox.tables import OutboxMessage
from states.review.tables import Evaluation
from states.storage import engine


class Sent(BaseModel):
    """What is inserted, as it comes."""

    round_id: str
    person_id: str
    number: int
    scores: dict[str, str]
    comments: dict[str, str]


def create_app() -> FastAPI:
    """Return an application with one route."""
    app = FastAPI()

    @app.get("/api/health")
    def health() -> str:
        return "ok"

    @app.post("/evaluations", status_code=201)
    def insert(sent: Sent) -> str:
        with Session(engine()) as session:
            row = Evaluation(**sent.model_dump(), submitted_at=now())
            key = row.id
            payload = {"kind": "evaluation-report", "subject_id": key}
            event = OutboxMessage(name="document.requested", partnership_id="", payload=payload, created_at=now())
            session.add_all([row, event])
            session.commit()
        return key

    return app
