"""Frozen versions of a protocol: frozen after a check, compared, signed by each partner; reviews of the risks."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import COLLABORATION, SIGN_OFF, Allowed, AllowedVersion, SignOffAccess, VersionAccess
from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import OWN_FORM, UNANSWERED, Form
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.pages.views.cases import title_as_read
from api.routes.protocol.comparisons import Dossier, get_protocol_comparison
from api.routes.protocol.protocols import (
    Edit,
    get_protocol_status,
    get_version,
    list_versions,
    post_version,
)
from api.routes.protocol.risk_reviews import Hold, RiskReviewIn, list_risk_reviews, post_risk_review
from api.routes.protocol.sign_offs import (
    AskAgain,
    Sign,
    SignOffIn,
    list_sign_offs,
    post_sign_off,
    post_sign_off_request,
    show_asked,
)
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.playbooks.editions import playbook_of
from states.protocol.queries import latest_versions, sign_offs_of
from states.rights.access import Action, Actor
from states.rights.scopes import permitted

router = APIRouter()

ReadDraft = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_PROTOCOL))]
ReadVersion = Annotated[VersionAccess, Depends(AllowedVersion(Action.READ_DOSSIER))]
ReadSignOff = Annotated[SignOffAccess, Depends(Allowed(SIGN_OFF, Action.SIGN_OFF))]


@router.get("/cases/{collaboration_id}/freeze")
def get_freeze_page(request: Request, row: Edit, session: Tx, actor: CurrentActor) -> Response:
    """Show what would be frozen, to be checked: what is missing, what differs from the last version, who signs."""
    last = latest_versions(session, [row.id]).get(row.id)
    compared = get_protocol_comparison(row, session, actor, str(last.number), "draft") if last else None
    return page(
        request,
        "protocol/freeze.html",
        case=row,
        sections=get_protocol_status(row, session).sections,
        last=last,
        compared=compared,
        members=[one.organisation.name for one in members_of(session, [row.id])[row.id]],
    )


@router.post("/cases/{collaboration_id}/freeze", dependencies=[OWN_FORM])
def post_freeze_page(row: Edit, session: Tx) -> Response:
    """Freeze the draft as the next version, and show that."""
    made = post_version(row, session, UNANSWERED)
    return lead_to(f"/cases/{row.id}/versions/{made.number}", told="frozen")


@router.get("/cases/{collaboration_id}/versions/{number}")
def get_version_page(request: Request, found: ReadVersion, session: Tx, actor: CurrentActor) -> Response:
    """Show a frozen version; in a blind stage partners go by label."""
    row = found.collaboration
    return page(
        request,
        "protocol/version.html",
        case_id=row.id,
        title=title_as_read(session, actor, row),
        version=get_version(found, session, actor, UNANSWERED),
        sections=playbook_of(session, row).protocol,
        can=Abilities(session, actor, row),
    )


@router.get("/cases/{collaboration_id}/redline")
def get_redline_page(
    request: Request,
    row: Dossier,
    session: Tx,
    actor: CurrentActor,
    lists: Lists,
    before: Annotated[str | None, Query(alias="from", max_length=40)] = None,
    after: Annotated[str | None, Query(alias="to", max_length=40)] = None,
) -> Response:
    """Show what differs between two versions, or a version and the draft: what came, and what went."""
    can = Abilities(session, actor, row)
    versions = list_versions(row, session, actor, lists.whole()).items
    newest = str(versions[-1].number) if versions else ""
    to = after or ("draft" if can("read_protocol") else newest)
    compared = get_protocol_comparison(row, session, actor, before or None, to) if versions else None
    options = [(str(one.number), one) for one in versions]
    return page(
        request,
        "protocol/redline.html",
        case_id=row.id,
        title=title_as_read(session, actor, row),
        can=can,
        options=options,
        compared=compared,
        before=before or (str(compared.before.number or "") if compared else ""),
        to=to,
    )


@router.get("/cases/{collaboration_id}/sign-offs")
def get_sign_offs_page(request: Request, row: ReadDraft, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show what each partner says of its part in the latest version."""
    version = latest_versions(session, [row.id]).get(row.id)
    asked = [one for one, _ in sign_offs_of(session, version.id)] if version else []
    return page(
        request,
        "protocol/sign_offs.html",
        case=row,
        version=version,
        sign_offs=list_sign_offs(row, session, lists.whole()).items,
        mine={one.id for one in permitted(session, actor, asked, Action.SIGN_OFF)},
        can=Abilities(session, actor, row),
    )


@router.get("/sign-offs/{sign_off_id}")
def get_sign_off_page(request: Request, found: ReadSignOff, session: Tx, actor: CurrentActor) -> Response:
    """Show what an organisation signs: its own part of the version first."""
    row = found.collaboration
    titles = {
        f"{section.key}.{field.key}": (section, field)
        for section in playbook_of(session, row).protocol
        for field in section.fields
    }
    return page(
        request,
        "protocol/sign_off.html",
        case=row,
        asked=show_asked(session, found),
        titles=titles,
        can=Abilities(session, actor, row),
    )


@router.post("/sign-offs/{sign_off_id}")
def post_sign_off_page(sent: Form, found: Sign, session: Tx, actor: CurrentActor) -> Response:
    """Sign, or say what stands in the way."""
    said = sent.read(SignOffIn) if sent.get("answer") == "refuse" else SignOffIn()
    if sent.get("answer") == "refuse" and not said.refused_because.strip():
        said = sent.read(SignOffIn, refused_because=None)  # a refusal says why
    post_sign_off(found, must_match(sent.version), said, session, actor, UNANSWERED)
    return lead_to(f"/cases/{found.collaboration.id}/sign-offs", told="refused" if said.refused_because else "signed")


@router.post("/sign-offs/{sign_off_id}/requests", dependencies=[OWN_FORM])
def post_sign_off_request_page(found: AskAgain, session: Tx) -> Response:
    """Ask a partner once more."""
    post_sign_off_request(found, session)
    return lead_to(f"/cases/{found.collaboration.id}/sign-offs", told="asked")


@router.get("/cases/{collaboration_id}/risk-reviews")
def get_risk_reviews_page(request: Request, row: ReadDraft, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show the reviews of the risks, and the form of the next one."""
    return page(request, "protocol/risk_reviews.html", **_risks(session, row, actor, lists))


@router.post("/cases/{collaboration_id}/risk-reviews")
def post_risk_review_page(sent: Form, row: Hold, session: Tx, actor: CurrentActor) -> Response:
    """Record that the risks were looked at, and what came of it."""
    post_risk_review(row, sent.read(RiskReviewIn), session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}/risk-reviews", told="held")


def _risks(session: Session, row: Collaboration, actor: Actor, lists: Lists) -> dict[str, Any]:
    reviews = list_risk_reviews(row, session, lists.whole()).items
    return {"case": row, "reviews": list(reversed(reviews)), "can": Abilities(session, actor, row)}
