"""A report counts what partners said of their progress and the office accepted in the half-year."""

from decimal import Decimal

import pytest
from sqlmodel import Session

from states.clock import today
from states.crossings.implementation.progress import accept_progress, hand_in, open_due_progress, write_progress
from states.crossings.reporting.drafting import draft_with_directions
from states.implementation.progress import ProgressContent, Spending
from states.reporting.period import Period
from tests.after_factories import a_running_case
from tests.factories import a_world

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def test_accepted_progress_stands_beside_the_question_on_impact(session: Session) -> None:
    world = a_world(session)
    row = a_running_case(world, began=today(), days=300)
    period = Period.of(today())
    before = draft_with_directions(session, world.partnership, period=period).figures["II.2"]
    [first, _] = open_due_progress(session, row)
    spent = (Spending("Staff", Decimal("120.10")),)
    write_progress(session, first, ProgressContent(done="Trained.", readiness=6, jobs=Decimal("1.5"), spent=spent))
    hand_in(session, first, person_id=None)
    accept_progress(session, first, person_id=None)

    after = draft_with_directions(session, world.partnership, period=period).figures["II.2"]

    assert before == {"accepted": [], "jobs": "0.00", "spent": "0.00"}
    assert isinstance(after, dict)
    [source] = after["accepted"]
    assert (source["collaboration"], source["period"], source["readiness"]) == (row.title, 1, 6)
    assert (Decimal(after["jobs"]), after["spent"]) == (Decimal("1.5"), "120.10")
