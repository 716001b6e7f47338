"""Routes of submissions and agreements: what was asked for outside, and what was granted."""

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
from api.http.schemas import Input, Line, Listing, Money, Output, Slug, changes_in
from states.collaborations.tables import Collaboration
from states.errors import Refusal
from states.funding.awards.queries import agreement_numbered, agreements_of, submission_numbered, submissions_of
from states.funding.awards.service import (
    AgreementPlan,
    AwardRefused,
    SubmissionPlan,
    agreement_plan_of,
    correct_agreement,
    correct_submission,
    record_agreement,
    record_submission,
    submission_plan_of,
    withdraw_agreement,
    withdraw_submission,
)
from states.funding.awards.tables import Agreement, Submission
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


class GrantAgreementIn(Input):
    model_config = example(
        submission=1,
        funder="Regional development bank",
        reference="RDB-2026-114-A",
        amount="350000.00",
        agreed_on="2026-11-25",
    )

    submission: int = Field(description="number of the submission that it grants")
    funder: Line
    reference: Line = Field(description="number of the agreement, as the funder has it")
    amount: Money = Field(description="EUR that are granted")
    agreed_on: date


class GrantAgreementPatch(Input):
    model_config = example(amount="340000.00")

    submission: int | None = None
    funder: Line | None = None
    reference: Line | None = None
    amount: Money | None = None
    agreed_on: date | None = None


class GrantAgreementOut(Output):
    number: int
    submission: int
    funder: str
    reference: str
    amount: Money
    agreed_on: date
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
    plan = SubmissionPlan(instrument_id=_instrument(session, row, sent.instrument), **known)
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
        changes["instrument_id"] = _instrument(session, row, sent.instrument)
    plan = replace(submission_plan_of(found), **changes)
    correct_submission(session, row, found, plan, expected_version=version)
    answer.tag(found.version)
    return _submissions(session, row, [found])[0]


@router.delete("/submissions/{number}", status_code=204)
def delete_submission(row: Edit, number: int, version: IfMatch, session: Tx) -> Response:
    """Withdraw a submission that was recorded by mistake; its record of change stays."""
    withdraw_submission(session, submission_numbered(session, row.id, number), expected_version=version)
    return Response(status_code=204)


@router.get("/agreements")
def list_agreements(row: Read, session: Tx, page: Page) -> Listing[GrantAgreementOut]:
    """List what funders granted, the first agreement first."""
    rows = page.each(session, lambda: agreements_of(session, row.id))
    return page.cut(rows, lambda one: one.number, show=lambda part: _agreements(session, row, part))


@router.post("/agreements", status_code=201)
def post_grant_agreement(row: Edit, sent: GrantAgreementIn, session: Tx, answer: Answered) -> GrantAgreementOut:
    """Say who grants how much for a submission, under which number and since when: the move `win` asks for it."""
    known = {name: value for name, value in sent if name != "submission"}
    granted = submission_numbered(session, row.id, sent.submission)
    made = record_agreement(session, row, AgreementPlan(submission_id=granted.id, **known))
    answer.created("get_agreement", collaboration_id=row.id, number=made.number)
    answer.tag(made.version)
    return _agreements(session, row, [made])[0]


@router.get("/agreements/{number}")
def get_agreement(row: Read, number: int, session: Tx, answer: Answered) -> GrantAgreementOut:
    """Read an agreement; its ETag is what a change sends back as If-Match."""
    found = agreement_numbered(session, row.id, number)
    answer.tag(found.version)
    return _agreements(session, row, [found])[0]


@router.patch("/agreements/{number}")
def patch_agreement(
    row: Edit, number: int, version: IfMatch, sent: GrantAgreementPatch, session: Tx, answer: Answered
) -> GrantAgreementOut:
    """Correct an agreement; what is left out stays."""
    found = agreement_numbered(session, row.id, number)
    changes = changes_in(sent, apart={"submission"})
    if sent.submission is not None:
        changes["submission_id"] = submission_numbered(session, row.id, sent.submission).id
    correct_agreement(session, found, replace(agreement_plan_of(found), **changes), expected_version=version)
    answer.tag(found.version)
    return _agreements(session, row, [found])[0]


@router.delete("/agreements/{number}", status_code=204)
def delete_agreement(row: Edit, number: int, version: IfMatch, session: Tx) -> Response:
    """Withdraw an agreement that was recorded by mistake; its record of change stays."""
    withdraw_agreement(session, agreement_numbered(session, row.id, number), expected_version=version)
    return Response(status_code=204)


def _instrument(session: Session, row: Collaboration, slug: str | None) -> str | None:
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


def _agreements(session: Session, row: Collaboration, rows: Sequence[Agreement]) -> list[GrantAgreementOut]:
    submitted = select(Submission.id, Submission.number).where(Submission.collaboration_id == row.id)
    numbers = dict(session.exec(submitted).all())
    return [
        GrantAgreementOut.model_validate({**one.model_dump(), "submission": numbers[one.submission_id]}) for one in rows
    ]
