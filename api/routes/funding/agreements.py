"""Routes of agreements with funders, one for each source: planned, signed, amended, ended."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field
from sqlmodel import Session, col, select

from api.http.access import COLLABORATION, Allowed, AllowedAgreement, AllowedLead
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.lookups import member_ids
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Money, Named, Output, Slug, Text, changes_in
from api.routes.funding.awards import instrument_named
from states.collaborations.tables import Collaboration
from states.crossings.agreements import withdraw_agreement
from states.funding.awards.agreements import (
    AgreementPlan,
    agreement_plan_of,
    amend_agreement,
    correct_agreement,
    end_agreement,
    plan_agreements,
    record_agreement,
    remove_agreement,
    reopen_agreement,
    sign_agreement,
)
from states.funding.awards.queries import (
    agreement_numbered,
    agreements_of,
    counts_of,
    submission_numbered,
    terms_of,
)
from states.funding.awards.sources import sources_standing
from states.funding.awards.states import AgreementState, agreement_state
from states.funding.awards.tables import (
    Agreement,
    AgreementTerms,
    Submission,
)
from states.funding.tables import Instrument, SourceKind
from states.partners.queries import organisation_slugs
from states.rights.access import Action
from states.rights.scopes import permitted

router = APIRouter(prefix="/collaborations/{collaboration_id}", tags=["agreements"], route_class=Idempotent)

Insider = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_COLLABORATION))]
ReadCase = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_FUNDING_CASE))]
Read = Annotated[Agreement, Depends(AllowedAgreement(Action.READ_AGREEMENTS))]
Edit = Annotated[Collaboration, Depends(AllowedLead(Action.EDIT_AGREEMENTS))]
_NOTHING = Decimal("0.00")
Because = Annotated[str, Field(max_length=2_000, description="why")]


class GrantAgreementIn(Input):
    model_config = example(
        funder="Regional development bank",
        reference="RDB-2026-114-A",
        amount="350000.00",
        agreed_on="2026-11-25",
        starts_on="2027-01-01",
        ends_on="2029-12-31",
    )

    submission: int | None = Field(default=None, description="number of the submission that it grants")
    funder: Line
    reference: Line = Field(description="number of the agreement, as the funder has it")
    amount: Money = Field(description="EUR that are granted")
    agreed_on: date = Field(description="when it was signed")
    starts_on: date | None = None
    ends_on: date | None = Field(default=None, description="last day of what it pays for")
    kind: SourceKind | None = Field(default=None, description="of the scenario's source for which it is")
    instrument: Slug | None = Field(default=None, description="of the scenario's source")
    organisation: Slug | None = Field(default=None, description="partner that receives it; left out: all together")
    evidence: Line | None = Field(default=None, description="id of the signed agreement, filed as kind `agreement`")


class GrantAgreementPatch(Input):
    model_config = example(amount="340000.00")

    submission: int | None = None
    funder: Line | None = None
    reference: Line | None = None
    amount: Money | None = None
    agreed_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    kind: SourceKind | None = None
    instrument: Slug | None = None
    organisation: Slug | None = None
    evidence: Line | None = None


class AgreementSignatureIn(GrantAgreementPatch):
    """What is left out is as it was planned."""

    model_config = example(reference="RDB-2026-114-A", agreed_on="2026-11-25")

    reference: Line
    agreed_on: date


class AgreementAmendmentIn(GrantAgreementPatch):
    """What is left out stays."""

    model_config = example(ends_on="2030-06-30", agreed_on="2026-11-30", because="The pilot line was delivered late.")

    agreed_on: date = Field(description="when the amendment was signed")
    because: Because


class AgreementEndingIn(Input):
    model_config = example(on="2026-11-30", because="All was paid.")

    on: date
    because: Because


class AgreementReasonIn(Input):
    model_config = example(because="The funder has withdrawn the call.")

    because: Because


class GrantAgreementOut(Output):
    number: int
    state: AgreementState
    submission: int | None
    funder: Text
    reference: str
    amount: Money
    agreed_on: date | None
    starts_on: date | None
    ends_on: date | None
    kind: SourceKind | None
    instrument: str | None
    organisation: Named | None = Field(description="short name of the partner that receives it; null: all together")
    evidence: str | None = Field(description="id of the signed agreement")
    terms: int = Field(description="how many terms it has had; those in force are the last")
    conditions_open: int
    ended_on: date | None
    withdrawn_on: date | None
    closed_because: Text | None
    recorded_at: datetime
    version: int


class PlannedAgreementsOut(Output):
    items: list[GrantAgreementOut] = Field(
        description="what was planned now; sources that had an agreement are left out"
    )


class AgreementTermsOut(Output):
    number: int
    funder: Text
    reference: str
    amount: Money
    agreed_on: date
    starts_on: date | None
    ends_on: date | None
    evidence: str | None = Field(validation_alias="evidence_id")
    replaced_because: Text
    replaced_at: datetime


class AgreedSourceOut(Output):
    kind: SourceKind | None
    instrument: str | None
    organisation: Named | None
    expected: Money = Field(description="EUR in the chosen scenario")
    agreed: Money = Field(description="EUR of signed and ended agreements")
    apart: Money = Field(description="agreed less expected")
    agreements: list[int]


class AgreedSourcesOut(Output):
    sources: list[AgreedSourceOut]
    expected: Money
    agreed: Money
    apart: Money


@router.get("/agreements")
def list_agreements(row: Insider, session: Tx, actor: CurrentActor, page: Page) -> Listing[GrantAgreementOut]:
    """List the agreements that the token may read, the first one first."""
    rows = page.each(session, lambda: agreements_of(session, row.id))
    shown = permitted(session, actor, rows, Action.READ_AGREEMENTS)
    return page.cut(shown, lambda one: one.number, show=lambda part: _shown(session, row, part))


@router.post("/agreements", status_code=201)
def post_grant_agreement(row: Edit, sent: GrantAgreementIn, session: Tx, answer: Answered) -> GrantAgreementOut:
    """Record a signed agreement: who grants how much, under which number and since when; the move `win` asks for it."""
    made = record_agreement(session, row, AgreementPlan(**_values(session, row, dict(sent))))
    answer.created("get_agreement", collaboration_id=row.id, number=made.number)
    answer.tag(made.version)
    return _shown(session, row, [made])[0]


@router.post("/agreements/planning")
def post_agreement_planning(row: Edit, session: Tx) -> PlannedAgreementsOut:
    """Prepare an agreement for each source: those that the chosen scenario lets a funder pay, and that have none."""
    return PlannedAgreementsOut(items=_shown(session, row, plan_agreements(session, row)))


@router.get("/agreements/{number}")
def get_agreement(found: Read, session: Tx, row: Insider, answer: Answered) -> GrantAgreementOut:
    """Read an agreement by its terms in force; its ETag is what a change sends back as If-Match."""
    answer.tag(found.version)
    return _shown(session, row, [found])[0]


@router.patch("/agreements/{number}")
def patch_agreement(
    row: Edit, number: int, version: IfMatch, sent: GrantAgreementPatch, session: Tx, answer: Answered
) -> GrantAgreementOut:
    """Correct what is recorded of an agreement; what is left out stays. New terms are an amendment."""
    found = agreement_numbered(session, row.id, number)
    correct_agreement(session, row, found, _changed(session, row, found, sent), expected_version=version)
    answer.tag(found.version)
    return _shown(session, row, [found])[0]


@router.delete("/agreements/{number}", status_code=204)
def delete_agreement(row: Edit, number: int, version: IfMatch, session: Tx) -> Response:
    """Take out an agreement that was recorded by mistake, before it was amended; its record of change stays."""
    remove_agreement(session, agreement_numbered(session, row.id, number), expected_version=version)
    return Response(status_code=204)


@router.post("/agreements/{number}/signature")
def post_agreement_signature(
    row: Edit, number: int, version: IfMatch, sent: AgreementSignatureIn, session: Tx, answer: Answered
) -> GrantAgreementOut:
    """Record that a planned agreement is signed, with its number and day."""
    found = agreement_numbered(session, row.id, number)
    sign_agreement(session, row, found, _changed(session, row, found, sent), expected_version=version)
    answer.tag(found.version)
    return _shown(session, row, [found])[0]


@router.post("/agreements/{number}/amendments")
def post_agreement_amendment(
    row: Edit, number: int, version: IfMatch, sent: AgreementAmendmentIn, session: Tx, answer: Answered
) -> GrantAgreementOut:
    """Put new terms in force; the former ones are kept, with why they were replaced."""
    found = agreement_numbered(session, row.id, number)
    plan = _changed(session, row, found, sent, apart=("because",))
    amend_agreement(session, row, found, plan, because=sent.because, expected_version=version)
    answer.tag(found.version)
    return _shown(session, row, [found])[0]


@router.get("/agreements/{number}/terms")
def list_agreement_terms(found: Read, session: Tx, page: Page) -> Listing[AgreementTermsOut]:
    """List the terms that amendments have replaced, the first ones first; those in force stand in the agreement."""
    rows = page.each(session, lambda: terms_of(session, found.id))
    return page.cut(rows, lambda one: one.number, show=_terms)


@router.post("/agreements/{number}/ending")
def post_agreement_ending(
    row: Edit, number: int, version: IfMatch, sent: AgreementEndingIn, session: Tx, answer: Answered
) -> GrantAgreementOut:
    """Record that an agreement has ended, as foreseen or before its time."""
    found = agreement_numbered(session, row.id, number)
    end_agreement(session, found, on=sent.on, because=sent.because, expected_version=version)
    answer.tag(found.version)
    return _shown(session, row, [found])[0]


@router.post("/agreements/{number}/reopening")
def post_agreement_reopening(
    row: Edit, number: int, version: IfMatch, sent: AgreementReasonIn, session: Tx, answer: Answered
) -> GrantAgreementOut:
    """Open an agreement again that was recorded as ended by mistake."""
    found = agreement_numbered(session, row.id, number)
    reopen_agreement(session, found, because=sent.because, expected_version=version)
    answer.tag(found.version)
    return _shown(session, row, [found])[0]


@router.post("/agreements/{number}/withdrawal")
def post_agreement_withdrawal(
    row: Edit, number: int, version: IfMatch, sent: AgreementReasonIn, session: Tx, answer: Answered
) -> GrantAgreementOut:
    """Withdraw an agreement that is not to be: its source is without one again, and nobody waits for its conditions."""
    found = agreement_numbered(session, row.id, number)
    withdraw_agreement(session, found, because=sent.because, expected_version=version)
    answer.tag(found.version)
    return _shown(session, row, [found])[0]


@router.get("/agreed-sources")
def get_agreed_sources(row: ReadCase, session: Tx) -> AgreedSourcesOut:
    """Read for each source of the chosen scenario what is agreed, and how far apart both are."""
    standing = sources_standing(session, row.id)
    instruments = _instruments(session, [one.key.instrument_id for one in standing])
    partners = organisation_slugs(session, {one.key.organisation_id for one in standing if one.key.organisation_id})
    shown = [
        AgreedSourceOut(
            kind=one.key.kind,
            instrument=instruments.get(one.key.instrument_id or ""),
            organisation=partners.get(one.key.organisation_id or ""),
            expected=one.expected,
            agreed=one.agreed,
            apart=one.apart,
            agreements=list(one.numbers),
        )
        for one in standing
    ]
    sums = {name: sum((getattr(one, name) for one in standing), _NOTHING) for name in ("expected", "agreed", "apart")}
    return AgreedSourcesOut(sources=shown, **sums)


def _values(session: Session, row: Collaboration, said: dict[str, Any]) -> dict[str, Any]:
    """Return what was said with ids in the place of names; a name that is unknown stands for itself, as its fault."""
    values = dict(said)
    if "submission" in values:
        number = values.pop("submission")
        values["submission_id"] = None if number is None else submission_numbered(session, row.id, int(str(number))).id
    if "instrument" in values:
        slug = values.pop("instrument")
        values["instrument_id"] = None if slug is None else instrument_named(session, row, str(slug))
    if "organisation" in values:
        slug = values.pop("organisation")
        values["organisation_id"] = None if slug is None else member_ids(session, row).get(str(slug), str(slug))
    for name, column in (("kind", "source_kind"), ("evidence", "evidence_id")):
        if name in values:
            values[column] = values.pop(name)
    return values


_CLEARED = dict.fromkeys(("submission", "starts_on", "ends_on", "kind", "instrument", "organisation", "evidence"))


def _changed(
    session: Session, row: Collaboration, found: Agreement, sent: GrantAgreementPatch, *, apart: Sequence[str] = ()
) -> AgreementPlan:
    said = changes_in(sent, cleared=_CLEARED, apart=set(apart))
    return replace(agreement_plan_of(found), **_values(session, row, said))


def _terms(rows: Sequence[AgreementTerms]) -> list[AgreementTermsOut]:
    return [AgreementTermsOut.model_validate(one.model_dump()) for one in rows]


def _instruments(session: Session, keys: Sequence[str | None]) -> dict[str, str]:
    wanted = {key for key in keys if key is not None}
    return dict(session.exec(select(Instrument.id, Instrument.slug).where(col(Instrument.id).in_(wanted))).all())


def _shown(session: Session, row: Collaboration, rows: Sequence[Agreement]) -> list[GrantAgreementOut]:
    """Return agreements with names in the place of ids, in a fixed number of statements."""
    submitted = select(Submission.id, Submission.number).where(Submission.collaboration_id == row.id)
    numbers: dict[str | None, int] = dict(session.exec(submitted).all())
    instruments = _instruments(session, [one.instrument_id for one in rows])
    partners = organisation_slugs(session, {one.organisation_id for one in rows if one.organisation_id})
    former, open_ = counts_of(session, [one.id for one in rows])
    return [
        GrantAgreementOut(
            **one.model_dump(include=set(GrantAgreementOut.model_fields)),
            state=agreement_state(one),
            submission=numbers.get(one.submission_id),
            kind=one.source_kind,
            instrument=instruments.get(one.instrument_id or ""),
            organisation=partners.get(one.organisation_id or ""),
            evidence=one.evidence_id,
            terms=former.get(one.id, 0) + (one.agreed_on is not None),
            conditions_open=open_.get(one.id, 0),
        )
        for one in rows
    ]
