"""Reads of reports, and of the records that a report is made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, or_, select

from states.collaborations.queries import MemberEntry, collaborations_of, history_of
from states.collaborations.tables import Collaboration, HistoryLine, Member
from states.errors import Missing
from states.partners.queries import (
    WorkingAreaEntry,
    events_of,
    initiatives_of,
    organisations_of,
    regions_of,
    working_areas_of,
)
from states.partners.tables import Initiative, Organisation, Partnership, PartnershipEvent, Region
from states.reporting.period import Period
from states.reporting.tables import ProgressReport, ReportEdition


@dataclass(frozen=True, slots=True)
class Thread:
    """A collaboration as it was on the day of the report: its moves so far, its members then."""

    collaboration: Collaboration
    lines: tuple[HistoryLine, ...]
    members: tuple[MemberEntry, ...]


@dataclass(frozen=True, slots=True)
class Records:
    """All that a report on one half-year is made from, as known on the day `as_of`."""

    partnership: Partnership
    period: Period
    as_of: date
    regions: Sequence[Region]
    areas: Sequence[WorkingAreaEntry]
    organisations: Sequence[Organisation]
    events: Sequence[PartnershipEvent]
    initiatives: Sequence[Initiative]
    threads: Sequence[Thread]


def report_by_id(session: Session, key: str) -> ProgressReport:
    """Return the report, or raise `Missing`."""
    found = session.get(ProgressReport, key)
    if found is None:
        raise Missing("progress_report", key)
    return found


def reports_by_id(session: Session, keys: Sequence[str]) -> dict[str, ProgressReport]:
    found = session.exec(select(ProgressReport).where(col(ProgressReport.id).in_(keys))) if keys else ()
    return {row.id: row for row in found}


def editions_of(session: Session, report_id: str) -> list[ReportEdition]:
    """Return what was issued of a report, the first edition first; the last one is in force."""
    query = select(ReportEdition).where(ReportEdition.report_id == report_id)
    return list(session.exec(query.order_by(col(ReportEdition.number))))


def in_force(session: Session, report: ProgressReport) -> ProgressReport | ReportEdition:
    """Return what holds of a report: the last edition issued, or the report itself while nothing was."""
    editions = editions_of(session, report.id)
    return editions[-1] if editions else report


def report_on(session: Session, partnership_id: str, period: Period) -> ProgressReport | None:
    """Return the partnership's report on a half-year, if one was drafted."""
    query = select(ProgressReport).where(ProgressReport.partnership_id == partnership_id)
    return session.exec(query.where(ProgressReport.period == str(period))).one_or_none()


def reports_of(session: Session, partnership_id: str) -> list[ProgressReport]:
    """Return the reports of a partnership, the newest half-year first."""
    query = select(ProgressReport).where(ProgressReport.partnership_id == partnership_id)
    return list(session.exec(query.order_by(col(ProgressReport.period).desc())))


def records(session: Session, partnership: Partnership, *, period: Period, as_of: date) -> Records:
    """Read what a report is made from, in a fixed number of queries; only regions that took part in the half-year."""
    key = partnership.id
    opened = [row for row in collaborations_of(session, key) if row.opened_at.date() <= as_of]
    ids = [row.id for row in opened]
    lines, members = history_of(session, ids), _members_on(session, ids, day=as_of)
    return Records(
        partnership=partnership,
        period=period,
        as_of=as_of,
        regions=[region for region in regions_of(session, key) if _takes_part(region, period)],
        areas=working_areas_of(session, key),
        organisations=[organisation for organisation, _ in organisations_of(session, key)],
        events=[event for event in events_of(session, key) if event.cancelled_at is None],
        initiatives=initiatives_of(session, key),
        threads=[
            Thread(row, tuple(line for line in lines[row.id] if line.at.date() <= as_of), tuple(members[row.id]))
            for row in opened
        ],
    )


def _takes_part(region: Region, period: Period) -> bool:
    joined = region.valid_from is None or region.valid_from <= period.ends
    return joined and (region.valid_until is None or region.valid_until >= period.starts)


def _members_on(session: Session, collaboration_ids: Sequence[str], *, day: date) -> dict[str, list[MemberEntry]]:
    query = (
        select(Member, Organisation)
        .join(Organisation, col(Organisation.id) == col(Member.organisation_id))
        .where(
            col(Member.collaboration_id).in_(collaboration_ids),
            col(Member.joined_on) <= day,
            or_(col(Member.left_on).is_(None), col(Member.left_on) > day),
        )
        .order_by(col(Organisation.name))
    )
    found: dict[str, list[MemberEntry]] = {key: [] for key in collaboration_ids}
    for member, organisation in session.exec(query):
        found[member.collaboration_id].append(MemberEntry(member, organisation))
    return found
