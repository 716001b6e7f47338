"""Routes of questions: asked, answered, closed and asked on; who reads one hangs on its audience."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlmodel import Session, col

from api.http.access import COLLABORATION, QUESTION, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, InPartnership, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.lookups import OfCollaboration, need_collaboration
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Prose
from api.http.searching import Narrowing
from api.routes.questions.question_views import CaseQuestionOut, shown
from states.collaborations.tables import Collaboration
from states.crossings.questions import asking
from states.crossings.questions.asking import Asked, Asking
from states.questions.queries import (
    ORDERS,
    answer_numbered,
    asked_by,
    found_by,
    is_overdue,
    listed_questions,
    waits_for_answer_of,
)
from states.questions.tables import Audience, Question, QuestionState, QuestionSubject
from states.review.access import REVIEWERS
from states.rights.access import Action, Actor, Role
from states.rights.conditions import permitted_where
from states.storage.paging import sorted_by

router = APIRouter(tags=["questions"], route_class=Idempotent)

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]
Ask = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.ASK_QUESTION))]
Read = Annotated[Question, Depends(Allowed(QUESTION, Action.READ_QUESTION))]
Answering = Annotated[Question, Depends(Allowed(QUESTION, Action.ANSWER_QUESTION))]


class AskedIn(Input):
    """Whom a question is put to: one of the three."""

    person: Line | None = Field(default=None, description="id of somebody of a member or of an office")
    organisation: Line | None = Field(default=None, description="short name of a member: all who speak for it")
    role: Role | None = Field(default=None, description="an office: project manager, secretariat or a chair")


class CaseQuestionIn(Input):
    model_config = example(text="Which of the two competitors is certified?", subject="section", subject_name="market")

    text: Prose
    to: AskedIn = Field(default=AskedIn(), description="left out: whoever the playbook names")
    subject: QuestionSubject = QuestionSubject.COLLABORATION
    subject_name: Annotated[str, Field(max_length=100)] = Field(
        default="", description="of a cost line its short name, of a section its key, of all else its id"
    )
    audience: Audience | None = Field(
        default=None,
        description="left out: the two sides, the lead and the office; of a review those who review, or the case",
    )
    due_on: date | None = Field(default=None, description="left out: by the playbook")


class CaseQuestionPatch(Input):
    model_config = example(due_on="2027-01-15")

    text: Prose | None = None
    to: AskedIn | None = None
    due_on: date | None = Field(default=None, description="its reminders begin anew")


class CaseAnswerIn(Input):
    model_config = example(text="The second one, since 2024.")

    text: Prose


class AskingOnIn(Input):
    model_config = example(text="By whom is it certified?")

    text: Prose
    due_on: date | None = Field(default=None, description="left out: by the playbook")


def _asked(sent: AskedIn) -> Asked:
    return Asked(sent.person or "", sent.organisation or "", sent.role)


@router.post("/collaborations/{collaboration_id}/questions", status_code=201)
def post_question(
    row: Ask, sent: CaseQuestionIn, session: Tx, actor: CurrentActor, answer: Answered
) -> CaseQuestionOut:
    """Ask somebody something on a case: who is asked is told by mail, with a link that needs no account.

    Who could not read the question is not asked, and nobody asks for an audience of which they are none.
    """
    wanted = Asking(
        sent.text, _asked(sent.to), sent.subject, sent.subject_name, audience=sent.audience, due_on=sent.due_on
    )
    made = asking.ask(session, row, wanted, actor=actor)
    answer.created("get_question", question_id=made.id)
    return _shown(session, actor, made, answer)


@router.get("/questions")
def list_questions(
    session: Tx,
    actor: Insider,
    page: Page,
    q: Narrowing,
    collaboration: OfCollaboration = None,
    state: QuestionState | None = None,
    mine: Annotated[
        Literal["asked", "waiting"] | None, Query(description="that you asked, or that are put to you")
    ] = None,
    overdue: Annotated[bool, Query(description="those alone that should have been answered")] = False,
    subject: QuestionSubject | None = None,
    subject_id: Annotated[str | None, Query(max_length=100, description="its id, or the key of the section")] = None,
    sort: Literal["asked", "-asked", "due", "-due"] = "asked",
) -> Listing[CaseQuestionOut]:
    """List the questions that the token may read; `q` looks into questions and answers."""
    need_collaboration(session, actor, collaboration)
    conditions = [permitted_where(session, actor, Question, Action.READ_QUESTION)]
    if mine is not None:
        conditions.append(asked_by(actor) if mine == "asked" else waits_for_answer_of(actor))
    if q is not None:
        conditions.append(found_by(q, blind=actor.role in REVIEWERS))
    if overdue:
        conditions.append(is_overdue())
    found = listed_questions(
        actor.partnership_id,
        *conditions,
        collaboration_ids=None if collaboration is None else (collaboration,),
        states=None if state is None else frozenset({state}),
        subject=subject,
        subject_id=subject_id,
    )
    order = sorted_by(ORDERS, sort, col(Question.id))
    return page.read(session, found, *order, show=lambda rows: shown(session, actor, rows))


@router.get("/questions/{question_id}")
def get_question(row: Read, session: Tx, actor: CurrentActor, answer: Answered) -> CaseQuestionOut:
    """Read a question with all that was answered; its ETag is what a change of it sends back as If-Match."""
    return _shown(session, actor, row, answer)


@router.patch("/questions/{question_id}")
def patch_question(
    row: Answering, version: IfMatch, sent: CaseQuestionPatch, session: Tx, actor: CurrentActor, answer: Answered
) -> CaseQuestionOut:
    """Change a question that nobody has answered: its words, until when, or who is asked."""
    to = None if sent.to is None else _asked(sent.to)
    asking.change(session, row, text=sent.text, due_on=sent.due_on, to=to, actor=actor, expected_version=version)
    return _shown(session, actor, row, answer)


@router.post("/questions/{question_id}/answers", status_code=201)
def post_question_answer(
    row: Answering, sent: CaseAnswerIn, session: Tx, actor: CurrentActor, answer: Answered
) -> CaseQuestionOut:
    """Answer a question; who asked is told by mail. Whoever reads it may answer, also after others."""
    asking.answer(session, row, sent.text, actor=actor)
    answer.created("get_question", question_id=row.id)
    return _shown(session, actor, row, answer)


@router.patch("/questions/{question_id}/answers/{number}")
def patch_question_answer(
    row: Answering, number: int, version: IfMatch, sent: CaseAnswerIn, session: Tx, actor: CurrentActor
) -> CaseQuestionOut:
    """Correct an answer of one's own; If-Match is the answer's version. What it said before stays on record."""
    written = answer_numbered(session, row, number)
    asking.correct(session, row, written, sent.text, actor=actor, expected_version=version)
    return shown(session, actor, [row])[0]


@router.post("/questions/{question_id}/answers/{number}/withdrawal")
def post_question_answer_withdrawal(
    row: Answering, number: int, version: IfMatch, session: Tx, actor: CurrentActor
) -> CaseQuestionOut:
    """Withdraw an answer: its author does, or the office; If-Match is the answer's version."""
    written = answer_numbered(session, row, number)
    asking.withdraw_answer(session, row, written, actor=actor, expected_version=version)
    return shown(session, actor, [row])[0]


