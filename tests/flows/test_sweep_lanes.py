"""A sweep on several lanes does each thing once, and what fails concerns itself alone there too."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from threading import Barrier

import pytest
from sqlmodel import Session, col, select

from flows.sweep import Sweep, sweep
from states import clock
from states.clock import now
from states.partners.tables import Region
from states.storage import begin
from states.sweeps.queries import find_faults
from tests.factories import a_world
from tests.flows.conftest import START

pytestmark = [pytest.mark.parametrize("installation", ["postgresql"], indirect=True)]
NAMES = [f"region-{number:02}" for number in range(20)]


def test_lanes_go_on_beside_each_other(simulated_clock: Path) -> None:
    with begin() as session:
        partnership_id = a_world(session).partnership.id
    both, met = Barrier(2, timeout=60), Counter[str]()

    def do(session: Session, keys: Sequence[str]) -> list[str]:
        assert now() == START  # the clock, the author and all else that is set around it
        if {"region-00", "region-05"} & set(keys) and met["waited"] < 2:
            met["waited"] += 1
            both.wait()  # the first page of each lane: neither ends before the other has begun
        for key in keys:
            session.add(Region(partnership_id=partnership_id, slug=key, name=key, country="PL", codes=["PL22"]))
        session.flush()
        if "region-13" in keys:
            raise ArithmeticError("for a test")
        return list(keys)

    with clock.at(START):
        done = sweep(Sweep("making", "region", lambda _: NAMES, do, at_once=5, lanes=2))

    made = [key for keys in done for key in keys]
    assert sorted(made) == [name for name in NAMES if name != "region-13"]
    with begin(read_only=True) as session:
        assert sorted(session.exec(select(Region.slug).where(col(Region.slug).in_(NAMES)))) == sorted(made)
        assert [row.subject_id for row in session.exec(find_faults(ended=False))] == ["region-13"]


def test_an_outage_on_one_lane_ends_the_sweep(simulated_clock: Path) -> None:
    def do(_: Session, keys: Sequence[str]) -> None:
        if "region-05" in keys:
            raise ConnectionResetError("the database is gone")

    with begin() as session:
        a_world(session)

    with pytest.raises(ConnectionResetError):
        sweep(Sweep("making", "region", lambda _: NAMES, do, at_once=5, lanes=2))
    with begin(read_only=True) as session:
        assert list(session.exec(find_faults(ended=False))) == []
