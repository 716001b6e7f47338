"""The flow that keeps reports: the six-monthly one, drafted and printed, and partners' progress, opened in time."""

from prefect import flow
from prefect.runtime import flow_run

from flows.acting import as_clock
from flows.consuming import Results, consume_each
from flows.subjects import run_name
from flows.sweep import Sweep, sweep
from states.clock import today
from states.crossings.implementation.progress import open_due_of, with_agreements
from states.crossings.reporting.drafting import ask_for_editions, draft_due_reports
from states.outbox.queries import message_by_id
from states.outbox.service import consume
from states.partners.queries import partnership_ids
from states.reporting.queries import report_by_id
from states.storage import begin

DRAFT = Sweep(
    "progress_report",
    "partnership",
    partnership_ids,
    lambda session, keys: draft_due_reports(session, keys, on=today()),
    at_once=1,
)


OPEN = Sweep("progress_report", "collaboration", with_agreements, open_due_of, at_once=1)


@flow(name="progress-report", flow_run_name=run_name)
@as_clock
def progress_report(message_ids: tuple[str, ...] = ()) -> Results | dict[str, list[str]]:
    """Ask for the editions of reports that `report.issued` messages name; without one, draft and open what is due."""
    if message_ids:
        return consume_each(message_ids, _ask, consumer="progress_report")
    opened = [one.id for rows in sweep(OPEN) for one in rows]
    return {"changed": [report.id for reports in sweep(DRAFT) for report in reports], "opened": opened}


def _ask(message_id: str) -> dict[str, list[str]]:
    with begin() as session:
        report = report_by_id(session, message_by_id(session, message_id).payload["report_id"])
        if not consume(session, message_id, consumer="progress_report", flow_run_id=flow_run.id):
            return {"changed": []}
        ask_for_editions(session, report)
        return {"changed": [report.id]}
