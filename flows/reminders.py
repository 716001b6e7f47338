"""The flows that plan what people are told of their deadlines: each rung once for ever, or in a digest a day."""

from collections import Counter

from prefect import flow

from flows.acting import as_clock
from flows.subjects import run_name
from states.deadlines.digests import compose_digests
from states.deadlines.planning import BATCH, plan_reminders
from states.storage import begin


@flow(name="remind", flow_run_name=run_name)
@as_clock
def remind() -> dict[str, int]:
    """Plan every reminder that is due, batch by batch, and count the verdicts; `deliver` sends them."""
    counted: Counter[str] = Counter()
    looked = BATCH
    while looked == BATCH:
        with begin() as session:
            batch = plan_reminders(session)
        looked = batch["deadlines"]
        counted += batch
    return dict(counted)


@flow(name="digest", flow_run_name=run_name)
@as_clock
def digest() -> dict[str, int]:
    """Write the digest of everybody whose hour has come where that person is."""
    with begin() as session:
        return dict(compose_digests(session))
