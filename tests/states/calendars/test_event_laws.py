"""Laws of an event's mails over any story: nobody hears twice of one change, or last of a plan that is not the last."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from states.calendars.event_announcements import announce_event, cancel_event, change_event
from states.clock import at
from states.mail.sending import Result, lease_mails, offer, record_handover
from states.mail.tables import Mail, MailState
from states.partners.event_plans import EventPlan, plan_of
from states.partners.tables import EventKind, PartnershipEvent
from states.rights.access import Role
from tests.factories import World, a_world
from tests.laws import often

START = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)
ROLES = (Role.IAG_CHAIR, Role.OBSERVER, Role.PARTNER)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.integers(0, 3)),
        st.tuples(st.just("widen"), st.integers(0, len(ROLES) - 1)),
        st.tuples(st.sampled_from(["touch", "deliver", "cancel"]), st.just(0)),
    ),
    max_size=8,
)
numbers = count()


@dataclass
class Story:
    """One event that is changed and told of, an hour between two steps; what was sent is noted in its order."""

    world: World
    row: PartnershipEvent
    sent: list[Mail]

    def step(self, name: str, which: int) -> None:
        session, row = self.world.session, self.row
        if name == "deliver":
            self.deliver()
        elif row.cancelled_at is not None:
            return
        elif name == "cancel":
            cancel_event(session, row, reason="The hall is shut.")
        elif name == "widen":
            change_event(session, row, plan_of(row), audience=[ROLES[which]])
        else:
            place = f"Hall {which}" if name == "move" else row.place
            change_event(session, row, replace(plan_of(row), place=place))

    def deliver(self) -> None:
        for due in lease_mails(self.world.session, runner="runner", limit=100):
            assert offer(self.world.session, due.id, runner="runner", via="smtp")
            record_handover(self.world.session, due, runner="runner", result=Result.SENT)
            self.world.session.expire_all()
            self.sent.append(self.world.session.get_one(Mail, due.id))


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with at(START):
        yield a_world(session)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@settings(max_examples=often(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_what_each_hears_is_in_order_and_ends_with_how_it_is(world: World, steps: list[tuple[str, int]]) -> None:
    plan = EventPlan(
        f"Day {next(numbers)}", EventKind.BROKERAGE, starts_at=START + timedelta(days=40), time_zone="Europe/Brussels"
    )
    story = Story(world, announce_event(world.session, world.partnership, plan, audience=ROLES[:1]), [])
    for number, step in enumerate([*steps, ("deliver", 0)], start=1):
        with at(START + timedelta(minutes=number)):
            story.step(*step)

    heard: dict[str, list[Mail]] = {}
    for mail in story.sent:
        heard.setdefault(mail.person_id, []).append(mail)
    for mails in heard.values():
        told = [mail.values["change"] for mail in mails]
        assert told[0] == "announced"
        assert set(told[1:]) <= {"changed", "cancelled"}
        numbers_told = [int(mail.key.rpartition(":")[2]) for mail in mails]
        assert numbers_told == sorted(set(numbers_told))
        if story.row.cancelled_at is not None:
            assert told[-1] == "cancelled"
        else:
            assert mails[-1].values["place"] == story.row.place
    if story.row.cancelled_at is None:
        assert len(heard) == len(story.row.audience)
    waiting = select(Mail).where(col(Mail.key).startswith(f"event:{story.row.id}:"), Mail.state == MailState.WAITING)
    assert world.session.exec(waiting).all() == []
