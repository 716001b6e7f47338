"""Routes of a collaboration's members: who joins, leads, leaves, and what is open after that."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field
from sqlmodel import Session

from api.http.access import COLLABORATION, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.lookups import organisations_named
from api.http.paging import Page
from api.http.problems import ReasonOut
from api.http.schemas import Input, Listing, Prose
from api.routes.collaborations.collaborations import CollaborationOut, MemberIn, present
from states.collaborations.queries import members_of
from states.collaborations.service import Joining
from states.collaborations.tables import Collaboration, MemberPart
from states.crossings.consortium import change_part, join, leave, open_points
from states.errors import Missing, Refusal
from states.rights.access import Action

router = APIRouter(prefix="/collaborations", tags=["collaborations"], route_class=Idempotent)

Edit = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.EDIT_COLLABORATION))]
Dossier = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_FUNDING_CASE))]


class MemberPatch(Input):
    model_config = example(contribution="Coatings and their tests")

    part: MemberPart | None = Field(default=None, description="`lead` takes over from the present lead")
    contribution: Prose | None = None


@router.post("/{collaboration_id}/members", status_code=201)
def post_member(
    row: Edit, version: IfMatch, sent: MemberIn, session: Tx, actor: CurrentActor, answer: Answered
) -> CollaborationOut:
    """Let an organisation join; a new lead takes over from the old one. The ETag is the collaboration's."""
    organisation = organisations_named(session, row.partnership_id, {"organisation": sent.organisation})["organisation"]
    joining = Joining(organisation, sent.part, sent.contribution)
    join(session, row, joining, actor=actor, expected_version=version)
    answer.created("get_collaboration", collaboration_id=row.id)
    answer.tag(row.version)
    return present(session, [row])[0]


@router.patch("/{collaboration_id}/members/{organisation}")
def patch_member(
    row: Edit,
    version: IfMatch,
    organisation: str,
    sent: MemberPatch,
    session: Tx,
    actor: CurrentActor,
    answer: Answered,
) -> CollaborationOut:
    """Change a member: make it the lead, or change what it brings in. What is left out stays. The ETag is the
    collaboration's.

    What waited for the former lead waits for the new one. The latest frozen version is void: it is frozen and signed
    anew.
    """
    found = _member_named(session, row, organisation)
    change_part(
        session,
        row,
        found,
        part=sent.part,
        contribution=sent.contribution,
        actor=actor,
        expected_version=version,
    )
    answer.tag(row.version)
    return present(session, [row])[0]


@router.delete("/{collaboration_id}/members/{organisation}", status_code=204)
def delete_member(
    row: Edit,
    version: IfMatch,
    organisation: str,
    session: Tx,
    actor: CurrentActor,
    next_lead: Annotated[str | None, Query(max_length=80, description="the member that leads from now on")] = None,
    costs_to: Annotated[str | None, Query(max_length=80, description="the member that takes its costs over")] = None,
) -> Response:
    """Let a member leave; the record of its time stays. A lead leaves once the next one is named.

    The latest frozen version is void. What is still the former member's is named by `open-points`. The ETag is the
    collaboration's.
    """
    leave(
        session,
        row,
        _member_named(session, row, organisation),
        next_lead=None if next_lead is None else _member_named(session, row, next_lead),
        costs_to=None if costs_to is None else _member_named(session, row, costs_to),
        actor=actor,
        expected_version=version,
    )
    return Response(status_code=204, headers={"ETag": f'"{row.version}"'})


@router.get("/{collaboration_id}/open-points")
def list_open_points(row: Dossier, session: Tx, page: Page) -> Listing[ReasonOut]:
    """List what is still of a former lead or of members that have left, and where each is put right."""
    points = list(enumerate(page.each(session, lambda: open_points(session, row))))

    def show(part: Sequence[tuple[int, Refusal]]) -> list[ReasonOut]:
        return [ReasonOut.of(point) for _, point in part]

    return page.cut(points, lambda one: one[0], show=show)


def _member_named(session: Session, row: Collaboration, slug: str) -> str:
    """Return the id of a present member by its short name."""
    members = members_of(session, [row.id])[row.id]
    found = next((one.organisation.id for one in members if one.organisation.slug == slug), None)
    if found is None:
        raise Missing("member", slug)
    return found
