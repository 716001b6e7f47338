"""What a case asks of its funding: facts of the project, what each partner declares, what is wished of any mix."""

from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import UNANSWERED, Form, Typed, read_as
from api.pages.question_forms import DECLARED, PROJECT, WANTED, read_question, shown_question
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.pages.words import word
from api.routes.funding.cases import FundingQuestionIn, get_funding_case, get_funding_question, put_funding_question
from api.routes.funding.cost_lines import Read
from api.routes.funding.finances import Edit
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.funding.case.vocabulary import BY_DATE, RiskStage, Strand
from states.funding.rules.queries import shelf_for

router = APIRouter(prefix="/cases/{collaboration_id}/funding/question")


@router.get("")
def get_question_page(request: Request, row: Read, session: Tx, actor: CurrentActor) -> Response:
    """Show what is asked as a form, or to read."""
    kept = get_funding_question(row, session, UNANSWERED)
    partners = _partners(session, row)
    typed: Typed = getattr(request.state, "typed", Typed())
    return page(
        request,
        "funding/question.html",
        case=row,
        version=typed.version if typed.version is not None else kept.version,
        groups=PROJECT,
        declared=DECLARED,
        wanted=WANTED,
        partners=partners,
        shown=shown_question(kept.model_dump(mode="json"), list(partners)),
        rule_set=kept.rule_set,
        sets=[(key, one.title) for key, one in shelf_for(session, row.partnership_id).sets.items()],
        by_date=BY_DATE,
        options=_options(session, row),
        can=Abilities(session, actor, row),
    )


@router.post("")
def post_question_page(sent: Form, row: Edit, session: Tx) -> Response:
    """Ask it."""
    kept = get_funding_question(row, session, UNANSWERED).model_dump(mode="json", exclude={"version"})
    asked = read_as(FundingQuestionIn, read_question(sent, kept, list(_partners(session, row))))
    put_funding_question(row, must_match(sent.version), asked, session, UNANSWERED)
    return lead_to(f"/cases/{row.id}/funding/question", told="saved")


def _partners(session: Session, row: Collaboration) -> dict[str, str]:
    return {one.organisation.slug: one.organisation.name for one in members_of(session, [row.id])[row.id]}


def _options(session: Session, row: Collaboration) -> dict[str, list[tuple[str, str]]]:
    """Return what may be chosen; instruments are those of the case, once it is whole."""
    case: Any = get_funding_case(row, session).case or {"instruments": []}
    return {
        "strands": [(one.value, f"{one.value.upper()}") for one in Strand],
        "stages": [(one.value, word(one)) for one in RiskStage],
        "used": [(one["id"], one["name"]) for one in case["instruments"]],
    }
