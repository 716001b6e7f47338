"""File evidence, correct what is said of it, put a newer one in its place, withdraw and redact it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from states.archive.evidence.file_types import PDF, FileType, cleaned_name
from states.archive.evidence.queries import evidence_in_force, is_relied_on
from states.archive.evidence.removal import lock_object
from states.archive.evidence.states import (
    CORRECT,
    EVIDENCE,
    FILE,
    REDACT,
    REMOVED,
    SUPERSEDE,
    WITHDRAW,
    EvidenceClosed,
)
from states.archive.evidence.tables import (
    Evidence,
    EvidenceDownload,
    EvidenceSubject,
    FrozenEvidence,
    Scan,
)
from states.archive.store import Received, settle
from states.archive.tables import DocumentClass
from states.clock import now, today
from states.collaborations.tables import Collaboration
from states.errors import Fault, Invalid, Refusal
from states.machines.definition import Move
from states.machines.stepping import begin, need, step
from states.rights.actors import Role
from states.storage import bump_version

_MOST_SIGNED = 64 << 20  # bytes


class EvidenceInvalid(Invalid):
    """What is said of the evidence cannot be kept so."""

    code = "evidence_invalid"


@dataclass(frozen=True, slots=True)
class Filing:
    """What is said of a file: its kind, what it is about, whose it is, who may read it, its title and its date."""

    kind: str
    title: str
    dated_on: date
    evidence_class: DocumentClass
    subject: EvidenceSubject = EvidenceSubject.COLLABORATION
    subject_id: str = ""
    organisation_id: str | None = None
    region_id: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has arrived: what it is, how it was called, what the scanner said, and its bytes in the store."""

    name: str
    type: FileType
    scan: Scan
    received: Received


def file_upload(
    session: Session,
    collaboration: Collaboration,
    said: Filing,
    upload: Upload,
    *,
    person_id: str | None,
    supersedes: Evidence | None = None,
) -> Evidence:
    """Record a file, and give its bytes their name in the store; the one that it supersedes is in force no more."""
    _need_said(said.title, said.dated_on)
    row = Evidence(
        partnership_id=collaboration.partnership_id,
        collaboration_id=collaboration.id,
        kind=said.kind,
        subject=said.subject,
        subject_id=said.subject_id or collaboration.id,
        organisation_id=said.organisation_id,
        region_id=said.region_id,
        evidence_class=said.evidence_class,
        title=said.title.strip(),
        description=said.description.strip(),
        dated_on=said.dated_on,
        sha256=upload.received.sha256,
        size=upload.received.size,
        media_type=upload.type.media_type,
        file_name=cleaned_name(upload.name, upload.type),
        scan=upload.scan,
        state=begin(EVIDENCE, FILE),
        filed_by=person_id,
        filed_at=now(),
    )
    session.add(row)
    if supersedes is not None:
        bump_version(session, supersedes)
        supersedes.state = step(EVIDENCE, supersedes.state, SUPERSEDE)
        supersedes.ended_at = row.filed_at
        session.flush()
        supersedes.superseded_by = row.id
    session.flush()
    lock_object(session, row.sha256)
    settle(upload.received)
    return row


def filing_of(row: Evidence) -> Filing:
    """Return what is said of a file, to say the same of a newer one with `dataclasses.replace`."""
    return Filing(**row.model_dump(include=set(Filing.__slots__)))


def may_have_signatures(row: Evidence) -> bool:
    """Tell whether a file is a PDF that is looked through for signatures; nobody signs a larger one."""
    return row.media_type == PDF.media_type and row.size <= _MOST_SIGNED


def need_bytes(row: Evidence) -> None:
    """Raise `EvidenceClosed` where the bytes are gone, with the reason."""
    if row.state in REMOVED:
        raise EvidenceClosed([Refusal("evidence_removed", because=row.reason, where=f"evidence/{row.id}")])


def correct_evidence(
    session: Session,
    row: Evidence,
    *,
    title: str | None = None,
    description: str | None = None,
    dated_on: date | None = None,
    expected_version: int | None = None,
) -> Evidence:
    """Correct what is said of a file; what was said before stays in the record of changes. The bytes stay."""
    need(EVIDENCE, row.state, CORRECT)
    if dated_on is not None and dated_on != row.dated_on and is_relied_on(session, row):
        raise EvidenceClosed([_relied_on()])
    _need_said(row.title if title is None else title, dated_on or row.dated_on)
    bump_version(session, row, expected=expected_version)
    given: dict[str, Any] = {"title": title, "description": description, "dated_on": dated_on}
    for name, value in given.items():
        if value is not None:
            setattr(row, name, value.strip() if isinstance(value, str) else value)
    session.flush()
    return row


def withdraw_evidence(session: Session, row: Evidence, *, reason: str, expected_version: int | None = None) -> None:
    """Withdraw a file before anybody relied on it; `remove_bytes` takes its bytes away after the commit."""
    need(EVIDENCE, row.state, WITHDRAW)
    if is_relied_on(session, row):
        raise EvidenceClosed([_relied_on()])
    _end(session, row, WITHDRAW, reason, expected_version)


def redact_evidence(session: Session, row: Evidence, *, reason: str, expected_version: int | None = None) -> None:
    """Take the bytes of a file away that others relied on: its row, hash and the reason stay."""
    need(EVIDENCE, row.state, REDACT)
    _end(session, row, REDACT, reason, expected_version)


def note_download(session: Session, row: Evidence, *, person_id: str | None, role: Role) -> None:
    """Note who had the bytes of a file."""
    session.add(EvidenceDownload(evidence_id=row.id, person_id=person_id, role=role, at=now()))
    session.flush()


def freeze_evidence(session: Session, collaboration_id: str, version_id: str) -> list[FrozenEvidence]:
    """Keep with a frozen version what evidence is in force, by its hash."""
    held = [
        FrozenEvidence(protocol_version_id=version_id, evidence_id=row.id, sha256=row.sha256)
        for row in evidence_in_force(session, collaboration_id)
    ]
    session.add_all(held)
    session.flush()
    return held


def _end(session: Session, row: Evidence, move: Move[Any], reason: str, expected_version: int | None) -> None:
    if not reason.strip():
        raise EvidenceInvalid("missing", field="reason", remedy="say_why")
    bump_version(session, row, expected=expected_version)
    row.state, row.reason, row.ended_at = step(EVIDENCE, row.state, move), reason.strip(), now()
    session.flush()


def _relied_on() -> Refusal:
    return Refusal("evidence_relied_on", mend_by=("project_manager",), where="evidence")


def _need_said(title: str, dated_on: date) -> None:
    faults = [] if title.strip() else [Fault("title", "missing", remedy="say_what_it_is")]
    if dated_on > today():
        faults.append(Fault("dated_on", "day_to_come", remedy="today_or_before", day=dated_on))
    if faults:
        raise EvidenceInvalid(faults=faults)
