"""All cases: in columns and as a table, narrowed by the address; what is done with several; a new one."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from io import BytesIO
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from pydantic import Field, StringConstraints
from sqlmodel import Session, col, select
from starlette.responses import Response

from api.http.access import COLLABORATION, CONTACT, SIGN_OFF, Allowed
from api.http.dependencies import InPartnership, TokenMissing, Tx, person_of
from api.http.lookups import organisations_named, working_area_numbered
from api.http.paging import Page
from api.http.problems import problem_of
from api.http.schemas import Input, Line, Prose, Slug
from api.pages.forms import UNANSWERED, Form, Typed, read_as
from api.pages.kept_results import keep_results, kept_results
from api.pages.languages import gettext as _
from api.pages.languages import ngettext, speaking_to
from api.pages.pipeline import Filters, case_lines, columns, every_line, office_people, playbook_in_force
from api.pages.rendering import lead_to, page
from api.pages.signing import own_path, read_session
from api.pages.views.cases import title_as_read
from api.pages.words import word
from api.routes.collaborations.moves import MoveIn
from api.routes.collaborations.officers import OfficerPatch, patch_officer
from api.routes.documents.documents import OF_A_COLLABORATION, RequestIn, post_request
from api.routes.protocol.sign_offs import post_sign_off_request
from states.archive.tables import DocumentKind
from states.collaborations.officers import case_officer
from states.collaborations.saved_views import drop_view, keep_view, views_of
from states.collaborations.service import Joining, edit_collaboration
from states.collaborations.tables import Collaboration, MemberPart
from states.credentials.tokens import TokenInvalid
from states.errors import BankableError
from states.founding.naming import free_name
from states.lifecycle.move import move
from states.lifecycle.opening import Origin, open_collaboration, open_with_origin
from states.matchmaking.tables import Contact, ContactKind, ContactStatus
from states.partners.queries import organisations_of, working_areas_of
from states.partners.tables import Partnership, Person
from states.playbooks.definition import Playbook
from states.playbooks.editions import playbook_of
from states.protocol.queries import latest_versions, sign_offs_of
from states.review.access import REVIEWERS
from states.rights.access import Action, Actor, Scope, may
from states.storage import begin
from states.texts.titles import said

router = APIRouter(prefix="/cases")

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]
Opener = Annotated[Actor, Depends(InPartnership(Action.OPEN_COLLABORATION))]
Asked = Annotated[Filters, Depends(Filters)]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("")
def get_cases(request: Request, filters: Asked, actor: Insider, session: Tx, cut: Page) -> Response:
    """Show the cases that the reader may read: in columns by stage, or as a table."""
    if not filters.view:
        wants_table = actor.role in REVIEWERS or filters.narrow or filters.sort
        filters.view = "table" if wants_table else "columns"
    playbook = playbook_in_force(session, actor)
    query = filters.query(session, actor)
    listed = None
    if filters.view == "table":
        listed = cut.read(session, query, *filters.order(actor), show=lambda rows: case_lines(session, actor, rows))
    here = Scope(actor.partnership_id)
    office = may(actor, Action.ASSIGN_OFFICER, here)
    return page(
        request,
        "pipeline/cases.html",
        filters=filters,
        listed=listed,
        columns=columns(session, actor, query, playbook) if listed is None else None,
        stages=[(name, stage.title) for name, stage in playbook.stages.items()],
        areas=[(one.area.number, one.area.name) for one in working_areas_of(session, actor.partnership_id)],
        officers=office_people(session, actor) if office else [],
        acts=_acts(playbook) if office else [],
        may_open=may(actor, Action.OPEN_COLLABORATION, here),
        is_reviewer=actor.role in REVIEWERS,
        kept=views_of(session, person_of(actor), actor.partnership_id),
    )


_OFFICER, _SIGNATURES, _DOCUMENT, _MOVE = "officer", "signatures", "document:", "move:"
_OF_EACH = tuple(kind for kind in OF_A_COLLABORATION if kind is not DocumentKind.BRIEFING)  # that is for one region


def _acts(playbook: Playbook) -> list[tuple[str, str]]:
    moves = {one.name: said(one.title) for one in playbook.moves if not one.hands_over}
    return [
        (_OFFICER, _("Give them to an officer")),
        (_SIGNATURES, _("Remind partners whose signature is missing")),
        *((_DOCUMENT + kind, _("Issue: %(document)s") % {"document": word(kind)}) for kind in _OF_EACH),
        *((_MOVE + name, _("Move: %(move)s") % {"move": title}) for name, title in moves.items()),
    ]


class ViewIn(Input):
    """An address of the list, and the name by which it is kept."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


