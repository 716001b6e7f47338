"""The flow that issues documents: read what each shows, print it, keep the bytes, record it; or print one again."""

from dataclasses import dataclass
from datetime import datetime

from prefect import flow
from prefect.runtime import flow_run
from sqlmodel import Session

from documents.catalogue import PAPERS
from documents.gathering import current_subject
from documents.imprint import Imprint, imprint_after, imprint_of
from documents.printing import printing
from documents.render import render
from documents.shown import Shown, gathered, shown_by
from flows.acting import as_clock
from flows.consuming import Results, consume_each
from flows.subjects import run_name
from states.archive.absence import keep, needing_the_store, see_store
from states.archive.codes import Stamp, stamp_for
from states.archive.editions import editions_of, newest_edition, reasons, stamp_of
from states.archive.queries import document_by_id
from states.archive.service import Rendered, is_issued, note_loss, record_document
from states.archive.states import ISSUE, ISSUER, request_state
from states.archive.store import Kept, verify
from states.archive.tables import DocumentKind, IssuedDocument
from states.clock import now
from states.errors import Stale
from states.outbox.queries import message_by_id
from states.outbox.service import consume
from states.outbox.tables import OutboxMessage
from states.partners.tables import Partnership
from states.storage import begin

_BEFORE = {"document": "", "because": "issued before"}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be printed, and its editions so far; `again` is the one that the message names."""

    kind: DocumentKind
    subject_id: str
    language: str
    shown: Shown
    editions: list[IssuedDocument]
    again: IssuedDocument | None

    @property
    def newest(self) -> IssuedDocument | None:
        """The edition that counts so far."""
        return self.editions[-1] if self.editions else None

    def before(self, row: IssuedDocument) -> IssuedDocument | None:
        """Return the edition that this one replaced."""
        return next((one for one in self.editions if one.edition == row.edition - 1), None)

    @property
    def old(self) -> IssuedDocument | None:
        """The edition that the message names, where another has replaced it: its file alone can be made good."""
        return self.again if self.again is not None and self.again.id != _id(self.newest) else None

    @property
    def alike(self) -> IssuedDocument | None:
        """The edition that shows the same: what is printed may turn out to be its file."""
        if self.again is not None:
            return self.again
        same = self.newest is not None and self.newest.context_sha256 == self.shown.sha256
        return self.newest if same else None


@flow(name="issue-document", flow_run_name=run_name)
@as_clock
def issue_document(message_ids: tuple[str, ...]) -> Results:
    """Issue the documents that `document.requested` messages ask for.

    What was issued with the same content by the same template, fonts and renderer is not printed anew while its file is
    intact. A document that the message names is printed again with the content that it had: where the same bytes
    come out its file is made good, else there is a next edition.
    """
    return consume_each(message_ids, _issue, consumer=ISSUER)


def _issue(message_id: str) -> dict[str, str]:
    """Issue the document of one message; a second delivery records nothing new."""
    with begin(read_only=True) as session:
        message = message_by_id(session, message_id)
        if not ISSUE.leaves(request_state(session, message)):
            return _BEFORE
        see_store(session)
        wanted = _read(session, message)
    alike = wanted.alike
    with needing_the_store():
        is_lost = alike is not None and verify(alike.sha256) is not Kept.INTACT
    made = None if _is_there(wanted, is_lost=is_lost) else _print(wanted, message, is_lost=is_lost)
    if made is not None:
        keep(made.content)
        is_lost = is_lost and made.sha256 != (alike and alike.sha256)
    with begin() as session:
        if not consume(session, message_id, consumer=ISSUER, flow_run_id=flow_run.id):
            return _BEFORE
        row = _record(session, message, wanted, made, is_lost=is_lost)
        return {"document": row.id, "kind": row.kind.value, "sha256": row.sha256}


def _read(session: Session, message: OutboxMessage) -> _Wanted:
    kind, named = DocumentKind(message.payload["kind"]), message.payload.get("document_id")
    again = document_by_id(session, named) if named else None
    subject_id = message.payload.get("subject_id") or current_subject(
        session, kind, collaboration_id=message.collaboration_id or ""
    )
    if again is not None:
        shown, language = shown_by(session, again), again.language
    else:
        language = message.payload.get("language") or session.get_one(Partnership, message.partnership_id).language
        shown = gathered(session, kind, subject_id, language)
    return _Wanted(kind, subject_id, language, shown, editions_of(session, kind, subject_id, language), again)


def _is_there(wanted: _Wanted, *, is_lost: bool) -> bool:
    """Tell whether there is nothing to print: it is issued so and its file is intact."""
    row = wanted.alike
    if row is None or is_lost:
        return False
    return wanted.old is not None or is_issued(row, wanted.shown.sha256, printing(wanted.kind, wanted.language))


def _print(wanted: _Wanted, message: OutboxMessage, *, is_lost: bool) -> Rendered | None:
    """Print what shows the same as it was issued; where other bytes come out the next edition, unless there is one.

    The cover of a later edition tells when it was issued: when it was asked for, so that each try gives the same bytes.
    """
    if (row := wanted.alike) is not None:
        again = _rendered(wanted, imprint_of(row, wanted.before(row)), row.issued_at, stamp_of(row))
        if again.sha256 == row.sha256:
            return again
        if wanted.old is not None:
            return None
    because = reasons(wanted.newest, wanted.shown.sha256, printing(wanted.kind, wanted.language), is_lost=is_lost)
    at = max(message.created_at, wanted.newest.issued_at) if wanted.newest else now()
    return _rendered(wanted, imprint_after(wanted.newest, because, at), at, stamp_for(message.id))


def _rendered(wanted: _Wanted, imprint: Imprint | None, at: datetime, stamp: Stamp | None) -> Rendered:
    context = wanted.shown.context
    return Rendered(
        kind=wanted.kind,
        document_class=PAPERS[wanted.kind].document_class,
        title=context.meta.title,
        subject_id=wanted.subject_id,
        language=wanted.language,
        context=wanted.shown.text,
        content=render(wanted.kind, context, context_sha256=wanted.shown.sha256, imprint=imprint, stamp=stamp),
        printing=printing(wanted.kind, wanted.language),
        issued_at=at,
        stamp=stamp,
    )


def _record(
    session: Session, message: OutboxMessage, wanted: _Wanted, made: Rendered | None, *, is_lost: bool
) -> IssuedDocument:
    newest = newest_edition(session, wanted.kind, wanted.subject_id, wanted.language)
    if _id(newest) != _id(wanted.newest):
        raise Stale("document")  # another was issued meanwhile: the next try looks at that one
    if wanted.old is not None or made is None:
        looked_at = wanted.alike
        assert looked_at is not None
        return note_loss(session, looked_at.id, is_lost=is_lost)
    return record_document(
        session,
        made,
        partnership_id=message.partnership_id,
        collaboration_id=message.collaboration_id,
        newest_is_lost=is_lost,
    )


def _id(row: IssuedDocument | None) -> str | None:
    return None if row is None else row.id
