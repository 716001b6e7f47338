"""Add documents of law, verify them by a second person, put them in force, supersede and withdraw them."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from sqlmodel import Session

from states.clock import now
from states.errors import Fault, Refusal
from states.funding.rules.documents import read_document
from states.funding.rules.library import RulesInvalid, Shelf
from states.funding.rules.queries import document_of, documents_of, shelf_for
from states.funding.rules.states import (
    ADD,
    DOCUMENT_OF_LAW,
    PUT_IN_FORCE,
    SUPERSEDE,
    VERIFY,
    WITHDRAW,
    DocumentRefused,
)
from states.funding.rules.tables import DocumentState, RuleDocument, RuleText
from states.machines.definition import Move
from states.machines.stepping import begin, step
from states.outbox.service import publish
from states.storage import bump_version
from states.texts import Text


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who adds or verifies: a person, in a role."""

    person_id: str
    role: str


def add_document(session: Session, partnership_id: str, text: str, *, by: Signatory, source: str = "") -> RuleDocument:
    """Keep a document as a draft; raise `RulesInvalid` with every fault at its line, of the file `source`.

    A version that is there is never changed: whoever mends a document gives it the next one.
    """
    document = read_document(text, source=source, shelf=shelf_for(session, partnership_id))
    same = [row.number for row in documents_of(session, partnership_id) if row.slug == document.id]
    if document.version < (least := max(same, default=0) + 1) and same:
        fault = Fault("version", "version_taken", remedy="give_version", key=document.id, least=least)
        raise RulesInvalid(faults=[fault])
    row = RuleDocument(
        partnership_id=partnership_id,
        kind=document.kind,
        slug=document.id,
        number=document.version,
        title=document.title,
        eli=document.eli or "",
        valid_from=document.valid_from,
        valid_to=document.valid_to,
        text_digest=keep_text(session, text),
        state=begin(DOCUMENT_OF_LAW, ADD),
        added_by=by.person_id,
        added_as=by.role,
    )
    session.add(row)
    session.flush()
    return row


def keep_text(session: Session, text: str) -> str:
    """Keep a text under its SHA-256, once; return that."""
    digest = sha256(text.encode()).hexdigest()
    if session.get(RuleText, digest) is None:
        session.add(RuleText(digest=digest, text=text))
        session.flush()
    return digest


def verify_document(
    session: Session, row: RuleDocument, *, by: Signatory, expected_version: int | None = None
) -> RuleDocument:
    """Record that a second person compared a draft with the official text; refused to who added it."""
    _step(session, row, VERIFY, expected_version=expected_version)
    if by.person_id == row.added_by:
        raise DocumentRefused([Refusal("verified_by_who_added", mend_by=("project_manager", "administrator"))])
    row.verified_by, row.verified_as, row.verified_at = by.person_id, by.role, now()
    session.flush()
    return row


def put_in_force(session: Session, row: RuleDocument, *, expected_version: int | None = None) -> RuleDocument:
    """Let cases rely on a document from now on; another version of it that is in force is superseded by it.

    Raise `RulesInvalid` where it does not fit what is in force now, as it did when it was added.
    """
    before = shelf_for(session, row.partnership_id)
    _step(session, row, PUT_IN_FORCE, expected_version=expected_version)
    document_of(session, row)
    for other in documents_of(session, row.partnership_id):
        if other.slug == row.slug and other.id != row.id and other.state is DocumentState.IN_FORCE:
            _end(session, other, SUPERSEDE, f"version {row.number} is in force")
    if faults := list(_new_faults(before, shelf_for(session, row.partnership_id), row.slug)):
        raise RulesInvalid(faults=faults)
    row.ended_at, row.reason = None, ""
    _tell(session, row)
    return row


def supersede(session: Session, row: RuleDocument, *, reason: str, expected_version: int | None = None) -> RuleDocument:
    """End a document because another text holds in its place; scenarios that rest on it become stale."""
    _end(session, row, SUPERSEDE, reason, expected_version=expected_version)
    _tell(session, row)
    return row


def withdraw_document(
    session: Session, row: RuleDocument, *, reason: str, expected_version: int | None = None
) -> RuleDocument:
    """End a document because it is wrong; scenarios that rest on it become stale with the reason."""
    _end(session, row, WITHDRAW, reason, expected_version=expected_version)
    _tell(session, row)
    return row


def _new_faults(before: Shelf, after: Shelf, slug: str) -> Iterator[Fault]:
    """Yield why a document cannot be used, and what keeps other sets from being used beside it."""
    for name in after.sets:
        if name == slug or name not in before.sets or not before.faults(name):
            yield from after.faults(name)


def _end(
    session: Session,
    row: RuleDocument,
    move: Move[DocumentState],
    reason: str,
    *,
    expected_version: int | None = None,
) -> None:
    if not reason.strip():
        raise RulesInvalid(faults=[Fault("reason", "missing", remedy="give_it")])
    _step(session, row, move, expected_version=expected_version)
    row.ended_at, row.reason = now(), reason.strip()
    session.flush()


def _step(
    session: Session, row: RuleDocument, move: Move[DocumentState], *, expected_version: int | None = None
) -> None:
    bump_version(session, row, expected=expected_version)
    what = Text("word", "rule_document_named", key=f"{row.slug}@{row.number}")
    row.state = step(DOCUMENT_OF_LAW, row.state, move, what=what)
    session.flush()


def _tell(session: Session, row: RuleDocument) -> None:
    """Ask for a look at every scenario of the partnership: what it rests on may be another text now."""
    session.flush()
    publish(session, "rules.changed", partnership_id=row.partnership_id, rule_document=row.id)
