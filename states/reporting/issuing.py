"""A report is prepared by one person and issued by another; what was issued is corrected by two others."""

from sqlmodel import Session

from states.clock import now, today
from states.deadlines.kinds import Waiting
from states.deadlines.service import close_deadlines
from states.errors import Fault, Invalid, Refusal, Refused
from states.machines.stepping import need, step
from states.outbox.service import publish
from states.partners.queries import holders
from states.reporting.definition import form
from states.reporting.facts import gather
from states.reporting.guards import (
    another_issues,
    complete,
    enough_hands,
    explained,
    figures_of_whole_period,
    other_hands,
    period_over,
)
from states.reporting.period import Period
from states.reporting.queries import editions_of
from states.reporting.states import CORRECT, ISSUE, LEAVE, PREPARE, REPORT, TAKE_BACK
from states.reporting.tables import ProgressReport, ReportEdition
from states.reporting.views import figures_of
from states.rights.access import Role
from states.storage import bump_version

_TEXT = {"period", "answers", "figures", "goals", "self_assessment", "unanswered", "because"}
_HANDS = {"prepared_by", "prepared_at", "issued_by", "issued_at"}


def prepare_report(
    session: Session, report: ProgressReport, *, person_id: str, expected_version: int | None = None
) -> ProgressReport:
    """Prepare a report for its issue by another person; raise `Refused` with every reason against."""
    need(REPORT, report.state, PREPARE)
    facts, period, replaced = gather(report, form=form()), Period.parse(report.period), _replaced(session, report)
    _need(
        period_over(period, on=today()),
        figures_of_whole_period(period, figures_of(report).period.as_of),
        complete(facts),
        explained(facts),
        other_hands(replaced, person_id),
        enough_hands(replaced, _issuers(session, report), person_id),
    )
    bump_version(session, report, expected=expected_version)
    report.state = step(REPORT, report.state, PREPARE)
    report.prepared_by, report.prepared_at = person_id, now()
    session.flush()
    return report


def take_back(session: Session, report: ProgressReport, *, expected_version: int | None = None) -> ProgressReport:
    """Go on writing at a report that was prepared and is not issued."""
    need(REPORT, report.state, TAKE_BACK)
    bump_version(session, report, expected=expected_version)
    report.state = step(REPORT, report.state, TAKE_BACK)
    report.prepared_by = report.prepared_at = None
    session.flush()
    return report


def issue_report(
    session: Session, report: ProgressReport, *, person_id: str, expected_version: int | None = None
) -> ProgressReport:
    """Issue what another person prepared, and tell of it; it is the next edition, and replaces the one before."""
    _need(period_over(Period.parse(report.period), on=today()))
    need(REPORT, report.state, ISSUE)
    _need(another_issues(report, person_id), other_hands(_replaced(session, report), person_id))
    bump_version(session, report, expected=expected_version)
    report.state = step(REPORT, report.state, ISSUE)
    report.issued_by, report.issued_at = person_id, now()
    session.flush()
    _keep(session, report)
    close_deadlines(session, Waiting.REPORT.value, subject_id=report.id)
    publish(session, "report.issued", partnership_id=report.partnership_id, report_id=report.id, period=report.period)
    return report


def begin_correction(
    session: Session, report: ProgressReport, *, because: str, expected_version: int | None = None
) -> ProgressReport:
    """Open an issued report anew, with why; the edition in force holds, and is read, until the next one is issued."""
    need(REPORT, report.state, CORRECT)
    if not because.strip():
        raise Invalid(faults=[Fault("because", "missing", remedy="say_why")])
    bump_version(session, report, expected=expected_version)
    if not editions_of(session, report.id):
        _keep(session, report)  # release 0.1.0 issued it
    _need(enough_hands(_replaced(session, report), _issuers(session, report)))
    report.state, report.because = step(REPORT, report.state, CORRECT), because.strip()
    report.prepared_by = report.prepared_at = report.issued_by = report.issued_at = None
    session.flush()
    return report


def leave_as_issued(session: Session, report: ProgressReport, *, expected_version: int | None = None) -> ProgressReport:
    """Give a correction up: the report is again what its last edition says."""
    need(REPORT, report.state, LEAVE)
    replaced = _replaced(session, report)
    if replaced is None:
        raise Refused([Refusal("report_not_issued", mend_by=("project_manager",), where="reports")])
    bump_version(session, report, expected=expected_version)
    report.state = step(REPORT, report.state, LEAVE)
    for name, value in replaced.model_dump(include=_TEXT | _HANDS).items():
        setattr(report, name, value)
    session.flush()
    close_deadlines(session, Waiting.REPORT.value, subject_id=report.id)
    return report


def _replaced(session: Session, report: ProgressReport) -> ReportEdition | None:
    """Return the edition that a report corrects."""
    editions = editions_of(session, report.id)
    return editions[-1] if editions else None


def _keep(session: Session, report: ProgressReport) -> None:
    kept = report.model_dump(include={"partnership_id"} | _TEXT | _HANDS)
    session.add(ReportEdition(report_id=report.id, number=len(editions_of(session, report.id)) + 1, **kept))
    session.flush()


def _issuers(session: Session, report: ProgressReport) -> set[str]:
    found = holders(session, report.partnership_id, Role.PROJECT_MANAGER, Role.ADMINISTRATOR)
    return {one.person.id for one in found}


def _need(*against: Refusal | None) -> None:
    reasons = [reason for reason in against if reason is not None]
    if reasons:
        raise Refused(reasons)
