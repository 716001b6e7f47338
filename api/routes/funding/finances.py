"""Routes of the financial plan: what is assumed of a collaboration's future, and every figure of a scenario."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from api.http.access import COLLABORATION, SCENARIO, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.schemas import Input, Output
from api.routes.funding.finance_schemas import FinancesOut, financial_figures
from states.collaborations.queries import collaboration_by_id
from states.collaborations.tables import Collaboration
from states.crossings.rights.collaborations import blinding_of
from states.funding.finance.scenario_finances import UNWRITTEN, assumptions_of, finances_of, keep_assumptions
from states.funding.inputs.assumptions import Assumptions
from states.funding.tables import Scenario
from states.rights.access import Action

router = APIRouter(tags=["funding"], route_class=Idempotent)

# Whoever writes the plan with the partners: to a reviewer the figures of a scenario say what was assumed.
ReadDraft = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_PROTOCOL))]
Edit = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.EDIT_FUNDING))]
Read = Annotated[Scenario, Depends(Allowed(SCENARIO, Action.READ_FUNDING))]


_ASSUMED = {
    "horizon": {"first_year": 2027, "years": 10, "prices": "real", "price_year": 2026, "illustrative": True},
    "rates": {"discount": "4", "tax": "19", "source": "reference rate of the Commission"},
    "revenues": [{"name": "Tests", "by_year": {"2029": "90000.00", "2030": "120000.00"}, "illustrative": True}],
}


class AssumptionsIn(Input, Assumptions):
    """Assumptions as a client sends them; each says its source, or that it is illustrative."""

    model_config = example(**_ASSUMED)


class AssumptionsOut(Output):
    assumptions: Assumptions | None = Field(description="none where nobody has said anything yet", examples=[_ASSUMED])
    changed_at: datetime | None = None
    version: int = Field(default=UNWRITTEN, description="0 where nothing is written yet; the ETag")


@router.get("/collaborations/{collaboration_id}/financial-assumptions")
def get_assumptions(row: ReadDraft, session: Tx, answer: Answered) -> AssumptionsOut:
    """Read the assumptions of the financial plan; its ETag is what a change sends back as If-Match."""
    kept = assumptions_of(session, row.id)
    answer.tag(kept.version if kept else UNWRITTEN)
    if kept is None:
        return AssumptionsOut(assumptions=None)
    given = Assumptions.model_validate(kept.content)
    return AssumptionsOut(assumptions=given, changed_at=kept.changed_at, version=kept.version)


@router.put("/collaborations/{collaboration_id}/financial-assumptions")
def put_assumptions(row: Edit, version: IfMatch, sent: AssumptionsIn, session: Tx, answer: Answered) -> AssumptionsOut:
    """Replace the assumptions of the financial plan; If-Match is "0" where nothing is written yet."""
    kept = keep_assumptions(session, row.id, sent, expected_version=version)
    answer.tag(kept.version)
    return AssumptionsOut(
        assumptions=Assumptions.model_validate(kept.content), changed_at=kept.changed_at, version=kept.version
    )


@router.get("/scenarios/{scenario_id}/finances")
def get_finances(row: Read, session: Tx, actor: CurrentActor) -> FinancesOut:
    """Compute the financial plan of a scenario that was made from the case, and every figure of it.

    Where it has no frozen case, or the assumptions do not fit it, the faults say what is missing, and where.
    """
    found = financial_figures(finances_of(session, row), scenario_id=row.id)
    return blinding_of(session, actor, collaboration_by_id(session, row.collaboration_id)).over(found)
