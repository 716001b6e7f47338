"""Who has approved a proposal: rounds of review, positions of regions, conditions, signatures, moves."""

from datetime import date
from decimal import Decimal

from pydantic import Field
from sqlmodel import Session

from documents.formats import in_words
from documents.gathering import Subject
from documents.languages import gettext
from documents.meta import Line, Plain
from documents.parts import Euro, HistoryLine, Percent
from documents.proposal.names import told
from documents.review.rounds import (
    OUTCOMES,
    PrintedCondition,
    ScoredCriterion,
    printed_conditions,
    round_subject_of,
    scores_of,
)
from documents.words import word
from states.collaborations.queries import history_of
from states.collaborations.tables import HistoryLine as HistoryRow
from states.partners.tables import Region
from states.places.exonyms import region_said
from states.playbooks.definition import Direction
from states.protocol.queries import sign_offs_of
from states.protocol.tables import ProtocolVersion
from states.review.definition import PanelKind
from states.review.queries import evaluations_of, positions_of, released_decisions, rounds_of
from states.review.tables import Decision, Position, ReviewRound, RoundState, Willingness
from states.texts.titles import said


class ReviewResult(Plain):
    """The outcome of a review round; its evaluators are counted, never named."""

    panel: Line
    round_number: int = Field(ge=1)
    evaluations: int = Field(ge=0)
    criteria: tuple[ScoredCriterion, ...] = ()
    agreed: bool = Field(default=False, description="a consensus; else the evaluations as the playbook aggregates them")
    overall: Decimal
    overall_threshold: Decimal
    overall_maximum: Decimal
    decision: str = Field(default="", description="empty until it is released")
    decided_on: date | None = None
    maximum: Decimal = Field(default=Decimal(5), description="of one criterion")
    conditions: tuple[PrintedCondition, ...] = ()
    illustrative: bool = False


class RegionalPosition(Plain):
    """The position of one regional authority: a recommendation on its own money, never a vote on all."""

    region_code: Line
    region_name: Line
    authority: str = ""
    willingness: Willingness
    s3_match: str = ""
    citation: str = ""
    instrument: str = ""
    call_opens: date | None = None
    call_closes: date | None = None
    max_rate: Percent | None = None
    amount: Euro | None = None
    condition: str = ""
    alignment: tuple[str, ...] = ()
    illustrative: bool = False


class SignatureLine(Plain):
    """Whether a partner has signed its part of the version, and when."""

    partner: Line
    signed_on: date | None = None
    refused: str = ""


def reviews_of(session: Session, subject: Subject) -> tuple[ReviewResult, ...]:
    """Return the closed rounds of scoring panels that have evaluations, the latest first."""
    rounds = [row for row in rounds_of(session, [subject.collaboration.id]) if _scored(subject, row)]
    decisions = released_decisions(session, [row.id for row in rounds])
    found = (review_of(session, subject, row, decisions.get(row.id)) for row in reversed(rounds))
    return tuple(result for result in found if result is not None)


def _scored(subject: Subject, row: ReviewRound) -> bool:
    return row.state is RoundState.CLOSED and subject.playbook.panels[row.panel].kind is PanelKind.SCORES


def review_of(session: Session, subject: Subject, row: ReviewRound, decision: Decision | None) -> ReviewResult | None:
    """Return what a round came to; None where nobody scored."""
    about = round_subject_of(session, row.id)
    scores = scores_of(session, about)
    if scores is None:
        return None
    return ReviewResult(
        panel=said(about.panel.title),
        round_number=row.number,
        evaluations=len(evaluations_of(session, row.id)),
        criteria=scores.criteria,
        agreed=scores.agreed,
        overall=scores.overall,
        overall_threshold=scores.overall_threshold,
        overall_maximum=scores.overall_maximum,
        maximum=scores.maximum,
        decision=gettext(OUTCOMES[decision.outcome]) if decision else "",
        decided_on=decision.released_at.date() if decision and decision.released_at else None,
        conditions=printed_conditions(session, decision) if decision else (),
        illustrative=subject.collaboration.illustrative,
    )


def stated_positions(session: Session, subject: Subject) -> tuple[RegionalPosition, ...]:
    """Return the positions of the last round of each panel of regions."""
    last: dict[str, ReviewRound] = {}
    for row in rounds_of(session, [subject.collaboration.id]):
        if subject.playbook.panels[row.panel].kind is PanelKind.POSITIONS:
            last[row.panel] = row
    return tuple(
        unmarked_position(printed_position(position, region, illustrative=subject.collaboration.illustrative))
        for row in last.values()
        for position, region in positions_of(session, row.id)
    )


def unmarked_position(position: RegionalPosition) -> RegionalPosition:
    """Return a position without the marks of what is made up: its block says so."""
    texts = {name: told(getattr(position, name)) for name in ("citation", "instrument", "condition")}
    return position.model_copy(update={**texts, "alignment": tuple(map(told, position.alignment))})


def printed_position(position: Position, region: Region, *, illustrative: bool) -> RegionalPosition:
    """Return what one region says of its own money, as documents print it."""
    return RegionalPosition(
        region_code=", ".join(region.codes),
        region_name=region_said(region.name, region.codes),
        willingness=position.willingness,
        s3_match=word(position.priority_match),
        citation=position.citation,
        instrument=position.instrument,
        call_opens=position.window_opens,
        call_closes=position.window_closes,
        max_rate=position.maximum_rate,
        amount=position.maximum_amount,
        condition=position.condition,
        alignment=(position.alignment_action,) if position.alignment_action else (),
        illustrative=illustrative,
    )


def signatures_of(session: Session, version: ProtocolVersion) -> tuple[SignatureLine, ...]:
    """Return who was asked to sign a version, and whether it has."""
    return tuple(
        SignatureLine(
            partner=told(organisation.name),
            signed_on=row.signed_at.date() if row.signed_at else None,
            refused=row.refused_because,
        )
        for row, organisation in sign_offs_of(session, version.id)
    )


def history_lines(session: Session, subject: Subject) -> tuple[HistoryLine, ...]:
    """Return every move by its title in the playbook, oldest first; who made it appears by role."""
    rows = history_of(session, [subject.collaboration.id])[subject.collaboration.id]
    return tuple(_move(row, subject) for row in rows)


def _move(row: HistoryRow, subject: Subject) -> HistoryLine:
    stages = subject.playbook.stages
    known = subject.playbook.move(row.move, stage=row.from_stage)
    return HistoryLine(
        at=row.at,
        move=said(known.title) if known else in_words(row.move),
        from_stage=said(stages[row.from_stage].title),
        to_stage=said(stages[row.to_stage].title),
        direction=known.direction if known else Direction.FORWARD,
        by_role=word(row.actor_role),
        reason=row.reason,
    )
