"""What a bankable proposal shows to a bank and to a regional authority, and how it is read from the states."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic import AwareDatetime, Field, ValidationError
from sqlmodel import Session

from documents.formats import in_words
from documents.gathering import (
    Subject,
    content_of,
    identity_of,
    organisations_by_id,
    partners_of,
    protocol_meta,
    sections_of,
    subject_of,
    version_lines,
)
from documents.meta import Confidentiality, DocumentContext, Line, Plain
from documents.parts import Euro, Evidence, HistoryLine, Identity, LabelledText, Partner, Percent, Section, VersionLine
from documents.proposal.annexes import Annex, annexes_of
from documents.proposal.finances import FinancialAnalysis, analysis_of
from documents.proposal.rules import RulesSaid, rules_said
from documents.proposal.scenario import InstrumentLine, Scenario, SourceLine, UseLine
from documents.review.rounds import (
    OUTCOMES,
    PrintedCondition,
    ScoredCriterion,
    printed_conditions,
    round_subject_of,
    scores_of,
)
from states.archive.tables import DocumentKind
from states.collaborations.queries import history_of
from states.collaborations.tables import HistoryLine as HistoryRow
from states.funding.finance.scenario_finances import assumptions_of
from states.funding.queries import ScenarioLines, instruments_of, lines_of, scenario_by_id, scenarios_of
from states.funding.tables import Instrument, SourceKind, SourceStatus
from states.partners.tables import Organisation, Region
from states.playbooks.definition import Direction
from states.protocol.content import Row, table_rows
from states.protocol.queries import version_by_id, versions_of
from states.protocol.tables import ProtocolVersion
from states.review.definition import PanelKind
from states.review.queries import evaluations_of, positions_of, released_decisions, rounds_of
from states.review.tables import Decision, Position, ReviewRound, RoundState, Willingness


class AskPart(Plain):
    """A source that is planned but not yet committed, EUR."""

    name: Line
    status: Line
    amount: Euro


class Ask(Plain):
    """What is asked for: how much, by which instrument, for what, and how it comes back."""

    amount: Euro
    instrument: str = ""
    addressed_to: str = ""
    purpose: str = ""
    return_to_financier: str = ""
    repayment: str = ""
    parts: tuple[AskPart, ...] = ()
    illustrative: bool = False


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


class Risk(Plain):
    """A line of the risk register; the score is probability times impact."""

    id: Line
    title: Line
    category: str = ""
    probability: int = Field(ge=1, le=5)
    impact: int = Field(ge=1, le=5)
    response: Line
    action: str = ""
    owner_role: str = ""
    due: date | None = None
    illustrative: bool = False

    @property
    def score(self) -> int:
        """Probability times impact, 1 to 25."""
        return self.probability * self.impact

    @property
    def band(self) -> str:
        """The band of the score by common convention: 1-4 low, 5-9 medium, 10-14 high, 15-25 critical."""
        return next(name for floor, name in _BANDS if self.score >= floor)


_BANDS = ((15, "critical"), (10, "high"), (5, "medium"), (1, "low"))


class ProposalContext(DocumentContext):
    """A bankable proposal: the ask, who stands behind it, how it was judged, and how it is financed."""

    KIND: ClassVar[DocumentKind] = DocumentKind.PROPOSAL

    identity: Identity
    summary: tuple[LabelledText, ...] = ()
    ask: Ask | None = Field(default=None, description="none until a scenario is chosen")
    partners: tuple[Partner, ...] = ()
    sections: tuple[Section, ...] = ()
    reviews: tuple[ReviewResult, ...] = ()
    positions: tuple[RegionalPosition, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    analysis: FinancialAnalysis | None = Field(default=None, description="of the chosen scenario")
    without_analysis: tuple[Line, ...] = Field(default=(), description="what is missing where there is none")
    risks: tuple[Risk, ...] = ()
    opened_at: AwareDatetime
    stages: tuple[str, ...] = Field(default=(), description="names of the stages, in the order of the lifecycle")
    history: tuple[HistoryLine, ...] = ()
    versions: tuple[VersionLine, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    annexes: tuple[Annex, ...] = Field(default=(), description="evidence in force")

    @property
    def chosen(self) -> Scenario | None:
        """The scenario that the partners chose, if they did."""
        return next((scenario for scenario in self.scenarios if scenario.chosen), None)


def gather(session: Session, *, subject_id: str) -> ProposalContext:
    """Read the proposal that rests on a scenario, by the scenario's id; raise `Missing`."""
    row = scenario_by_id(session, subject_id)
    version = version_by_id(session, row.protocol_version_id)
    subject = subject_of(session, row.collaboration_id)
    scenarios = printed_scenarios(session, subject)
    chosen = next((one for one in scenarios_of(session, row.collaboration_id) if one.chosen), None)
    analysis, missing = analysis_of(session, subject, chosen) if chosen else (None, ())
    assumed = assumptions_of(session, row.collaboration_id)
    risks, evidence = risks_of(version), evidence_of(version)
    lifted = {key for key, found in (("risks", risks), ("evidence", evidence)) if found}
    return ProposalContext(
        meta=protocol_meta(
            subject,
            version,
            kind=ProposalContext.KIND,
            subtitle="Proposal to banks and regional authorities",
            issued_at=max(
                subject.collaboration.stage_since,
                row.created_at,
                version.frozen_at,
                *([assumed.changed_at] if assumed else []),
            ),
            confidentiality=Confidentiality.PARTNERSHIP,
        ),
        identity=identity_of(subject, version, stage=True),
        ask=next((ask_of(scenario) for scenario in scenarios if scenario.chosen), None),
        partners=partners_of(subject),
        sections=tuple(section for section in sections_of(subject.playbook, version) if section.key not in lifted),
        reviews=reviews_of(session, subject),
        positions=stated_positions(session, subject),
        scenarios=scenarios,
        analysis=analysis,
        without_analysis=missing,
        risks=risks,
        opened_at=subject.collaboration.opened_at,
        stages=tuple(stage.title for stage in subject.playbook.stages.values()),
        history=history_lines(session, subject),
        versions=version_lines(versions_of(session, version.collaboration_id), until=version),
        evidence=evidence,
        annexes=annexes_of(session, row.collaboration_id, subject.playbook.evidence),
    )


