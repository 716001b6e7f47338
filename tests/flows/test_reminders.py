"""Reminders from plan to mailbox: planned by one flow, sent by the other, each rung once, none for the past."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from email.message import EmailMessage
from threading import Barrier

import pytest
from sqlmodel import Session, select

from flows.catalogue import flow_named
from flows.delivery import deliver
from flows.host import run_here
from flows.reminders import digest, remind
from states import clock
from states.deadlines.definition import Recipient, Rung
from states.deadlines.ledger import ledger_of
from states.deadlines.service import After, Owner, close_deadlines, open_deadline
from states.deadlines.tables import Deadline
from states.mail.tables import MailPreference
from states.partners.tables import Person
from states.rights.access import Role
from states.storage import begin
from tests.flows.conftest import START, Inbox, World, flow_run_in_prefect

REVIEWER, MANAGER = "reviewer-1@example.org", "manager@example.org"
LADDER = [Rung(days=-10), Rung(days=-3), Rung(days=0), Rung(days=5, to=[Recipient.OWNER, Recipient.PROJECT_MANAGER])]
# Of a deadline twenty working days after START, in Brussels' calendar: Easter Monday 2026 is the 6th of April.
BEFORE, SHORTLY, DUE, OVERDUE = date(2026, 3, 16), date(2026, 3, 25), date(2026, 3, 30), date(2026, 4, 7)


@pytest.fixture
def deadline(world: World) -> Deadline:
    """A reviewer's deadline, opened at START beside the stage's own, which is closed."""
    with begin() as session:
        close_deadlines(session, "stage", subject_id=world.collaboration_id)
        return open_deadline(
            session,
            kind="evaluation",
            subject_id="round",
            title="Shared test bed: evaluation",
            partnership_id=world.partnership_id,
            collaboration_id=world.collaboration_id,
            owner=Owner(Role.IAG_MEMBER, person_id=the_reviewer(session).id),
            due=After(START.date(), 20),
            ladder=LADDER,
        )


def the_reviewer(session: Session) -> Person:
    return session.exec(select(Person).where(Person.email == REVIEWER)).one()


def go_to(day: date) -> None:
    clock.set_simulated(START + (day - START.date()))


def ledger(row: Deadline) -> list[tuple[int, str, str]]:
    with begin(read_only=True) as session:
        return [(line.rung, line.status.value, line.why) for line in ledger_of(session, [row.id])]


def told(messages: list[EmailMessage]) -> list[tuple[str, date]]:
    return [(message["To"], message["Date"].datetime.date()) for message in messages]


def test_each_rung_reaches_each_recipient_once_on_its_day(deadline: Deadline, inbox: Inbox) -> None:
    for day in (BEFORE, SHORTLY, DUE, OVERDUE):
        for after in (-1, 0, 0, 1):
            go_to(day + timedelta(days=after))
            remind.fn()
            deliver.fn()

    assert told(inbox.messages[:3]) == [(REVIEWER, BEFORE), (REVIEWER, SHORTLY), (REVIEWER, DUE)]
    assert sorted(told(inbox.messages[3:])) == [(MANAGER, OVERDUE), (REVIEWER, OVERDUE)]
    assert [status for _, status, _ in ledger(deadline)] == ["sent"] * 5


def test_a_deadline_that_cannot_be_read_keeps_no_other_from_its_reminder(deadline: Deadline, inbox: Inbox) -> None:
    with begin() as session:
        broken = open_deadline(
            session,
            kind="evaluation",
            subject_id="another",
            title="Broken",
            partnership_id=deadline.partnership_id,
            owner=Owner(Role.IAG_MEMBER, person_id=the_reviewer(session).id),
            due=After(START.date(), 20),
            ladder=LADDER,
        )
        session.exec(select(Deadline).where(Deadline.id == broken.id)).one().ladder = [{"days": "soon"}]
    go_to(BEFORE)

    remind.fn()
    deliver.fn()

    assert told(inbox.messages) == [(REVIEWER, BEFORE)]
    assert (len(ledger(deadline)), ledger(broken)) == (1, [])


def test_two_runners_at_once_plan_and_send_each_mail_once(deadline: Deadline, inbox: Inbox) -> None:
    go_to(OVERDUE)
    start = Barrier(2)

    def run() -> None:
        start.wait()
        remind.fn()
        deliver.fn()

    with ThreadPoolExecutor(2) as threads:
        for one in [threads.submit(run) for _ in range(2)]:
            one.result()
    deliver.fn()

    assert sorted(told(inbox.messages)) == [(MANAGER, OVERDUE), (REVIEWER, OVERDUE)]


def test_a_mail_that_was_planned_and_is_written_later_counts_the_days_anew(deadline: Deadline, inbox: Inbox) -> None:
    go_to(BEFORE)
    remind.fn()
    go_to(BEFORE + timedelta(days=3))

    deliver.fn()

    assert inbox.messages[0]["Subject"] == "Due in 11 days: Shared test bed: evaluation"


def test_what_is_done_between_plan_and_delivery_is_not_reminded_of(deadline: Deadline, inbox: Inbox) -> None:
    go_to(OVERDUE)
    remind.fn()
    with begin() as session:
        close_deadlines(session, "evaluation", subject_id="round")

    assert (deliver.fn(), inbox.messages) == ({}, [])
    assert Counter(ledger(deadline)) == {
        (-10, "suppressed", "superseded"): 1,
        (-3, "suppressed", "superseded"): 1,
        (0, "suppressed", "superseded"): 1,
        (5, "suppressed", "done"): 2,
    }


def test_a_digest_reaches_who_wants_one(deadline: Deadline, inbox: Inbox) -> None:
    with begin() as session:
        session.add(MailPreference(person_id=the_reviewer(session).id, digest=True))
    go_to(DUE)

    assert (remind.fn(), deliver.fn()) == ({"deadlines": 1, "superseded": 2, "digest": 1}, {})
    assert (digest.fn(), deliver.fn(), digest.fn()) == ({"digests": 1, "lines": 1}, {"sent": 1}, {})

    assert told(inbox.messages) == [(REVIEWER, DUE)]
    assert ledger(deadline)[-1] == (0, "sent", "digest")


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect_server", "deadline")
def test_the_flow_run_says_what_it_did() -> None:
    go_to(OVERDUE)

    run = run_here(flow_named("remind"), {})

    assert run.result == {"deadlines": 1, "superseded": 3, "planned": 2}
    shown = flow_run_in_prefect(run.id)
    assert (shown.name, shown.tags, shown.state_name) == ("remind/2026-04-07", ["reminders"], "Completed")
