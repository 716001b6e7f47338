"""How a flow lets something be computed for long: one shape for every kind."""

from collections.abc import Sequence
from functools import partial
from typing import TypeVar

from prefect.runtime import flow_run

from flows import stopping
from flows.consuming import Results, consume_each
from states.computations.service import Computing, begin_computation, computation_by_id, note_progress
from states.computations.tables import ComputationState
from states.errors import Outage
from states.outbox.queries import message_by_id
from states.outbox.service import consume
from states.storage import begin

Problem = TypeVar("Problem")
Outcome = TypeVar("Outcome")


class ComputationBrokenOff(Outage):
    """The runner was asked to stop, which is no fault of the message; another one computes it anew."""

    code = "computation_broken_off"


class Watcher:
    """Writes down how far a computation is, and looks whether somebody has cancelled it or the runner stops."""

    def __init__(self, computing: Computing[Problem, Outcome], key: str) -> None:
        self._kind, self._key = computing.kind, key
        self._noted: dict[str, object] = {}
        self.stopped = False

    def note(self, **progress: object) -> None:
        if progress != self._noted:
            self._noted = progress
            with begin() as session:
                note_progress(session, computation_by_id(session, self._kind, self._key), **progress)

    def over(self) -> bool:
        if not stopping.going():
            self.stopped = True
            return True
        with begin(read_only=True) as session:
            return computation_by_id(session, self._kind, self._key).state is not ComputationState.RUNNING


def compute(message_ids: Sequence[str], computing: Computing[Problem, Outcome], *, consumer: str) -> Results:
    """Compute what messages ask for; a second delivery changes nothing.

    It runs in processes of its own, killed as soon as it is cancelled: what was found until then is kept.
    """
    return consume_each(message_ids, partial(_compute, computing, consumer), consumer=consumer)


def _compute(computing: Computing[Problem, Outcome], consumer: str, message_id: str) -> dict[str, str]:
    kind = computing.kind
    with begin() as session:
        key = message_by_id(session, message_id).payload[kind.key]
        row = computation_by_id(session, kind, key)
        problem = begin_computation(session, computing, row)
    outcome = None
    if problem is not None:
        watcher = Watcher(computing, key)
        outcome = computing.compute(problem, row, watcher)
        if watcher.stopped:
            raise ComputationBrokenOff(computation=key)
    with begin() as session:
        if not consume(session, message_id, consumer=consumer, flow_run_id=flow_run.id):
            return {"computation": key, "because": "computed before"}
        row = computation_by_id(session, kind, key)
        if outcome is not None:
            computing.keep(session, row, outcome)
        return {"computation": key, "state": row.state.value}
