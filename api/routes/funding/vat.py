"""Routes of VAT: whether an organisation recovers it; its cost lines follow."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from api.http.access import AllowedOrganisation, OrganisationAccess
from api.http.conditional import Answered, MaybeMatch, need_match
from api.http.dependencies import Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.schemas import Input, Line, Output
from states.crossings.costs import follow_vat
from states.errors import Missing
from states.funding.money.vat import record_vat_status, vat_status_of
from states.rights.access import Action

router = APIRouter(
    prefix="/partnerships/{partnership}/organisations/{organisation}/vat-status",
    tags=["organisations"],
    route_class=Idempotent,
)

Read = Annotated[OrganisationAccess, Depends(AllowedOrganisation(Action.READ_FIGURES))]
Edit = Annotated[OrganisationAccess, Depends(AllowedOrganisation(Action.EDIT_FIGURES))]


class VatStatusIn(Input):
    model_config = example(recovers=True, source="register of VAT payers, 2026-10-05")

    recovers: bool = Field(description="whether VAT that it pays comes back: then it is no cost")
    source: Line


class VatStatusOut(Output):
    recovers: bool
    source: str
    version: int


@router.get("")
def get_vat_status(found: Read, session: Tx, answer: Answered) -> VatStatusOut:
    """Read whether an organisation recovers VAT; missing until somebody says so."""
    row = vat_status_of(session, found.row.id)
    if row is None:
        raise Missing("vat_status", found.row.slug)
    answer.tag(row.version)
    return VatStatusOut.model_validate(row)


@router.put("")
def put_vat_status(found: Edit, version: MaybeMatch, sent: VatStatusIn, session: Tx, answer: Answered) -> VatStatusOut:
    """Say whether an organisation recovers VAT: cost lines that do not say it themselves come to other EUR at once.

    Who changes it sends the version that they read as If-Match.
    """
    known = vat_status_of(session, found.row.id)
    need_match("vat_status", version, known)
    row = record_vat_status(
        session,
        found.row,
        recovers=sent.recovers,
        source=sent.source,
        expected_version=known.version if known else None,
    )
    follow_vat(session, found.row.id)
    answer.tag(row.version)
    return VatStatusOut.model_validate(row)
