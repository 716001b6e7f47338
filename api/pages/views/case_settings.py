"""What a case is called and about, by which edition it goes, who looks after it; and the whole of it as one file."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import COLLABORATION, Allowed
from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import UNANSWERED, Form, read_as
from api.pages.pipeline import office_people
from api.pages.rendering import lead_to, page
from api.pages.signing import read_session
from api.routes.collaborations.case_files import OfTarget, Target, get_case_file
from api.routes.collaborations.collaborations import CollaborationPatch, patch_collaboration, present
from api.routes.collaborations.editions import post_collaboration_edition
from api.routes.collaborations.officers import OfficerPatch, get_officer, patch_officer
from api.routes.partnerships.partnerships import EditionChangeIn
from states.collaborations.officers import case_officer
from states.collaborations.tables import Collaboration
from states.lifecycle.edition_change import fittings
from states.partners.queries import working_areas_of
from states.partners.tables import Partnership, Person
from states.playbooks.editions import chosen_playbook
from states.rights.access import Action, Actor
from states.storage import begin

router = APIRouter(prefix="/cases/{collaboration_id}")

Edit = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.EDIT_COLLABORATION))]
Assign = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.ASSIGN_OFFICER))]


@router.get("/edit")
def get_edit(request: Request, row: Edit, session: Tx) -> Response:
    """Show what may be changed of a case, and whether it fits the edition in force."""
    newest = chosen_playbook(session, session.get_one(Partnership, row.partnership_id).playbook)
    [fit] = fittings(session, [row], newest) if newest.key != row.playbook else [None]
    return page(
        request,
        "cases/edit.html",
        case=present(session, [row])[0],
        areas=[(one.area.number, one.area.name) for one in working_areas_of(session, row.partnership_id)],
        edition=newest.key,
        fit=fit,
    )


@router.post("/edit")
def post_edit(sent: Form, row: Edit, session: Tx) -> Response:
    """Change what a case is called and about."""
    version = must_match(sent.version)
    [known] = present(session, [row])
    target = sent.get("merges_into")
    same = {"merges_into": None} if target == (known.merges_into or "") else {"merges_into": target}
    wanted = sent.read(CollaborationPatch, summary=sent.get("summary"), **same)
    patch_collaboration(row, version, wanted, session, UNANSWERED)
    return lead_to(f"/cases/{row.id}", told="saved")


@router.post("/edition")
def post_edition(sent: Form, row: Edit, session: Tx) -> Response:
    """Let a case go on under the edition in force."""
    post_collaboration_edition(row, must_match(sent.version), sent.read(EditionChangeIn), session, UNANSWERED)
    return lead_to(f"/cases/{row.id}", told="saved")


@router.get("/officer")
def get_officer_page(request: Request, row: Assign, session: Tx, actor: CurrentActor) -> Response:
    """Show who looks after a case and who steps in."""
    return page(
        request,
        "cases/officer.html",
        title=row.title,
        officer=get_officer(row, session, UNANSWERED),
        people=office_people(session, actor),
    )


@router.post("/officer")
def post_officer_page(sent: Form, row: Assign, session: Tx, actor: CurrentActor) -> Response:
    """Say who looks after a case and who steps in."""
    chosen = {place: session.get(Person, sent.get(place)) for place in ("person", "deputy") if sent.get(place)}
    named = {place: found.email if (found := chosen.get(place)) else None for place in ("person", "deputy")}
    wanted = read_as(OfficerPatch, {**named, "reason": sent.get("reason")})
    version = must_match(sent.version) if case_officer(session, row.id) is not None else None
    patch_officer(row, version, wanted, session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}", told="saved")


class TargetOfPage(Target):
    """The case that is taken out by who is signed in."""

    def __init__(self, request: Request, key: str) -> None:
        super().__init__("", key)
        self._request = request

    def check(self, session: Session) -> tuple[Collaboration, Actor]:
        """Return the collaboration and who acts, or raise `Missing` or `Denied`."""
        actor = read_session(self._request, session).actor
        return Allowed(COLLABORATION, OfTarget.action)(session, actor, collaboration_id=self._key), actor


@router.get("/case-file")
def get_case_file_page(request: Request, collaboration_id: str, people: Annotated[bool, Query()] = False) -> Response:
    """Give the whole case as one archive; it holds no transaction while that is made."""
    target = TargetOfPage(request, collaboration_id)
    with begin(read_only=True) as session:
        target.check(session)
    return get_case_file(target, UNANSWERED, people=people)
