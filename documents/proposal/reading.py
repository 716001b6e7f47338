"""A case as several papers read it: its frozen version, its scenarios, and of one of them law and finances."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session

from documents.gathering import Subject, content_of, subject_of
from documents.proposal.context import finances_or_why, printed_scenarios
from documents.proposal.finances import FinancialAnalysis, printed_analysis
from documents.proposal.rules import Law, law_of
from documents.proposal.scenario import Scenario
from states.crossings.dossier import Dossier, dossier_of
from states.funding.finance.scenario_finances import Finances, assumptions_of
from states.funding.queries import scenarios_of
from states.funding.tables import Scenario as ScenarioRow
from states.protocol.content import column_sums
from states.protocol.definition import ColumnKind
from states.protocol.queries import version_by_id
from states.protocol.tables import ProtocolVersion


@dataclass(frozen=True, slots=True)
class Financed:
    """A scenario as it is printed, with the law it was solved under and its figures, where it has them."""

    row: ScenarioRow
    printed: Scenario
    law: Law | None
    found: Finances | None
    analysis: FinancialAnalysis | None


@dataclass(frozen=True, slots=True)
class CaseRead:
    """A case at one frozen version of its protocol; `changed_at` is the last instant at which any of it changed."""

    subject: Subject
    version: ProtocolVersion
    dossier: Dossier
    rows: Sequence[ScenarioRow]
    printed: Sequence[Scenario]
    changed_at: datetime

    def financed(self, session: Session, row: ScenarioRow) -> Financed:
        """Return one of its scenarios with law and figures."""
        printed = next(one for one in self.printed if one.key == row.id)
        found, _ = finances_or_why(session, row)
        analysis = printed_analysis(found, self.subject, name=row.name) if found else None
        return Financed(row, printed, law_of(session, row), found, analysis)

    def chosen(self, session: Session) -> Financed | None:
        """Return the scenario that the partners chose, if they did."""
        row = next((one for one in self.rows if one.chosen), None)
        return self.financed(session, row) if row else None

    def cost_in_protocol(self) -> Decimal | None:
        """Return the sum of the frozen protocol's table of costs, EUR; none where it has none."""
        sums = column_sums(content_of(self.version), sections=self.subject.playbook.protocol)
        money = [
            sums[f"{section.key}.{table.key}.{column.key}"]
            for section in self.subject.playbook.protocol
            for table in section.fields
            for column in table.columns
            if table.key == "costs" and column.kind is ColumnKind.MONEY
        ]
        return next((one for one in money if one), None)


def read_case(session: Session, version_id: str) -> CaseRead:
    """Read the case of a frozen version; raise `Missing`."""
    version = version_by_id(session, version_id)
    subject = subject_of(session, version.collaboration_id)
    dossier = dossier_of(session, subject.collaboration, "bankability")
    rows = scenarios_of(session, version.collaboration_id)
    assumed = assumptions_of(session, version.collaboration_id)
    moments = [subject.collaboration.stage_since, version.frozen_at, *(row.created_at for row in rows)]
    return CaseRead(
        subject=subject,
        version=version,
        dossier=dossier,
        rows=rows,
        printed=printed_scenarios(session, subject, dossier),
        changed_at=max(moments + ([assumed.changed_at] if assumed else [])),
    )
