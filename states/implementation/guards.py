"""Guards on what partners did with the money: progress, results and changes."""

from states.errors import Refusal
from states.implementation.facts import ImplementationFacts
from states.texts import Text

_WRITERS = ("project_manager", "partner")


def progress_accepted(facts: ImplementationFacts) -> Refusal | None:
    """Every period on which partners were to report is accepted, and there is one at least."""
    if not facts.reported:
        return Refusal("no_progress", mend_by=_WRITERS, where="progress", missing=(Text("missing", "progress"),))
    if not facts.open_periods:
        return None
    missing = tuple(
        Text("missing", "progress_of_period", period=period, count=count) for period, count in facts.open_periods
    )
    return Refusal(
        "progress_not_accepted",
        count=sum(count for _, count in facts.open_periods),
        mend_by=_WRITERS,
        where="progress",
        missing=missing,
    )


def results_reported(facts: ImplementationFacts, *, count: int = 1) -> Refusal | None:
    """So many indicators have what was achieved beside their target, and who missed one says why."""
    if facts.results < count:
        missing = (Text("missing", "results", count=count - facts.results),)
        return Refusal("too_few_results", count=count, mend_by=_WRITERS, where="results", missing=missing)
    lacking = (*facts.unachieved, *facts.unexplained)
    if not lacking:
        return None
    return Refusal("results_incomplete", count=len(lacking), mend_by=_WRITERS, where="results", missing=lacking)


def changes_settled(facts: ImplementationFacts) -> Refusal | None:
    """No change is asked for, approved and not carried out, or still a draft."""
    if not facts.running:
        return None
    missing = tuple(Text("missing", "change_request", number=number) for number in facts.running)
    return Refusal(
        "changes_running", count=len(facts.running), mend_by=_WRITERS, where="change-requests", missing=missing
    )
