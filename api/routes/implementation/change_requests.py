"""Routes of changes of what was agreed on: described, asked for, answered by whoever must agree, and carried out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlmodel import Session

from api.http.access import AllowedLead, AllowedOfRegion
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Money, Output, Rate, Text, changes_in
from states.collaborations.tables import Collaboration
from states.crossings.implementation.changes import answer, ask, carry_out, redline_of, revise, withdraw
from states.crossings.rights.agreements import need_payer
from states.errors import Missing
from states.funding.awards.queries import agreement_numbers
from states.implementation.change_requests import (
    ChangePlan,
    Difference,
    change_description,
    change_plan_of,
    describe_change,
)
from states.implementation.queries import approvals_of, change_request_numbered, change_requests_of
from states.implementation.tables import ApprovalState, ChangeRequest, ChangeState, KindOfChange
from states.protocol.queries import version_numbers
from states.rights.access import Action

router = APIRouter(prefix="/collaborations/{collaboration_id}", tags=["change-requests"], route_class=Idempotent)

Read = Annotated[Collaboration, Depends(AllowedOfRegion(Action.READ_CHANGE_REQUESTS))]
Edit = Annotated[Collaboration, Depends(AllowedLead(Action.EDIT_CHANGE_REQUESTS))]
Decide = Annotated[Collaboration, Depends(AllowedOfRegion(Action.ANSWER_CHANGE_REQUEST))]
Words = Annotated[str, Field(max_length=2_000)]


class ChangeDifferenceIn(Input):
    what: Line
    before: Words = ""
    after: Words = ""


class ChangeRequestIn(Input):
    model_config = example(
        kind="budget_shift",
        title="More for staff",
        because="The rigs were cheaper than offered.",
        differences=[{"what": "Staff, EUR", "before": "100000.00", "after": "130000.00"}],
        shifted="30000.00",
    )

    kind: KindOfChange
    title: Line
    because: Words
    differences: list[ChangeDifferenceIn] = Field(max_length=200, description="what was agreed on, and what is to be")
    shifted: Money | None = Field(default=None, description="EUR that go elsewhere, of a budget shift")


class ChangeRequestPatch(Input):
    model_config = example(title="More for staff in Gliwice")

    kind: KindOfChange | None = None
    title: Line | None = None
    because: Words | None = None
    differences: list[ChangeDifferenceIn] | None = Field(default=None, max_length=200)
    shifted: Money | None = None


class ChangeAnswerIn(Input):
    model_config = example(agrees=True, reason="Within the aims of the agreement.")

    agrees: bool
    reason: Words = Field(default="", description="needed for a refusal")


class ChangeWithdrawalIn(Input):
    model_config = example(because="The offer was renewed.")

    because: Words


class ChangeDifferenceOut(Output):
    what: Text
    before: Text
    after: Text


class ChangeApprovalOut(Output):
    number: int
    agreement: int | None = Field(description="whose funder is asked; null: the office")
    why: str = Field(description="by which rule of the playbook")
    state: ApprovalState
    reason: Text
    decided_at: datetime | None
    version: int


class ChangeRequestOut(Output):
    number: int
    kind: KindOfChange
    title: Text
    because: Text
    differences: list[ChangeDifferenceOut]
    shifted: Money | None
    share: Rate | None = Field(description="of the budget that is shifted, in percent")
    state: ChangeState
    approvals: list[ChangeApprovalOut]
    from_version: int | None = Field(description="of the protocol when it was asked for")
    to_version: int | None = Field(description="of the protocol that came of it")
    redline: str | None = Field(description="where the protocol before and after is compared")
    closed_because: Text
    recorded_at: datetime
    asked_at: datetime | None
    closed_at: datetime | None
    version: int


@router.get("/change-requests")
def list_change_requests(row: Read, session: Tx, page: Page) -> Listing[ChangeRequestOut]:
    """List the changes that were asked for, the first one first."""
    rows = page.each(session, lambda: change_requests_of(session, row.id))
    return page.cut(rows, lambda one: one.number, show=lambda part: _shown(session, row, part))


@router.post("/change-requests", status_code=201)
def post_change_request(
    row: Edit, sent: ChangeRequestIn, session: Tx, actor: CurrentActor, answered: Answered
) -> ChangeRequestOut:
    """Describe a change: what, why, and each thing before and after; nobody is asked yet."""
    plan = ChangePlan(**_values(dict(sent)))
    made = describe_change(
        session, plan, partnership_id=row.partnership_id, collaboration_id=row.id, person_id=actor.person_id
    )
    answered.created("get_change_request", collaboration_id=row.id, number=made.number)
    answered.tag(made.version)
    return _shown(session, row, [made])[0]


@router.get("/change-requests/{number}")
def get_change_request(row: Read, number: int, session: Tx, answered: Answered) -> ChangeRequestOut:
    """Read a change request; its ETag is what a change sends back as If-Match."""
    found = change_request_numbered(session, row.id, number)
    answered.tag(found.version)
    return _shown(session, row, [found])[0]


@router.patch("/change-requests/{number}")
def patch_change_request(
    row: Edit, number: int, version: IfMatch, sent: ChangeRequestPatch, session: Tx, answered: Answered
) -> ChangeRequestOut:
    """Correct the description of a draft; what is left out stays."""
    found = change_request_numbered(session, row.id, number)
    plan = replace(change_plan_of(found), **_values(changes_in(sent, cleared={"shifted": None})))
    change_description(session, found, plan, expected_version=version)
    answered.tag(found.version)
    return _shown(session, row, [found])[0]


@router.post("/change-requests/{number}/asking")
def post_change_request_asking(
    row: Edit, number: int, version: IfMatch, session: Tx, answered: Answered
) -> ChangeRequestOut:
    """Ask everybody who must agree by the playbook; what they see is the protocol's draft as it stands now."""
    found = change_request_numbered(session, row.id, number)
    ask(session, row, found, expected_version=version)
    answered.tag(found.version)
    return _shown(session, row, [found])[0]


