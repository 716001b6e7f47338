"""Guards on a report."""

from states.errors import Refusal
from states.reporting.facts import ReportFacts

_MANAGER = ("project_manager",)


def complete(facts: ReportFacts) -> Refusal | None:
    """Every mandatory question is answered, those too that the figures make mandatory (form, question II.6)."""
    if not facts.missing:
        return None
    return Refusal(
        "report_incomplete", count=len(facts.missing), mend_by=_MANAGER, where="reports", missing=facts.missing
    )
