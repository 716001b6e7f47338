"""Routes of submissions: what was asked for outside."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field
from sqlmodel import Session, select

from api.http.access import COLLABORATION, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Listing, Money, Output, Slug, changes_in
from states.collaborations.tables import Collaboration
from states.errors import Refusal
from states.funding.awards.queries import submission_numbered, submissions_of
from states.funding.awards.service import (
    AwardRefused,
    SubmissionPlan,
    correct_submission,
    record_submission,
    submission_plan_of,
    withdraw_submission,
)
from states.funding.awards.tables import Submission
from states.funding.queries import instruments_of
from states.funding.tables import Instrument
from states.protocol.queries import latest_versions, version_numbers
from states.rights.access import Action

router = APIRouter(prefix="/collaborations/{collaboration_id}", tags=["funding"], route_class=Idempotent)

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_FUNDING_CASE))]
Edit = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.EDIT_FUNDING))]
Words = Annotated[str, Field(max_length=300)]


class SubmissionIn(Input):
    model_config = example(
        lender="Regional development bank", amount="400000.00", submitted_on="2026-11-20", reference="RDB-2026-114"
    )

    instrument: Slug | None = Field(default=None, description="of the catalogue, with `call`; or else a `lender`")
    call: Words = Field(default="", description="short name of the instrument's call")
    lender: Words = ""
    amount: Money = Field(description="EUR that are asked for")
    submitted_on: date
    reference: Words = Field(default="", description="under which the recipient keeps it")


class SubmissionPatch(Input):
    model_config = example(amount="380000.00")

    instrument: Words | None = Field(default=None, description="empty: it went to a lender")
    call: Words | None = None
    lender: Words | None = None
    amount: Money | None = None
    submitted_on: date | None = None
    reference: Words | None = None


class SubmissionOut(Output):
    number: int
    protocol_version: int
    instrument: str | None
    call: str
    lender: str
    amount: Money
    submitted_on: date
    reference: str
    recorded_at: datetime
    version: int


@router.get("/submissions")
def list_submissions(row: Read, session: Tx, page: Page) -> Listing[SubmissionOut]:
    """List to which calls and lenders a collaboration was submitted, the first submission first."""
    rows = page.each(session, lambda: submissions_of(session, row.id))
    return page.cut(rows, lambda one: one.number, show=lambda part: _submissions(session, row, part))


@router.post("/submissions", status_code=201)
def post_submission(row: Edit, sent: SubmissionIn, session: Tx, answer: Answered) -> SubmissionOut:
    """Say to which call or lender the proposal goes, when and for how much: the move `submit` asks for it."""
    version = latest_versions(session, [row.id]).get(row.id)
    if version is None:
        mend, place = ("project_manager", "partner"), "protocol/versions"
        raise AwardRefused([Refusal("protocol_not_frozen", mend_by=mend, where=place)])
    known = {name: value for name, value in sent if name != "instrument"}
    plan = SubmissionPlan(instrument_id=instrument_named(session, row, sent.instrument), **known)
    made = record_submission(session, row, plan, protocol_version_id=version.id)
    answer.created("get_submission", collaboration_id=row.id, number=made.number)
    answer.tag(made.version)
    return _submissions(session, row, [made])[0]


@router.get("/submissions/{number}")
def get_submission(row: Read, number: int, session: Tx, answer: Answered) -> SubmissionOut:
    """Read a submission; its ETag is what a change sends back as If-Match."""
    found = submission_numbered(session, row.id, number)
    answer.tag(found.version)
    return _submissions(session, row, [found])[0]


@router.patch("/submissions/{number}")
def patch_submission(
    row: Edit, number: int, version: IfMatch, sent: SubmissionPatch, session: Tx, answer: Answered
) -> SubmissionOut:
    """Correct a submission; what is left out stays."""
    found = submission_numbered(session, row.id, number)
    changes = changes_in(sent, cleared={"call": "", "lender": "", "reference": ""}, apart={"instrument"})
    if sent.instrument is not None:
        changes["instrument_id"] = instrument_named(session, row, sent.instrument)
    plan = replace(submission_plan_of(found), **changes)
    correct_submission(session, row, found, plan, expected_version=version)
    answer.tag(found.version)
    return _submissions(session, row, [found])[0]


@router.delete("/submissions/{number}", status_code=204)
def delete_submission(row: Edit, number: int, version: IfMatch, session: Tx) -> Response:
    """Withdraw a submission that was recorded by mistake; its record of change stays."""
    withdraw_submission(session, submission_numbered(session, row.id, number), expected_version=version)
    return Response(status_code=204)


def instrument_named(session: Session, row: Collaboration, slug: str | None) -> str | None:
    """Return the instrument's id; a name that is unknown stands for itself, so that its fault comes with all others."""
    known = {one.slug: one.id for one in instruments_of(session, row.partnership_id)}
    return known.get(slug, slug) if slug else None


def _submissions(session: Session, row: Collaboration, rows: Sequence[Submission]) -> list[SubmissionOut]:
    known = select(Instrument.id, Instrument.slug).where(Instrument.partnership_id == row.partnership_id)
    slugs, numbers = dict(session.exec(known).all()), version_numbers(session, [row.id])
    return [
        SubmissionOut.model_validate(
            {
                **one.model_dump(),
                "instrument": slugs.get(one.instrument_id or ""),
                "protocol_version": numbers[one.protocol_version_id],
            }
        )
        for one in rows
    ]
