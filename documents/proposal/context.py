"""What a bankable proposal shows to a bank and to a regional authority."""

from typing import ClassVar

from pydantic import AwareDatetime, Field
from sqlmodel import Session

from documents.gathering import identity_of, partners_of, protocol_meta, sections_of, subject_of, version_lines
from documents.meta import Confidentiality, DocumentContext, Line
from documents.parts import Evidence, HistoryLine, Identity, LabelledText, Partner, Section, VersionLine
from documents.proposal.finances import FinancialAnalysis, analysis_of
from documents.proposal.gathering import (
    ask_of,
    evidence_of,
    history_lines,
    printed_scenarios,
    reviews_of,
    risks_of,
    stated_positions,
)
from documents.proposal.parts import Ask, RegionalPosition, ReviewResult, Risk
from documents.proposal.scenario import Scenario
from states.archive.tables import DocumentKind
from states.funding.finance.scenario_finances import assumptions_of
from states.funding.queries import scenario_by_id, scenarios_of
from states.protocol.queries import version_by_id, versions_of


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
    )
