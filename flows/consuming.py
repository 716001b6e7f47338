"""How a flow answers messages: many in one run, each in a task of its own, with its own transactions and result."""

from collections.abc import Callable, Mapping, Sequence

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.context import TagsContext
from prefect.runtime import flow_run
from prefect.utilities.timeout import timeout

from flows.catalogue import ANSWERING, LONG_LANE, QUICK_LANE, FlowSpec, flow_named
from flows.stopping import going
from flows.subjects import subjects_of
from states.errors import BankableError
from states.outbox.leases import LeasedMessage
from states.outbox.relay import answer_each

Result = Mapping[str, object]
Results = dict[str, Result]


class MessagesFailed(BankableError):
    """Some messages of a flow run failed; each is tried again, or was set aside."""

    code = "messages_failed"


class TookTooLong(BankableError):
    """A flow did not end in its longest time."""

    code = "flow_took_too_long"


class _Expired(TimeoutError):
    """Prefect's timeout wants an error of this kind."""


def consume_each(message_ids: Sequence[str], answer: Callable[[str], Result], *, consumer: str) -> Results:
    """Answer messages one after the other, and return what was done of each, by its id.

    Each is a task run in Prefect, named after what it is about. One that fails fails alone: the others are answered,
    and then the flow run fails with `MessagesFailed`. What is done, or is another run's, is left alone.
    """
    spec = flow_named(consumer)
    subjects = subjects_of(message_ids)
    task = Task(_in_time(answer, spec), name=spec.label, cache_policy=NO_CACHE)

    def attempt(message: LeasedMessage) -> Result:
        with TagsContext():  # for each task with a tag Prefect's server is asked for a free slot
            return task.with_options(task_run_name=subjects[message.id].path)(message.id)

    answered = answer_each(
        message_ids,
        attempt,
        holder=flow_run.id,
        consumer=consumer,
        answering=ANSWERING,
        longest=spec.longest,
        lane=LONG_LANE if spec.long else QUICK_LANE,
        going=going,
    )
    if answered.failed:
        raise MessagesFailed(
            failed=len(answered.failed), count=len(message_ids), errors=tuple(dict.fromkeys(answered.failed.values()))
        )
    return answered.results


def _in_time(answer: Callable[[str], Result], spec: FlowSpec) -> Callable[[str], Result]:
    def answer_in_time(message_id: str) -> Result:
        try:
            with timeout(spec.longest, _Expired):
                return answer(message_id)
        except _Expired:
            raise TookTooLong(flow=spec.label, seconds=spec.longest) from None

    return answer_in_time
