"""Reports that are issued as people issue them: by two hands, with a reason for each question that has no answer."""

from sqlmodel import Session

from states.partners.people import grant_role, person_by_email
from states.partners.tables import Partnership
from states.reporting.issuing import issue_report, prepare_report
from states.reporting.service import explain, report_facts
from states.reporting.tables import ProgressReport
from states.rights.access import Role

WHY = "Nothing was reported on it in this half-year."


def managers(session: Session, partnership: Partnership, count: int = 2) -> list[str]:
    """Return the ids of so many project managers."""
    people = []
    for number in range(1, count + 1):
        label = f"manager {number}"
        person = person_by_email(session, email=f"manager-{number}@{partnership.slug}.example", label=label)
        grant_role(session, partnership, person, Role.PROJECT_MANAGER)
        people.append(person.id)
    return people


def explain_all(session: Session, report: ProgressReport, *, by: str) -> None:
    for name in report_facts(report).unexplained:
        explain(session, report, name.split()[0], WHY, person_id=by)


def issue_by_two(session: Session, report: ProgressReport, hands: list[str]) -> ProgressReport:
    """Let the first one prepare a report, and the second one issue it."""
    first, second = hands
    explain_all(session, report, by=first)
    prepare_report(session, report, person_id=first)
    return issue_report(session, report, person_id=second)
