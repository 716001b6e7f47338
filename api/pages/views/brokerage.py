"""How the meetings of an event are arranged, and its papers."""

from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session, col, select
from starlette.responses import Response

from api.http.access import BROKERAGE, EVENT, Allowed, ParticipantAccess
from api.http.dependencies import CurrentActor, Tx
from api.pages.event_heads import EventHead, event_head
from api.pages.forms import UNANSWERED, Form, read_as
from api.pages.moments import by_clock
from api.pages.rendering import lead_to, page
from api.routes.documents import event_documents
from api.routes.documents.documents import shown_to
from api.routes.matchmaking import brokerage, brokerage_schemas
from states.archive.queries import find_documents
from states.archive.tables import IssuedDocument
from states.clock import now
from states.matchmaking.event_day.programme import EventSession
from states.matchmaking.event_day.queries import participants_of
from states.matchmaking.event_day.tables import BrokerageEvent, EventMode, ParticipantState
from states.outbox.tables import OutboxMessage
from states.partners.tables import PartnershipEvent
from states.rights.access import Action
from states.rights.conditions import permitted_where

router = APIRouter(prefix="/events/{event_id}")

Read = Annotated[PartnershipEvent, Depends(Allowed(EVENT, Action.READ_BROKERAGE))]
Run = Annotated[BrokerageEvent, Depends(Allowed(BROKERAGE, Action.RUN_BROKERAGE))]

_BEFORE = timedelta(days=14)  # requests end so long before the event, if nobody says otherwise


@router.get("/brokerage")
def get_programme(request: Request, event: Read, session: Tx, actor: CurrentActor) -> Response:
    """Show sessions, breaks, tables and until when meetings may be asked for; who runs the event changes them."""
    head = event_head(session, actor, event.id)
    arranged = brokerage.get_brokerage(head.arranged, UNANSWERED) if head.arranged else None
    proposed = None if arranged else _proposed(head)
    return page(
        request,
        "brokerage/programme.html",
        head=head,
        arranged=arranged,
        proposed=proposed,
        lines=len(arranged.sessions) + 1 if arranged else 3,
        taken=_taken(head.arranged) if head.arranged else "",
        first=arranged.requests_from if arranged else now(),
        last=arranged.requests_until if arranged else proposed.starts_at - _BEFORE if proposed else None,
        modes=list(EventMode),
    )


def _taken(row: BrokerageEvent) -> str:
    """Tell whether requests are taken: `before`, `open` or `over`."""
    return "before" if now() < row.requests_from else "open" if now() < row.requests_until else "over"


def _proposed(head: EventHead) -> EventSession | None:
    """Return the first session as it would be: from the event's beginning to its end, or a morning of its day."""
    row = head.row
    if row.starts_at is not None:
        return EventSession("", row.starts_at, row.ends_at or row.starts_at + timedelta(hours=3), 10)
    try:
        day = datetime.combine(datetime.fromisoformat(row.held_on).date(), time(9), ZoneInfo(head.zone))
    except ValueError:  # no exact day: "2027-06"
        return None
    return EventSession("", day, day + timedelta(hours=3), 10)


@router.post("/brokerage")
def post_programme(sent: Form, event: brokerage.Arrange, session: Tx) -> Response:
    """Arrange the meetings, or arrange them anew."""
    optional = ("most_per_session", "fairness")
    typed = sent.values(keep_empty=optional)
    sessions = [_without_marks(one) for one in typed.get("sessions", []) if "out" not in one]
    known = {name: value for name, value in typed.items() if name in brokerage_schemas.BrokerageIn.model_fields}
    values = by_clock({**known, "link_base": sent.get("link_base"), "sessions": sessions}, sent.get("time_zone"))
    said = read_as(brokerage_schemas.BrokerageIn, values)
    brokerage.put_brokerage(event, sent.version, said, session, UNANSWERED)
    return lead_to(f"/events/{event.id}/brokerage", told="saved")


def _without_marks(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "breaks": list(one.get("breaks", []))}


@router.post("/brokerage/requests")
def post_requests(sent: Form, event: brokerage.Arrange, row: Run, session: Tx) -> Response:
    """Take requests for meetings from now on, or no more."""
    opens = sent.get("then") == "open"
    instant = now().replace(microsecond=0)
    changes = {"requests_from": instant} if opens else {"requests_until": instant}
    if opens and row.requests_until <= instant:
        changes["requests_until"] = _new_end(row, instant)
    known = brokerage.get_brokerage(row, UNANSWERED).model_dump(exclude={"event_id", "published_at", "version"})
    said = read_as(brokerage_schemas.BrokerageIn, known | changes)
    brokerage.put_brokerage(event, row.version, said, session, UNANSWERED)
    return lead_to(f"/events/{event.id}/brokerage", told="opened" if opens else "closed")


def _new_end(row: BrokerageEvent, instant: datetime) -> datetime:
    """Return until when requests are taken that are opened once more: to the first session, or for another day."""
    begins = min(datetime.fromisoformat(str(one["starts_at"])) for one in row.sessions)
    return max(begins, instant + timedelta(days=1))


@router.get("/papers")
def get_papers(request: Request, event: Run, session: Tx, actor: CurrentActor) -> Response:
    """Show the papers of an event and the agendas of who comes, and offer to ask for one."""
    people = {row.id: f"{owner.name}: {row.label}" for row, owner in participants_of(session, event.id)}
    subjects = [event.id, *people]
    readable = permitted_where(session, actor, IssuedDocument, Action.READ_DOCUMENT)
    found = find_documents(event.partnership_id, readable, col(IssuedDocument.subject_id).in_(subjects), replaced=False)
    newest = found.order_by(col(IssuedDocument.issued_at).desc(), col(IssuedDocument.id))
    return page(
        request,
        "brokerage/papers.html",
        head=event_head(session, actor, event.id),
        kinds=event_documents.OF_AN_EVENT,
        papers=shown_to(session, actor, session.exec(newest).all()),
        people=people,
        making=papers_being_made(session, event.partnership_id, subjects),
    )


@router.post("/papers")
def post_paper(sent: Form, event: Run, session: Tx) -> Response:
    """Ask for a paper on the event as it stands, or for the agenda of everybody who comes."""
    if sent.get("then") == "agendas":
        for row, _owner in participants_of(session, event.id):
            if row.state is ParticipantState.VALIDATED:
                event_documents.post_agenda(ParticipantAccess(row, event), session)
    else:
        event_documents.post_event_document(event, sent.read(event_documents.EventRequestIn), session)
    return lead_to(f"/events/{event.id}/papers", told="asked")


def papers_being_made(session: Session, partnership_id: str, subjects: Collection[str]) -> int:
    """Return how many documents on these subjects were asked for, and are neither issued nor given up."""
    query = select(OutboxMessage.payload).where(
        OutboxMessage.partnership_id == partnership_id,
        OutboxMessage.name == "document.requested",
        col(OutboxMessage.done_at).is_(None),
        col(OutboxMessage.dead_at).is_(None),
    )
    return sum(payload.get("subject_id") in subjects for payload in session.exec(query))
