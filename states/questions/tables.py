"""Rows of questions and answers."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from states.rights.actors import Role
from states.storage import EnumText, Instant, new_id


class QuestionState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class QuestionSubject(StrEnum):
    """What a question is about."""

    COLLABORATION = "collaboration"
    SECTION = "section"
    COST_LINE = "cost_line"
    DOCUMENT = "document"
    EVIDENCE = "evidence"
    CONDITION = "condition"


class Audience(StrEnum):
    """Who reads a question and its answers: `parties` who asks, who is asked, the lead and the office; `partners` all
    partners and the office; `case` reviewers too; `review` the office and the authorities alone.
    """

    PARTIES = "parties"
    PARTNERS = "partners"
    CASE = "case"
    REVIEW = "review"


class Question(SQLModel, table=True):
    """Something that somebody is asked until a day: one person, the people of an organisation, or all of a role."""

    __tablename__ = "question"
    __table_args__ = (
        Index("ix_question_by_asking", "partnership_id", "asked_at", "id"),
        Index("ix_question_of_collaboration", "collaboration_id", "asked_at", "id"),
        Index("ix_question_by_day", "partnership_id", "due_on", "id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id")
    collaboration_id: str = Field(foreign_key="collaboration.id")
    subject: QuestionSubject = Field(sa_type=EnumText(QuestionSubject))
    subject_id: str = Field(description="of the row that it is about, or the key of the section")
    about: str = Field(description="what that was called when it was asked")
    audience: Audience = Field(sa_type=EnumText(Audience))
    text: str
    asked_by: str | None = Field(default=None, foreign_key="person.id", index=True, description="null: the office")
    asked_role: Role = Field(sa_type=EnumText(Role))
    asked_organisation_id: str | None = Field(default=None, foreign_key="organisation.id")
    asked_at: datetime = Field(sa_type=Instant)
    to_role: Role = Field(sa_type=EnumText(Role))
    to_organisation_id: str | None = Field(default=None, foreign_key="organisation.id")
    to_person_id: str | None = Field(
        default=None, foreign_key="person.id", index=True, description="null: all of the role, or of the organisation"
    )
    due_on: date
    turn: int = Field(default=1, description="counts how often it was asked: anew, of another one, until another day")
    state: QuestionState = Field(default=QuestionState.OPEN, sa_type=EnumText(QuestionState))
    closed_by: str | None = Field(default=None, foreign_key="person.id")
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    words: str = Field(default="", description="folded: what is found by words")
    blind_words: str = Field(default="", description="the same with the partners by label")
    version: int = 1


class QuestionAnswer(SQLModel, table=True):
    """What somebody wrote to a question: an answer, or what its asker adds; corrected in place, on record."""

    __tablename__ = "question_answer"
    __table_args__ = (UniqueConstraint("question_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    question_id: str = Field(foreign_key="question.id", index=True)
    number: int = Field(description="1, 2, 3 ... within the question")
    text: str
    written_by: str | None = Field(default=None, foreign_key="person.id", description="null: the office")
    role: Role = Field(sa_type=EnumText(Role))
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id")
    written_at: datetime = Field(sa_type=Instant)
    of_asker: bool = Field(default=False, description="asks on, and answers nothing")
    corrected_at: datetime | None = Field(default=None, sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1
