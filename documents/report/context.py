"""What the six-monthly monitoring report shows; the public edition has no place for self-assessment."""

from enum import StrEnum
from typing import ClassVar, Self

from pydantic import Field, model_validator

from documents.meta import DocumentContext, Line, Plain
from states.archive.tables import DocumentKind


class RegionEntry(Plain):
    """A region as the form asks for it: name in English, country, NUTS code."""

    name: Line
    country: str = ""
    nuts: tuple[str, ...] = ()


class WorkingArea(Plain):
    """A row of question I.5; several regions may be in charge."""

    name: Line
    in_charge: tuple[str, ...] = ()
    involved: tuple[str, ...] = ()
    other_actors: str = ""


class EventLine(Plain):
    """A row of questions I.6 and I.7; the date is text because it may be partial ("mid-2020")."""

    name: Line
    when: Line
    place: str = ""
    information: str = ""


class Figure(Plain):
    """A number that the system derived from its own records, shown apart from what people wrote."""

    label: Line
    value: Line
    basis: str = ""


class Answer(Plain):
    """What people wrote to a question, what the records say about it, and what changed since last time."""

    text: str = ""
    count: int | None = Field(default=None, ge=0)
    figures: tuple[Figure, ...] = ()
    changed: str = ""
    illustrative: bool = False


class Progress(Plain):
    """Section II of the form, questions II.1 to II.9."""

    innovative_results: Answer = Answer()
    socio_economic_impacts: Answer = Answer()
    other_partnerships: Answer = Answer()
    business_involvement: Answer = Answer()
    cooperation_sufficient: Answer = Answer()
    eu13_involvement: Answer = Answer()
    outside_union: Answer = Answer()
    outreach: Answer = Answer()
    other_platforms: Answer = Answer()


class Agreement(StrEnum):
    """The six answers of the matrix of Sustainable Development Goals."""

    STRONGLY_AGREE = "Strongly agree"
    AGREE = "Agree"
    NEUTRAL = "Neutral"
    DISAGREE = "Disagree"
    STRONGLY_DISAGREE = "Strongly disagree"
    NOT_APPLICABLE = "Not applicable"


class GoalAnswer(Plain):
    """How far the partnership contributes to one goal; None until somebody answered."""

    goal: int = Field(ge=1, le=17)
    answer: Agreement | None = None
    tagged_projects: int | None = Field(default=None, ge=0)


class PublicReportContext(DocumentContext):
    """Sections 0, I and II of the form and its matrix of goals: all that the public may read."""

    KIND: ClassVar[DocumentKind] = DocumentKind.MONITORING_REPORT_PUBLIC

    period: Line
    partnership: Line
    executive_summary: Answer = Answer()
    leading_regions: tuple[RegionEntry, ...] = ()
    participating_regions: tuple[RegionEntry, ...] = ()
    interested: tuple[str, ...] = ()
    working_areas: tuple[WorkingArea, ...] = ()
    past_events: tuple[EventLine, ...] = ()
    planned_events: tuple[EventLine, ...] = ()
    progress: Progress = Progress()
    goals: tuple[GoalAnswer, ...] = ()
    remarks: tuple[str, ...] = Field(default=(), description="doubts of the validator about the data itself")

    @model_validator(mode="after")
    def _has_every_goal(self) -> Self:
        if [line.goal for line in self.goals] != list(range(1, 18)):
            raise ValueError("the matrix needs the goals 1 to 17, each once and in order")
        return self


class SelfAssessment(Plain):
    """A configurable question of section III and its answer."""

    question: Line
    answer: str = ""
    rating: str = ""
    illustrative: bool = False


class ConfidentialReportContext(PublicReportContext):
    """The whole form with section III, for the committee only."""

    KIND: ClassVar[DocumentKind] = DocumentKind.MONITORING_REPORT_CONFIDENTIAL

    self_assessment: tuple[SelfAssessment, ...] = ()
