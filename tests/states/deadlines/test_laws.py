"""Laws of reminders over any story: nothing twice, nothing for what is done, nothing for the past, nothing missed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from states.clock import at
from states.deadlines.definition import Recipient, Rung
from states.deadlines.digests import compose_digests
from states.deadlines.ladder import CATCH_UP
from states.deadlines.planning import plan_reminders
from states.deadlines.service import After, Owner, close_deadlines, extend, open_deadline, reassign, waive
from states.deadlines.tables import Deadline, DeadlineState, Reminder, ReminderState
from states.mail.sending import Result, lease_mails, offer, record_handover
from states.mail.tables import Mail, MailPreference, MailState
from states.places.working_days import shift
from states.rights.access import Role
from tests.factories import World, a_world
from tests.laws import often

START = datetime(2020, 3, 2, 9, 0, tzinfo=UTC)
LADDER = [Rung(days=-10), Rung(days=-3), Rung(days=0, to=[Recipient.OWNER, Recipient.CHAIR]), Rung(days=5)]
OWNERS = ("iag_member 1", "iag_member 2", "iag_member 3")  # as they are; in New York; with a digest a day
ZONES = {"iag_member 2": "America/New_York", "iag_chair": "Pacific/Auckland"}

HOURS = st.one_of(st.integers(1, 24), st.sampled_from([24, 48, 5 * 24, 10 * 24]), st.integers(1, 24 * 50))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.integers(0, 2), st.integers(0, 25)),
        st.tuples(st.sampled_from(["run", "run with no mail server", "outage"]), st.just(0), HOURS),
        st.tuples(st.just("extend"), st.integers(0, 1), st.integers(0, 30)),
        st.tuples(st.sampled_from(["close", "waive"]), st.integers(0, 1), st.just(0)),
        st.tuples(st.just("reassign"), st.integers(0, 1), st.integers(0, 2)),
    ),
    min_size=5,
    max_size=20,
)


@dataclass
class Story:
    """A partnership that lives through some steps, with a note of every mail at the instant of its hand-over."""

    world: World
    instant: datetime = START
    rows: list[Deadline] = field(default_factory=list)
    delivered: list[str] = field(default_factory=list)

    @property
    def session(self) -> Session:
        return self.world.session

    def step(self, name: str, which: int, amount: int) -> None:
        if name in ("run", "run with no mail server", "outage"):
            self.instant += timedelta(hours=amount)
        with at(self.instant):
            match name:
                case "open":
                    self.rows.append(self.open(OWNERS[which], working_days=amount))
                case "run":
                    self.plan()
                    self.deliver()
                case "run with no mail server":
                    self.plan()
                case _ if name != "outage" and which < len(self.rows):
                    self.change(name, self.rows[which], amount)

    def open(self, owner: str, *, working_days: int) -> Deadline:
        return open_deadline(
            self.session,
            kind="stage",
            subject_id=f"subject {len(self.rows)}",
            title="Review",
            partnership_id=self.world.partnership.id,
            owner=Owner(Role.IAG_MEMBER, person_id=self.world.people[owner].id, chair_role=Role.IAG_CHAIR),
            due=After(self.instant.date(), working_days),
            ladder=LADDER,
        )

    def change(self, name: str, row: Deadline, amount: int) -> None:
        if row.state is not DeadlineState.OPEN:
            return
        actor, day = self.world.actor(Role.PROJECT_MANAGER), self.instant.date() + timedelta(days=amount)
        if name == "extend" and day != row.due_on:
            extend(self.session, row, due_on=day, reason="r", actor=actor)
        elif name == "waive":
            waive(self.session, row, reason="r", actor=actor)
        elif name == "close":
            close_deadlines(self.session, row.kind, subject_id=row.subject_id)
        elif name == "reassign" and row.owner_person_id != self.world.people[OWNERS[amount]].id:
            person = self.world.people[OWNERS[amount]]
            reassign(self.session, row, person_id=person.id, reason="r", actor=actor)

    def plan(self) -> None:
        plan_reminders(self.session)
        compose_digests(self.session)

    def deliver(self) -> None:
        for mail in lease_mails(self.session, runner="r", limit=1000):
            assert offer(self.session, mail.id, runner="r", via="smtp")
            self.note(mail.id)
            record_handover(self.session, mail, runner="r", result=Result.SENT)

    def note(self, mail_id: str) -> None:
        told = select(Reminder, Deadline).join(Deadline).where(Reminder.mail_id == mail_id)
        for line, deadline in self.session.exec(told):
            self.delivered.append(
                f"{line.deadline_id} {line.date_revision} {line.owner_revision} {line.person_id} {line.rung}"
            )
            assert deadline.state is DeadlineState.OPEN, "a reminder of something that is done"
            assert deadline.date_revision == line.date_revision, "a reminder of a date that was moved"


@pytest.fixture
def world(session: Session) -> World:
    made = a_world(session)
    for name, zone in ZONES.items():
        made.people[name].time_zone = zone
    session.add(MailPreference(person_id=made.people[OWNERS[2]].id, digest=True))
    session.flush()
    return made


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@settings(max_examples=often(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_laws_of_reminders(world: World, steps: list[tuple[str, int, int]]) -> None:
    savepoint = world.session.begin_nested()
    try:
        story = Story(world)
        for step in steps:
            story.step(*step)
        story.step("run", 0, 1)

        assert len(story.delivered) == len(set(story.delivered)), "a rung was sent twice"
        assert list(_dated_in_the_past(story)) == []
        assert list(_missed(story)) == []
    finally:
        savepoint.rollback()
        world.session.expire_all()


def _dated_in_the_past(story: Story) -> Iterator[Reminder]:
    for line in story.session.exec(select(Reminder).where(Reminder.state == ReminderState.PLANNED)):
        end = datetime.combine(line.planned_for + timedelta(days=2), datetime.min.time(), tzinfo=UTC)  # in every zone
        if line.at - end > CATCH_UP:
            yield line


def _missed(story: Story) -> Iterator[tuple[str, int]]:
    """Yield each newest rung that came, within the catch-up rule, and of which its owner was not told."""
    for row in story.rows:
        if row.state is not DeadlineState.OPEN:
            continue
        begun = row.date_revised_at.date() + timedelta(days=1)  # a day's grace for zones, before and after
        ended = story.instant.date() - timedelta(days=1)
        days = {rung.days: shift(row.due_on, rung.days, nuts="") for rung in LADDER}
        came = [days[rung.days] for rung in LADDER if begun <= days[rung.days]]
        newest = max((day for day in came if day <= ended), default=None)
        if newest is None or story.instant.date() - newest >= CATCH_UP:
            continue
        if not _told_since(story.session, row, newest):
            yield row.id, (newest - row.due_on).days


def _told_since(session: Session, row: Deadline, day: date) -> bool:
    query = (
        select(Reminder.id)
        .join(Mail, col(Mail.id) == col(Reminder.mail_id), isouter=True)
        .where(
            Reminder.deadline_id == row.id,
            Reminder.date_revision == row.date_revision,
            Reminder.person_id == row.owner_person_id,
            col(Reminder.planned_for) >= day,
            Reminder.state == ReminderState.PLANNED,
            (col(Mail.id).is_(None)) | (col(Mail.state).in_([MailState.WAITING, MailState.SENT])),
        )
    )
    return session.exec(query).first() is not None
