"""The demonstration waits for the flows of a day, whenever they began."""

from datetime import UTC, datetime

import httpx
import pytest
from prefect.settings import PREFECT_API_URL

from api.demo.run import ROUNDS_A_DAY, Watch
from api.operations import supervisor
from flows.catalogue import FLOWS
from flows.host import run_here
from states import clock
from tests.flows.conftest import World

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]


DAY_OF_ITS_OWN = datetime(2031, 5, 6, 9, tzinfo=UTC)


class Household(supervisor.Household):
    """Nobody lives in it; whoever looks after it again waits for what has been done or never will be."""

    def __init__(self, *, looks: int) -> None:
        self.looks = looks

    def check(self) -> None:
        assert self.looks, "waits on"
        self.looks -= 1


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_the_flows_of_the_day_count_whenever_they_began(world: World) -> None:
    rounds = [spec for spec in FLOWS if spec.label in ROUNDS_A_DAY]
    for spec in rounds:
        run_here(spec, {})
    clock.set_simulated(DAY_OF_ITS_OWN)
    with pytest.raises(AssertionError, match="waits on"):
        _wait()

    for spec in rounds:
        run_here(spec, {})

    _wait()


def _wait() -> None:
    with httpx.Client(base_url=PREFECT_API_URL.value() or "") as prefect:
        Watch(Household(looks=1), prefect).daily_round()