@router.post("/questions/{question_id}/closing")
def post_question_closing(
    row: Answering, version: IfMatch, session: Tx, actor: CurrentActor, answer: Answered
) -> CaseQuestionOut:
    """Close a question: who asked does, or the office."""
    asking.close(session, row, actor=actor, expected_version=version)
    return _shown(session, actor, row, answer)


@router.post("/questions/{question_id}/reopening")
def post_question_reopening(
    row: Answering, version: IfMatch, sent: AskingOnIn, session: Tx, actor: CurrentActor, answer: Answered
) -> CaseQuestionOut:
    """Ask on where a question was answered or closed: it waits again, until a new day."""
    asking.ask_on(session, row, sent.text, due_on=sent.due_on, actor=actor, expected_version=version)
    return _shown(session, actor, row, answer)


@router.post("/questions/{question_id}/withdrawal")
def post_question_withdrawal(
    row: Answering, version: IfMatch, session: Tx, actor: CurrentActor, answer: Answered
) -> CaseQuestionOut:
    """Withdraw a question that nobody has answered: who asked does, or the office."""
    asking.withdraw(session, row, actor=actor, expected_version=version)
    return _shown(session, actor, row, answer)


def _shown(session: Session, actor: Actor, row: Question, answer: Answered) -> CaseQuestionOut:
    answer.tag(row.version)
    return shown(session, actor, [row])[0]
