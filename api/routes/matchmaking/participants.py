"""Routes of participants: registered, validated, described, seated, checked in, gone."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import Session, col, select

from api.http.access import BROKERAGE, PARTICIPANT, Allowed, ParticipantAccess
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, Tx
from api.http.idempotency import Idempotent
from api.http.lookups import acting_organisation, organisations_named
from api.http.paging import Page
from api.http.schemas import Listing, kept
from api.routes.matchmaking.brokerage_schemas import (
    DelegateIn,
    OwnParticipantOut,
    ParticipantOut,
    RegistrationIn,
    SeatingIn,
    ValidationIn,
)
from api.routes.matchmaking.profile_schemas import ProfileReasonIn
from states.matchmaking.event_day.attendance import leave_event
from states.matchmaking.event_day.participants import (
    Delegate,
    check_in,
    edit_participant,
    register,
    seat_participant,
    validate_participant,
)
from states.matchmaking.event_day.queries import find_participants
from states.matchmaking.event_day.tables import BrokerageEvent, Participant
from states.partners.tables import Organisation
from states.rights.access import Action, Actor, Scope, confined_to, may, require
from states.rights.conditions import permitted_where
from states.storage.text_order import by_text

router = APIRouter(tags=["brokerage"], route_class=Idempotent)

ReadEvent = Annotated[BrokerageEvent, Depends(Allowed(BROKERAGE, Action.READ_PARTICIPANTS))]
RegisterAt = Annotated[BrokerageEvent, Depends(Allowed(BROKERAGE, Action.REGISTER_PARTICIPANT))]
Read = Annotated[ParticipantAccess, Depends(Allowed(PARTICIPANT, Action.READ_PARTICIPANTS))]
Edit = Annotated[ParticipantAccess, Depends(Allowed(PARTICIPANT, Action.EDIT_PARTICIPANT))]
Run = Annotated[ParticipantAccess, Depends(Allowed(PARTICIPANT, Action.RUN_BROKERAGE))]


@router.get("/events/{event_id}/participants")
def list_participants(
    event: ReadEvent, session: Tx, actor: CurrentActor, page: Page
) -> Listing[OwnParticipantOut | ParticipantOut]:
    """List who takes part in an event, by organisation; of others than the own a partner sees whom the organiser
    validated."""
    readable = permitted_where(session, actor, Participant, Action.READ_PARTICIPANTS)
    return page.read(
        session,
        find_participants(event.id, readable),
        by_text(Organisation.name),
        by_text(Participant.label),
        col(Participant.id),
        show=lambda entries: _present(session, actor, [row for row, _ in entries]),
    )


@router.post("/events/{event_id}/participants", status_code=201)
def post_participant(
    event: RegisterAt, sent: RegistrationIn, session: Tx, actor: CurrentActor, answer: Answered
) -> OwnParticipantOut | ParticipantOut:
    """Register a delegate of the own organisation; a walk-in is for the organiser, and there at once."""
    if sent.walk_in:
        require(actor, Action.RUN_BROKERAGE, Scope(event.partnership_id))
    organisation = acting_organisation(session, actor, sent.organisation)
    person_id = actor.person_id if confined_to(actor) is not None else None
    row = register(
        session,
        event,
        organisation,
        _delegate(session, actor, sent, person_id=person_id),
        walk_in=sent.walk_in,
        illustrative=sent.illustrative,
    )
    answer.created("get_participant", participant_id=row.id)
    return _answered(session, actor, row, answer)


@router.get("/participants/{participant_id}")
def get_participant(
    found: Read, session: Tx, actor: CurrentActor, answer: Answered
) -> OwnParticipantOut | ParticipantOut:
    """Read a participant; the own one with availability and limits."""
    return _answered(session, actor, found.row, answer)


@router.put("/participants/{participant_id}")
def put_participant(
    found: Edit, version: IfMatch, sent: DelegateIn, session: Tx, actor: CurrentActor, answer: Answered
) -> OwnParticipantOut | ParticipantOut:
    """Describe a participant: function, attendance, slots that are not free, the cluster. What is left out stays."""
    cluster = session.get(Organisation, found.row.cluster_id or "")
    sent = kept(sent, found.row, cluster=cluster and cluster.slug)
    delegate = _delegate(session, actor, sent, person_id=found.row.person_id)
    edit_participant(session, found.event, found.row, delegate, expected_version=version)
    return _answered(session, actor, found.row, answer)


@router.post("/participants/{participant_id}/validation")
def post_validation(
    found: Run, sent: ValidationIn, session: Tx, actor: CurrentActor, answer: Answered
) -> OwnParticipantOut | ParticipantOut:
    """Accept a registration as the organiser, or reject it with a reason."""
    validate_participant(session, found.row, accepted=sent.accepted, reason=sent.reason)
    return _answered(session, actor, found.row, answer)


@router.put("/participants/{participant_id}/seating")
def put_seating(
    found: Run, version: IfMatch, sent: SeatingIn, session: Tx, actor: CurrentActor, answer: Answered
) -> OwnParticipantOut | ParticipantOut:
    """Give a participant a table of its own and a limit of its own, or take them away."""
    seat_participant(
        session,
        found.event,
        found.row,
        booth=sent.booth,
        most_meetings=sent.most_meetings,
        expected_version=version,
    )
    return _answered(session, actor, found.row, answer)


@router.post("/participants/{participant_id}/check-in")
def post_check_in(found: Run, session: Tx, actor: CurrentActor, answer: Answered) -> OwnParticipantOut | ParticipantOut:
    """Note that a participant has come; a second time changes nothing."""
    return _answered(session, actor, check_in(session, found.row), answer)


@router.post("/participants/{participant_id}/leaving")
def post_leaving(
    found: Edit, sent: ProfileReasonIn, session: Tx, actor: CurrentActor, answer: Answered
) -> OwnParticipantOut | ParticipantOut:
    """Leave an event: own requests are withdrawn, others' declined, meetings cancelled with this reason."""
    leave_event(session, found.event, found.row, reason=sent.reason, by=confined_to(actor))
    return _answered(session, actor, found.row, answer)


