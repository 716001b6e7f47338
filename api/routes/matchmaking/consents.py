"""Routes of discretion: competitors and conflicts, consents of participants, and contacts of agreed meetings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field
from sqlmodel import Session, col, select

from api.http.access import AVOIDANCE, MEETING, PARTICIPANT, Allowed, MeetingAccess, ParticipantAccess
from api.http.dependencies import CurrentActor, InPartnership, Tx, person_of
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.lookups import acting_organisation, organisations_named
from api.http.paging import Page
from api.http.problems import refusals
from api.http.schemas import Input, Listing, Output, Prose, Slug
from api.routes.matchmaking.suggestion_schemas import Language
from states.matchmaking.consents.avoidances import declare_avoidance, find_avoidances, withdraw_avoidance
from states.matchmaking.consents.service import consent_texts, consents_of, record_consent
from states.matchmaking.consents.tables import Avoidance, AvoidanceKind, Consent, ConsentPurpose
from states.matchmaking.meetings.contacts import meeting_contacts
from states.partners.tables import Organisation
from states.rights.access import Action, Actor, confined_to

router = APIRouter(tags=["brokerage"], route_class=Idempotent)

Reader = Annotated[Actor, Depends(InPartnership(Action.READ_AVOIDANCES))]
Declarer = Annotated[Actor, Depends(InPartnership(Action.DECLARE_AVOIDANCE))]
Withdraw = Annotated[Avoidance, Depends(Allowed(AVOIDANCE, Action.DECLARE_AVOIDANCE))]
ReadConsents = Annotated[ParticipantAccess, Depends(Allowed(PARTICIPANT, Action.READ_CONSENTS))]
Record = Annotated[ParticipantAccess, Depends(Allowed(PARTICIPANT, Action.RECORD_CONSENT))]
Behind = Annotated[MeetingAccess, Depends(Allowed(MEETING, Action.READ_CONTACT_DETAILS))]


class AvoidanceIn(Input):
    model_config = example(
        organisation="medtech-gliwice", avoids="medtech-katowice", kind="conflict", note="They make the same stems."
    )

    organisation: Slug | None = Field(default=None, description="who declares; a partner's own")
    avoids: Slug = Field(description="short name of the other organisation")
    kind: AvoidanceKind
    note: Prose = Field(default="", description="at most 500 characters")


class AvoidanceOut(Output):
    """A declared competitor or conflict: neither side is suggested to the other."""

    id: str
    organisation: str
    avoids: str
    kind: AvoidanceKind
    note: str
    declared_at: datetime


class ConsentIn(Input):
    model_config = example(
        given=True, text_version=consent_texts().version, evidence="Signed at the registration desk."
    )

    given: bool = Field(description="false: it is withdrawn, or not given")
    text_version: Slug = Field(default="", description="of the text that was read; needed where it is given")
    evidence: Prose = Field(default="", description="how it was given, where the organiser records it")


class ConsentOut(Output):
    """What a participant said last of one purpose; without a word nothing is consented to."""

    purpose: ConsentPurpose
    given: bool
    text: str = Field(description="as it reads now")
    text_version: str = Field(description="of the text as it reads now")
    said_under: str | None = Field(description="the version when the word was given; null: no word yet")
    said_at: datetime | None
    evidence: str


class MeetingContactOut(Output):
    participant_id: str
    organisation: str
    label: str
    email: str
    language: str


@router.get("/avoidances")
def list_avoidances(session: Tx, actor: Reader, page: Page) -> Listing[AvoidanceOut]:
    """List the competitors and conflicts that the own organisation declared; a manager gets all."""
    return page.read(
        session,
        find_avoidances(actor.partnership_id, by=confined_to(actor)),
        col(Avoidance.declared_at),
        col(Avoidance.id),
        show=lambda rows: _avoidances(session, rows),
    )


@router.post("/avoidances", status_code=201)
def post_avoidance(sent: AvoidanceIn, session: Tx, actor: Declarer) -> AvoidanceOut:
    """Declare a competitor or a conflict: neither is suggested to the other from now on, nor told why."""
    row = declare_avoidance(
        session,
        acting_organisation(session, actor, sent.organisation),
        organisations_named(session, actor.partnership_id, {"avoids": sent.avoids})["avoids"],
        partnership_id=actor.partnership_id,
        kind=sent.kind,
        person_id=person_of(actor),
        note=sent.note,
    )
    return _avoidances(session, [row])[0]


@router.delete("/avoidances/{avoidance_id}", status_code=204)
def delete_avoidance(row: Withdraw, session: Tx) -> Response:
    """Withdraw a declared competitor or conflict."""
    withdraw_avoidance(session, row)
    return Response(status_code=204)


@router.get("/participants/{participant_id}/consents")
def list_consents(
    found: ReadConsents,
    session: Tx,
    page: Page,
    language: Annotated[Language, Query(description="of the texts")] = Language.EN,
) -> Listing[ConsentOut]:
    """List what a participant consents to, with the texts."""
    words = page.each(session, lambda: consents_of(session, [found.row.id])[found.row.id])
    items = [_consent(purpose, words.get(purpose), language.value) for purpose in ConsentPurpose]
    return page.cut(items, lambda one: one.purpose.value, show=list)


@router.put("/participants/{participant_id}/consents/{purpose}")
def put_consent(
    found: Record, purpose: ConsentPurpose, sent: ConsentIn, session: Tx, actor: CurrentActor
) -> ConsentOut:
    """Record that a participant consents to a purpose under the present text, or that it does not any more."""
    row = record_consent(
        session,
        found.row,
        purpose,
        given=sent.given,
        text_version=sent.text_version,
        person_id=person_of(actor),
        evidence=sent.evidence,
        own=confined_to(actor) is not None,
    )
    return _consent(purpose, row, Language.EN.value)


@router.get("/meetings/{meeting_id}/contacts", responses=refusals(409))
def list_meeting_contacts(found: Behind, session: Tx, page: Page) -> Listing[MeetingContactOut]:
    """Read whom to write to about an agreed meeting: those of its participants who consent to be shown."""
    items = [
        MeetingContactOut(
            participant_id=entry.participant.id,
            organisation=entry.organisation.slug,
            label=entry.participant.label,
            email=person.email,
            language=person.language,
        )
        for entry, person in page.each(session, lambda: meeting_contacts(session, found.row))
    ]
    return page.cut(items, lambda one: f"{one.participant_id}:{one.email}", show=list)


def _avoidances(session: Session, rows: Sequence[Avoidance]) -> list[AvoidanceOut]:
    keys = {key for row in rows for key in (row.organisation_id, row.avoided_id)}
    query = select(Organisation.id, Organisation.slug).where(col(Organisation.id).in_(keys))
    slugs = dict(session.exec(query).all())
    return [
        AvoidanceOut(
            id=row.id,
            organisation=slugs[row.organisation_id],
            avoids=slugs[row.avoided_id],
            kind=row.kind,
            note=row.note,
            declared_at=row.declared_at,
        )
        for row in rows
    ]


def _consent(purpose: ConsentPurpose, row: Consent | None, language: str) -> ConsentOut:
    texts = consent_texts()
    return ConsentOut(
        purpose=purpose,
        given=row is not None and row.given,
        text=texts.text(purpose, language),
        text_version=texts.version,
        said_under=row.text_version if row else None,
        said_at=row.at if row else None,
        evidence=row.evidence if row else "",
    )
