"""Routes of a partnership's workbook: bring a file in, and take everything out."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import Field

from api.http.dependencies import Tx
from api.http.idempotency import Idempotent
from api.http.schemas import Output
from api.reach import OfPartnership
from states.matchmaking.suggestions.taxonomy import LANGUAGES
from states.partners.tables import Partnership
from states.rights.access import Action, Role
from states.workbook.files import read_file
from states.workbook.importing import import_grids
from states.workbook.writing import export

router = APIRouter(prefix="/partnerships/{partnership}", tags=["workbook"], route_class=Idempotent)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Edit = Annotated[Partnership, Depends(OfPartnership(Action.EDIT_PARTNERSHIP))]
# Whoever edits a partnership does not thereby choose who judges and decides in it: that is done where the house stands.
GRANTABLE = (Role.PARTNER, Role.OBSERVER)


class SheetOut(Output):
    sheet: str
    added: int
    changed: int
    unchanged: int
    examples: int = Field(description="lines of the template, which are left out")


class ImportOut(Output):
    dry_run: bool
    sheets: list[SheetOut]


@router.post("/imports")
def post_import(
    row: Edit,
    session: Tx,
    file: Annotated[bytes, Body(media_type="application/octet-stream", description="an XLSX workbook or a CSV table")],
    name: Annotated[str, Query(max_length=200, description="of the file; a table is named for its sheet")] = "file",
    dry_run: Annotated[bool, Query(description="say what would happen and change nothing")] = False,
) -> ImportOut:
    """Bring a file in: all of it, or nothing and every fault with its sheet, row, column, value and remedy.

    Roles other than partner and observer are not given here.
    """
    grids = read_file(file, name=name)
    with session.begin_nested() as block:
        reports = import_grids(session, row, grids, grantable=GRANTABLE)
        if dry_run:
            block.rollback()
    return ImportOut(dry_run=dry_run, sheets=[SheetOut.model_validate(one) for one in reports])


@router.get("/export.xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def get_export(
    row: Edit, session: Tx, language: Annotated[str, Query(pattern=f"^({'|'.join(LANGUAGES)})$")] = "en"
) -> Response:
    """Read what the workbook holds of a partnership, but people and their addresses; it changes nothing brought in."""
    headers = {"Content-Disposition": f'attachment; filename="{row.slug}.xlsx"'}
    return Response(export(session, row, language=language, addresses=False), media_type=XLSX, headers=headers)
