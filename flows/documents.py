"""The flow that issues a document: read what it shows, print it, keep the bytes, record it."""

from prefect import flow
from prefect.runtime import flow_run
from sqlmodel import Session

from documents.catalogue import EDITIONS
from documents.meta import DocumentContext
from documents.render import render
from flows.subjects import run_name
from states.archive.service import Rendered, keep_bytes, record_document
from states.archive.tables import DocumentKind
from states.errors import Missing
from states.events.queries import event_by_id
from states.events.service import consume
from states.events.tables import OutboxEvent
from states.funding.queries import scenarios_of
from states.protocol.queries import latest_versions
from states.review.queries import rounds_of
from states.storage import begin

_OF_A_ROUND = frozenset(
    {
        DocumentKind.REVIEW_DOSSIER,
        DocumentKind.CONSENSUS_REPORT,
        DocumentKind.PANEL_MINUTES,
        DocumentKind.DECISION_LETTER,
    }
)


@flow(name="issue-document", flow_run_name=run_name)
def issue_document(event_id: str) -> dict[str, str]:
    """Issue the document that a `document.requested` event asks for; a second delivery records nothing new."""
    with begin(read_only=True) as session:
        event = event_by_id(session, event_id)
        kind = DocumentKind(event.payload["kind"])
        subject_id = event.payload.get("subject_id") or _present_subject(session, event, kind)
        context = EDITIONS[kind].gather(session, subject_id=subject_id)
    rendered = _print(kind, context, subject_id)
    digest = keep_bytes(rendered.content)
    with begin() as session:
        if not consume(session, event_id, consumer="issue_document", flow_run_id=flow_run.id):
            return {"document": "", "because": "issued before"}
        row = record_document(
            session, rendered, partnership_id=event.partnership_id, collaboration_id=event.collaboration_id
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


def _present_subject(session: Session, event: OutboxEvent, kind: DocumentKind) -> str:
    """Return what a collaboration's document shows where the event names nothing: the latest, or the chosen one."""
    key = event.collaboration_id or ""
    found: list[str] = []
    if kind is DocumentKind.INVESTMENT_PROTOCOL:
        found = [version.id for version in latest_versions(session, [key]).values()]
    elif kind in _OF_A_ROUND:
        found = [row.id for row in rounds_of(session, [key])]
    elif kind is DocumentKind.PROPOSAL:
        found = [scenario.id for scenario in scenarios_of(session, key) if scenario.chosen]
    if not found:
        raise Missing(f"subject for the {kind.value} of collaboration", key)
    return found[-1]
