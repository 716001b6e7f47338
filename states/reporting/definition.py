"""The monitoring form as data: its sections, questions and goals, and who may read the answers."""

from collections import Counter
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from states.archive.tables import DocumentClass
from states.reporting.figures import Figures

GOALS = range(1, 18)


class QuestionKind(StrEnum):
    """What an answer is; a choice is made by the report itself, lists and tables come from the registry."""

    CHOICE = "choice"
    TEXT = "text"
    LIST = "list"
    TABLE = "table"
    NUMBER_AND_TEXT = "number_and_text"
    MATRIX = "matrix"


class Condition(StrEnum):
    """What makes an optional question mandatory."""

    NO_EU13_REGION = "no_eu13_region"


class Agreement(StrEnum):
    """The six answers of the matrix of Sustainable Development Goals."""

    STRONGLY_AGREE = "strongly_agree"
    AGREE = "agree"
    NEUTRAL = "neutral"
    DISAGREE = "disagree"
    STRONGLY_DISAGREE = "strongly_disagree"
    NOT_APPLICABLE = "not_applicable"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(_Model):
    """A question; `derived_from` names the figure that the machine puts beside the answer."""

    id: Annotated[str, Field(pattern=r"^(0|I|II|III)\.\d+$|^SDG$")]
    heading: str
    text: str
    kind: QuestionKind
    group: str = ""
    mandatory: bool = False
    mandatory_if: Condition | None = None
    columns: list[str] = []
    rows: int | None = None
    derived_from: str | None = None


class Section(_Model):
    """A part of the form; `own_wording` where its questions are not those of the official form."""

    key: str
    heading: str
    readers: DocumentClass
    own_wording: bool = False
    questions: list[Question] = Field(min_length=1)


class Goal(_Model):
    """A Sustainable Development Goal of the United Nations."""

    number: int
    title: str


class Form(_Model):
    """The whole form."""

    title: str
    sections: list[Section]
    goals: list[Goal]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        faults = [f"question {key} stands twice" for key, n in Counter(q.id for q in self.questions).items() if n > 1]
        names = [q.derived_from for q in self.questions if q.derived_from]
        faults += [f"there is no figure {name}" for name in names if name not in Figures.model_fields]
        faults += [f"figure {name} stands beside no question" for name in Figures.model_fields if name not in names]
        if [goal.number for goal in self.goals] != list(GOALS):
            faults.append("the goals are 1 to 17, each once and in order")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def questions(self) -> list[Question]:
        """Every question in the order of the form."""
        return [question for section in self.sections for question in section.questions]

    @property
    def figure_of(self) -> dict[str, str]:
        return {question.id: question.derived_from for question in self.questions if question.derived_from}

    def find(self, question_id: str) -> tuple[Section, Question] | None:
        pairs = ((section, question) for section in self.sections for question in section.questions)
        return next((pair for pair in pairs if pair[1].id == question_id), None)


@cache
def form() -> Form:
    """Return the form that is shipped; pydantic reports all its faults together."""
    text = resources.files("states.reporting").joinpath("form.yaml").read_text(encoding="utf-8")
    return Form.model_validate(yaml.safe_load(text))
