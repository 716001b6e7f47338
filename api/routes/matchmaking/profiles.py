"""Routes of partnering profiles: written, checked, published, renewed, withdrawn."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from sqlmodel import Session, col, select

from api.http.access import PROFILE, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, InPartnership, Tx, person_of
from api.http.idempotency import Idempotent
from api.http.lookups import acting_organisation, need_keyword, organisations_named
from api.http.paging import Page
from api.http.schemas import Listing, kept
from api.http.searching import Narrowing
from api.routes.matchmaking.profile_schemas import CheckIn, CheckOut, ProfileDraftIn, ProfileIn, ProfileOut
from states.matchmaking.profiles.quality_check import Scores, check_profile
from states.matchmaking.profiles.queries import checks_of, find_profiles, saying, under_keyword
from states.matchmaking.profiles.service import (
    draft_profile,
    edit_profile,
    renew_profile,
    reopen_profile,
    submit_profile,
    withdraw_profile,
)
from states.matchmaking.profiles.tables import Profile, ProfileState, ProfileType
from states.partners.tables import Organisation, Partnership
from states.rights.access import Action, Actor
from states.rights.conditions import permitted_where
from states.storage.paging import sorted_by
from states.storage.text_order import by_text

router = APIRouter(prefix="/profiles", tags=["matchmaking"], route_class=Idempotent)

Reader = Annotated[Actor, Depends(InPartnership(Action.READ_PROFILES))]
Drafter = Annotated[Actor, Depends(InPartnership(Action.DRAFT_PROFILE))]
Read = Annotated[Profile, Depends(Allowed(PROFILE, Action.READ_PROFILES))]
Edit = Annotated[Profile, Depends(Allowed(PROFILE, Action.EDIT_PROFILE))]
Check = Annotated[Profile, Depends(Allowed(PROFILE, Action.CHECK_PROFILE))]
ReadChecks = Annotated[Profile, Depends(Allowed(PROFILE, Action.READ_PROFILE_CHECKS))]


@router.get("")
def list_profiles(
    session: Tx,
    actor: Reader,
    page: Page,
    words: Narrowing,
    type: ProfileType | None = None,
    state: ProfileState | None = None,
    keyword: Annotated[str | None, Query(max_length=80, description="a code of the taxonomy, or one above it")] = None,
    organisation: Annotated[str | None, Query(max_length=80, description="the short name of whose it is")] = None,
    sort: Literal["reference", "-reference"] = "reference",
) -> Listing[ProfileOut]:
    """List the public profiles by reference, and with them the own ones; a manager gets all. Words are looked for in
    all that a profile says, and in the name of its organisation."""
    if keyword is not None:
        need_keyword(session, actor.partnership_id, keyword)
    conditions = [permitted_where(session, actor, Profile, Action.READ_PROFILES)]
    conditions += [] if type is None else [col(Profile.type) == type]
    conditions += [] if state is None else [col(Profile.state) == state]
    conditions += [] if keyword is None else [under_keyword(keyword)]
    conditions += [] if words is None else [saying(session, actor.partnership_id, words)]
    if organisation is not None:
        owner = organisations_named(session, actor.partnership_id, {"query.organisation": organisation})
        conditions += [col(Profile.organisation_id) == owner["query.organisation"].id]
    return page.read(
        session,
        find_profiles(actor.partnership_id, *conditions),
        *sorted_by({"reference": by_text(Profile.reference)}, sort, col(Profile.id)),
        show=lambda rows: _present(session, rows),
    )


@router.post("", status_code=201)
def post_profile(sent: ProfileDraftIn, session: Tx, actor: Drafter, answer: Answered) -> ProfileOut:
    """Begin a profile of the own organisation; it may be incomplete until its quality is checked."""
    row = draft_profile(
        session,
        session.get_one(Partnership, actor.partnership_id),
        acting_organisation(session, actor, sent.organisation),
        sent.content(),
        author_person_id=actor.person_id,
        illustrative=sent.illustrative,
    )
    answer.created("get_profile", profile_id=row.id)
    return _answered(session, row, answer)


@router.get("/{profile_id}")
def get_profile(row: Read, session: Tx, answer: Answered) -> ProfileOut:
    """Read a profile; its ETag is what a change sends back as If-Match."""
    return _answered(session, row, answer)


@router.put("/{profile_id}")
def put_profile(row: Edit, version: IfMatch, sent: ProfileIn, session: Tx, answer: Answered) -> ProfileOut:
    """Write a profile while it is a draft or on hold; what is left out stays, and null or empty takes it away."""
    edit_profile(session, row, kept(sent, row).content(), expected_version=version)
    return _answered(session, row, answer)


@router.post("/{profile_id}/submission")
def post_profile_submission(row: Edit, session: Tx, answer: Answered) -> ProfileOut:
    """Send a profile to its quality check; refused with everything that is still missing."""
    return _answered(session, submit_profile(session, row), answer)


@router.get("/{profile_id}/checks")
def list_checks(row: ReadChecks, session: Tx, page: Page) -> Listing[CheckOut]:
    """List the quality checks of a profile, oldest first."""
    rows = page.each(session, lambda: checks_of(session, row.id))
    return page.cut(rows, lambda one: one.id, show=lambda part: [CheckOut.model_validate(one) for one in part])


@router.post("/{profile_id}/checks", status_code=201)
def post_check(row: Check, sent: CheckIn, session: Tx, actor: CurrentActor, answer: Answered) -> CheckOut:
    """Check a profile of another organisation, written by somebody else: publish, put on hold or reject it."""
    scores = Scores(sent.innovation, sent.clarity, sent.expectations, sent.guidelines)
    check = check_profile(
        session,
        row,
        scores,
        comment=sent.comment,
        person_id=person_of(actor),
        organisation_id=actor.organisation_id,
    )
    answer.created("list_checks", profile_id=row.id)
    return CheckOut.model_validate(check)


@router.post("/{profile_id}/renewal")
def post_renewal(row: Edit, session: Tx, answer: Answered) -> ProfileOut:
    """Let a published profile be in force for a year from today."""
    return _answered(session, renew_profile(session, row), answer)


@router.post("/{profile_id}/reopening")
def post_reopening(row: Edit, session: Tx, answer: Answered) -> ProfileOut:
    """Take a profile back to a draft, to be changed and checked anew; meanwhile it is not public."""
    return _answered(session, reopen_profile(session, row), answer)


@router.post("/{profile_id}/withdrawal")
def post_profile_withdrawal(row: Edit, session: Tx, answer: Answered) -> ProfileOut:
    """Take a profile out of the pool."""
    return _answered(session, withdraw_profile(session, row), answer)


def _owners(session: Session, rows: Sequence[Profile]) -> dict[str, Organisation]:
    keys = {row.organisation_id for row in rows}
    return {row.id: row for row in session.exec(select(Organisation).where(col(Organisation.id).in_(keys)))}


def _answered(session: Session, row: Profile, answer: Answered) -> ProfileOut:
    answer.tag(row.version)
    return _present(session, [row])[0]


def _present(session: Session, rows: Sequence[Profile]) -> list[ProfileOut]:
    owners = _owners(session, rows)
    return [
        ProfileOut.model_validate(
            row.model_dump()
            | {
                "organisation": owners[row.organisation_id].slug,
                "organisation_name": owners[row.organisation_id].name,
                "country": owners[row.organisation_id].country,
                "nuts": owners[row.organisation_id].nuts,
            }
        )
        for row in rows
    ]