@router.post("/views")
def post_view(sent: Form, actor: Insider, session: Tx) -> Response:
    """Keep the list as it is narrowed and sorted, by a name."""
    name, address = sent.read(ViewIn).name, sent.page
    if not address.startswith("/cases"):
        address = "/cases"
    keep_view(session, person_of(actor), actor.partnership_id, name=name, address=address[:_LONGEST_ADDRESS])
    return lead_to(address)


_LONGEST_ADDRESS = 1_000


@router.post("/views/{view_id}/removal")
def post_view_removal(sent: Form, view_id: str, actor: Insider, session: Tx) -> Response:
    """Keep a view no more."""
    drop_view(session, person_of(actor), view_id)
    return lead_to(own_path(sent.page, "/cases"))


@router.get("/cases.xlsx")
def get_sheet(filters: Asked, actor: Insider, session: Tx) -> Response:
    """Give the list as a sheet: all that the filters find, in their order."""
    heads = [
        *(_("Case"), _("Short name"), _("Stage"), _("Days in stage"), _("Due"), _("Officer"), _("Lead")),
        *(_("Partners"), _("Regions"), _("Next move"), _("What speaks against it")),
    ]
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Cases"))
    sheet.freeze_panes = "B2"
    for letter, width in zip("ABCDEFGHIJK", (44, 20, 28, 10, 12, 24, 28, 48, 20, 32, 60), strict=True):
        sheet.column_dimensions[letter].width = width

    def cell(value: str | int | date | None, *, bold: bool = False) -> Cell:
        made: Cell = WriteOnlyCell(sheet, value)  # type: ignore[arg-type] # a day is written as one
        if isinstance(value, str):
            made.data_type = "s"  # never a formula
        if bold:
            made.font = Font(bold=True)
        return made

    sheet.append([cell(head, bold=True) for head in heads])
    for one in every_line(session, actor, filters):
        ahead = one.next_move
        against = "; ".join(reason.message for reason in ahead.refusals) if ahead else ""
        days = one.days if one.stage else None
        values = [one.title, one.slug, one.stage_title, days, one.due_on, one.officer or "", one.lead]
        values += [", ".join(one.partners), ", ".join(one.regions), ahead.title if ahead else "", against]
        sheet.append([cell(value[:32_000] if isinstance(value, str) else value) for value in values])
    written = BytesIO()
    book.save(written)
    return Response(
        written.getvalue(), media_type=XLSX, headers={"Content-Disposition": 'attachment; filename="cases.xlsx"'}
    )


# With several cases at once


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one case."""

    case_id: str
    title: str
    done: bool
    told: str


@router.post("/bulk")
def post_bulk(request: Request, sent: Form) -> Response:
    """Do the same with several cases, each by itself: what is refused for one stands in no other's way."""
    chosen, act = list(dict.fromkeys(sent.all("case")))[:200], sent.get("act")
    with speaking_to(request.state.language):
        results = [_one(request, sent, act, key) for key in chosen]
    key = keep_results(request, [asdict(one) for one in results], back=own_path(sent.page, "/cases"))
    return lead_to(f"/cases/bulk/{key}")


@router.get("/bulk/{key}")
def get_bulk(request: Request, key: str, _actor: Insider, session: Tx) -> Response:
    """Show what became of each case, as long as it is kept."""
    return page(request, "pipeline/bulk.html", **kept_results(request, session, key))


def _one(request: Request, sent: Typed, act: str, key: str) -> Result:
    title = key
    try:
        with begin() as session:
            actor = read_session(request, session).actor
            row = Allowed(COLLABORATION, Action.READ_PROGRESS)(session, actor, collaboration_id=key)
            title = title_as_read(session, actor, row)
            told = _done(session, actor, sent, act, row)
        return Result(key, title, True, told)
    except BankableError as error:
        if isinstance(error, TokenMissing | TokenInvalid):
            raise
        return Result(key, title, False, _why(request, error))


def _done(session: Session, actor: Actor, sent: Typed, act: str, row: Collaboration) -> str:
    """Do it with one case and return what was done, or raise what stands against it."""
    if act == _OFFICER:
        Allowed(COLLABORATION, Action.ASSIGN_OFFICER)(session, actor, collaboration_id=row.id)
        named = session.get(Person, sent.get("person"))
        wanted = read_as(OfficerPatch, {"person": named.email if named else "", "reason": sent.get("reason")})
        case = case_officer(session, row.id)
        version = None if case is None else case.version
        shown = patch_officer(row, version, wanted, session, actor, UNANSWERED)
        return _("%(who)s looks after it") % {"who": shown.officer.label if shown.officer else _("nobody")}
    if act == _SIGNATURES:
        return _remind(session, actor, row)
    if act.startswith(_DOCUMENT):
        Allowed(COLLABORATION, Action.ASK_FOR_DOCUMENT)(session, actor, collaboration_id=row.id)
        asked = post_request(row, read_as(RequestIn, {"kind": act.removeprefix(_DOCUMENT)}), session)
        return _("%(document)s is asked for") % {"document": word(asked.kind)}
    Allowed(COLLABORATION, Action.MOVE_COLLABORATION)(session, actor, collaboration_id=row.id)
    wanted_move = read_as(MoveIn, {"move": act.removeprefix(_MOVE), "reason": sent.get("reason")})
    line = move(session, row.id, wanted_move.move, actor=actor, reason=wanted_move.reason)
    stages = playbook_of(session, row).stages
    return _("moved to %(stage)s, line %(number)s") % {
        "stage": said(stages[line.to_stage].title),
        "number": line.number,
    }


