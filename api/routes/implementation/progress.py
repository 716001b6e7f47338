"""Routes of what partners did and spent by period: written, handed in, returned, accepted."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlmodel import Session

from api.http.access import COLLABORATION, PROGRESS, Allowed, AllowedLead
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, Tx
from api.http.examples import ID, example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Money, Named, Output, Prose, Text
from states.collaborations.tables import Collaboration
from states.crossings.implementation.progress import (
    accept_progress,
    ask_by_link,
    correct_progress,
    hand_in,
    open_due_progress,
    return_progress,
    take_back,
    write_progress,
)
from states.implementation.progress import ProgressContent, Reached, Receipt, Spending, content_of, total
from states.implementation.queries import progress_of
from states.implementation.tables import PartnerProgress, ProgressState
from states.partners.queries import organisation_slugs
from states.rights.access import Action
from states.rights.scopes import permitted

router = APIRouter(tags=["progress"], route_class=Idempotent)

Insider = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_COLLABORATION))]
ReadCase = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_FUNDING_CASE))]
Lead = Annotated[Collaboration, Depends(AllowedLead(Action.EDIT_AGREEMENTS))]
Read = Annotated[PartnerProgress, Depends(Allowed(PROGRESS, Action.READ_PARTNER_PROGRESS))]
Edit = Annotated[PartnerProgress, Depends(Allowed(PROGRESS, Action.EDIT_PARTNER_PROGRESS))]
Check = Annotated[PartnerProgress, Depends(Allowed(PROGRESS, Action.CHECK_PARTNER_PROGRESS))]
Jobs = Annotated[Decimal, Field(ge=0, max_digits=9, decimal_places=2)]


class ProgressSpendingIn(Input):
    on: Line = Field(description="short name of a cost line of the partner; a category where it has none")
    amount: Money


class ProgressReceiptIn(Input):
    agreement: int = Field(description="number of the agreement")
    on: date
    amount: Money


class ProgressIndicatorIn(Input):
    name: Line
    value: Line


class ProgressPatch(Input):
    """What is left out stays; a list replaces the former one."""

    model_config = example(
        done="The pilot line stands.",
        readiness=6,
        jobs="2.50",
        spent=[{"on": "rigs", "amount": "1200.00"}],
        received=[],
        indicators=[{"name": "Prototypes tested", "value": "3"}],
    )

    done: Prose | None = None
    readiness: int | None = Field(default=None, description="technology readiness level now, 1 to 9")
    jobs: Jobs | None = Field(default=None, description="full-time, made so far")
    spent: list[ProgressSpendingIn] | None = Field(default=None, max_length=500, description="EUR of this period")
    received: list[ProgressReceiptIn] | None = Field(default=None, max_length=500)
    indicators: list[ProgressIndicatorIn] | None = Field(default=None, max_length=200)


class ProgressQuestionIn(Input):
    model_config = example(question="Which prototypes were tested?")

    question: Annotated[str, Field(max_length=2_000)]


class ProgressCorrectionIn(Input):
    model_config = example(because="An invoice of the period was found.")

    because: Annotated[str, Field(max_length=2_000)]


class ProgressRequestIn(Input):
    model_config = example(person=ID, days=30)

    person: Line = Field(description="id of somebody who speaks for the partner; `GET .../protocol/writers` lists them")
    days: int = Field(default=30, ge=1, le=90)


class ProgressRequestOut(Output):
    link: str = Field(description="mailed too, and shown this once; good until it expires or the progress is accepted")


class ProgressSpendingOut(Output):
    on: str
    amount: Money


class ProgressReceiptOut(Output):
    agreement: int
    on: date
    amount: Money


class ProgressIndicatorOut(Output):
    name: str
    value: Text


class PartnerProgressOut(Output):
    id: str
    organisation: Named
    period: int
    starts_on: date
    ends_on: date
    revision: int = Field(description="1, 2 ...: the last one that was accepted holds")
    state: ProgressState
    done: Text
    readiness: int | None
    jobs: str | None
    spent: list[ProgressSpendingOut]
    spent_total: Money
    received: list[ProgressReceiptOut]
    received_total: Money
    indicators: list[ProgressIndicatorOut]
    question: Text = Field(description="why it was returned last")
    because: Text = Field(description="why the former version is corrected")
    handed_in_at: datetime | None
    decided_at: datetime | None
    version: int


class OpenedProgressOut(Output):
    items: list[PartnerProgressOut] = Field(description="what was opened now")


@router.get("/collaborations/{collaboration_id}/progress")
def list_progress(
    row: Insider,
    session: Tx,
    actor: CurrentActor,
    page: Page,
    state: ProgressState | None = None,
    period: Annotated[int | None, Query(ge=1)] = None,
) -> Listing[PartnerProgressOut]:
    """List what partners said of their periods that the token may read: by period, partner and version."""
    rows = page.each(session, lambda: progress_of(session, [row.id]))
    wanted = [one for one in rows if state in (None, one.state) and period in (None, one.period)]
    shown = permitted(session, actor, wanted, Action.READ_PARTNER_PROGRESS)
    return page.cut(shown, lambda one: one.id, show=lambda part: present_progress(session, part))


@router.post("/collaborations/{collaboration_id}/progress/opening")
def post_progress_opening(row: Lead, session: Tx) -> OpenedProgressOut:
    """Open now what each partner is to say of every period that has begun; the clock does so every day."""
    return OpenedProgressOut(items=present_progress(session, open_due_progress(session, row)))


@router.get("/progress/{progress_id}")
def get_progress(row: Read, session: Tx, answer: Answered) -> PartnerProgressOut:
    """Read what a partner said of a period; its ETag is what a change sends back as If-Match."""
    answer.tag(row.version)
    return present_progress(session, [row])[0]


@router.patch("/progress/{progress_id}")
def patch_progress(
    row: Edit, version: IfMatch, sent: ProgressPatch, session: Tx, answer: Answered
) -> PartnerProgressOut:
    """Write what was done and spent; what is left out stays. A draft may be incomplete."""
    write_progress(session, row, progress_content(row, sent), expected_version=version)
    answer.tag(row.version)
    return present_progress(session, [row])[0]


@router.post("/progress/{progress_id}/handing-in")
def post_progress_handing_in(
    row: Edit, version: IfMatch, session: Tx, actor: CurrentActor, answer: Answered
) -> PartnerProgressOut:
    """Hand in what was written, once it says what was done and spent, and how ready the technology is."""
    hand_in(session, row, person_id=actor.person_id, expected_version=version)
    answer.tag(row.version)
    return present_progress(session, [row])[0]


@router.post("/progress/{progress_id}/taking-back")
def post_progress_taking_back(row: Edit, version: IfMatch, session: Tx, answer: Answered) -> PartnerProgressOut:
    """Take it back before the office decided on it."""
    take_back(session, row, expected_version=version)
    answer.tag(row.version)
    return present_progress(session, [row])[0]


@router.post("/progress/{progress_id}/return")
def post_progress_return(
    row: Check, version: IfMatch, sent: ProgressQuestionIn, session: Tx, actor: CurrentActor, answer: Answered
) -> PartnerProgressOut:
    """Give it back to the partner with a question."""
    return_progress(session, row, question=sent.question, person_id=actor.person_id, expected_version=version)
    answer.tag(row.version)
    return present_progress(session, [row])[0]


@router.post("/progress/{progress_id}/acceptance")
def post_progress_acceptance(
    row: Check, version: IfMatch, session: Tx, actor: CurrentActor, answer: Answered
) -> PartnerProgressOut:
    """Accept what a partner said: it counts in the drawdown and the report, and what it corrects counts no more."""
    accept_progress(session, row, person_id=actor.person_id, expected_version=version)
    answer.tag(row.version)
    return present_progress(session, [row])[0]


@router.post("/progress/{progress_id}/correction", status_code=201)
def post_progress_correction(
    row: Edit, version: IfMatch, sent: ProgressCorrectionIn, session: Tx, answer: Answered
) -> PartnerProgressOut:
    """Open a new version of what was accepted; until it is accepted the former one holds."""
    made = correct_progress(session, row, because=sent.because, expected_version=version)
    answer.created("get_progress", progress_id=made.id)
    answer.tag(made.version)
    return present_progress(session, [made])[0]


@router.post("/progress/{progress_id}/requests", status_code=201)
def post_progress_request(row: Check, sent: ProgressRequestIn, session: Tx) -> ProgressRequestOut:
    """Ask somebody of the partner for it: a link by which it is written and handed in without an account."""
    text = ask_by_link(session, row, person_id=sent.person, days=sent.days)
    return ProgressRequestOut(link=f"/api/v1/links/progress/{text}")


def progress_content(row: PartnerProgress, sent: ProgressPatch) -> ProgressContent:
    """Return what stands there with what was sent in its place; null takes away."""
    said: dict[str, Any] = {name: getattr(sent, name) for name in sent.model_fields_set if name != "hand_in"}
    kept = content_of(row)
    lists: dict[str, Any] = {
        "spent": tuple(Spending(one.on, one.amount) for one in sent.spent or ()),
        "received": tuple(Receipt(one.agreement, one.on, one.amount) for one in sent.received or ()),
        "indicators": tuple(Reached(one.name, one.value) for one in sent.indicators or ()),
    }
    values: dict[str, Any] = {
        name: lists.get(name, "" if name == "done" and value is None else value) for name, value in said.items()
    }
    return replace(kept, **values)


def present_progress(session: Session, rows: Sequence[PartnerProgress]) -> list[PartnerProgressOut]:
    """Return progress with names in the place of ids, in one statement."""
    names = organisation_slugs(session, {row.organisation_id for row in rows})
    return [
        PartnerProgressOut(
            **row.model_dump(include=_SHOWN),
            organisation=names[row.organisation_id],
            jobs=None if row.jobs is None else f"{row.jobs:.2f}",
            spent=[ProgressSpendingOut(on=one["on"], amount=Decimal(one["amount"])) for one in row.spent],
            spent_total=total(row.spent),
            received=[
                ProgressReceiptOut(
                    agreement=int(one["agreement"]), on=date.fromisoformat(one["on"]), amount=Decimal(one["amount"])
                )
                for one in row.received
            ],
            received_total=total(row.received),
            indicators=[ProgressIndicatorOut(name=one["name"], value=one["value"]) for one in row.indicators],
        )
        for row in rows
    ]


_SHOWN = {
    *("id", "period", "starts_on", "ends_on", "revision", "state", "done", "readiness", "question", "because"),
    *("handed_in_at", "decided_at", "version"),
}
