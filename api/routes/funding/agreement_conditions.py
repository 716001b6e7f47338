"""Routes of what funders ask for in an agreement: its conditions, each met, waived or asked for again."""

from datetime import date

from fastapi import APIRouter
from pydantic import Field

from api.http.conditional import Answered, IfMatch
from api.http.dependencies import Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Output, Text, changes_in
from api.routes.funding.agreements import Because, Edit, Read
from states.crossings.agreements import add_condition, change_condition, reopen_condition, settle_condition
from states.funding.awards.queries import agreement_numbered, condition_numbered, conditions_of
from states.funding.awards.tables import AgreementCondition, AgreementConditionState

router = APIRouter(
    prefix="/collaborations/{collaboration_id}/agreements/{number}/conditions",
    tags=["agreements"],
    route_class=Idempotent,
)


class AgreementConditionIn(Input):
    model_config = example(text="Building permit", due_on="2027-03-31")

    text: Line
    due_on: date | None = Field(default=None, description="until when; its deadline reminds whoever receives the money")


class AgreementConditionPatch(Input):
    model_config = example(due_on="2027-06-30")

    text: Line | None = None
    due_on: date | None = Field(default=None, description="null: without a day")


class AgreementSettlementIn(Input):
    model_config = example(note="Permit of 12 March filed.", waived=False)

    note: Because = Field(description="how it was met, or why the funder waives it")
    waived: bool = False
    evidence: Line | None = Field(default=None, description="id of the file that shows it")


class AgreementConditionReopeningIn(Input):
    model_config = example(note="The permit is of another site.")

    note: Because


class AgreementConditionOut(Output):
    number: int
    text: Text
    due_on: date | None
    state: AgreementConditionState
    note: Text
    evidence: str | None = Field(validation_alias="evidence_id")
    settled_on: date | None
    version: int


@router.get("")
def list_agreement_conditions(found: Read, session: Tx, page: Page) -> Listing[AgreementConditionOut]:
    """List what the funder asks for, the first condition first."""
    rows = page.each(session, lambda: conditions_of(session, found.id))
    return page.cut(rows, lambda one: one.number, show=lambda part: [_condition(one) for one in part])


@router.post("", status_code=201)
def post_agreement_condition(
    row: Edit, number: int, sent: AgreementConditionIn, session: Tx, answer: Answered
) -> AgreementConditionOut:
    """Record what the funder asks for; with a day it becomes a deadline."""
    found = agreement_numbered(session, row.id, number)
    made = add_condition(session, row, found, text=sent.text, due_on=sent.due_on)
    answer.created("get_agreement_condition", collaboration_id=row.id, number=number, condition=made.number)
    answer.tag(made.version)
    return _condition(made)


@router.get("/{condition}")
def get_agreement_condition(found: Read, condition: int, session: Tx, answer: Answered) -> AgreementConditionOut:
    """Read a condition; its ETag is what a change sends back as If-Match."""
    row = condition_numbered(session, found.id, condition)
    answer.tag(row.version)
    return _condition(row)


@router.patch("/{condition}")
def patch_agreement_condition(
    row: Edit,
    number: int,
    condition: int,
    version: IfMatch,
    sent: AgreementConditionPatch,
    session: Tx,
    answer: Answered,
) -> AgreementConditionOut:
    """Correct an open condition; its deadline goes with it."""
    agreement = agreement_numbered(session, row.id, number)
    found = condition_numbered(session, agreement.id, condition)
    said = changes_in(sent, cleared={"due_on": None})
    wanted = {"text": found.text, "due_on": found.due_on} | said
    change_condition(session, row, agreement, found, **wanted, expected_version=version)
    answer.tag(found.version)
    return _condition(found)


@router.post("/{condition}/settlement")
def post_agreement_condition_settlement(
    row: Edit, number: int, condition: int, version: IfMatch, sent: AgreementSettlementIn, session: Tx, answer: Answered
) -> AgreementConditionOut:
    """Record that a condition is met, or that the funder waives it."""
    found = condition_numbered(session, agreement_numbered(session, row.id, number).id, condition)
    settle_condition(
        session, row, found, waived=sent.waived, note=sent.note, evidence_id=sent.evidence, expected_version=version
    )
    answer.tag(found.version)
    return _condition(found)


@router.post("/{condition}/reopening")
def post_agreement_condition_reopening(
    row: Edit,
    number: int,
    condition: int,
    version: IfMatch,
    sent: AgreementConditionReopeningIn,
    session: Tx,
    answer: Answered,
) -> AgreementConditionOut:
    """Ask again for what was recorded as met or waived by mistake."""
    agreement = agreement_numbered(session, row.id, number)
    found = condition_numbered(session, agreement.id, condition)
    reopen_condition(session, row, agreement, found, note=sent.note, expected_version=version)
    answer.tag(found.version)
    return _condition(found)


def _condition(row: AgreementCondition) -> AgreementConditionOut:
    return AgreementConditionOut.model_validate(row.model_dump())
