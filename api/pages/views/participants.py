"""Who takes part in an event: registered, accepted, described, seated, there, gone; and what each consents to."""

from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import BROKERAGE, PARTICIPANT, Allowed, ParticipantAccess
from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.http.paging import Page
from api.http.schemas import Input
from api.pages.event_heads import event_head
from api.pages.forms import OWN_FORM, UNANSWERED, Form
from api.pages.languages import speaking_to
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.pages.signing import read_session
from api.pages.views.partnership import Edit, IntoOwn
from api.pages.views.suggestions import taxonomy_language
from api.routes.documents import event_documents
from api.routes.matchmaking import brokerage_schemas, consents, participants, profile_schemas
from states.matchmaking.consents.tables import ConsentPurpose
from states.matchmaking.event_day.queries import participants_of
from states.matchmaking.event_day.tables import Attendance, BrokerageEvent, EventMode, ParticipantState
from states.partners.queries import organisations_of
from states.partners.tables import Organisation, OrganisationKind, PartnershipEvent
from states.rights.access import Action, Actor, confined_to
from states.storage import begin
from states.workbook.bringing import bring_in
from states.workbook.files import read_file
from states.workbook.importing import read_workbook
from states.workbook.participant_list import of_one_event

router = APIRouter()

Run = Annotated[BrokerageEvent, Depends(Allowed(BROKERAGE, Action.RUN_BROKERAGE))]
_WAITING = ParticipantState.REGISTERED


class PurposeIn(Input):
    """To what a consent is given."""

    purpose: ConsentPurpose


@router.get("/events/{event_id}/participants")
def get_participants(
    request: Request, event: participants.ReadEvent, session: Tx, actor: CurrentActor, cut: Page
) -> Response:
    """List who takes part, and take registrations."""
    own = confined_to(actor)
    there = [row for row, _ in participants_of(session, event.id)]
    return page(
        request,
        "brokerage/participants.html",
        head=event_head(session, actor, event.id),
        listed=participants.list_participants(event, session, actor, cut),
        waiting=sum(row.state is _WAITING for row in there),
        coming=sum(row.state is ParticipantState.VALIDATED for row in there),
        own=session.get_one(Organisation, own) if own else None,
        **_choices(session, event),
    )


def _choices(session: Session, event: BrokerageEvent) -> dict[str, Any]:
    members = [one for one, _ in organisations_of(session, event.partnership_id)]
    return {
        "organisations": [(one.slug, f"{one.name} ({one.nuts or one.country})") for one in members],
        "clusters": [(one.slug, one.name) for one in members if one.kind is OrganisationKind.CLUSTER],
        "attendances": _attendances(event),
    }


def _attendances(event: BrokerageEvent) -> list[Attendance]:
    return [one for one in Attendance if event.mode.value in (EventMode.HYBRID.value, one.value)]


@router.post("/events/{event_id}/participants")
def post_participant_page(sent: Form, event: participants.RegisterAt, session: Tx, actor: CurrentActor) -> Response:
    """Register somebody; who has come without a registration is there at once."""
    said = sent.read(brokerage_schemas.RegistrationIn, unavailable=sent.all("unavailable"), walk_in="walk_in" in sent)
    participants.post_participant(event, said, session, actor, UNANSWERED)
    return lead_to(f"/events/{event.id}/participants", told="registered")


@router.post("/events/{event_id}/participants/accepting", dependencies=[OWN_FORM])
def post_accepting(event: Run, session: Tx, actor: CurrentActor) -> Response:
    """Accept every registration that waits."""
    yes = brokerage_schemas.ValidationIn(accepted=True)
    for row, _owner in participants_of(session, event.id):
        if row.state is _WAITING:
            participants.post_validation(ParticipantAccess(row, event), yes, session, actor, UNANSWERED)
    return lead_to(f"/events/{event.id}/participants", told="accepted")


@router.get("/events/{event_id}/participants/list")
def get_list(request: Request, event: Run, _: Edit, session: Tx, actor: CurrentActor) -> Response:
    """Take a list of who takes part."""
    return page(request, "brokerage/list.html", head=event_head(session, actor, event.id))


