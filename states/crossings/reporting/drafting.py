"""Where a report meets the lifecycle: drafted when its half-year is over, with the playbooks' directions of moves.

What waits for whom follows each step: a draft for who prepares it, a prepared report for another person.
"""

import logging
from collections.abc import Collection
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, exists, select

from states.archive.tables import DocumentKind
from states.clock import today
from states.collaborations.queries import collaborations_of
from states.crossings.deadlines.obligations import event_anchors
from states.crossings.deadlines.sync import next_of
from states.deadlines.kinds import Waiting
from states.deadlines.service import After, On, Owner, open_deadline, turn_to
from states.deadlines.tables import Deadline
from states.errors import Invalid, Missing
from states.implementation.progress import total
from states.implementation.queries import progress_with_collaborations
from states.outbox.service import publish
from states.outbox.tables import OutboxMessage
from states.partners.tables import Organisation, Partnership
from states.places.working_days import shift
from states.playbooks.editions import chosen_text, playbooks_of
from states.playbooks.reader import parse
from states.reporting.derive import Directions
from states.reporting.figures import AcceptedFigure, ImpactFigure
from states.reporting.issuing import begin_correction, prepare_report, take_back
from states.reporting.period import Period
from states.reporting.queries import editions_of, report_on
from states.reporting.service import draft_report
from states.reporting.tables import ProgressReport, ReportState
from states.texts import Text

log = logging.getLogger(__name__)

EDITIONS = (DocumentKind.MONITORING_REPORT_PUBLIC, DocumentKind.MONITORING_REPORT_CONFIDENTIAL)


def draft_due_reports(session: Session, keys: Collection[str] | None = None, *, on: date) -> list[ProgressReport]:
    """Draft or refresh the report of these partnerships, or of all, on the half-year that was over on that day.

    Returns the reports that are new or whose figures changed, and asks for their documents.
    """
    period = Period.of(on).previous
    changed = []
    query = select(Partnership).order_by(col(Partnership.slug))
    for partnership in session.exec(query if keys is None else query.where(col(Partnership.id).in_(keys))).all():
        known = report_on(session, partnership.id, period)
        if known is not None and editions_of(session, known.id):
            continue  # a correction takes figures anew when somebody asks for them
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
    report = draft_report(
        session,
        partnership,
        period=period,
        directions=_directions(session, partnership.id),
        impact=_impact(session, partnership, period),
    )
    _draft_waits(session, partnership, report, period)
    return report


def prepare(
    session: Session, report: ProgressReport, *, person_id: str, expected_version: int | None = None
) -> ProgressReport:
    """Prepare a report, and let it wait for another person to issue it."""
    prepare_report(session, report, person_id=person_id, expected_version=expected_version)
    turn_to(session, Waiting.REPORT.value, subject_id=report.id, title=_title(report))
    return report


def write_on(session: Session, report: ProgressReport, *, expected_version: int | None = None) -> ProgressReport:
    """Take a prepared report back, and let it wait for its preparing."""
    take_back(session, report, expected_version=expected_version)
    turn_to(session, Waiting.REPORT.value, subject_id=report.id, title=_title(report))
    return report


def correct(
    session: Session, report: ProgressReport, *, because: str, expected_version: int | None = None
) -> ProgressReport:
    """Open an issued report anew, with why, and let the correction wait for its preparing."""
    begin_correction(session, report, because=because, expected_version=expected_version)
    partnership = session.get_one(Partnership, report.partnership_id)
    _open_deadline(session, partnership, report, since=today())
    return report


def _impact(session: Session, partnership: Partnership, period: Period) -> ImpactFigure:
    """Return what partners achieved by the progress that was accepted in the half-year; corrections replace."""
    rows = [
        (row, one)
        for row, one in progress_with_collaborations(session, partnership.id)
        if one.decided_at is not None and period.starts <= one.decided_at.date() <= period.ends
    ]
    keys = {one.organisation_id for _, one in rows}
    named = select(Organisation.id, Organisation.name).where(col(Organisation.id).in_(keys))
    names = dict(session.exec(named).all())
    accepted = tuple(
        AcceptedFigure(
            collaboration=row.title,
            organisation=names[one.organisation_id],
            period=one.period,
            readiness=one.readiness,
            jobs=one.jobs,
        )
        for row, one in rows
    )
    return ImpactFigure(
        accepted=accepted,
        jobs=sum((one.jobs for _, one in rows if one.jobs is not None), Decimal("0.00")),
        spent=sum((total(one.spent) for _, one in rows), Decimal("0.00")),
    )


def _draft_waits(session: Session, partnership: Partnership, report: ProgressReport, period: Period) -> None:
    """Let a draft wait for its answers, once; working days count from the half-year's end, or from now on."""
    known = select(exists().where(col(Deadline.kind) == Waiting.REPORT.value, col(Deadline.subject_id) == report.id))
    if report.state is ReportState.DRAFT and not session.exec(known).one():
        _open_deadline(session, partnership, report, since=period.ends)


def _open_deadline(session: Session, partnership: Partnership, report: ProgressReport, *, since: date) -> None:
    """Open the deadline that the playbook asks for.

    A playbook at fault keeps no report from being drafted: whoever opens a collaboration is told of its faults.
    """
    try:
        playbook = parse(chosen_text(session, partnership.playbook), source=partnership.playbook)
    except (Missing, Invalid):
        log.warning("report without a deadline: playbook at fault report=%s", report.id)
        return
    term = playbook.deadlines.get(Waiting.REPORT)
    if term is None or term.due is None:
        return
    due = On(shift(since, term.due, nuts=""))
    anchors = event_anchors(session, partnership.id, term) if term.anchor is not None else []
    open_deadline(
        session,
        kind=Waiting.REPORT.value,
        subject_id=report.id,
        title=_title(report),
        partnership_id=partnership.id,
        owner=Owner(term.owner),
        due=next_of(anchors, term, nuts="") or (due if due.day >= today() else After(today(), term.due)),
        ladder=playbook.ladders[term.ladder],
        legal=term.legal,
    )


def _title(report: ProgressReport) -> str:
    """Say what is to be done of a report, and by whom."""
    period, is_first = report.period, report.because is None
    if report.state is ReportState.PREPARED and is_first:
        return Text("waits", "report_prepared", period=period).kept
    if report.state is ReportState.PREPARED:
        return Text("waits", "correction_prepared", period=period).kept
    return Text("waits", "report" if is_first else "correction_of_report", period=period).kept


def ask_for_editions(session: Session, report: ProgressReport) -> dict[DocumentKind, OutboxMessage]:
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
