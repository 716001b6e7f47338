"""The flow that issues a document: read what it shows, print it, keep the bytes, record it."""

from prefect import flow
from prefect.runtime import flow_run

from documents.catalogue import EDITIONS
from documents.gathering import current_subject
from documents.meta import DocumentContext
from documents.render import render
from flows.acting import as_clock
from flows.subjects import run_name
from states.archive.service import Rendered, record_document
from states.archive.states import ISSUE, ISSUER, request_state
from states.archive.store import keep_bytes
from states.archive.tables import DocumentKind
from states.outbox.queries import message_by_id
from states.outbox.service import consume
from states.storage import begin


@flow(name="issue-document", flow_run_name=run_name)
@as_clock
def issue_document(message_id: str) -> dict[str, str]:
    """Issue the document that a `document.requested` message asks for; a second delivery records nothing new."""
    with begin(read_only=True) as session:
        message = message_by_id(session, message_id)
        if not ISSUE.leaves(request_state(session, message)):
            return {"document": "", "because": "issued before"}
        kind = DocumentKind(message.payload["kind"])
        subject_id = message.payload.get("subject_id") or current_subject(
            session, kind, collaboration_id=message.collaboration_id or ""
        )
        context = EDITIONS[kind].gather(session, subject_id=subject_id)
    rendered = _print(kind, context, subject_id)
    digest = keep_bytes(rendered.content)
    with begin() as session:
        if not consume(session, message_id, consumer=ISSUER, flow_run_id=flow_run.id):
            return {"document": "", "because": "issued before"}
        row = record_document(
            session, rendered, partnership_id=message.partnership_id, collaboration_id=message.collaboration_id
        )
        return {"document": row.id, "kind": kind.value, "sha256": digest}


def _print(kind: DocumentKind, context: DocumentContext, subject_id: str) -> Rendered:
    return Rendered(
        kind=kind,
        document_class=EDITIONS[kind].document_class,
        title=context.meta.title,
        subject_id=subject_id,
        context_sha256=context.sha256,
        content=render(kind, context),
    )
