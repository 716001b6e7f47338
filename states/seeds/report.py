"""Load the partnership's report of January to June 2020: its answers, beside the figures of our own records."""

from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from states.crossings.reporting.drafting import draft_with_directions
from states.partners.tables import Partnership
from states.reporting.definition import Agreement
from states.reporting.period import Period
from states.reporting.service import answer, answer_goal
from states.reporting.tables import ProgressReport, ReportState


class ReportSeed(BaseModel):
    """The whole file: answers by question id, agreement by goal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    period: str
    answers: dict[str, str]
    goals: dict[int, Agreement]


def read_report() -> ReportSeed:
    """Read and check the seed file."""
    text = resources.files("states.seeds").joinpath("report.yaml").read_text(encoding="utf-8")
    return ReportSeed.model_validate(yaml.safe_load(text))


def load_report(session: Session, partnership: Partnership) -> ProgressReport:
    """Draft the report, with the answers that nobody has written yet; an issued one stays as it is.

    Call it when the collaborations are loaded and the half-year has begun: the figures are those of the records.
    """
    seed = read_report()
    report = draft_with_directions(session, partnership, period=Period.parse(seed.period))
    if report.state is ReportState.ISSUED:
        return report
    for question, text in seed.answers.items():
        if question not in report.answers:
            answer(session, report, question, text)
    for goal, agreement in seed.goals.items():
        if str(goal) not in report.goals:
            answer_goal(session, report, goal, agreement)
    return report
