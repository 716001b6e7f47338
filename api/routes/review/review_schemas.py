"""What the routes of the reviews take and give."""

from datetime import date, datetime

from pydantic import Field

from api.http.examples import example
from api.http.schemas import Input, Money, Named, Output, Prose, Rate, Text
from states.partners.tables import OrganisationKind
from states.review.definition import PanelKind, Phase
from states.review.scoring import PanelStatus
from states.review.tables import ConditionState, Outcome, PriorityMatch, RoundState, SeatState, Willingness
from states.texts.titles import Said

_CRITERIA = ("investment_case", "market", "readiness", "team", "interregional_value", "financing_plan")
_SCORES = dict.fromkeys(_CRITERIA, "4")
_COMMENTS = dict.fromkeys(_CRITERIA, "It rests on the evidence in the dossier.")


class RoundIn(Input):
    model_config = example(panel="iag")

    panel: str = Field(max_length=40, description="a panel of the playbook")


class EvaluationIn(Input):
    model_config = example(scores={"market": "4.5"}, comments={"market": "Demand is shown by six letters of intent."})

    scores: dict[str, str] = Field(description='by criterion, as text: "4.5"')
    comments: dict[str, Prose] = Field(default={})


class CorrectionIn(EvaluationIn):
    model_config = example(scores=_SCORES, comments=_COMMENTS, reason="Two more letters were in the annex.")

    reason: Prose


class PositionIn(Input):
    model_config = example(
        willingness="if",
        priority_match="full",
        condition="Once the second call is open.",
        instrument="Regional grant",
        maximum_rate="50.00",
        maximum_amount="400000.00",
    )

    willingness: Willingness
    priority_match: PriorityMatch
    condition: Prose = ""
    citation: Prose = ""
    instrument: Prose = ""
    window_opens: date | None = None
    window_closes: date | None = None
    maximum_rate: Rate | None = None
    maximum_amount: Money | None = None
    alignment_action: Prose = ""


class DecisionIn(Input):
    model_config = example(
        outcome="endorse_with_conditions",
        reasons="Every threshold is met.",
        conditions=["Show a second letter of commitment."],
    )

    outcome: Outcome
    reasons: Prose
    conditions: list[Prose] = Field(default=[], max_length=100)
    departure: Prose | None = Field(
        default=None,
        description="why it departs from what the scores or the positions recommend, where it does",
    )


class DiscussionIn(Input):
    model_config = example(
        criterion="market", record="The second reviewer had not seen the annex; the letters are sound."
    )

    criterion: str = Field(max_length=80)
    record: Prose


class ConsensusIn(EvaluationIn):
    model_config = example(
        scores=_SCORES, comments=_COMMENTS, minority_views=["One reviewer finds the demand less certain."]
    )

    minority_views: list[Prose] = Field(default=[], max_length=50)


class MinuteIn(Input):
    model_config = example(text="Compared with no other dossier.")

    text: Prose


class ConditionClosingIn(Input):
    model_config = example(state="met", evidence="The letter came in and is filed as annex 7.")

    state: ConditionState
    evidence: Prose


class PartnerOut(Output):
    name: Named
    kind: OrganisationKind
    region: str = Field(description="NUTS 2")


class MissingOut(Output):
    code: str
    message: str
    where: str


class RoundOutlineOut(Output):
    """What a reviewer may know before the declaration, and what is missing to know more."""

    id: str
    title: Text
    panel: Said
    partners: list[PartnerOut]
    regions: list[str] = Field(description="NUTS 2")
    due_on: date
    missing: list[MissingOut]


class RoundOut(Output):
    id: str
    collaboration_id: str
    protocol_version_id: str
    panel: str
    number: int
    state: RoundState
    phase: Phase
    opened_at: datetime
    due_on: date
    closed_at: datetime | None
    missing: list[str] = Field(description="what was missing when it closed")
    version: int


class SeatOut(Output):
    person_id: str
    person: str = Field(description="who, by role")
    region: str | None
    state: SeatState
    why: list[Text]
    left_because: Text


class SeatChangeOut(Output):
    person: str
    seated: bool
    reason: Text
    changed_by: str
    changed_at: datetime


class CriterionOut(Output):
    key: str
    title: Said
    score: str
    spread: str
    threshold: str
    passed: bool
    discuss: bool = Field(description="the scores lie so far apart that a discussion must be on record")


class ResultOut(Output):
    criteria: list[CriterionOut]
    evaluations: int
    overall: str
    weighted: str
    threshold: str
    passed: bool


class DiscussionOut(Output):
    criterion: str
    record: Text
    recorded_at: datetime


class ConsensusOut(Output):
    scores: dict[str, str]
    comments: dict[str, Text]
    minority_views: list[Text]
    recorded_at: datetime


class MinuteOut(Output):
    text: Text
    recorded_at: datetime


class RecommendationOut(Output):
    outcome: Outcome
    conditions: list[Text]
    because: list[Text] = Field(description="what each region said")


class CriterionAskedOut(Output):
    key: str
    title: Said
    threshold: str


class RoundDetailOut(RoundOut):
    title: Said
    collaboration: Text
    kind: PanelKind
    quorum: int
    scale: str = Field(description="maximum and step of a score")
    comment: int = Field(description="characters that each comment needs")
    criteria: list[CriterionAskedOut]
    seats: list[SeatOut]
    changes: list[SeatChangeOut] = Field(description="seats changed by hand")
    awaited: list[str]
    status: PanelStatus | None
    result: ResultOut | None = Field(description="once the round is closed")
    discussions: list[DiscussionOut]
    consensus: ConsensusOut | None
    minute: MinuteOut | None
    recommendation: RecommendationOut | None = Field(description="what the positions of the regions amount to")


class EvaluationOut(Output):
    id: str
    person: str = Field(description="who, by role")
    number: int
    reason: Text = Field(description="why it was corrected")
    scores: dict[str, str]
    comments: dict[str, Text]
    submitted_at: datetime
    sha256: str = Field(description="of number, reason, scores and comments; the receipt by mail names it")


class DraftOut(Output):
    scores: dict[str, str]
    comments: dict[str, str]
    saved_at: datetime
    version: int


class PositionOut(Output):
    region: str
    willingness: Willingness
    priority_match: PriorityMatch
    condition: Text
    citation: Text
    instrument: Text
    window_opens: date | None
    window_closes: date | None
    maximum_rate: Rate | None
    maximum_amount: Money | None
    alignment_action: Text
    stated_at: datetime
    version: int
    sha256: str = Field(description="of all that the region says; the receipt by mail names it")


class ComparedOut(Output):
    field: str
    by_region: dict[str, Text]
    differs: bool


class ComparisonOut(Output):
    regions: list[str]
    fields: list[ComparedOut]
    silent: list[str] = Field(description="regions of the consortium that have stated nothing")


class DecisionOut(Output):
    outcome: Outcome
    reasons: Text
    conditions: list[Text]
    departure: Text | None = Field(description="why it departs from what was recommended, where it does")
    prepared_by: str | None = Field(description="who, by role; not shown to partners")
    prepared_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    released_at: datetime | None
    version: int


class ConditionOut(Output):
    number: int
    text: Text
    state: ConditionState
    evidence: Text
    closed_at: datetime | None
    version: int


class ReleasedOut(Output):
    round_id: str
    panel: str
    number: int
    decision: DecisionOut
    conditions: list[ConditionOut]


class RankedOut(Output):
    rank: int
    collaboration_id: str
    title: str
    points: str
    passed: bool
    decided_by: str = Field(description="what put it behind the one before")