def _is_own(actor: Actor, row: Participant) -> bool:
    scope = Scope(row.partnership_id, organisation_ids=frozenset({row.organisation_id}))
    return may(actor, Action.READ_MEETING, scope)


def _delegate(session: Session, actor: Actor, sent: DelegateIn, *, person_id: str | None) -> Delegate:
    cluster = None
    if sent.cluster is not None:
        cluster = organisations_named(session, actor.partnership_id, {"cluster": sent.cluster})["cluster"]
    return Delegate(
        label=sent.label,
        attendance=sent.attendance,
        unavailable=sent.unavailable,
        cluster=cluster,
        person_id=person_id,
    )


def _answered(session: Session, actor: Actor, row: Participant, answer: Answered) -> OwnParticipantOut | ParticipantOut:
    answer.tag(row.version)
    return _present(session, actor, [row])[0]


def _present(session: Session, actor: Actor, rows: Sequence[Participant]) -> list[OwnParticipantOut | ParticipantOut]:
    keys = {key for row in rows for key in (row.organisation_id, row.cluster_id)}
    known = {row.id: row for row in session.exec(select(Organisation).where(col(Organisation.id).in_(keys)))}
    shown: list[OwnParticipantOut | ParticipantOut] = []
    for row in rows:
        organisation, cluster = known[row.organisation_id], known.get(row.cluster_id or "")
        values = row.model_dump() | {
            "organisation": organisation.slug,
            "organisation_name": organisation.name,
            "country": organisation.country,
            "cluster": cluster.slug if cluster else None,
        }
        kind = OwnParticipantOut if _is_own(actor, row) else ParticipantOut
        shown.append(kind.model_validate(values))
    return shown
