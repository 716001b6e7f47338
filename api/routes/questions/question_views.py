"""How questions look to who asks: a reviewer is told by role alone, and who judges blind reads partners by label."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field
from sqlmodel import Session, col, select

from api.http.schemas import Named, Output, Text
from states.clock import today
from states.crossings.rights.collaborations import blindings_behind
from states.partners.queries import person_labels
from states.partners.tables import Organisation
from states.questions.queries import answers_of
from states.questions.tables import Audience, Question, QuestionAnswer, QuestionState, QuestionSubject
from states.review.access import REVIEWERS
from states.rights.access import Action, Actor, Role, Scope, may
from states.texts.read_back import said_about


class VoiceOut(Output):
    """Who asks, is asked or answers: a role, an organisation, and a person where that may be known."""

    role: Role
    organisation: Named | None = Field(description="name of the member")
    person_id: str | None
    person: Text | None = Field(description="by function")
    yours: bool


class CaseAnswerOut(Output):
    number: int
    by: VoiceOut
    text: Text = Field(description="empty where it was withdrawn")
    asks_on: bool = Field(description="written by who asked")
    written_at: datetime
    corrected_at: datetime | None
    withdrawn_at: datetime | None
    version: int


class CaseQuestionOut(Output):
    id: str
    collaboration_id: str
    subject: QuestionSubject
    subject_id: str
    about: Annotated[Text, BeforeValidator(said_about)] = Field(description="what that was called when it was asked")
    audience: Audience
    text: Text
    asked_by: VoiceOut
    asked_at: datetime
    to: VoiceOut
    due_on: date
    overdue: bool
    state: QuestionState
    answers: list[CaseAnswerOut]
    closed_at: datetime | None
    version: int


def shown(session: Session, actor: Actor, rows: Sequence[Question]) -> list[CaseQuestionOut]:
    """Return questions as the actor may read them, in a fixed number of statements."""
    if not rows:
        return []
    answers = answers_of(session, [row.id for row in rows])
    hidden = blindings_behind(session, actor, {row.collaboration_id for row in rows})
    sides = _Sides.of(session, actor, rows, [one for some in answers.values() for one in some])
    return [
        hidden[row.collaboration_id].over(
            CaseQuestionOut(
                **row.model_dump(include=_SHOWN - {"asked_by"}),
                asked_by=sides.side(row.asked_role, row.asked_organisation_id, row.asked_by),
                to=sides.side(row.to_role, row.to_organisation_id, row.to_person_id),
                overdue=row.state is QuestionState.OPEN and row.due_on < today(),
                answers=[_answer(sides, one) for one in answers[row.id]],
            )
        )
        for row in rows
    ]


def _answer(sides: "_Sides", one: QuestionAnswer) -> CaseAnswerOut:
    return CaseAnswerOut(
        **one.model_dump(include=_OF_ANSWER - {"text"}),
        by=sides.side(one.role, one.organisation_id, one.written_by),
        text="" if one.withdrawn_at else one.text,
        asks_on=one.of_asker,
    )


class _Sides:
    """Names and labels of those who ask and answer, as far as an actor may know them."""

    def __init__(self, actor: Actor, organisations: dict[str, str], people: dict[str, str]) -> None:
        self._actor, self._organisations, self._people = actor, organisations, people
        # Who scores is nobody's to know but the office's; and who scores knows no person of a case.
        office = may(actor, Action.READ_PEOPLE, Scope(actor.partnership_id)) or actor.role is Role.IAG_SECRETARY
        self._knows_reviewers, self._knows_people = office, actor.role not in REVIEWERS

    @classmethod
    def of(
        cls, session: Session, actor: Actor, rows: Sequence[Question], answers: Sequence[QuestionAnswer]
    ) -> "_Sides":
        people = {key for row in rows for key in (row.asked_by, row.to_person_id)}
        people |= {one.written_by for one in answers}
        organisations = {key for row in rows for key in (row.asked_organisation_id, row.to_organisation_id)}
        organisations |= {one.organisation_id for one in answers}
        keys = {key for key in organisations if key}
        named = select(Organisation.id, Organisation.name).where(col(Organisation.id).in_(keys))
        return cls(
            actor,
            dict(session.exec(named).all()) if keys else {},
            person_labels(session, {key for key in people if key}),
        )

    def side(self, role: Role, organisation_id: str | None, person_id: str | None) -> VoiceOut:
        own = person_id is not None and person_id == self._actor.person_id
        known = own or (self._knows_reviewers if role in REVIEWERS else self._knows_people)
        of_partner = role is Role.PARTNER
        return VoiceOut(
            role=role,
            organisation=self._organisations.get(organisation_id or "") if of_partner else None,
            person_id=person_id if known else None,
            person=self._people.get(person_id or "") if known else None,
            yours=own,
        )


_SHOWN = set(CaseQuestionOut.model_fields) & set(Question.model_fields)
_OF_ANSWER = set(CaseAnswerOut.model_fields) & set(QuestionAnswer.model_fields)
