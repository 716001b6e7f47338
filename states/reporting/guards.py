"""Guards on a report."""

from datetime import date

from states.errors import Refusal
from states.reporting.facts import ReportFacts
from states.reporting.period import Period

_MANAGER = ("project_manager",)


def period_over(period: Period, *, on: date) -> Refusal | None:
    """A report tells of the whole half-year: it is not issued before that is over."""
    if period.ends < on:
        return None
    return Refusal("period_not_over", period=str(period), ends=period.ends, mend_by=_MANAGER, where="reports")


def complete(facts: ReportFacts) -> Refusal | None:
    """Every mandatory question is answered, those too that the figures make mandatory (form, question II.6)."""
    if not facts.missing:
        return None
    return Refusal(
        "report_incomplete", count=len(facts.missing), mend_by=_MANAGER, where="reports", missing=facts.missing
    )