@router.post("/change-requests/{number}/approvals/{approval}/answer")
def post_change_answer(
    row: Decide, number: int, approval: int, sent: ChangeAnswerIn, session: Tx, actor: CurrentActor, answered: Answered
) -> ChangeRequestOut:
    """Agree to a change or refuse it, with why; the last approval freezes the next version of the protocol.

    The authority of the region that pays answers for its agreement; the office for itself, and for a funder that wrote.
    """
    found = change_request_numbered(session, row.id, number)
    asked = next((one for one in approvals_of(session, [found.id])[found.id] if one.number == approval), None)
    if asked is None:
        raise Missing("change_approval", approval)
    need_payer(session, actor, row, asked.agreement_id, Action.ANSWER_CHANGE_REQUEST)
    answer(session, row, found, asked, agrees=sent.agrees, reason=sent.reason, person_id=actor.person_id)
    answered.tag(found.version)
    return _shown(session, row, [found])[0]


@router.post("/change-requests/{number}/carrying-out")
def post_change_request_carrying_out(
    row: Edit, number: int, version: IfMatch, session: Tx, answered: Answered
) -> ChangeRequestOut:
    """Note that an approved change is carried out; where it is of the protocol its next version is frozen."""
    found = change_request_numbered(session, row.id, number)
    carry_out(session, row, found, expected_version=version)
    answered.tag(found.version)
    return _shown(session, row, [found])[0]


@router.post("/change-requests/{number}/revision")
def post_change_request_revision(
    row: Edit, number: int, version: IfMatch, session: Tx, answered: Answered
) -> ChangeRequestOut:
    """Bring a change that is asked for or was refused back into a draft; all are asked anew later."""
    found = change_request_numbered(session, row.id, number)
    revise(session, found, expected_version=version)
    answered.tag(found.version)
    return _shown(session, row, [found])[0]


@router.post("/change-requests/{number}/withdrawal")
def post_change_request_withdrawal(
    row: Edit, number: int, version: IfMatch, sent: ChangeWithdrawalIn, session: Tx, answered: Answered
) -> ChangeRequestOut:
    """Withdraw a change that nobody wants any more."""
    found = change_request_numbered(session, row.id, number)
    withdraw(session, found, because=sent.because, expected_version=version)
    answered.tag(found.version)
    return _shown(session, row, [found])[0]


def _values(said: dict[str, Any]) -> dict[str, Any]:
    values = dict(said)
    if "differences" in values:
        values["differences"] = tuple(
            Difference(**(one if isinstance(one, dict) else one.model_dump())) for one in values["differences"]
        )
    return values


def _shown(session: Session, row: Collaboration, rows: Sequence[ChangeRequest]) -> list[ChangeRequestOut]:
    """Return change requests with numbers in the place of ids, in a fixed number of statements."""
    asked = approvals_of(session, [one.id for one in rows])
    agreements = agreement_numbers(session, row.id)
    versions = version_numbers(session, [row.id])
    return [
        ChangeRequestOut(
            **one.model_dump(include=_SHOWN),
            differences=[ChangeDifferenceOut(**said) for said in one.differences],
            share=one.shifted * 100 / one.budget if one.shifted is not None and one.budget else None,
            approvals=[
                ChangeApprovalOut.model_validate(
                    {**approval.model_dump(), "agreement": agreements.get(approval.agreement_id or "")}
                )
                for approval in asked[one.id]
            ],
            from_version=versions.get(one.from_version_id or ""),
            to_version=versions.get(one.to_version_id or ""),
            redline=redline_of(one, versions),
        )
        for one in rows
    ]


_SHOWN = {
    *("number", "kind", "title", "because", "shifted", "state", "closed_because", "recorded_at", "asked_at"),
    *("closed_at", "version"),
}