@router.post("/events/{event_id}/participants/list")
def post_list(event_id: str, sent: Form, request: Request, into: IntoOwn) -> Response:
    """Check a list that was pasted or sent as a file, or bring it in: all of it, or nothing and every fault."""
    grids = read_file(sent.files[0][1].read() if sent.files else sent.get("list").encode(), name="list")
    with begin(read_only=True) as session:
        actor = read_session(request, session).actor
        event = Allowed(BROKERAGE, Action.RUN_BROKERAGE)(session, actor, event_id=event_id)
        held = session.get_one(PartnershipEvent, event_id)
        members = [one for one, _ in organisations_of(session, event.partnership_id)]
        called = Counter(one.name for one in members)
        listed = of_one_event(
            grids,
            title=f"{held.name} ({held.held_on})",
            attendances=_attendances(event),
            organisations={one.name: one.slug for one in members if called[one.name] == 1},
        )
    checked = "dry_run" in sent
    [report] = bring_in(read_workbook([listed]), into=into, dry_run=checked)
    with begin(read_only=True) as session, speaking_to(request.state.language):
        head = event_head(session, read_session(request, session).actor, event_id)
        return page(request, "brokerage/list.html", head=head, report=report, checked=checked, pasted=sent.get("list"))


@router.get("/participants/{participant_id}")
def get_participant_page(
    request: Request, found: participants.Read, session: Tx, actor: CurrentActor, lists: Lists
) -> Response:
    """Show a participant; the own one, and each to who runs the event, with everything that may be changed."""
    row, can = found.row, Abilities(session, actor, found.row)
    return page(
        request,
        "brokerage/participant.html",
        head=event_head(session, actor, found.event.id),
        participant=participants.get_participant(found, session, actor, UNANSWERED),
        can=can,
        consents=consents.list_consents(found, session, lists.whole(), taxonomy_language()).items
        if can("read_consents")
        else [],
        owner=session.get_one(Organisation, row.organisation_id),
        **_choices(session, found.event),
    )


@router.post("/participants/{participant_id}")
def post_participant_change(sent: Form, found: participants.Read, session: Tx, actor: CurrentActor) -> Response:
    """Change what is said of a participant, accept, seat, check in, or let it leave."""
    key, then = found.row.id, sent.get("then")
    match then:
        case "accept" | "reject":
            said = sent.read(brokerage_schemas.ValidationIn, accepted=then == "accept")
            participants.post_validation(_run(session, actor, key), said, session, actor, UNANSWERED)
        case "seat":
            seat = sent.read(
                brokerage_schemas.SeatingIn,
                booth=sent.get("booth") or None,
                most_meetings=sent.get("most_meetings") or None,
            )
            version = must_match(sent.version)
            participants.put_seating(_run(session, actor, key), version, seat, session, actor, UNANSWERED)
        case "check_in":
            participants.post_check_in(_run(session, actor, key), session, actor, UNANSWERED)
        case "leave":
            reason = sent.read(profile_schemas.ProfileReasonIn)
            participants.post_leaving(_edit(session, actor, key), reason, session, actor, UNANSWERED)
        case "agenda":
            event_documents.post_agenda(_edit(session, actor, key), session)
        case _:
            told = sent.read(
                brokerage_schemas.DelegateIn,
                unavailable=sent.all("unavailable"),
                cluster=sent.get("cluster") or None,
            )
            version = must_match(sent.version)
            participants.put_participant(_edit(session, actor, key), version, told, session, actor, UNANSWERED)
    if sent.get("list"):
        return lead_to(f"/events/{found.event.id}/participants", told=then)
    return lead_to(f"/participants/{key}", told=then or "saved")


def _run(session: Session, actor: Actor, key: str) -> ParticipantAccess:
    return Allowed(PARTICIPANT, Action.RUN_BROKERAGE)(session, actor, participant_id=key)


def _edit(session: Session, actor: Actor, key: str) -> ParticipantAccess:
    return Allowed(PARTICIPANT, Action.EDIT_PARTICIPANT)(session, actor, participant_id=key)


@router.post("/participants/{participant_id}/consents")
def post_consent(sent: Form, found: consents.Record, session: Tx, actor: CurrentActor) -> Response:
    """Record that a participant consents to a purpose, or does so no more."""
    purpose = sent.read(PurposeIn).purpose
    consents.put_consent(found, purpose, sent.read(consents.ConsentIn), session, actor)
    return lead_to(f"/participants/{found.row.id}", told="consent")


@router.get("/participants/{participant_id}/agenda.ics")
def get_agenda_file(found: event_documents.OwnMeetings, session: Tx) -> Response:
    """Give a participant's agenda as a calendar."""
    return event_documents.get_agenda(found, session)
