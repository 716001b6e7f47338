"""Reads of questions and answers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy import select as plain
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from states.clock import today
from states.errors import Missing
from states.questions.tables import Question, QuestionAnswer, QuestionState, QuestionSubject
from states.rights.actors import Actor, Role
from states.search.words import Phrase, Words
from states.storage import Keys, PlainSelect, Reading, columns_of, is_value
from states.storage.paging import Order

ORDERS: dict[str, Order] = {"asked": col(Question.asked_at), "due": col(Question.due_on)}
"""By what a list of questions is sorted."""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that waits for an answer, as far as its deadline depends on it."""

    id: str
    about: str
    to_role: Role
    to_organisation_id: str | None
    to_person_id: str | None
    due_on: date
    turn: int


def _open(keys: Keys) -> PlainSelect:
    row = columns_of(Question)
    read = [row[name] for name in OpenQuestion.__slots__]
    return plain(row.collaboration_id, *read).where(row.collaboration_id.in_(keys), row.state == QuestionState.OPEN)


OPEN_QUESTIONS = Reading(OpenQuestion, _open)


def question_by_id(session: Session, key: str) -> Question:
    """Return it, or raise `Missing`."""
    found = session.get(Question, key)
    if found is None:
        raise Missing("question", key)
    return found


def answer_numbered(session: Session, question: Question, number: int) -> QuestionAnswer:
    """Return it, or raise `Missing`."""
    wanted = (QuestionAnswer.question_id == question.id, QuestionAnswer.number == number)
    found = session.exec(select(QuestionAnswer).where(*wanted)).one_or_none()
    if found is None:
        raise Missing("answer", number)
    return found


def answers_of(session: Session, question_ids: Collection[str]) -> dict[str, list[QuestionAnswer]]:
    """Return what was written to each question, the first first."""
    found: dict[str, list[QuestionAnswer]] = {key: [] for key in question_ids}
    query = select(QuestionAnswer).where(col(QuestionAnswer.question_id).in_(question_ids))
    for row in session.exec(query.order_by(col(QuestionAnswer.number))):
        found[row.question_id].append(row)
    return found


def waits_for_answer_of(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a question is put to this actor: in person, for an organisation, or as of a role."""
    person, organisation = col(Question.to_person_id), col(Question.to_organisation_id)
    return or_(
        is_value(person, actor.person_id),
        and_(
            person.is_(None),
            col(Question.to_role) == actor.role,
            or_(organisation.is_(None), is_value(organisation, actor.organisation_id)),
        ),
    )


def asked_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor asked."""
    return is_value(col(Question.asked_by), actor.person_id)


def find_questions(
    partnership_id: str,
    *conditions: ColumnElement[bool],
    collaboration_ids: Collection[str] | None = None,
    states: Collection[QuestionState] | None = None,
    subject: QuestionSubject | None = None,
    subject_id: str | None = None,
) -> SelectOfScalar[Question]:
    """Return the query of a partnership's questions, to be read in one of the `ORDERS`."""
    query = select(Question).where(Question.partnership_id == partnership_id, *conditions)
    if collaboration_ids is not None:
        query = query.where(col(Question.collaboration_id).in_(collaboration_ids))
    if states is not None:
        query = query.where(col(Question.state).in_(states))
    wanted = {Question.subject: subject, Question.subject_id: subject_id}
    return query.where(*(col(column) == value for column, value in wanted.items() if value is not None))


listed_questions = lru_cache(maxsize=128)(find_questions)
"""The same query where the same list is asked for again: its statements are made once."""


def is_overdue() -> ColumnElement[bool]:
    """Return the condition of a question that should have been answered."""
    return and_(col(Question.state) == QuestionState.OPEN, col(Question.due_on) < today())


def found_by(words: Words, *, blind: bool) -> ColumnElement[bool]:
    """Return the condition that a question or its answers hold the words, with the partners by label if `blind`."""
    text = col(Question.blind_words if blind else Question.words)

    def holds(phrase: Phrase) -> ColumnElement[bool]:
        return text.contains(f" {' '.join(phrase.words)}{'' if phrase.open else ' '}", autoescape=True)

    return and_(*map(holds, words.wanted), *(~holds(phrase) for phrase in words.excluded))


def open_to(session: Session, *, person_id: str, partnership_id: str) -> Sequence[Question]:
    """Return the open questions that are put to a person."""
    wanted = (Question.to_person_id == person_id, Question.partnership_id == partnership_id)
    query = select(Question).where(*wanted, Question.state == QuestionState.OPEN)
    return session.exec(query.order_by(col(Question.asked_at), col(Question.id))).all()
