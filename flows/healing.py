"""The flow that looks after the store: old partial files go, and what is missing or damaged is printed again."""

import logging

from prefect import flow

from flows.acting import as_clock
from flows.subjects import run_name
from states.archive.absence import see_store
from states.archive.evidence.removal import remove_bytes, sweep_unfiled
from states.archive.healing import HEALED_UNASKED, heal, unfit_files
from states.archive.store import sweep_partial_files
from states.storage import begin

log = logging.getLogger(__name__)


@flow(name="heal-documents", flow_run_name=run_name)
@as_clock
def heal_documents() -> dict[str, int]:
    """Read every document's file and ask for those anew that are not intact; where they are many, leave that to people.

    The bytes of evidence that was withdrawn or redacted go, where somebody was killed before, and those of uploads that
    nobody filed. No other evidence is touched: nobody can make it anew.

    While the store is away nothing is missing, and the flow fails. The number of partial files swept up, of documents
    with an unfit file, and of those asked for now is the result.
    """
    with begin(read_only=True) as session:
        see_store(session)
    swept = sweep_unfiled() + sweep_partial_files()
    remove_bytes()
    unfit = unfit_files()
    asked = 0
    if len(unfit) > HEALED_UNASKED:
        log.error("the store lacks the files of %d documents: is it away? `bankable documents heal`", len(unfit))
    elif unfit:
        with begin() as session:
            asked = heal(session, unfit)
    return {"swept": swept, "unfit": len(unfit), "asked": asked}
