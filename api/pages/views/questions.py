"""Questions on a case: asked, answered, asked on, closed and withdrawn."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import COLLABORATION, QUESTION, Allowed
from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.http.paging import Page
from api.pages.forms import UNANSWERED, Form, Typed
from api.pages.languages import gettext
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.pages.subjects import subjects_of
from api.pages.views.cases import title_as_read
from api.pages.words import word
from api.routes.protocol.assignments import list_writers
from api.routes.questions import questions as routes
from api.routes.questions.question_views import shown
from api.routes.questions.questions import (
    Ask,
    AskingOnIn,
    CaseAnswerIn,
    CaseQuestionIn,
    CaseQuestionPatch,
    Insider,
)
from states.collaborations.queries import collaboration_by_id, members_of
from states.collaborations.tables import Collaboration
from states.crossings.questions.asking import OFFICES
from states.crossings.rights.collaborations import blinding_of
from states.questions.tables import Audience, Question, QuestionState, QuestionSubject
from states.rights.access import Action, Actor

router = APIRouter()

ReadCase = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_COLLABORATION))]
Read = Annotated[Question, Depends(Allowed(QUESTION, Action.READ_QUESTION))]
Answering = Annotated[Question, Depends(Allowed(QUESTION, Action.ANSWER_QUESTION))]


@router.get("/cases/{collaboration_id}/questions")
def get_questions_page(
    request: Request,
    row: ReadCase,
    actor: Insider,
    session: Tx,
    cut: Page,
    lists: Lists,
    state: QuestionState | None = None,
    subject: QuestionSubject | None = None,
    about: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Show the questions on a case that the reader may read, and the form by which one is asked."""
    can = Abilities(session, actor, row)
    found = routes.list_questions(
        session, actor, cut, None, row.id, state, subject=subject, subject_id=about or None, sort="-asked"
    )
    return page(
        request,
        "questions/questions.html",
        case_id=row.id,
        title=title_as_read(session, actor, row),
        can=can,
        questions=found,
        states=[(one.value, word(one)) for one in QuestionState],
        state=state,
        about=f"{subject}:{about}" if subject and about else "",
        **(_asking(session, row, actor, can, lists) if can("ask_question") else {}),
    )


@router.post("/cases/{collaboration_id}/questions")
def post_question_page(sent: Form, row: Ask, session: Tx, actor: CurrentActor) -> Response:
    """Ask; whoever is asked is told by mail."""
    kind, _, name = sent.get("to").partition(":")
    subject, _, of = (sent.get("subject_name") or "collaboration:").partition(":")
    wanted = sent.read(CaseQuestionIn, to={kind: name} if kind else {}, subject=subject, subject_name=of)
    made = routes.post_question(row, wanted, session, actor, UNANSWERED)
    return lead_to(f"/questions/{made.id}", told="asked")


@router.get("/questions/{question_id}")
def get_question_page(request: Request, row: Read, session: Tx, actor: CurrentActor) -> Response:
    """Show a question with its answers, and what may be done with it."""
    case = collaboration_by_id(session, row.collaboration_id)
    return page(
        request,
        "questions/question.html",
        case_id=case.id,
        title=title_as_read(session, actor, case),
        one=shown(session, actor, [row])[0],
        can=Abilities(session, actor, row),
        office=Abilities(session, actor, case)("edit_collaboration"),
    )


@router.post("/questions/{question_id}")
def post_question_change_page(sent: Form, row: Answering, session: Tx, actor: CurrentActor) -> Response:
    """Change the words of a question that nobody has answered, or its day."""
    wanted = sent.read(CaseQuestionPatch)
    routes.patch_question(row, must_match(sent.version), wanted, session, actor, UNANSWERED)
    return lead_to(f"/questions/{row.id}", told="changed")


@router.post("/questions/{question_id}/answers")
def post_answer_page(sent: Form, row: Answering, session: Tx, actor: CurrentActor) -> Response:
    """Answer; who asked is told by mail."""
    routes.post_question_answer(row, sent.read(CaseAnswerIn), session, actor, UNANSWERED)
    return lead_to(f"/questions/{row.id}", told="answered")


@router.post("/questions/{question_id}/answers/{number}")
def post_answer_correction_page(sent: Form, row: Answering, number: int, session: Tx, actor: CurrentActor) -> Response:
    """Correct an answer of one's own; what it said before stays on record."""
    named = Typed(tuple(("text" if name == f"text{number}" else name, value) for name, value in sent.fields))
    routes.patch_question_answer(row, number, must_match(sent.version), named.read(CaseAnswerIn), session, actor)
    return lead_to(f"/questions/{row.id}", told="changed")


@router.post("/questions/{question_id}/answers/{number}/withdrawal")
def post_answer_withdrawal_page(sent: Form, row: Answering, number: int, session: Tx, actor: CurrentActor) -> Response:
    """Withdraw an answer."""
    routes.post_question_answer_withdrawal(row, number, must_match(sent.version), session, actor)
    return lead_to(f"/questions/{row.id}", told="withdrawn")


@router.post("/questions/{question_id}/closing")
def post_closing_page(sent: Form, row: Answering, session: Tx, actor: CurrentActor) -> Response:
    """Close a question."""
    routes.post_question_closing(row, must_match(sent.version), session, actor, UNANSWERED)
    return lead_to(f"/questions/{row.id}", told="closed")


@router.post("/questions/{question_id}/reopening")
def post_reopening_page(sent: Form, row: Answering, session: Tx, actor: CurrentActor) -> Response:
    """Ask on: the question waits again."""
    routes.post_question_reopening(row, must_match(sent.version), sent.read(AskingOnIn), session, actor, UNANSWERED)
    return lead_to(f"/questions/{row.id}", told="asked")


@router.post("/questions/{question_id}/withdrawal")
def post_withdrawal_page(sent: Form, row: Answering, session: Tx, actor: CurrentActor) -> Response:
    """Withdraw a question that nobody has answered."""
    routes.post_question_withdrawal(row, must_match(sent.version), session, actor, UNANSWERED)
    return lead_to(f"/questions/{row.id}", told="withdrawn")


def _asking(session: Session, row: Collaboration, actor: Actor, can: Abilities, lists: Lists) -> dict[str, Any]:
    """Return whom and about what somebody may ask; who judges blind is told no names."""
    groups = [(gettext("Offices"), [(f"role:{role}", word(role)) for role in OFFICES])]
    if not blinding_of(session, actor, row):
        members = [one.organisation for one in members_of(session, [row.id])[row.id]]
        groups.insert(0, (gettext("Partners"), [(f"organisation:{one.slug}", one.name) for one in members]))
    if can("edit_protocol"):
        people = [one for one in list_writers(row, session, lists.whole()).items if one.organisation]
        groups.append((gettext("People"), [(f"person:{one.person}", one.label) for one in people]))
    return {
        "to": groups,
        "subjects": subjects_of(session, row, can),
        "audiences": [(one.value, word(one)) for one in Audience],
    }
