"""Ask, answer, correct, close and reopen questions."""

from datetime import date

from sqlmodel import Session, func, select

from states.clock import now
from states.machines.stepping import begin, need, step
from states.questions.states import (
    ANSWER,
    ASK,
    ASK_ON,
    CHANGE,
    CLOSE,
    CORRECT,
    QUESTION,
    UNANSWER,
    WITHDRAW,
)
from states.questions.tables import Question, QuestionAnswer
from states.rights.actors import Actor, Role
from states.storage import bump_version


def ask(session: Session, row: Question) -> Question:
    """Record a question."""
    row.state = begin(QUESTION, ASK)
    session.add(row)
    session.flush()
    return row


def change_question(
    session: Session,
    row: Question,
    *,
    text: str | None = None,
    due_on: date | None = None,
    to: tuple[Role, str | None, str | None] | None = None,
    expected_version: int | None = None,
) -> None:
    """Change a question that nobody has answered; another day or another one who is asked begins its reminders anew."""
    need(QUESTION, row.state, CHANGE)
    bump_version(session, row, expected=expected_version)
    row.text = row.text if text is None else text.strip()
    asked = (row.to_role, row.to_organisation_id, row.to_person_id)
    if (due_on or row.due_on, to or asked) != (row.due_on, asked):
        row.due_on, row.turn = due_on or row.due_on, row.turn + 1
        row.to_role, row.to_organisation_id, row.to_person_id = to or asked
    session.flush()


def answer(session: Session, row: Question, text: str, *, actor: Actor) -> QuestionAnswer:
    """Record an answer; there may be several."""
    need(QUESTION, row.state, ANSWER)
    bump_version(session, row)
    row.state = step(QUESTION, row.state, ANSWER)
    return _write(session, row, text, actor=actor)


def ask_on(
    session: Session,
    row: Question,
    text: str,
    *,
    due_on: date,
    actor: Actor,
    expected_version: int | None = None,
) -> QuestionAnswer:
    """Reopen a question, with what is asked on."""
    need(QUESTION, row.state, ASK_ON)
    bump_version(session, row, expected=expected_version)
    row.state = step(QUESTION, row.state, ASK_ON)
    row.due_on, row.turn = due_on, row.turn + 1
    row.closed_by, row.closed_at = None, None
    return _write(session, row, text, actor=actor, of_asker=True)


def correct_answer(
    session: Session, row: Question, one: QuestionAnswer, text: str, *, expected_version: int | None = None
) -> None:
    """Correct an answer; what it said before stays in the record of changes."""
    need(QUESTION, row.state, CORRECT)
    bump_version(session, one, expected=expected_version)
    one.text, one.corrected_at = text.strip(), now()
    session.flush()


def withdraw_answer(
    session: Session, row: Question, one: QuestionAnswer, *, expected_version: int | None = None
) -> None:
    """Withdraw an answer; a question without another one is open again."""
    need(QUESTION, row.state, CORRECT)
    bump_version(session, one, expected=expected_version)
    one.withdrawn_at = now()
    session.flush()
    standing = select(func.count()).where(
        QuestionAnswer.question_id == row.id,
        QuestionAnswer.withdrawn_at == None,  # noqa: E711 - SQL
        QuestionAnswer.of_asker == False,  # noqa: E712 - SQL
    )
    if UNANSWER.leaves(row.state) and not session.exec(standing).one():
        bump_version(session, row)
        row.state = step(QUESTION, row.state, UNANSWER)
        row.turn += 1
        session.flush()


def close_question(
    session: Session, row: Question, *, person_id: str | None, expected_version: int | None = None
) -> None:
    """Close a question."""
    need(QUESTION, row.state, CLOSE)
    bump_version(session, row, expected=expected_version)
    row.state = step(QUESTION, row.state, CLOSE)
    row.closed_by, row.closed_at = person_id, now()
    session.flush()


def withdraw_question(session: Session, row: Question, *, expected_version: int | None = None) -> None:
    """Withdraw a question that nobody has answered."""
    need(QUESTION, row.state, WITHDRAW)
    bump_version(session, row, expected=expected_version)
    row.state = step(QUESTION, row.state, WITHDRAW)
    session.flush()


def _write(session: Session, row: Question, text: str, *, actor: Actor, of_asker: bool = False) -> QuestionAnswer:
    number = session.exec(select(func.count()).where(QuestionAnswer.question_id == row.id)).one() + 1
    made = QuestionAnswer(
        question_id=row.id,
        number=number,
        text=text.strip(),
        written_by=actor.person_id,
        role=actor.role,
        organisation_id=actor.organisation_id,
        written_at=now(),
        of_asker=of_asker,
    )
    session.add(made)
    session.flush()
    return made
