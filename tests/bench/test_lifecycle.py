"""What the lifecycle costs, as ratios against something run beside it; nothing here asserts a clock."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest
from transitions import Machine

from states.collaborations.queries import collaborations_of
from states.lifecycle.available_moves import lifecycle_views
from states.lifecycle.machine import step_stage
from states.storage import begin, engine
from tests.factories import a_collaboration, a_world, s3

pytestmark = pytest.mark.bench

_S3 = (Path(__file__).parents[2] / "states/playbooks/s3.yaml").read_text(encoding="utf-8")


def _seconds(work: Callable[[], object], *, times: int) -> float:
    work()
    began = perf_counter()
    for _ in range(times):
        work()
    return (perf_counter() - began) / times


def _say(what: str, ours: float, beside: float, other: str) -> None:
    print(f"\n{what}: {ours * 1e6:,.0f} us, {ours / beside:.3g} times {other} ({beside * 1e6:,.0f} us)")


def test_a_shared_machine_beside_one_for_each_row() -> None:
    playbook = s3()
    transitions = [
        {"trigger": one.name, "source": start, "dest": end} for start, end, one in playbook.machine().steps()
    ]

    class Row:
        pass

    def own_machine() -> None:
        row = Row()
        Machine(row, states=list(playbook.stages), initial="matchmaking", transitions=transitions)
        row.draft_outline()  # type: ignore[attr-defined]

    shared = _seconds(lambda: step_stage(_S3, "matchmaking", move="draft_outline", end="outline"), times=2000)
    own = _seconds(own_machine, times=20)
    _say("one step on the shared machine", shared, own, "a machine built for the row")


@pytest.mark.usefixtures("installation")
def test_the_pipeline_of_many_beside_the_rows_alone() -> None:
    with begin() as session:
        world = a_world(session)
        for number in range(200):
            a_collaboration(world, slug=f"c{number}")
        partnership_id = world.partnership.id

    def offered() -> None:
        with begin(read_only=True) as session:
            lifecycle_views(session, collaborations_of(session, partnership_id), actor=None)

    def rows_alone() -> None:
        with begin(read_only=True) as session:
            collaborations_of(session, partnership_id)

    whole, bare = _seconds(offered, times=5), _seconds(rows_alone, times=5)
    _say(f"every offer and refusal of 200 collaborations ({engine().dialect.name})", whole, bare, "reading the rows")
