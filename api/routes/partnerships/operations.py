"""Routes of the list of operations: what is funded and who does it, as programmes publish it."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from api.http.access import PARTNERSHIP, Allowed
from api.http.dependencies import Tx
from api.http.idempotency import Idempotent
from api.http.problems import FaultOut
from api.http.schemas import Output
from api.routes.partnerships.imports import XLSX
from states.casefile.operations import Programme, list_operations, written
from states.characters import tidy
from states.partners.tables import Partnership
from states.rights.access import Action

router = APIRouter(prefix="/partnerships/{partnership}", tags=["case files"], route_class=Idempotent)

Edit = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.EDIT_PARTNERSHIP))]


def programme_of(
    fund: Annotated[str, Query(max_length=200, description="empty: the programmes of the instruments")] = "",
    objective: Annotated[str, Query(max_length=200, description="specific objective, of all operations")] = "",
    intervention: Annotated[str, Query(max_length=200, description="type of intervention, of all operations")] = "",
    rate: Annotated[
        Decimal | None, Query(ge=0, le=100, description="Union co-financing rate, percent; else what instruments pay")
    ] = None,
) -> Programme:
    """Return what the programme says of all operations."""
    return Programme(tidy(fund), tidy(objective), tidy(intervention), rate)


Said = Annotated[Programme, Depends(programme_of)]


class ListOfOperationsOut(Output):
    """Both sheets, each row by its columns, and every cell that is missing."""

    operations: list[dict[str, str | Decimal | date | None]]
    beneficiaries: list[dict[str, str | Decimal | date | None]]
    missing: list[FaultOut] = Field(description="what has to be said before the list can be published")


@router.get("/operations")
def get_operations(row: Edit, session: Tx, programme: Said) -> ListOfOperationsOut:
    """Read the list of operations, and what is missing in each of its rows.

    An operation is a collaboration with a signed agreement; the columns are the data of Article 49(3) of Regulation
    (EU) 2021/1060.
    """
    found = list_operations(session, row, programme)
    return ListOfOperationsOut(
        operations=[dict(one) for one in found.operations],
        beneficiaries=[dict(one) for one in found.beneficiaries],
        missing=[FaultOut.of(one) for one in found.missing],
    )


@router.get("/operations.xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def get_operations_workbook(row: Edit, session: Tx, programme: Said) -> Response:
    """Read the list of operations as a workbook of two sheets, operations and beneficiaries."""
    headers = {"Content-Disposition": f'attachment; filename="{row.slug}-operations.xlsx"'}
    return Response(written(list_operations(session, row, programme)), media_type=XLSX, headers=headers)
