"""Routes of links by which somebody without an account writes the sections that were given to that person."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlmodel import Session, col

from api.http.conditional import UNWRITTEN, Answered, IfMatch
from api.http.dependencies import Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.problems import refusals
from api.http.schemas import Input, Line, Output, Prose
from api.routes.protocol.assignments import AssignmentOut, shown
from api.routes.protocol.protocols import Merge, SectionIn, SectionOut, SectionsView, definition_of
from api.routes.questions.question_views import CaseQuestionOut
from api.routes.questions.question_views import shown as shown_questions
from states.calendars.queries import actors_of
from states.changes import speak_as
from states.collaborations.queries import collaboration_by_id
from states.collaborations.tables import Collaboration
from states.credentials.links import LinkEnded, LinkPurpose, SignedLink, open_link
from states.crossings.costs import write_protocol
from states.crossings.questions.asking import ask_giver
from states.crossings.rights.parts import sections_given
from states.crossings.section_assignments import hand_in
from states.errors import Denied, Missing, Stale
from states.protocol.assignments.queries import find_assignments
from states.protocol.assignments.states import LIVE
from states.protocol.assignments.tables import AssignmentState, SectionAssignment
from states.protocol.queries import drafts_of
from states.questions.queries import find_questions
from states.questions.tables import Question, QuestionSubject
from states.rights.access import Action, Actor
from states.rights.conditions import permitted_where

router = APIRouter(prefix="/links/part/{token}", tags=["protocol"], route_class=Idempotent)

_SHOWN = (*LIVE, AssignmentState.HANDED_IN)


class PartSectionIn(SectionIn):
    model_config = example(section="market", content={"users": "Clinics in three regions."})

    section: Line = Field(description="its key")


class PartSentIn(Input):
    model_config = example(section="market", question="Which of the two competitors do you mean?")

    section: Line = Field(description="its key")
    question: Prose = Field(default="", description="what is asked of who gave it; empty: the section is handed in")


class PartSectionOut(Output):
    """A section as it stands, and what is asked of it; `section.version` is what a write of it sends as If-Match."""

    assignment: AssignmentOut
    section: SectionOut
    questions: list[CaseQuestionOut] = Field(description="on the section, as far as they are for the holder to read")


class PartOut(Output):
    """What somebody with a link was given to write: the own sections, and nothing else of the protocol."""

    collaboration: str
    parts: list[PartSectionOut]
    due_on: date | None = Field(description="the first day on which one is due; null: all is handed in")
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PartAccess:
    """A link that is still good, as whom its holder writes, and what was given to that person."""

    link: SignedLink
    actor: Actor
    collaboration: Collaboration
    given: list[SectionAssignment]

    def need(self, section: str) -> SectionAssignment:
        """Return how a section was given, or raise `Missing`: of another one nothing is told."""
        found = next((one for one in self.given if one.section == section), None)
        if found is None:
            raise Missing("protocol_section", section)
        return found


def of_part_link(token: str, session: Tx) -> PartAccess:
    """Return what the link's holder was given, or raise `LinkForged` or `LinkEnded`.

    It is its own right, for this alone, as long as its holder speaks for the organisation and has something to write.
    """
    link = open_link(session, token, purpose=LinkPurpose.PART)
    row = collaboration_by_id(session, link.subject_id)
    wanted = find_assignments(row.id, states=_SHOWN, person_id=link.person_id)
    actors = {one.organisation_id: one for one in actors_of(session, link.person_id, link.partnership_id)}
    given = [one for one in session.exec(wanted) if one.organisation_id in actors]
    if not given:
        raise LinkEnded("nothing_given_any_more")
    given.sort(key=lambda one: (one.given_at, one.id))
    actor = actors[given[-1].organisation_id]
    speak_as(session, role=actor.role.value, organisation_id=actor.organisation_id)
    return PartAccess(link, actor, row, [one for one in given if one.organisation_id == actor.organisation_id])


ByLink = Annotated[PartAccess, Depends(of_part_link)]


@router.get("", responses=refusals(410))
def get_part_link(found: ByLink, session: Tx) -> PartOut:
    """Read what a link asks to write: the own sections as they stand, what is asked, until when."""
    told = [one.due_on for one in found.given if one.state in LIVE]
    return PartOut(
        collaboration=found.collaboration.title,
        parts=[_part(session, found, one) for one in found.given],
        due_on=min(told, default=None),
        expires_at=found.link.expires_at,
    )


@router.put("", responses=refusals(410))
def put_part_link(
    found: ByLink, version: IfMatch, sent: PartSectionIn, session: Tx, answer: Answered, merge: Merge = False
) -> PartSectionOut:
    """Write fields of a section by a link, as `PUT .../protocol/sections/{key}` does; If-Match is of the section."""
    one = found.need(sent.section)
    section = definition_of(session, found.collaboration, sent.section)
    if sent.section not in sections_given(session, found.collaboration, found.actor):
        raise Denied("section_not_in_hand")
    drafts = {draft.key for draft in drafts_of(session, [found.collaboration.id])[found.collaboration.id]}
    if version != UNWRITTEN and sent.section not in drafts:
        raise Stale("protocol_section", expected=version, actual=UNWRITTEN)
    draft = write_protocol(
        session,
        found.collaboration,
        section,
        sent.content,
        illustrative=sent.illustrative,
        expected_version=version,
        writer=SectionsView.of(session, found.actor, found.collaboration).writer,
        merging=merge,
    )
    answer.tag(draft.version)
    return _part(session, found, one)


@router.post("", responses=refusals(410))
def post_part_link(found: ByLink, sent: PartSentIn, session: Tx) -> PartSectionOut:
    """Hand a section in by a link, as it stands, or ask who gave it a question about it."""
    one = found.need(sent.section)
    if sent.question.strip():
        ask_giver(session, found.collaboration, one, sent.question, actor=found.actor)
    else:
        hand_in(session, found.collaboration, one, actor=found.actor)
    return _part(session, found, one)


def _part(session: Session, found: PartAccess, one: SectionAssignment) -> PartSectionOut:
    row = found.collaboration
    draft = next((draft for draft in drafts_of(session, [row.id])[row.id] if draft.key == one.section), None)
    view = SectionsView.of(session, found.actor, row)
    asked = find_questions(
        row.partnership_id,
        permitted_where(session, found.actor, Question, Action.READ_QUESTION),
        collaboration_ids=[row.id],
        subject=QuestionSubject.SECTION,
        subject_id=one.section,
    )
    return PartSectionOut(
        assignment=shown(session, row, [one])[0],
        section=view.section(definition_of(session, row, one.section), draft),
        questions=shown_questions(session, found.actor, session.exec(asked.order_by(col(Question.asked_at))).all()),
    )
