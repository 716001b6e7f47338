"""Routes of links by which somebody without an account reads a question and answers it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import Session

from api.http.access import QUESTION
from api.http.dependencies import Tx
from api.http.idempotency import Idempotent
from api.http.problems import refusals
from api.http.schemas import Output, Text
from api.routes.questions.question_views import CaseQuestionOut, shown
from api.routes.questions.questions import CaseAnswerIn
from states.calendars.queries import actors_of
from states.changes import speak_as
from states.collaborations.queries import collaboration_by_id
from states.credentials.links import LinkEnded, LinkPurpose, SignedLink, open_link
from states.crossings.questions.asking import answer
from states.crossings.rights.collaborations import blinding_of
from states.crossings.rights.questions import of_questions
from states.questions.tables import Question
from states.rights.access import Action, Actor, may

router = APIRouter(prefix="/links/question/{token}", tags=["questions"], route_class=Idempotent)


class LinkedQuestionOut(Output):
    """What somebody with a link is asked."""

    collaboration: Text
    question: CaseQuestionOut
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class QuestionAccess:
    """A link that is still good, as whom its holder answers, and the question."""

    link: SignedLink
    actor: Actor
    row: Question


def of_question_link(token: str, session: Tx) -> QuestionAccess:
    """Return what the link asks, or raise `LinkForged` or `LinkEnded`; its holder may answer it as one with a token."""
    link = open_link(session, token, purpose=LinkPurpose.QUESTION)
    row = QUESTION.find(session, link.subject_id)
    for actor in actors_of(session, link.person_id, link.partnership_id):
        [scope] = of_questions(session, actor, [row])
        asked = row.to_organisation_id in (None, actor.organisation_id) and row.to_person_id in (None, link.person_id)
        if asked and actor.role is row.to_role and may(actor, Action.ANSWER_QUESTION, scope):
            speak_as(session, role=actor.role.value, organisation_id=actor.organisation_id)
            return QuestionAccess(link, actor, row)
    raise LinkEnded("not_asked_any_more")


ByLink = Annotated[QuestionAccess, Depends(of_question_link)]


@router.get("", responses=refusals(410))
def get_question_link(found: ByLink, session: Tx) -> LinkedQuestionOut:
    """Read what a link asks, what was answered, and until when."""
    row = collaboration_by_id(session, found.row.collaboration_id)
    told = LinkedQuestionOut(collaboration=row.title, question=_shown(session, found), expires_at=found.link.expires_at)
    return blinding_of(session, found.actor, row).over(told)


@router.post("", status_code=201, responses=refusals(410))
def post_question_link(found: ByLink, sent: CaseAnswerIn, session: Tx) -> CaseQuestionOut:
    """Answer by a link, without an account; the link is good for more until it expires."""
    answer(session, found.row, sent.text, actor=found.actor)
    return _shown(session, found)


def _shown(session: Session, found: QuestionAccess) -> CaseQuestionOut:
    return shown(session, found.actor, [found.row])[0]
