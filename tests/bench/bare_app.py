"""The plain things that the API is held against: routes that insert, move and list the same rows and check nothing."""

from datetime import datetime
from threading import Lock
from typing import Annotated

from fastapi import FastAPI, Query
from pydantic import BaseModel
from sqlmodel import Session, SQLModel, col, func, select

import states.schema  # noqa: F401 - the rows refer to tables of other modules
from states.clock import now
from states.collaborations.tables import Collaboration, Member
from states.deadlines.tables import Deadline
from states.matchmaking.tables import Contact
from states.outbox.tables import OutboxMessage
from states.partners.tables import Organisation
from states.review.tables import Evaluation
from states.rights import authors
from states.settings import settings
from states.storage import engine
from tests.bench.moving.by_hand import connect, step
from tests.bench.moving.work import Task

LISTED: dict[str, type[SQLModel]] = {
    "pipeline": Collaboration,
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


class Joined(BaseModel):
    """A member and its organisation."""

    member: Member
    organisation: Organisation


class WithMembers(BaseModel):
    """A collaboration with those who are in it."""

    collaboration: Collaboration
    members: list[Joined]


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
    _list_with_members(app)
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


def _list_with_members(app: FastAPI) -> None:
    class Listing(BaseModel):
        items: list[WithMembers]
        total: int

    @app.get("/collaborations")
    def rows(limit: Annotated[int, Query(le=200)] = 50) -> Listing:
        with Session(engine()) as session:
            total = session.exec(select(func.count(col(Collaboration.id)))).one()
            found = session.exec(select(Collaboration).order_by(Collaboration.id).limit(limit)).all()
            joined = session.exec(
                select(Member, Organisation)
                .join(Organisation, col(Organisation.id) == col(Member.organisation_id))
                .where(col(Member.collaboration_id).in_([row.id for row in found]), col(Member.left_on).is_(None))
            )
            members: dict[str, list[Joined]] = {row.id: [] for row in found}
            for member, organisation in joined:
                members[member.collaboration_id].append(Joined(member=member, organisation=organisation))
            items = [WithMembers(collaboration=row, members=members[row.id]) for row in found]
            return Listing(items=items, total=total)