def _remind(session: Session, actor: Actor, row: Collaboration) -> str:
    version = latest_versions(session, [row.id]).get(row.id)
    asked = sign_offs_of(session, version.id) if version is not None else []
    missing = [one for one, _organisation in asked if one.signed_at is None]
    for one in missing:
        found = Allowed(SIGN_OFF, Action.EDIT_COLLABORATION)(session, actor, sign_off_id=one.id)
        post_sign_off_request(found, session)
    if not missing:
        return _("no signature is missing")
    text = ngettext("%(num)s partner is asked anew", "%(num)s partners are asked anew", len(missing))
    return text % {"num": len(missing)}


def _why(request: Request, error: Exception) -> str:
    body = json.loads(bytes(problem_of(request, error).body))
    said = [one["message"] for one in (body.get("reasons") or body.get("faults") or ())]
    return " ".join(said) or body["detail"]


# A new case


class CaseIn(Input):
    """A new case, and whence it comes: a contact that was recorded, or one that is recorded with it."""

    contact_id: str = ""
    came_from: ContactKind = ContactKind.MEETING
    held_on: date | None = None
    title: Line
    summary: Prose = ""
    lead: Slug
    partners: list[Slug] = Field(default=[], max_length=200)
    working_area: int | None = None


@router.get("/new")
def get_new(request: Request, actor: Opener, session: Tx, contact: str = "") -> Response:
    """Ask for what a new case needs."""
    contacts = session.exec(
        select(Contact)
        .where(
            Contact.partnership_id == actor.partnership_id,
            col(Contact.status).in_((ContactStatus.HELD, ContactStatus.ACCEPTED)),
            col(Contact.collaboration_id).is_(None),
            col(Contact.withdraw_reason) == "",
        )
        .order_by(col(Contact.recorded_at).desc())
        .limit(_MOST_CONTACTS)
    ).all()
    organisations = [one for one, _membership in organisations_of(session, actor.partnership_id)]
    names = {one.id: one.name for one in organisations}
    return page(
        request,
        "pipeline/new.html",
        contact=contact,
        contacts=[
            (one.id, f"{one.subject} ({names.get(one.requester_id, '–')}, {names.get(one.host_id, '–')})")
            for one in contacts
        ],
        organisations=[(one.slug, one.name) for one in organisations],
        areas=[(one.area.number, one.area.name) for one in working_areas_of(session, actor.partnership_id)],
        adds=may(actor, Action.EDIT_PARTNERSHIP, Scope(actor.partnership_id)),
    )


_MOST_CONTACTS = 200


@router.post("/new")
def post_new(sent: Form, actor: Opener, session: Tx) -> Response:
    """Open a case, and show it."""
    wanted = sent.read(CaseIn, lists=("partners",))
    partnership = session.get_one(Partnership, actor.partnership_id)
    named = {"lead": wanted.lead, **{f"partners[{at}]": one for at, one in enumerate(wanted.partners, start=1)}}
    lead, *partners = organisations_named(session, partnership.id, named).values()
    slug = free_name(
        session, col(Collaboration.slug), wanted.title, col(Collaboration.partnership_id) == partnership.id
    )
    if wanted.contact_id:
        contact = Allowed(CONTACT, Action.READ_CONTACTS)(session, actor, contact_id=wanted.contact_id)
        members = [Joining(lead, MemberPart.LEAD), *(Joining(one, MemberPart.PARTNER) for one in partners)]
        row = open_collaboration(
            session,
            partnership,
            contact=contact,
            slug=slug,
            title=wanted.title,
            summary=wanted.summary,
            members=members,
        )
    else:
        origin = Origin(wanted.came_from, "", wanted.held_on)
        row = open_with_origin(
            session,
            partnership,
            origin,
            lead=lead,
            partners=partners,
            slug=slug,
            title=wanted.title,
            summary=wanted.summary,
        )
    if wanted.working_area is not None:
        area = working_area_numbered(session, partnership.id, wanted.working_area)
        edit_collaboration(session, row, working_area=area)
    return lead_to(f"/cases/{row.id}", told="opened")
