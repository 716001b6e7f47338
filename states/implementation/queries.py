"""Reads of progress, change requests and results."""

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from states.collaborations.tables import Collaboration
from states.errors import Missing
from states.implementation.tables import ChangeApproval, ChangeRequest, PartnerProgress, ProgressState, ProjectResult
from states.partners.tables import Organisation


def progress_by_id(session: Session, key: str) -> PartnerProgress:
    """Return the progress, or raise `Missing`."""
    found = session.get(PartnerProgress, key)
    if found is None:
        raise Missing("partner_progress", key)
    return found


def progress_of(session: Session, collaboration_ids: Collection[str]) -> list[PartnerProgress]:
    """Return all progress of collaborations, by period, partner and version."""
    query = (
        select(PartnerProgress)
        .join(Organisation, col(PartnerProgress.organisation_id) == col(Organisation.id))
        .where(col(PartnerProgress.collaboration_id).in_(collaboration_ids))
    )
    order = (PartnerProgress.period, Organisation.slug, PartnerProgress.revision, PartnerProgress.id)
    return list(session.exec(query.order_by(*(col(one) for one in order))))


def progress_with_collaborations(session: Session, partnership_id: str) -> list[tuple[Collaboration, PartnerProgress]]:
    """Return the accepted progress of a partnership with its collaboration, by title, period and partner."""
    query = (
        select(Collaboration, PartnerProgress)
        .join(PartnerProgress, col(PartnerProgress.collaboration_id) == col(Collaboration.id))
        .join(Organisation, col(PartnerProgress.organisation_id) == col(Organisation.id))
        .where(PartnerProgress.partnership_id == partnership_id, PartnerProgress.state == ProgressState.ACCEPTED)
        .order_by(Collaboration.title, col(PartnerProgress.period), Organisation.slug)
    )
    return list(session.exec(query))


def revisions_of(session: Session, row: PartnerProgress) -> list[PartnerProgress]:
    """Return all versions of what a partner says of one period, the first one first."""
    query = select(PartnerProgress).where(
        PartnerProgress.collaboration_id == row.collaboration_id,
        PartnerProgress.organisation_id == row.organisation_id,
        PartnerProgress.period == row.period,
    )
    return list(session.exec(query.order_by(col(PartnerProgress.revision))))


def in_force(rows: Sequence[PartnerProgress]) -> list[PartnerProgress]:
    """Return those of the rows that were accepted and not replaced."""
    return [row for row in rows if row.state is ProgressState.ACCEPTED]


def change_requests_of(session: Session, collaboration_id: str) -> list[ChangeRequest]:
    """Return the changes that were asked for, the first one first."""
    query = select(ChangeRequest).where(ChangeRequest.collaboration_id == collaboration_id)
    return list(session.exec(query.order_by(col(ChangeRequest.number))))


def change_request_numbered(session: Session, collaboration_id: str, number: int) -> ChangeRequest:
    """Return a change request by its number, or raise `Missing`."""
    found = next((one for one in change_requests_of(session, collaboration_id) if one.number == number), None)
    if found is None:
        raise Missing("change_request", number)
    return found


def approvals_of(session: Session, request_ids: Collection[str]) -> dict[str, list[ChangeApproval]]:
    """Return who was asked by request, the first one first."""
    found: dict[str, list[ChangeApproval]] = {key: [] for key in request_ids}
    query = select(ChangeApproval).where(col(ChangeApproval.change_request_id).in_(request_ids))
    for row in session.exec(query.order_by(col(ChangeApproval.number))):
        found[row.change_request_id].append(row)
    return found


def places_of_approvals(session: Session, keys: Collection[str]) -> dict[str, str]:
    """Return the numbers of the requests to which approvals belong, by the approvals' ids."""
    query = (
        select(ChangeApproval.id, ChangeRequest.number)
        .join(ChangeRequest, col(ChangeRequest.id) == col(ChangeApproval.change_request_id))
        .where(col(ChangeApproval.id).in_(keys))
    )
    return {key: str(number) for key, number in (session.exec(query) if keys else ())}


def results_of(session: Session, collaboration_id: str) -> list[ProjectResult]:
    """Return the results of a collaboration, the first one first."""
    query = select(ProjectResult).where(ProjectResult.collaboration_id == collaboration_id)
    return list(session.exec(query.order_by(col(ProjectResult.number))))


def result_numbered(session: Session, collaboration_id: str, number: int) -> ProjectResult:
    """Return a result by its number, or raise `Missing`."""
    found = next((one for one in results_of(session, collaboration_id) if one.number == number), None)
    if found is None:
        raise Missing("project_result", number)
    return found
