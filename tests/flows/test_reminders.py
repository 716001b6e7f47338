"""Reminders reach a real mail server or a folder, each rung once, none for the past; what failed is in the ledger."""

import smtplib
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Barrier

import pytest
from sqlmodel import col, select

from flows.catalogue import flow_named
from flows.host import FlowFailed, run_here
from flows.mail import MailServerUnreachable
from flows.reminders import remind
from states import clock
from states.access import Role
from states.deadlines.definition import Recipient, Rung
from states.deadlines.service import close_deadlines, open_deadline
from states.deadlines.tables import Deadline, Reminder, ReminderState
from states.partners.tables import Person
from states.settings import settings
from states.storage import begin
from tests.flows.conftest import START, Inbox, World, flow_run_in_prefect, free_port

REVIEWER, MANAGER = "reviewer-1@example.org", "manager@example.org"
LADDER = [Rung(days=-10), Rung(days=-3), Rung(days=0), Rung(days=5, to=[Recipient.OWNER, Recipient.PROJECT_MANAGER])]
# Of a deadline twenty working days after START, in Brussels' calendar: Easter Monday 2026 is the 6th of April.
BEFORE, SHORTLY, DUE, OVERDUE = date(2026, 3, 16), date(2026, 3, 25), date(2026, 3, 30), date(2026, 4, 7)


@pytest.fixture
def deadline(world: World) -> Deadline:
    """A reviewer's deadline, opened at START beside the stage's own, which is closed."""
    with begin() as session:
        close_deadlines(session, kind="stage", subject_id=world.collaboration_id)
        reviewer = session.exec(select(Person).where(Person.email == REVIEWER)).one()
        return open_deadline(
            session,
            kind="seat",
            subject_id="round",
            title="Shared test bed: evaluation",
            partnership_id=world.partnership_id,
            collaboration_id=world.collaboration_id,
            owner_role=Role.IAG_MEMBER,
            owner_person_id=reviewer.id,
            start=START.date(),
            working_days=20,
            ladder=LADDER,
        )


def go_to(day: date) -> None:
    clock.set_simulated(START + (day - START.date()))


def ledger() -> list[tuple[int, ReminderState, date]]:
    with begin(read_only=True) as session:
        rows = session.exec(select(Reminder).order_by(col(Reminder.planned_for), col(Reminder.person_id)))
        return [(row.rung, row.state, row.planned_for) for row in rows]


def told(messages: list[EmailMessage]) -> list[tuple[str, date]]:
    return [(message["To"], message["Date"].datetime.date()) for message in messages]


def test_each_rung_reaches_each_recipient_once_on_its_day(deadline: Deadline, inbox: Inbox) -> None:
    for days in range(45):
        go_to(START.date() + timedelta(days=days))
        for _ in range(2):
            remind.fn()

    assert told(inbox.messages[:3]) == [(REVIEWER, BEFORE), (REVIEWER, SHORTLY), (REVIEWER, DUE)]
    assert sorted(told(inbox.messages[3:])) == [(MANAGER, OVERDUE), (REVIEWER, OVERDUE)]
    assert [state for _, state, _ in ledger()] == [ReminderState.SENT] * 5


def test_without_a_mail_server_each_mail_is_a_file_named_by_its_id(deadline: Deadline, installation: Path) -> None:
    go_to(SHORTLY)

    assert remind.fn() == {"sent": 1}

    (path,) = (installation / "mail").iterdir()
    message = message_from_bytes(path.read_bytes(), policy=default)
    with begin(read_only=True) as session:
        line = session.exec(select(Reminder).where(Reminder.state == ReminderState.SENT)).one()
    assert (path.name, message["Message-ID"]) == (f"{line.id}@bankable.eml", f"<{line.id}@bankable>")
    assert message["Subject"] == "Due in 5 days: Shared test bed: evaluation"
    assert (message["From"], message["To"]) == ("bankable@localhost", REVIEWER)
    assert message.get_content().splitlines() == [
        "To: Reviewer 1",
        "",
        "Shared test bed: evaluation",
        "is due on 2026-03-30, in 5 days. It waits for you.",
        "",
        "See what is missing, and who can mend it:",
        f"http://127.0.0.1:8400/api/v1/collaborations/{deadline.collaboration_id}",
        "",
        "Bankable writes this because the reminder ladder of this deadline names your role.",
        "Once it is done, or its date has moved, nothing more is sent for it.",
    ]


