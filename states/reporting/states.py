"""The states and moves of a six-monthly report."""

from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing
from states.reporting.tables import ReportState

DRAFT = Move("draft", "Draft it", None, ReportState.DRAFT)
REFRESH = Move("refresh", "Take the figures anew", ReportState.DRAFT)
ANSWER = Move("answer", "Answer a question", ReportState.DRAFT)
ISSUE = Move("issue", "Issue it", ReportState.DRAFT, ReportState.ISSUED)

REPORT = Machine(
    name="report",
    title="A partnership's report on a half-year",
    noun="report",
    states={ReportState.DRAFT: "Drafted", ReportState.ISSUED: "Issued"},
    final=frozenset({ReportState.ISSUED}),
    moves=(DRAFT, REFRESH, ANSWER, ISSUE),
    column="progress_report.state",
    refusing=Refusing(Refused, "report_issued", "report_issued", (), "reports"),
)
