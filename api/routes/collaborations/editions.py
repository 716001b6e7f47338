"""Routes of the edition of the playbook by which a collaboration goes: move it to another one, checked first."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import Field

from api.http.access import COLLABORATION, Allowed
from api.http.conditional import Answered, MaybeMatch, must_match
from api.http.dependencies import Tx
from api.http.idempotency import Idempotent
from api.http.problems import ReasonOut
from api.http.schemas import Output
from api.routes.collaborations.collaborations import CollaborationOut, present
from api.routes.partnerships.partnerships import DryRun, EditionChangeIn
from states.collaborations.tables import Collaboration
from states.lifecycle.edition_change import change_edition, fittings
from states.playbooks.editions import need_playbook
from states.rights.access import Action

router = APIRouter(prefix="/collaborations", tags=["collaborations"], route_class=Idempotent)

Edit = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.EDIT_COLLABORATION))]


class EditionFitOut(Output):
    edition: str
    fits: bool
    reasons: list[ReasonOut] = Field(description="why it does not fit")


@router.post(
    "/{collaboration_id}/edition-change",
    response_model=CollaborationOut,
    status_code=201,
    responses={200: {"model": EditionFitOut, "description": "the answer to a dry run"}},
)
def post_collaboration_edition(
    row: Edit, version: MaybeMatch, sent: EditionChangeIn, session: Tx, answer: Answered, dry_run: DryRun = False
) -> CollaborationOut | JSONResponse:
    """Let a collaboration go on under another edition, or say all that does not fit; a dry run needs no If-Match."""
    playbook = need_playbook(session, sent.playbook)
    if dry_run:
        [found] = fittings(session, [row], playbook)
        reasons = [ReasonOut.of(reason) for reason in found.reasons]
        shown = EditionFitOut(edition=playbook.key, fits=found.fits, reasons=reasons)
        return JSONResponse(shown.model_dump(mode="json"))
    change_edition(session, row, playbook, expected_version=must_match(version))
    answer.tag(row.version)
    return present(session, [row])[0]
