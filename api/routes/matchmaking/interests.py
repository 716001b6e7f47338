"""Routes of expressions of interest: sent, answered, and who is behind them once the host agrees."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from sqlmodel import Session, col, select

from api.http.access import INTEREST, PROFILE, Allowed
from api.http.conditional import Answered
from api.http.dependencies import CurrentActor, InPartnership, Tx, person_of
from api.http.idempotency import Idempotent
from api.http.lookups import acting_organisation
from api.http.paging import Page
from api.http.problems import refusals
from api.http.schemas import Listing
from api.routes.matchmaking.profile_schemas import (
    ContactDetailsOut,
    InformationIn,
    InterestAnswerIn,
    InterestIn,
    InterestOut,
    ProfileReasonIn,
)
from states.matchmaking.interests.service import (
    Statement,
    answer_interest,
    express_interest,
    inform,
    released_contacts,
    withdraw_interest,
)
from states.matchmaking.profiles.queries import find_interests
from states.matchmaking.profiles.tables import Interest, InterestState, Profile
from states.partners.tables import Organisation
from states.rights.access import Action, Actor
from states.rights.conditions import permitted_where
from states.storage.paging import sorted_by

router = APIRouter(tags=["matchmaking"], route_class=Idempotent)

Reader = Annotated[Actor, Depends(InPartnership(Action.READ_INTERESTS))]
Sought = Annotated[Profile, Depends(Allowed(PROFILE, Action.EXPRESS_INTEREST))]
Read = Annotated[Interest, Depends(Allowed(INTEREST, Action.READ_INTEREST))]
Asked = Annotated[Interest, Depends(Allowed(INTEREST, Action.ANSWER_INTEREST))]
Sent = Annotated[Interest, Depends(Allowed(INTEREST, Action.PURSUE_INTEREST))]
Behind = Annotated[Interest, Depends(Allowed(INTEREST, Action.READ_CONTACT_DETAILS))]


@router.post("/profiles/{profile_id}/interests", status_code=201)
def post_interest(row: Sought, sent: InterestIn, session: Tx, actor: CurrentActor, answer: Answered) -> InterestOut:
    """Express interest in a profile; the host has ten working days to answer."""
    made = express_interest(
        session,
        row,
        Statement(sent.message, sent.role_proposed, sent.evidence),
        sender=acting_organisation(session, actor, sent.organisation),
        person_id=person_of(actor),
    )
    answer.created("get_interest", interest_id=made.id)
    return _answered(session, made, answer)


@router.get("/interests")
def list_interests(
    session: Tx,
    actor: Reader,
    page: Page,
    state: InterestState | None = None,
    sort: Literal["sent", "-sent"] = "sent",
) -> Listing[InterestOut]:
    """List the expressions of interest that the own organisation sent or got; a manager gets all."""
    readable = permitted_where(session, actor, Interest, Action.READ_INTEREST)
    return page.read(
        session,
        find_interests(actor.partnership_id, readable, state=state),
        *sorted_by({"sent": col(Interest.sent_at)}, sort, col(Interest.id)),
        show=lambda rows: present_interests(session, rows),
    )


@router.get("/interests/{interest_id}")
def get_interest(row: Read, session: Tx, answer: Answered) -> InterestOut:
    """Read an expression of interest; it names organisations and nobody behind them."""
    return _answered(session, row, answer)


@router.post("/interests/{interest_id}/answer")
def post_answer(row: Asked, sent: InterestAnswerIn, session: Tx, actor: CurrentActor, answer: Answered) -> InterestOut:
    """Answer an expression of interest as its host: interested (both sides then learn who is behind the other), need
    information, or not interested, with the reason."""
    answer_interest(session, row, sent.answer, person_id=person_of(actor), text=sent.text)
    return _answered(session, row, answer)


@router.post("/interests/{interest_id}/information")
def post_information(row: Sent, sent: InformationIn, session: Tx, answer: Answered) -> InterestOut:
    """Answer the host's question; the host's time begins anew."""
    return _answered(session, inform(session, row, sent.information), answer)


@router.post("/interests/{interest_id}/withdrawal")
def post_interest_withdrawal(row: Sent, sent: ProfileReasonIn, session: Tx, answer: Answered) -> InterestOut:
    """Take an expression of interest back while it is open."""
    return _answered(session, withdraw_interest(session, row, reason=sent.reason), answer)


@router.get("/interests/{interest_id}/contacts", responses=refusals(409))
def list_contact_details(row: Behind, session: Tx, page: Page) -> Listing[ContactDetailsOut]:
    """Read who is behind both sides of an interest; refused until the host has agreed."""
    people = page.each(session, lambda: released_contacts(session, row))
    slugs = _slugs(session, set(people))
    items = [
        ContactDetailsOut(organisation=slugs[key], person=one.label, email=one.email, language=one.language)
        for key, one in people.items()
    ]
    return page.cut(items, lambda one: one.organisation, show=list)


def _answered(session: Session, row: Interest, answer: Answered) -> InterestOut:
    answer.tag(row.version)
    return present_interests(session, [row])[0]


def present_interests(session: Session, rows: Sequence[Interest]) -> list[InterestOut]:
    """Return what is shown of expressions of interest: organisations, and nobody behind them."""
    slugs = _slugs(session, {key for row in rows for key in (row.sender_id, row.host_id)})
    keys = {row.profile_id for row in rows}
    references = dict(session.exec(select(Profile.id, Profile.reference).where(col(Profile.id).in_(keys))).all())
    return [
        InterestOut(
            **row.model_dump(include=_SHOWN),
            profile=references[row.profile_id],
            sender=slugs[row.sender_id],
            host=slugs[row.host_id],
        )
        for row in rows
    ]


_SHOWN = set(InterestOut.model_fields) & set(Interest.model_fields)


def _slugs(session: Session, keys: set[str]) -> dict[str, str]:
    return dict(session.exec(select(Organisation.id, Organisation.slug).where(col(Organisation.id).in_(keys))).all())