def test_two_runners_at_once_send_each_mail_once(deadline: Deadline, inbox: Inbox) -> None:
    go_to(OVERDUE)
    start = Barrier(2)

    def run() -> None:
        start.wait()
        remind.fn()

    with ThreadPoolExecutor(2) as threads:
        for one in [threads.submit(run) for _ in range(2)]:
            one.result()

    assert sorted(told(inbox.messages)) == [(MANAGER, OVERDUE), (REVIEWER, OVERDUE)]


def test_after_an_outage_only_the_newest_rung_is_sent_and_the_older_are_superseded(
    deadline: Deadline, inbox: Inbox
) -> None:
    go_to(DUE + timedelta(days=1))

    remind.fn()

    assert told(inbox.messages) == [(REVIEWER, DUE + timedelta(days=1))]
    assert inbox.messages[0]["Subject"] == "Overdue 1 days ago: Shared test bed: evaluation"
    assert ledger() == [
        (-10, ReminderState.SUPERSEDED, BEFORE),
        (-3, ReminderState.SUPERSEDED, SHORTLY),
        (0, ReminderState.SENT, DUE),
    ]


def test_what_is_done_is_not_reminded_of(deadline: Deadline, inbox: Inbox) -> None:
    with begin() as session:
        close_deadlines(session, kind="seat", subject_id="round")
    go_to(OVERDUE)

    assert (remind.fn(), inbox.messages, ledger()) == ({}, [], [])


def test_a_refused_recipient_is_in_the_ledger_and_the_others_are_told(deadline: Deadline, inbox: Inbox) -> None:
    inbox.refused = {REVIEWER}
    go_to(OVERDUE)

    assert remind.fn() == {"failed": 1, "sent": 1}

    assert told(inbox.messages) == [(MANAGER, OVERDUE)]
    with begin(read_only=True) as session:
        failed = session.exec(select(Reminder).where(Reminder.state == ReminderState.FAILED)).one()
    assert (failed.rung, failed.detail) == (5, "550 no such mailbox")


def test_while_no_mail_server_answers_nothing_is_entered_and_the_next_run_sends(
    deadline: Deadline, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_to(DUE)
    with monkeypatch.context() as patch:
        patch.setenv("BANKABLE_SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
        settings.cache_clear()
        with pytest.raises(MailServerUnreachable, match="Connection refused"):
            remind.fn()
    settings.cache_clear()

    assert (ledger(), remind.fn(), len(inbox.messages)) == ([], {"sent": 1}, 1)


def test_a_line_of_unknown_fate_stays_visible_and_is_not_sent_again(deadline: Deadline, inbox: Inbox) -> None:
    go_to(BEFORE)
    inbox.hangs_up = True
    with pytest.raises(smtplib.SMTPServerDisconnected):
        remind.fn()
    inbox.hangs_up = False

    assert (remind.fn(), inbox.messages) == ({}, [])
    assert ledger() == [(-10, ReminderState.HANDED_OVER, BEFORE)]


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect_server", "deadline")
def test_the_flow_run_says_what_it_did(inbox: Inbox) -> None:
    go_to(OVERDUE)

    run = run_here(flow_named("remind"), {})

    assert run.result == {"sent": 2}
    shown = flow_run_in_prefect(run.id)
    assert (shown.name, shown.tags, shown.state_name) == ("remind/2026-04-07", ["reminders"], "Completed")


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect_server", "deadline")
def test_a_flow_that_fails_says_why(inbox: Inbox) -> None:
    go_to(OVERDUE)
    inbox.hangs_up = True

    with pytest.raises(FlowFailed, match="Connection unexpectedly closed") as raised:
        run_here(flow_named("remind"), {})

    assert flow_run_in_prefect(raised.value.run_id).state_name == "Failed"