_SURE = frozenset({SourceStatus.COMMITTED, SourceStatus.SIGNED})
_OWN = frozenset({SourceKind.OWN_CASH, SourceKind.IN_KIND})


def reviews_of(session: Session, subject: Subject) -> tuple[ReviewResult, ...]:
    """Return the closed rounds of scoring panels that have evaluations, the latest first."""
    rounds = [row for row in rounds_of(session, [subject.collaboration.id]) if _scored(subject, row)]
    decisions = released_decisions(session, [row.id for row in rounds])
    found = (_review(session, subject, row, decisions.get(row.id)) for row in reversed(rounds))
    return tuple(result for result in found if result is not None)


def _scored(subject: Subject, row: ReviewRound) -> bool:
    return row.state is RoundState.CLOSED and subject.playbook.panels[row.panel].kind is PanelKind.SCORES


def _review(session: Session, subject: Subject, row: ReviewRound, decision: Decision | None) -> ReviewResult | None:
    about = round_subject_of(session, row.id)
    scores = scores_of(session, about)
    if scores is None:
        return None
    return ReviewResult(
        panel=about.panel.title,
        round_number=row.number,
        evaluations=len(evaluations_of(session, row.id)),
        criteria=scores.criteria,
        agreed=scores.agreed,
        overall=scores.overall,
        overall_threshold=scores.overall_threshold,
        overall_maximum=scores.overall_maximum,
        maximum=scores.maximum,
        decision=OUTCOMES[decision.outcome] if decision else "",
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
        printed_position(position, region, illustrative=subject.collaboration.illustrative)
        for row in last.values()
        for position, region in positions_of(session, row.id)
    )


