"""The ladder: each rung once for ever, the newest only after an outage, none for the past, and who is reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session

from states.access import Role
from states.clock import at, now
from states.deadlines.definition import Recipient, Rung
from states.deadlines.queries import ledger_of, open_deadlines, open_deadlines_of
from states.deadlines.reminders import due_reminders, take_reminder
from states.deadlines.service import close_deadlines, open_deadline, settle_reminder
from states.deadlines.tables import Deadline, DeadlineState, Reminder, ReminderState
from states.partners.queries import holders
from states.partners.service import grant_role
from states.storage import begin
from tests.expect import race
from tests.factories import World, a_world

OPENED = datetime(2020, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
DUE = date(2020, 3, 30)  # twenty working days later in Brussels
LADDER = [
    Rung(days=-10),
    Rung(days=-3),
    Rung(days=0),
    Rung(days=5, to=[Recipient.OWNER, Recipient.PROJECT_MANAGER]),
]
BEFORE_10, BEFORE_3, AFTER_5 = date(2020, 3, 16), date(2020, 3, 25), date(2020, 4, 6)


@dataclass
class Desk:
    """A world in which something waits for the WGRA chair."""

    world: World

    @property
    def session(self) -> Session:
        return self.world.session

    def open(
        self,
        *,
        owner: str | None = "wgra_chair",
        ladder: Sequence[Rung] = LADDER,
        working_days: int = 20,
        nuts: str = "",
        subject: str = "subject",
    ) -> Deadline:
        with at(OPENED):
            return open_deadline(
                self.session,
                kind="stage",
                subject_id=subject,
                title="Review",
                partnership_id=self.world.partnership.id,
                owner_role=Role.WGRA_CHAIR,
                owner_person_id=self.world.people[owner].id if owner else None,
                start=OPENED.date(),
                working_days=working_days,
                ladder=ladder,
                nuts=nuts,
            )

    def due(self, on: date) -> list[tuple[str, int]]:
        return sorted((one.person.label, one.rung.days) for one in due_reminders(self.session, on=on))

    def send(self, on: date) -> list[tuple[str, int]]:
        sent = []
        for planned in due_reminders(self.session, on=on):
            assert take_reminder(self.session, planned) is not None
            sent.append((planned.person.label, planned.rung.days))
        return sorted(sent)


@pytest.fixture
def desk(session: Session) -> Desk:
    return Desk(a_world(session))


def test_a_due_date_counts_the_sites_days(desk: Desk) -> None:
    assert desk.open().due_on == DUE
    assert desk.open(nuts="EL30").due_on == date(2020, 3, 31)  # 25 March is a holiday in Greece
    assert [row.due_on for row in open_deadlines(desk.session)] == [DUE, date(2020, 3, 31)]


def test_each_rung_is_sent_once(desk: Desk) -> None:
    desk.open()
    sent = {day: found for n in range(60) if (found := desk.send(day := OPENED.date() + timedelta(days=n)))}
    assert sent == {
        BEFORE_10: [("wgra_chair", -10)],
        BEFORE_3: [("wgra_chair", -3)],
        DUE: [("wgra_chair", 0)],
        AFTER_5: [("project_manager", 5), ("wgra_chair", 5)],
    }


def test_nothing_is_sent_twice_on_one_day(desk: Desk) -> None:
    desk.open()
    assert desk.send(BEFORE_3) == [("wgra_chair", -3)]
    assert desk.send(BEFORE_3) == []


def test_after_an_outage_only_the_newest_is_sent_and_the_older_are_recorded(desk: Desk) -> None:
    row = desk.open()
    assert desk.send(AFTER_5 + timedelta(days=1)) == [("project_manager", 5), ("wgra_chair", 5)]
    chair = desk.world.people["wgra_chair"].id
    ledger = [(line.rung, line.state) for line in ledger_of(desk.session, [row.id]) if line.person_id == chair]
    assert ledger == [
        (-10, ReminderState.SUPERSEDED),
        (-3, ReminderState.SUPERSEDED),
        (0, ReminderState.SUPERSEDED),
        (5, ReminderState.HANDED_OVER),
    ]
    assert desk.due(date(2020, 12, 31)) == []


def test_what_was_sent_is_not_superseded(desk: Desk) -> None:
    row = desk.open()
    desk.send(BEFORE_10)
    desk.send(DUE)
    ledger = [(line.rung, line.state) for line in ledger_of(desk.session, [row.id])]
    assert ledger == [
        (-10, ReminderState.HANDED_OVER),
        (-3, ReminderState.SUPERSEDED),
        (0, ReminderState.HANDED_OVER),
    ]


def test_no_rung_is_for_the_time_before_the_opening(desk: Desk) -> None:
    row = desk.open(working_days=5)  # due on 9 March: ten working days before, nothing was open
    assert desk.send(date(2020, 3, 3)) == []
    assert desk.send(date(2020, 3, 4)) == [("wgra_chair", -3)]
    assert [line.rung for line in ledger_of(desk.session, [row.id])] == [-3]


@pytest.mark.parametrize("state", [DeadlineState.DONE, DeadlineState.CANCELLED])
def test_what_is_closed_reminds_nobody(desk: Desk, state: DeadlineState) -> None:
    row, other = desk.open(), desk.open(subject="other")
    close_deadlines(desk.session, kind="stage", subject_id="subject", state=state)
    close_deadlines(desk.session, kind="evaluation", subject_id="other")
    close_deadlines(desk.session, kind="stage", subject_id="other", owner_person_id=desk.world.people["observer"].id)
    assert [one.deadline.id for one in due_reminders(desk.session, on=DUE)] == [other.id]
    assert (row.state, row.closed_at is not None) == (state, True)
    assert open_deadlines_of(desk.session, kind="stage", subject_id="other") == [other]


def test_without_a_person_all_of_the_role_own_it(desk: Desk) -> None:
    observer = desk.world.people["observer"]
    grant_role(desk.session, desk.world.partnership, observer, Role.WGRA_CHAIR)
    desk.open(owner=None)
    assert desk.due(BEFORE_10) == [("observer", -10), ("wgra_chair", -10)]


def test_who_owns_and_manages_is_reached_once(desk: Desk) -> None:
    manager = desk.world.people["project_manager"]
    grant_role(desk.session, desk.world.partnership, manager, Role.WGRA_CHAIR)
    desk.open(owner="project_manager")
    assert desk.send(AFTER_5) == [("project_manager", 5)]


def test_two_rungs_of_one_day_are_one_reminder(desk: Desk) -> None:
    ladder = [Rung(days=0), Rung(days=0, to=[Recipient.PROJECT_MANAGER])]
    desk.open(owner="project_manager", ladder=ladder)
    assert desk.send(DUE) == [("project_manager", 0)]
    assert desk.send(DUE) == []


def test_who_left_is_not_reminded(desk: Desk) -> None:
    desk.open()
    holders(desk.session, desk.world.partnership.id, Role.WGRA_CHAIR)[0].grant.until = now()
    desk.session.flush()
    assert desk.due(AFTER_5) == [("project_manager", 5)]


def test_managers_of_another_partnership_are_not_reached(desk: Desk) -> None:
    a_world(desk.session, slug="energy")
    desk.open()
    assert {one.person.email for one in due_reminders(desk.session, on=AFTER_5)} == {
        "project_manager@medtech.example.org",
        "wgra_chair@medtech.example.org",
    }


def test_what_became_of_a_reminder(desk: Desk) -> None:
    desk.open()
    line = take_reminder(desk.session, due_reminders(desk.session, on=BEFORE_10)[0])
    assert line is not None
    assert line.message_id == f"{line.id}@bankable"
    settle_reminder(desk.session, line.id, state=ReminderState.FAILED, detail="550 no such mailbox")
    desk.session.expire_all()
    assert (line.state, line.detail) == (ReminderState.FAILED, "550 no such mailbox")
    assert desk.due(BEFORE_10) == []


@pytest.mark.usefixtures("installation")
def test_of_two_who_take_one_reminder_one_sends_it() -> None:
    with begin() as session:
        key = Desk(a_world(session)).open().id
    with begin(read_only=True) as session:
        planned = due_reminders(session, on=DUE)[0]

    def take() -> Reminder | None:
        with begin() as session:
            return take_reminder(session, planned)

    taken = race(take, take)
    with begin() as session:
        ledger = [(line.rung, line.state) for line in ledger_of(session, [key])]
    assert sum(one is None for one in taken) == 1
    assert ledger == [
        (-10, ReminderState.SUPERSEDED),
        (-3, ReminderState.SUPERSEDED),
        (0, ReminderState.HANDED_OVER),
    ]
