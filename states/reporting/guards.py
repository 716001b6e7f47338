"""Guards on a report."""

from states.errors import Refusal
from states.reporting.facts import ReportFacts

_MANAGER = ("project_manager",)


def complete(facts: ReportFacts) -> Refusal | None:
    """Every mandatory question is answered, those too that the figures make mandatory (form, question II.6)."""
    if not facts.missing:
        return None
    return Refusal(
        "report_incomplete",
        f"{len(facts.missing)} mandatory question(s) of the monitoring form are not answered.",
        _MANAGER,
        "reports",
        facts.missing,
    )