def printed_position(position: Position, region: Region, *, illustrative: bool) -> RegionalPosition:
    """Return what one region says of its own money, as documents print it."""
    return RegionalPosition(
        region_code=", ".join(region.codes),
        region_name=region.name,
        willingness=position.willingness,
        s3_match=position.priority_match.value,
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


def printed_scenarios(session: Session, subject: Subject) -> tuple[Scenario, ...]:
    """Return every scenario of the collaboration with its lines and the instruments that it counts on."""
    found = lines_of(session, scenarios_of(session, subject.collaboration.id))
    keys = [use.organisation_id for one in found for use in one.uses]
    keys += [source.organisation_id for one in found for source in one.sources]
    organisations = organisations_by_id(session, keys)
    instruments = {row.id: row for row in instruments_of(session, subject.partnership.id)}
    return tuple(
        _scenario(one, subject, organisations, instruments, rules_said(session, one.scenario)) for one in found
    )


def _scenario(
    lines: ScenarioLines,
    subject: Subject,
    organisations: Mapping[str, Organisation],
    instruments: Mapping[str, Instrument],
    said: RulesSaid,
) -> Scenario:
    row = lines.scenario
    counted = dict.fromkeys(source.instrument_id for source in lines.sources if source.instrument_id)
    uses, sources = [], []
    for use in lines.uses:
        partner = organisations[use.organisation_id]
        code, name = subject.place(partner.nuts)
        uses.append(
            UseLine(
                category=_title(use.category),
                partner=partner.name,
                region_code=code,
                region_name=name,
                amount=use.amount,
            )
        )
    for source in lines.sources:
        partner = organisations[source.organisation_id]
        instrument = instruments[source.instrument_id] if source.instrument_id else None
        sources.append(
            SourceLine(
                name=instrument.name if instrument else in_words(source.kind.value).capitalize(),
                kind=source.kind,
                partner=partner.name,
                region_code=subject.place(partner.nuts)[0],
                status=source.status.value,
                basis=instrument.legal_basis if instrument else "",
                amount=source.amount,
            )
        )
    return Scenario(
        key=row.id,
        name=row.name,
        chosen=row.chosen,
        summary=row.note,
        uses=tuple(uses),
        sources=tuple(sources),
        gap=row.gap,
        rule_set=said.rule_set,
        rule_set_verified_on=said.verified_on,
        checks=said.checks,
        costs=said.costs,
        instruments=tuple(_instrument(instruments[key]) for key in counted),
        illustrative=row.illustrative,
    )


def _title(category: str) -> str:
    """Write a category as a heading, whether somebody wrote it or it is a key of the case."""
    said = in_words(category)
    return said[:1].upper() + said[1:]


def _instrument(row: Instrument) -> InstrumentLine:
    return InstrumentLine(
        name=row.name,
        programme=row.programme,
        basis=row.legal_basis,
        maximum_rate=row.maximum_rate,
        maximum_amount=row.maximum_amount,
        verified_on=row.verified_on,
        illustrative=row.illustrative,
    )


def ask_of(scenario: Scenario) -> Ask:
    """Return what is to be asked for: the uses less the partners' own means and what is committed or signed."""
    open_sources = [line for line in scenario.sources if line.status not in _SURE and line.kind not in _OWN]
    parts = [AskPart(name=line.name, status=line.status, amount=line.amount) for line in open_sources]
    if scenario.gap:
        parts.append(AskPart(name="Gap, not yet financed", status="no source", amount=scenario.gap))
    return Ask(
        amount=sum((part.amount for part in parts), Decimal("0.00")),
        parts=tuple(parts),
        illustrative=scenario.illustrative,
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
        move=known.title if known else in_words(row.move),
        from_stage=stages[row.from_stage].title,
        to_stage=stages[row.to_stage].title,
        direction=known.direction if known else Direction.FORWARD,
        by_role=in_words(row.actor_role.value),
        reason=row.reason,
    )


def risks_of(version: ProtocolVersion) -> tuple[Risk, ...]:
    """Return the risk register of a protocol that has one in the usual columns; none if a row does not fit."""
    rows = table_rows(content_of(version), "risks", "register")
    illustrative = "risks" in version.illustrative
    try:
        return tuple(_risk(row, number, illustrative=illustrative) for number, row in enumerate(rows, start=1))
    except (KeyError, ValidationError):
        return ()  # its section prints the rows as they stand


def _risk(row: Row, number: int, *, illustrative: bool) -> Risk:
    return Risk(
        id=f"R{number}",
        title=row["risk"],
        probability=int(row["probability"]),
        impact=int(row["impact"]),
        response=row["response"],
        owner_role=row["owner"],
        illustrative=illustrative,
    )


def evidence_of(version: ProtocolVersion) -> tuple[Evidence, ...]:
    """Return the evidence register of a protocol that has one with hashes; none if a row does not fit."""
    rows = table_rows(content_of(version), "evidence", "documents")
    try:
        return tuple(Evidence.model_validate(_evidence(row)) for row in rows)
    except (KeyError, ValidationError):
        return ()  # its section prints the rows as they stand


def _evidence(row: Row) -> Mapping[str, str]:
    return {"name": row["document"], "dated": row["date"], "owner": row["owner"], "sha256": row["sha256"]}
