"""A round is closed when all have answered, or when its last day has passed, and each only once."""

from datetime import timedelta

import pytest

from flows.catalogue import flow_named
from flows.host import run_here
from states import clock
from states.review.queries import rounds_of
from states.review.tables import ReviewRound, RoundState
from states.storage import begin
from tests.flows.conftest import START, World, announce, flow_run_in_prefect

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]

OPEN, CLOSE = flow_named("open_review_round"), flow_named("close_review_round")


@pytest.fixture
def opened(world: World) -> ReviewRound:
    run_here(OPEN, {"event_id": announce(world, "review.requested", panel="iag")})
    return the_round(world)


def the_round(world: World) -> ReviewRound:
    with begin(read_only=True) as session:
        (row,) = rounds_of(session, [world.collaboration_id])
        return row


def test_answers_in_closes_the_round_once(world: World, opened: ReviewRound) -> None:
    event_id = announce(world, "review.answers_in", round_id=opened.id)

    closed = run_here(CLOSE, {"event_id": event_id})
    again = run_here(CLOSE, {"event_id": event_id})

    assert (closed.result, again.result) == ({"closed": [opened.id]}, {"closed": []})
    assert flow_run_in_prefect(closed.id).name == "close-review-round/test-bed/iag"
    assert the_round(world).state is RoundState.CLOSED


def test_a_round_is_closed_after_its_last_day_and_says_who_is_missing(world: World, opened: ReviewRound) -> None:
    clock.set_simulated(START + (opened.due_on - START.date()))
    on_its_last_day = run_here(CLOSE, {})
    clock.set_simulated(START + (opened.due_on - START.date()) + timedelta(days=1))

    closed, again = run_here(CLOSE, {}), run_here(CLOSE, {})

    assert [run.result for run in (on_its_last_day, closed, again)] == [
        {"closed": []},
        {"closed": [opened.id]},
        {"closed": []},
    ]
    assert the_round(world).missing == ["Reviewer 1", "Reviewer 2", "Reviewer 3"]
    assert flow_run_in_prefect(closed.id).name == f"close-review-round/{clock.today().isoformat()}"
