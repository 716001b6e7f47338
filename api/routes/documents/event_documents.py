"""Routes that ask for the documents of a brokerage event, and for the agenda of a participant."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from sqlmodel import Session

from api.http.access import BROKERAGE, PARTICIPANT, Allowed, ParticipantAccess
from api.http.dependencies import Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.problems import refusals
from api.routes.documents.documents import KindUnfit, NothingToShow, RequestIn, RequestOut
from states.archive.tables import DocumentKind
from states.calendars.ics import ENGLISH, MEDIA_TYPE, feed
from states.errors import Refusal
from states.matchmaking.event_day.queries import tells_places
from states.matchmaking.event_day.tables import BrokerageEvent
from states.matchmaking.meetings.calendar_entries import agenda_entries
from states.outbox.service import publish
from states.partners.tables import PartnershipEvent
from states.rights.access import Action

router = APIRouter(tags=["documents"], route_class=Idempotent)

Run = Annotated[BrokerageEvent, Depends(Allowed(BROKERAGE, Action.RUN_BROKERAGE))]
Own = Annotated[ParticipantAccess, Depends(Allowed(PARTICIPANT, Action.EDIT_PARTICIPANT))]
OwnMeetings = Annotated[ParticipantAccess, Depends(Allowed(PARTICIPANT, Action.READ_MEETING))]

OF_AN_EVENT = (DocumentKind.TABLE_PLAN, DocumentKind.EVENT_BOOKLET, DocumentKind.FUNNEL_REPORT)


class EventRequestIn(RequestIn):
    model_config = example(kind=DocumentKind.EVENT_BOOKLET.value)


@router.post("/events/{event_id}/documents", status_code=202)
def post_event_document(event: Run, sent: EventRequestIn, session: Tx) -> RequestOut:
    """Ask for a document on an event as it stands; a flow renders it, then it is in the list."""
    if sent.kind not in OF_AN_EVENT:
        known = OF_AN_EVENT
        raise KindUnfit("no_document_of_event", field="kind", remedy="one_of", kind=sent.kind, known=tuple(known))
    if sent.kind is DocumentKind.TABLE_PLAN:
        _need_places(event)
    return _asked(session, event, sent.kind, event.id)


@router.post("/participants/{participant_id}/agenda", status_code=202)
def post_agenda(found: Own, session: Tx) -> RequestOut:
    """Ask for a participant's agenda as it stands; a flow renders it, then it is in the list of those who may read
    it: the participant's organisation and the organiser."""
    _need_places(found.event)
    return _asked(session, found.event, DocumentKind.PERSONAL_AGENDA, found.row.id)


@router.get(
    "/participants/{participant_id}/agenda.ics",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}, **refusals(409)},
)
def get_agenda(found: OwnMeetings, session: Tx) -> Response:
    """Read a participant's agenda as a calendar."""
    _need_places(found.event)
    name = session.get_one(PartnershipEvent, found.event.id).name
    body = feed(agenda_entries(session, found.row, language=ENGLISH), name=name, language=ENGLISH)
    headers = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    return Response(body, media_type=MEDIA_TYPE, headers=headers)


def _need_places(event: BrokerageEvent) -> None:
    if not tells_places(event):
        mend = ("project_manager",)
        raise NothingToShow(
            [Refusal("nothing_to_show", text="timetable_not_published", mend_by=mend, where="timetables")]
        )


def _asked(session: Session, event: BrokerageEvent, kind: DocumentKind, subject_id: str) -> RequestOut:
    asked = publish(
        session, "document.requested", partnership_id=event.partnership_id, kind=kind.value, subject_id=subject_id
    )
    return RequestOut(message_id=asked.id, kind=kind)
