"""Routes of sign-offs: what each partner says of its part in a frozen version, with an account or by a signed link."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlmodel import Session

from api.http.access import COLLABORATION, SIGN_OFF, Allowed, SignOffAccess, sign_off_access
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, Tx, person_of
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.problems import refusals
from api.http.schemas import Input, Listing, Output, Prose
from states.calendars.queries import actors_of
from states.changes import speak_as
from states.collaborations.tables import Collaboration
from states.credentials.links import LinkEnded, LinkPurpose, SignedLink, need_unused, open_link, use_link
from states.crossings.deadlines.sign_off_requests import answer_request
from states.crossings.deadlines.sync import ask_again
from states.errors import Denied
from states.partners.tables import Organisation
from states.playbooks.editions import playbook_of
from states.protocol.parts import part_of
from states.protocol.queries import latest_versions, sign_off_by_id, sign_offs_of
from states.protocol.signing import need_answerable
from states.protocol.tables import SignOff
from states.rights.access import Action, Role, Scope, may

router = APIRouter(tags=["protocol"], route_class=Idempotent)

ReadAll = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_PROTOCOL))]
Sign = Annotated[SignOffAccess, Depends(Allowed(SIGN_OFF, Action.SIGN_OFF))]
AskAgain = Annotated[SignOffAccess, Depends(Allowed(SIGN_OFF, Action.EDIT_COLLABORATION))]


class SignOffIn(Input):
    model_config = example(refused_because="")

    refused_because: Prose = Field(default="", description="what stands in the way; empty: it is signed")


class SignOffOut(Output):
    id: str
    organisation: str
    asked_at: datetime
    signed_at: datetime | None
    refused_because: str
    version: int


class AskedOut(SignOffOut):
    """What somebody with a link is asked to sign: the whole version, and the rows that name the organisation."""

    title: str
    number: int = Field(description="of the protocol's version")
    sha256: str
    frozen_at: datetime
    part: dict[str, list[dict[str, str]]] = Field(description="rows that name the organisation, by section.field")
    content: dict[str, object]


@dataclass(frozen=True, slots=True)
class LinkAccess:
    """A link that is still good, and what it asks for."""

    link: SignedLink
    asked: SignOffAccess


def of_link(token: str, session: Tx) -> LinkAccess:
    """Return what the link asks for, or raise `LinkForged` or `LinkEnded`.

    It is its own right, for this alone, as long as its holder speaks for the organisation.
    """
    link = open_link(session, token, purpose=LinkPurpose.SIGN_OFF)
    asked = sign_off_access(session, sign_off_by_id(session, link.subject_id))
    scope = Scope(link.partnership_id, frozenset({asked.row.organisation_id}))
    actors = actors_of(session, link.person_id, link.partnership_id)
    if not any(may(replace(one, unconfirmed=False), Action.SIGN_OFF, scope) for one in actors):
        raise LinkEnded("speaks_for_it_no_more")
    if not any(may(one, Action.SIGN_OFF, scope) for one in actors):
        raise Denied("grant_unconfirmed")
    speak_as(session, role=Role.PARTNER.value, organisation_id=asked.row.organisation_id)
    return LinkAccess(link, asked)


ByLink = Annotated[LinkAccess, Depends(of_link)]


@router.get("/collaborations/{collaboration_id}/protocol/sign-offs")
def list_sign_offs(row: ReadAll, session: Tx, page: Page) -> Listing[SignOffOut]:
    """List what each partner was asked to sign in the latest version, and what it said."""
    version = page.each(session, lambda: latest_versions(session, [row.id])).get(row.id)
    found = page.each(session, lambda: sign_offs_of(session, version.id)) if version is not None else []
    return page.cut(found, lambda one: one[0].id, show=lambda part: [_present(*one) for one in part])


@router.post("/sign-offs/{sign_off_id}")
def post_sign_off(
    found: Sign, version: IfMatch, sent: SignOffIn, session: Tx, actor: CurrentActor, answer: Answered
) -> SignOffOut:
    """Sign the part of one's organisation, or say what stands in the way; who refused may sign after all."""
    row = answer_request(
        session,
        found.row,
        collaboration=found.collaboration,
        person_id=person_of(actor),
        refused_because=sent.refused_because,
        expected_version=version,
    )
    answer.tag(row.version)
    return _present(row, session.get_one(Organisation, row.organisation_id))


@router.post("/sign-offs/{sign_off_id}/requests", status_code=202)
def post_sign_off_request(found: AskAgain, session: Tx) -> SignOffOut:
    """Ask a partner once more to sign, by mail with new links; the links of former mails end."""
    ask_again(session, found.collaboration, found.row)
    return _present(found.row, session.get_one(Organisation, found.row.organisation_id))


@router.get("/links/sign-off/{token}", responses=refusals(409, 410))
def get_sign_off_link(found: ByLink, session: Tx) -> AskedOut:
    """Read what a link asks to sign: the version, and what of it concerns the organisation."""
    need_unused(found.link)
    need_answerable(session, found.asked.row, found.asked.collaboration)
    return show_asked(session, found.asked)


@router.post("/links/sign-off/{token}", responses=refusals(410))
def post_sign_off_link(found: ByLink, sent: SignOffIn, session: Tx) -> SignOffOut:
    """Sign by a link, or say what stands in the way, without an account; the link is used up."""
    use_link(session, found.link)
    row = answer_request(
        session,
        found.asked.row,
        collaboration=found.asked.collaboration,
        person_id=found.link.person_id,
        refused_because=sent.refused_because,
    )
    return _present(row, session.get_one(Organisation, row.organisation_id))


def _present(row: SignOff, organisation: Organisation) -> SignOffOut:
    return SignOffOut(**row.model_dump(include=_SHOWN), organisation=organisation.name)


def show_asked(session: Session, asked: SignOffAccess) -> AskedOut:
    """Return a sign-off with the version, and what of it is the organisation's."""
    organisation = session.get_one(Organisation, asked.row.organisation_id)
    return AskedOut(
        **asked.row.model_dump(include=_SHOWN),
        organisation=organisation.name,
        title=asked.collaboration.title,
        **asked.version.model_dump(include={"number", "sha256", "frozen_at", "content"}),
        part=part_of(
            session,
            asked.version.content,
            organisation,
            at=asked.version.frozen_at,
            sections=playbook_of(session, asked.collaboration).protocol,
        ),
    )


_SHOWN = set(SignOffOut.model_fields) & set(SignOff.model_fields)
