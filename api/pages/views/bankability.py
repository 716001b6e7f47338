"""How near a case is to what a bank looks for: points by section, and who mends each that is missing, and where."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.dependencies import CurrentActor, Tx
from api.pages.rendering import page
from api.routes.collaborations.bankability import Read, get_bankability
from states.bankability.criteria import SECTIONS
from states.crossings.rights.collaborations import blinding_of

router = APIRouter()

_CRITERIA = {section.key: [one.key for one in section.criteria] for section in SECTIONS}


@router.get("/cases/{collaboration_id}/bankability")
def get_bankability_page(request: Request, row: Read, session: Tx, actor: CurrentActor) -> Response:
    """Show the meter of a case, section by section."""
    hidden = blinding_of(session, actor, row)
    meter = hidden.over(get_bankability(row, session))
    return page(
        request,
        "bankability/meter.html",
        case=row,
        title=hidden.text(row.title),
        meter=meter,
        criteria=_CRITERIA,
        lacking=sum(len(one.missing) for one in meter.sections),
    )
