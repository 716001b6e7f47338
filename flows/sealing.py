"""The flow that seals documents: behind the bytes that were issued, which stay as they are."""

from prefect import flow
from prefect.runtime import flow_run

from flows.acting import as_clock
from flows.consuming import Results, consume_each
from flows.subjects import run_name
from states.archive.absence import keep, read
from states.archive.queries import document_by_id
from states.archive.sealed_copies import SEALER, Sealed, record_seal
from states.outbox.queries import message_by_id
from states.outbox.service import consume
from states.settings import settings
from states.storage import begin


@flow(name="seal-document", flow_run_name=run_name)
@as_clock
def seal_document(message_ids: tuple[str, ...]) -> Results:
    """Seal the documents that `document.seal_requested` messages ask for.

    An authority that does not answer is an outage: the message waits until it does.
    """
    return consume_each(message_ids, _seal, consumer=SEALER)


def _seal(message_id: str) -> dict[str, str]:
    with begin(read_only=True) as session:
        row = document_by_id(session, message_by_id(session, message_id).payload["document_id"])
        content = read(session, row.sha256)
    made = _sealed(content)
    if made is not None:
        keep(made.content)
    with begin() as session:
        if not consume(session, message_id, consumer=SEALER, flow_run_id=flow_run.id) or made is None:
            return {"document": row.id, "because": "no key" if made is None else "sealed before"}
        return {"document": row.id, "sha256": record_seal(session, row, made).sha256}


def _sealed(content: bytes) -> Sealed | None:
    """Seal bytes; None where this installation has no key any more."""
    if settings().seal_key is None:
        return None
    # Here, not above: pyHanko takes half a second, and most installations have no key.
    from documents.sealing import seal

    return seal(content)
