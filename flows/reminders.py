"""The flow that sends what is due by the ladders of reminders, each rung once for ever."""

from collections import Counter
from datetime import date
from email.message import EmailMessage

from prefect import flow

from flows.mail import Post, attempt, link, mail, post
from flows.subjects import run_name
from states.clock import today
from states.deadlines.reminders import PlannedReminder, due_reminders, take_reminder
from states.deadlines.service import settle_reminder
from states.storage import begin


@flow(name="remind", flow_run_name=run_name)
def remind() -> dict[str, int]:
    """Send every due reminder and count what became of each.

    Where the mail server cannot be reached nothing is entered in the ledger, and the next run tries again.
    """
    with begin(read_only=True) as session:
        planned = due_reminders(session, on=today())
    if not planned:
        return {}
    with post() as opened:
        return dict(Counter(_send(one, opened) for one in planned))


def _send(planned: PlannedReminder, opened: Post) -> str:
    """Enter, send, settle: a crash between the last two leaves the line handed over, to be seen and not sent again."""
    with begin() as session:
        line = take_reminder(session, planned)
    if line is None:
        return "sent by another runner"
    state, detail = attempt(opened, _reminder(planned, on=today(), message_id=line.message_id))
    with begin() as session:
        settle_reminder(session, line.id, state=state, detail=detail)
    return state.value


def _reminder(planned: PlannedReminder, *, on: date, message_id: str) -> EmailMessage:
    deadline = planned.deadline
    days = (deadline.due_on - on).days
    when = "today" if days == 0 else f"in {days} days" if days > 0 else f"{-days} days ago"
    what = f"collaborations/{deadline.collaboration_id}" if deadline.collaboration_id else "deadlines"
    return mail(
        planned.person,
        subject=f"{'Overdue' if days < 0 else 'Due'} {when}: {deadline.title}",
        message_id=message_id,
        template="reminder",
        values={"title": deadline.title, "due_on": deadline.due_on, "days": days, "when": when, "link": link(what)},
    )
