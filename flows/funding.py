"""Flows of funding: solve a case, and look whether scenarios still hold after something has changed."""

from functools import partial

from prefect import flow
from prefect.runtime import flow_run

from flows import stopping
from flows.acting import as_clock
from flows.host import survive
from flows.subjects import run_name
from states.crossings.scenarios.validity import due_reviews, reconsider, settle_passed_closings, touched_by
from states.errors import BankableError
from states.funding.inputs.tables import RunState
from states.funding.runs import begin_run, note_progress, record_answer, run_by_id
from states.funding.solver.answer import Answer, Stage
from states.funding.solver.solve import solve
from states.outbox.queries import message_by_id
from states.outbox.service import consume
from states.storage import begin


class SolvingBrokenOff(BankableError):
    """The runner was asked to stop; another one solves the case anew."""

    code = "solving_broken_off"


@flow(name="solve-funding", flow_run_name=run_name)
@as_clock
def solve_funding(message_id: str) -> dict[str, str]:
    """Solve the case that a `funding.requested` event asks for; a second delivery changes nothing.

    It is solved in a process of its own, killed as soon as the solving is cancelled: what was found until then is kept.
    """
    with begin() as session:
        row = run_by_id(session, message_by_id(session, message_id).payload["funding_run"])
        case = begin_run(session, row)
    watch = _Watch(row.id)
    answer = case and solve(case, seconds=row.seconds, progress=watch.note, cancelled=watch.over)
    if answer and not answer.complete and not stopping.going():
        raise SolvingBrokenOff(f"The solving {row.id} was broken off: the runner stops.")
    with begin() as session:
        if not consume(session, message_id, consumer="solve_funding", flow_run_id=flow_run.id):
            return {"solution": row.id, "because": "solved before"}
        row = run_by_id(session, row.id)
        if answer:
            record_answer(session, row, answer)
        return {"solution": row.id, "state": row.state.value}


class _Watch:
    """Writes down where a solving is, and looks whether somebody has cancelled it."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._noted: Stage | None = None

    def note(self, answer: Answer) -> None:
        if answer.stage is None or answer.stage == self._noted:
            return
        self._noted = answer.stage
        with begin() as session:
            note_progress(session, run_by_id(session, self._run_id), answer.stage)

    def over(self) -> bool:
        if not stopping.going():
            return True
        with begin(read_only=True) as session:
            return run_by_id(session, self._run_id).state is not RunState.RUNNING


@flow(name="review-scenarios", flow_run_name=run_name)
@as_clock
def review_scenarios(message_id: str = "") -> dict[str, list[str]]:
    """Look whether scenarios still hold that an event touches; without an event all, because days pass."""
    with begin() as session:
        settle_passed_closings(session)
        keys = touched_by(session, message_by_id(session, message_id)) if message_id else due_reviews(session)
    if not message_id:  # where one cannot be looked at, the others still are
        return {"stale": [one for key in keys for one in survive(partial(_look, key)) or []]}
    stale = [one for key in keys for one in _look(key)]
    with begin() as session:
        consume(session, message_id, consumer="review_scenarios", flow_run_id=flow_run.id)
    return {"stale": stale}


def _look(key: str) -> list[str]:
    """Look at the scenarios of one collaboration in a transaction of its own: none waits for all the others."""
    with begin() as session:
        return reconsider(session, key)
