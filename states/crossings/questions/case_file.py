"""Questions as the case file holds them: each with its answers, for whoever exports a case."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col

from states.collaborations.tables import Collaboration
from states.crossings.questions.mails import side_of
from states.questions.queries import answers_of, find_questions
from states.questions.tables import Audience, Question, QuestionState, QuestionSubject


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """An answer, or what was asked on; `by` is an organisation or a role, never a person."""

    number: int
    by: str
    written_at: datetime
    text: str
    asks_on: bool
    corrected_at: datetime | None
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseQuestion:
    """A question of a case; `asked_by` and `put_to` are organisations or roles, never persons."""

    id: str
    subject: QuestionSubject
    subject_id: str
    about: str
    audience: Audience
    text: str
    asked_by: str
    asked_at: datetime
    put_to: str
    due_on: date
    state: QuestionState
    closed_at: datetime | None
    answers: tuple[CaseAnswer, ...]


def questions_of_case(session: Session, row: Collaboration) -> list[CaseQuestion]:
    """Return all questions of a collaboration, the oldest first; the text of an answer that was withdrawn is left out.

    Whom they may be shown to is the caller's to say, by `audience`.
    """
    query = find_questions(row.partnership_id, collaboration_ids=[row.id])
    found = session.exec(query.order_by(col(Question.asked_at), col(Question.id))).all()
    answers = answers_of(session, [one.id for one in found])
    sides: dict[tuple[str, str | None], str] = {}

    def side(role: object, organisation_id: str | None) -> str:
        return sides.setdefault((str(role), organisation_id), side_of(session, role, organisation_id))  # type: ignore[arg-type]

    return [
        CaseQuestion(
            **{name: getattr(one, name) for name in _SAME},
            asked_by=side(one.asked_role, one.asked_organisation_id),
            put_to=side(one.to_role, one.to_organisation_id),
            answers=tuple(
                CaseAnswer(
                    number=written.number,
                    by=side(written.role, written.organisation_id),
                    written_at=written.written_at,
                    text="" if written.withdrawn_at else written.text,
                    asks_on=written.of_asker,
                    corrected_at=written.corrected_at,
                    withdrawn_at=written.withdrawn_at,
                )
                for written in answers[one.id]
            ),
        )
        for one in found
    ]


_SAME = sorted(set(CaseQuestion.__slots__) - {"asked_by", "put_to", "answers"})
