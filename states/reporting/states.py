"""The states and moves of a six-monthly report."""

from collections.abc import Mapping

from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing
from states.reporting.tables import ReportState

_MANAGER = ("project_manager",)
_PREPARED: Mapping[ReportState | None, Refusing] = {
    ReportState.PREPARED: Refusing(Refused, "report_prepared", "report_prepared", _MANAGER, "reports")
}
_NOT_PREPARED: Mapping[ReportState | None, Refusing] = {
    ReportState.DRAFT: Refusing(Refused, "report_not_prepared", "report_not_prepared", _MANAGER, "reports")
}
_NOT_ISSUED = Refusing(Refused, "report_not_issued", "report_not_issued", _MANAGER, "reports")

DRAFT = Move("draft", "Draft it", None, ReportState.DRAFT)
REFRESH = Move("refresh", "Take the figures anew", ReportState.DRAFT, refusing=_PREPARED)
ANSWER = Move("answer", "Answer a question, or say why it has no answer", ReportState.DRAFT, refusing=_PREPARED)
PREPARE = Move("prepare", "Prepare it", ReportState.DRAFT, ReportState.PREPARED, refusing=_PREPARED)
TAKE_BACK = Move(
    "take_back",
    "Go on writing",
    ReportState.PREPARED,
    ReportState.DRAFT,
    refusing=_NOT_PREPARED,
)
ISSUE = Move(
    "issue",
    "Issue it, by another person",
    ReportState.PREPARED,
    ReportState.ISSUED,
    refusing=_NOT_PREPARED,
)
CORRECT = Move(
    "correct", "Correct it, with a reason, by two others", ReportState.ISSUED, ReportState.DRAFT, refusing=_NOT_ISSUED
)
LEAVE = Move(
    "leave_as_issued",
    "Leave it as it was issued",
    (ReportState.DRAFT, ReportState.PREPARED),
    ReportState.ISSUED,
)

REPORT = Machine(
    name="report",
    title="A partnership's report on a half-year",
    noun="report",
    states={
        ReportState.DRAFT: "Drafted",
        ReportState.PREPARED: "Prepared, to be issued by another person",
        ReportState.ISSUED: "Issued",
    },
    final=frozenset({ReportState.ISSUED}),
    moves=(DRAFT, REFRESH, ANSWER, PREPARE, TAKE_BACK, ISSUE, CORRECT, LEAVE),
    column="progress_report.state",
    refusing=Refusing(Refused, "report_issued", "report_issued", (), "reports"),
)
