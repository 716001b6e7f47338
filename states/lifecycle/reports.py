"""Where a report meets the lifecycle: drafted when its half-year is over, with the playbooks' directions of moves."""

from datetime import date

from sqlmodel import Session, col, select

from states.archive.tables import DocumentKind
from states.collaborations.queries import collaborations_of
from states.events.service import publish
from states.events.tables import OutboxEvent
from states.lifecycle.editions import playbooks_of
from states.partners.tables import Partnership
from states.reporting.derive import Directions
from states.reporting.period import Period
from states.reporting.queries import report_on
from states.reporting.service import draft_report
from states.reporting.tables import ProgressReport

EDITIONS = (DocumentKind.MONITORING_REPORT_PUBLIC, DocumentKind.MONITORING_REPORT_CONFIDENTIAL)


def draft_due_reports(session: Session, *, on: date) -> list[ProgressReport]:
    """Draft or refresh every partnership's report on the half-year that was over on that day.

    Returns the reports that are new or whose figures changed, and asks for their documents.
    """
    period = Period.of(on).previous
    changed = []
    for partnership in session.exec(select(Partnership).order_by(col(Partnership.slug))).all():
        known = report_on(session, partnership.id, period)
        version = known.version if known else 0
        report = draft_with_directions(session, partnership, period=period)
        if report.version != version:
            ask_for_editions(session, report)
            changed.append(report)
    return changed


def draft_with_directions(session: Session, partnership: Partnership, *, period: Period) -> ProgressReport:
    """Return the report on a half-year, new or with fresh figures, its moves sorted by the playbooks' directions.

    An issued report stays as it is. Raises `PeriodInvalid` for a half-year that has not begun.
    """
    return draft_report(session, partnership, period=period, directions=_directions(session, partnership.id))


def ask_for_editions(session: Session, report: ProgressReport) -> dict[DocumentKind, OutboxEvent]:
    """Ask for the public and the confidential edition of a report as it stands; return the event of each."""
    return {
        kind: publish(
            session,
            "document.requested",
            partnership_id=report.partnership_id,
            kind=kind.value,
            subject_id=report.id,
        )
        for kind in EDITIONS
    }


def _directions(session: Session, partnership_id: str) -> Directions:
    playbooks = playbooks_of(session, collaborations_of(session, partnership_id)).values()
    return {
        (playbook.key, stage, move.name): move.direction.value
        for playbook in playbooks
        for move in playbook.moves
        for stage in move.from_
    }
