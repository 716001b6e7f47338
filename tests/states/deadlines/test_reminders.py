"""The ladder: each rung once for ever, the newest only after an outage, none for the past, and who is reached."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlmodel import Session, select

from states.access import Role
from states.clock import at
from states.deadlines.definition import Recipient, Rung
from states.deadlines.ledger import LedgerLine, ledger_of
from states.deadlines.planning import plan_reminders
from states.deadlines.service import (
    After,
    Owner,
    open_deadline,
)
from states.deadlines.tables import Deadline
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
CHAIR, MANAGER = "wgra_chair", "project_manager"


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
        owner: Owner | None = None,
        ladder: Sequence[Rung] = LADDER,
        working_days: int = 20,
        nuts: str = "",
        legal: bool = False,
    ) -> Deadline:
        with at(OPENED):
            return open_deadline(
                self.session,
                kind="stage",
                subject_id="subject",
                title="Review",
                partnership_id=self.world.partnership.id,
                owner=owner or Owner(Role.WGRA_CHAIR, person_id=self.world.people[CHAIR].id),
                due=After(OPENED.date(), working_days),
                ladder=ladder,
                nuts=nuts,
                legal=legal,
            )

    def plan(self, on: date, hour: int = 9) -> Counter[str]:
        with at(datetime.combine(on, time(hour), tzinfo=UTC)):
            counted = plan_reminders(self.session)
        del counted["deadlines"]
        return counted

    def live(self, until: date, hour: int = 9) -> None:
        day = OPENED.date()
        while day <= until:
            self.plan(day, hour)
            day += timedelta(days=1)

    def ledger(self) -> list[tuple[int, str, str, str]]:
        rows = session_rows(self.session)
        return [(one.rung, one.person.label, one.status.value, one.why) for one in rows]


def session_rows(session: Session) -> list[LedgerLine]:
    return ledger_of(session, list(session.exec(select(Deadline.id))))


@pytest.fixture
def desk(session: Session) -> Desk:
    return Desk(a_world(session))


def test_each_rung_is_planned_once_on_its_day(desk: Desk) -> None:
    desk.open()

    desk.live(AFTER_5 + timedelta(days=30))

    assert desk.ledger() == [
        (-10, CHAIR, "suppressed", "superseded"),
        (-3, CHAIR, "suppressed", "superseded"),
        (0, CHAIR, "suppressed", "superseded"),
        (5, MANAGER, "planned", ""),
        (5, CHAIR, "planned", ""),
    ]
    assert [one.planned_for for one in session_rows(desk.session)] == [BEFORE_10, BEFORE_3, DUE, AFTER_5, AFTER_5]
