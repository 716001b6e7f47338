"""Routes of a partnership's workbook: bring a file in, and take everything out."""

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import Field
from sqlmodel import Session

from api.http.access import PARTNERSHIP, Allowed
from api.http.dependencies import Tx, bearer
from api.http.idempotency import Idempotent, keep_in
from api.http.schemas import Output
from api.routes.people.people import GIVEN_BY_MANAGERS
from states.credentials.tokens import actor_of
from states.matchmaking.suggestions.taxonomy import LANGUAGES
from states.partners.tables import Partnership
from states.rights.access import Action
from states.storage import begin
from states.workbook.bringing import bring_in
from states.workbook.files import read_file
from states.workbook.importing import SheetReport, read_workbook
from states.workbook.writing import export

router = APIRouter(prefix="/partnerships/{partnership}", tags=["workbook"], route_class=Idempotent)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Target:
    """The partnership that a file is for; its right is asked before the file is read, and again after."""

    def __init__(self, token: str, slug: str) -> None:
        self._token, self._slug = token, slug

    def check(self, session: Session) -> Partnership:
        """Return the partnership, or raise `Missing` or `Denied`."""
        return Allowed(PARTNERSHIP, OfTarget.action)(session, actor_of(session, self._token), partnership=self._slug)


class OfTarget:
    """Who may bring a file in; it holds no transaction while the file is read."""

    action = Action.EDIT_PARTNERSHIP

    def __call__(self, partnership: str, token: Annotated[str, Depends(bearer)]) -> Target:
        """Return where it goes, or raise `Missing` or `Denied`."""
        target = Target(token, partnership)
        with begin(read_only=True) as session:
            target.check(session)
        return target


Into = Annotated[Target, Depends(OfTarget())]
Edit = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.EDIT_PARTNERSHIP))]


class SheetOut(Output):
    sheet: str
    added: int
    changed: int
    unchanged: int
    examples: int = Field(description="lines of the template, which are left out")
    mails: int = Field(description="that wait to be sent because of it: an event that is announced tells its audience")
    told: list[str] = Field(description="to whom these go, by role")


class ImportOut(Output):
    dry_run: bool
    sheets: list[SheetOut]


@router.post("/imports", response_model=ImportOut)
def post_import(
    target: Into,
    file: Annotated[bytes, Body(media_type="application/octet-stream", description="an XLSX workbook or a CSV table")],
    name: Annotated[str, Query(max_length=200, description="of the file; a table is named for its sheet")] = "file",
    encoding: Annotated[
        str, Query(max_length=40, description="of a CSV table, such as cp1250; found out where it is left out")
    ] = "",
    dry_run: Annotated[bool, Query(description="say what would happen and change nothing")] = False,
) -> Response:
    """Bring in a workbook or table: all of it, or nothing and every fault with its sheet, row, column, value and
    remedy.

    Roles other than partner and observer are not given here.
    """
    book = read_workbook(read_file(file, name=name, encoding=encoding))

    def answer(reports: Sequence[SheetReport]) -> Response:
        told = ImportOut(dry_run=dry_run, sheets=[SheetOut.model_validate(one) for one in reports])
        return Response(told.model_dump_json(), media_type="application/json")

    def reserve(session: Session) -> Callable[[Sequence[SheetReport]], None]:
        keep = keep_in(session)
        return lambda reports: keep(answer(reports))

    return answer(bring_in(book, into=target.check, grantable=GIVEN_BY_MANAGERS, reserve=reserve, dry_run=dry_run))


@router.get("/export.xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def get_export(
    row: Edit, session: Tx, language: Annotated[str, Query(pattern=f"^({'|'.join(LANGUAGES)})$")] = "en"
) -> Response:
    """Read what the workbook holds of a partnership, but people and their addresses; it changes nothing brought in."""
    headers = {"Content-Disposition": f'attachment; filename="{row.slug}.xlsx"'}
    return Response(export(session, row, language=language, addresses=False), media_type=XLSX, headers=headers)
