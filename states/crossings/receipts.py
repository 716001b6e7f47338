"""Receipts of what is handed in for a case: its hash, and the day until which its stage waits."""

from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.deadlines.queries import next_stage_date
from states.mail.receipts import Receipt, enter_receipt
from states.partners.tables import Region
from states.protocol.facts import VersionFacts
from states.protocol.tables import ProtocolVersion
from states.review.answer_digests import evaluation_sha256, position_sha256
from states.review.tables import Evaluation, Position


def acknowledge_version(session: Session, row: Collaboration, version: ProtocolVersion) -> None:
    """Tell who froze a version that it is."""
    path = f"collaborations/{row.id}/protocol/versions/{version.number}"
    _enter(session, row, Receipt.VERSION, version.id, version.sha256, path, version=str(version.number))


def acknowledge_submission(session: Session, row: Collaboration, version: VersionFacts, *, move_id: str) -> None:
    """Tell who submitted a version for review that a panel has it."""
    path = f"collaborations/{row.id}/protocol/versions/{version.number}"
    _enter(session, row, Receipt.SUBMISSION, move_id, version.sha256, path, version=str(version.number))


def acknowledge_evaluation(session: Session, row: Collaboration, evaluation: Evaluation) -> None:
    """Tell a reviewer that an evaluation, or a correction of it, is in."""
    path = f"rounds/{evaluation.round_id}/evaluations/{evaluation.id}"
    sha256, number = evaluation_sha256(evaluation), str(evaluation.number)
    _enter(session, row, Receipt.EVALUATION, evaluation.id, sha256, path, version=number)


def acknowledge_position(session: Session, row: Collaboration, position: Position, region: Region) -> None:
    """Tell who speaks for a region that its position is in."""
    path, number = f"rounds/{position.round_id}/positions/{region.slug}", str(position.version)
    key, sha256 = f"{position.id}:{number}", position_sha256(position)
    _enter(session, row, Receipt.POSITION, key, sha256, path, version=number, named=region.name)


def _enter(
    session: Session,
    row: Collaboration,
    what: Receipt,
    key: str,
    sha256: str,
    path: str,
    *,
    version: str,
    named: str = "",
) -> None:
    enter_receipt(
        session,
        what,
        key,
        partnership_id=row.partnership_id,
        title=row.title,
        named=named,
        version=version,
        sha256=sha256,
        path=path,
        next_on=next_stage_date(session, row.id),
    )
