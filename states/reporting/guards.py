"""Guards on a report: it is whole, and two people stand for it."""

from collections.abc import Collection
from datetime import date

from states.errors import Refusal
from states.reporting.facts import ReportFacts
from states.reporting.period import Period
from states.reporting.tables import ProgressReport, ReportEdition

_MANAGER = ("project_manager",)
_ISSUERS = ("project_manager", "administrator")


def period_over(period: Period, *, on: date) -> Refusal | None:
    """A report tells of the whole half-year: it is not issued before that is over."""
    if period.ends < on:
        return None
    return Refusal("period_not_over", period=str(period), ends=period.ends, mend_by=_MANAGER, where="reports")


def figures_of_whole_period(period: Period, as_of: date) -> Refusal | None:
    """A draft from within the half-year counts a part of it only."""
    if as_of == period.ends:
        return None
    return Refusal("figures_too_early", period=str(period), as_of=as_of, mend_by=_MANAGER, where="reports")


def complete(facts: ReportFacts) -> Refusal | None:
    """Every mandatory question is answered, those too that the figures make mandatory (form, question II.6)."""
    if not facts.missing:
        return None
    return Refusal(
        "report_incomplete", count=len(facts.missing), mend_by=_MANAGER, where="reports", missing=facts.missing
    )


def explained(facts: ReportFacts) -> Refusal | None:
    """Every other question without an answer has a reason, with who gave it."""
    if not facts.unexplained:
        return None
    count, where = len(facts.unexplained), "reports"
    return Refusal("answers_unexplained", count=count, mend_by=_MANAGER, where=where, missing=facts.unexplained)


def another_issues(report: ProgressReport, person_id: str) -> Refusal | None:
    if report.prepared_by != person_id:
        return None
    return Refusal("report_four_eyes", mend_by=_ISSUERS, where="reports")


def other_hands(replaced: ReportEdition | None, person_id: str) -> Refusal | None:
    """Who prepared or issued an edition does not prepare or issue the one that corrects it."""
    if person_id not in hands_of(replaced):
        return None
    return Refusal("report_other_hands", mend_by=_ISSUERS, where="reports")


def enough_hands(
    replaced: ReportEdition | None, issuers: Collection[str], person_id: str | None = None
) -> Refusal | None:
    """Nobody begins what nobody could end: beside `person_id`, who prepares, somebody is left who may issue.

    Without a `person_id` two people are looked for.
    """
    free = set(issuers) - hands_of(replaced) - {person_id}
    if len(free) >= (1 if person_id else 2):
        return None
    code = "nobody_would_issue" if person_id else "nobody_would_correct"
    return Refusal(code, mend_by=_ISSUERS, where="partnerships/{partnership}/people")


def hands_of(edition: ReportEdition | None) -> set[str]:
    """Return who stands for an edition; nobody for one that release 0.1.0 issued."""
    return {one for one in (edition.prepared_by, edition.issued_by) if one} if edition else set()
