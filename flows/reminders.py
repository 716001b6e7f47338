"""The flows that plan what people are told of their deadlines: each rung once for ever, or in a digest a day."""

from collections import Counter

from prefect import flow

from flows.acting import as_clock
from flows.subjects import run_name
from flows.sweep import Sweep, sweep
from states.deadlines.digests import compose_digests, readers_of_digests
from states.deadlines.planning import BATCH, deadlines_to_check, plan_reminders
from states.deadlines.queries import readers_by_grant

_READERS = {"role_grant": readers_by_grant}
REMIND = Sweep("remind", "deadline", deadlines_to_check, plan_reminders, at_once=BATCH, lanes=2, parts=_READERS)
DIGEST = Sweep("digest", "person", readers_of_digests, compose_digests, parts=_READERS)


@flow(name="remind", flow_run_name=run_name)
@as_clock
def remind() -> dict[str, int]:
    """Plan every reminder that is due, batch by batch, and count the verdicts; `deliver` sends them."""
    return dict(sum(sweep(REMIND), Counter()))


@flow(name="digest", flow_run_name=run_name)
@as_clock
def digest() -> dict[str, int]:
    """Write the digest of everybody whose hour has come where that person is."""
    return dict(sum(sweep(DIGEST), Counter()))
