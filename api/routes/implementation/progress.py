"""Routes of what partners did and spent by period: written, handed in, returned, accepted; by a token or by a link."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from api.http.problems import refusals
from api.http.schemas import Input, Line, Listing, Money, Named, Output, Prose, Text
from states.changes import speak_as
from states.collaborations.queries import collaboration_by_id
from states.collaborations.tables import Collaboration
from states.credentials.links import LinkPurpose, SignedLink, open_link
from states.crossings.implementation.drawdown import Basis, drawdown_of
from states.crossings.implementation.progress import (
    accept_progress,
    ask_by_link,
    correct_progress,
    hand_in,
    known_to,
    of_link,
    open_due_progress,
    return_progress,
    take_back,
    write_progress,
)
from states.funding.queries import instruments_of
from states.funding.tables import SourceKind
from states.implementation.progress import ProgressContent, Reached, Receipt, Spending, content_of, total
from states.implementation.queries import progress_of
from states.implementation.tables import PartnerProgress, ProgressState
from states.partners.queries import organisation_slugs
from states.rights.access import Action, Role
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


class LinkedProgressIn(ProgressPatch):
    """What is left out stays; with `hand_in` it goes to the office."""

    model_config = example(done="The pilot line stands.", readiness=6, spent=[{"on": "rigs", "amount": "1200.00"}])

    hand_in: bool = False


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


class LinkedProgressOut(Output):
    """What somebody with a link is asked to say, and what may be named in it."""

    collaboration: str
    progress: PartnerProgressOut
    lines: list[str] = Field(description="cost lines of the partner, by short name; empty: any category")
    agreements: list[int] = Field(description="under which the partner receives money")
    expires_at: datetime


class YearOfSourceOut(Output):
    year: int
    planned: Money
    received: Money
    apart: Money = Field(description="received less planned")


class SourceDrawdownOut(Output):
    kind: SourceKind | None
    instrument: str | None
    organisation: Named | None
    agreements: list[int]
    basis: Basis = Field(description="by what the planned money is laid out over the years")
    years: list[YearOfSourceOut]
    undated: Money = Field(description="planned, and nobody knows in which year")
    planned: Money
    agreed: Money
    received: Money


class PeriodSpendingOut(Output):
    period: int
    spent: Money


class PartnerSpendingOut(Output):
    organisation: Named
    planned: Money
    periods: list[PeriodSpendingOut]
    spent: Money
    apart: Money = Field(description="spent less planned")


class DrawdownOut(Output):
    sources: list[SourceDrawdownOut]
    partners: list[PartnerSpendingOut]
    planned: Money
    agreed: Money
    received: Money
    spent: Money
    waiting: int = Field(description="periods of partners that are not accepted yet, and count for nothing here")


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
    write_progress(session, row, _content(row, sent), expected_version=version)
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


@router.get("/collaborations/{collaboration_id}/drawdown")
def get_drawdown(row: ReadCase, session: Tx) -> DrawdownOut:
    """Read planned against actual: each source by calendar year, each partner by period, to the cent."""
    found = drawdown_of(session, row)
    instruments = {one.id: one.slug for one in instruments_of(session, row.partnership_id)}
    keys = {one.standing.key.organisation_id for one in found.sources} | {one.organisation_id for one in found.partners}
    names = organisation_slugs(session, {key for key in keys if key is not None})
    sources = [
        SourceDrawdownOut(
            kind=one.standing.key.kind,
            instrument=instruments.get(one.standing.key.instrument_id or ""),
            organisation=names.get(one.standing.key.organisation_id or ""),
            agreements=list(one.standing.numbers),
            basis=one.basis,
            years=[
                YearOfSourceOut(
                    year=year.year, planned=year.planned, received=year.received, apart=year.received - year.planned
                )
                for year in one.years
            ],
            undated=one.undated,
            planned=one.standing.expected,
            agreed=one.standing.agreed,
            received=one.received,
        )
        for one in found.sources
    ]
    partners = [
        PartnerSpendingOut(
            organisation=names[one.organisation_id],
            planned=one.planned,
            periods=[PeriodSpendingOut(period=period, spent=spent) for period, spent in sorted(one.periods.items())],
            spent=one.spent,
            apart=one.spent - one.planned,
        )
        for one in found.partners
    ]
    nothing = Decimal("0.00")
    return DrawdownOut(
        sources=sources,
        partners=partners,
        planned=sum((one.planned for one in sources), nothing),
        agreed=sum((one.agreed for one in sources), nothing),
        received=sum((one.received for one in sources), nothing),
        spent=sum((one.spent for one in partners), nothing),
        waiting=found.waiting,
    )


@dataclass(frozen=True, slots=True)
class LinkAccess:
    """A link that is still good, and what it is for."""

    link: SignedLink
    row: PartnerProgress


def of_progress_link(token: str, session: Tx) -> LinkAccess:
    """Return what the link asks for; it is its own right, for this alone, and its holder speaks for the partner."""
    link = open_link(session, token, purpose=LinkPurpose.PROGRESS)
    row = of_link(session, link.subject_id, link.person_id)
    speak_as(session, role=Role.PARTNER.value, organisation_id=row.organisation_id)
    return LinkAccess(link, row)


ByLink = Annotated[LinkAccess, Depends(of_progress_link)]


@router.get("/links/progress/{token}", responses=refusals(410))
def get_progress_link(found: ByLink, session: Tx) -> LinkedProgressOut:
    """Read what a link asks for: of which period, what is written already, and what may be named."""
    return _linked(session, found)


@router.post("/links/progress/{token}", responses=refusals(410))
def post_progress_link(found: ByLink, sent: LinkedProgressIn, session: Tx) -> LinkedProgressOut:
    """Write what was done and spent by a link, without an account, and hand it in if one says so."""
    write_progress(session, found.row, _content(found.row, sent))
    if sent.hand_in:
        hand_in(session, found.row, person_id=found.link.person_id)
    return _linked(session, found)


def _linked(session: Session, found: LinkAccess) -> LinkedProgressOut:
    known = known_to(session, found.row)
    return LinkedProgressOut(
        collaboration=collaboration_by_id(session, found.row.collaboration_id).title,
        progress=present_progress(session, [found.row])[0],
        lines=sorted(known.lines),
        agreements=sorted(known.agreements),
        expires_at=found.link.expires_at,
    )


def _content(row: PartnerProgress, sent: ProgressPatch) -> ProgressContent:
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
