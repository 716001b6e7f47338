"""What a move costs: so many statements at most from any stage, whatever has to be looked after on the way."""

from contextlib import suppress

import pytest

from states import clock
from states.changes.recording import write_records
from states.collaborations.tables import Collaboration
from states.deadlines.planning import plan_reminders
from states.errors import Refused
from states.lifecycle.move import move
from states.seals import tie_seals
from states.storage import begin
from tests.factories import a_collaboration, a_world, s3
from tests.statements import counted
from tests.states.lifecycle.stages import LATER, NOW, REJECTED, THROUGH, a_catalogue, goes, world_of

MOST = 20
_ENDS = 2  # BEGIN and COMMIT
NAMED_FIRST = {"merge", "win", "reject"}
"""Moves that the ways open at one stage only: they ask for a target, an agreement, a round without an endorsement."""


class _Undone(Exception):
    """Takes a move back, once it is counted."""


@pytest.mark.usefixtures("installation")
def test_a_move_needs_few_statements_from_any_stage() -> None:
    """People are reminded of what waits, calls and conditions are open, and signatures are awaited on the way."""
    with begin() as session:
        world = a_world(session)
        a_catalogue(world)
    counts: list[tuple[str, dict[str, int]]] = []
    for way, slug in ((THROUGH, "through"), (REJECTED, "rejected")):
        with clock.at(NOW), begin() as session:
            key = a_collaboration(world_of(session), slug=slug).id
        for leg in way:
            with clock.at(NOW), begin() as session:
                leg.prepare(world_of(session), session.get_one(Collaboration, key))
            with clock.at(LATER):
                counts.append((leg.stage, _costs(key)))
            with clock.at(NOW), begin() as session:
                goes(session, key, leg) if leg.move else None
    print("\n" + "\n".join(f"{stage}: {moves}" for stage, moves in counts))
    made = {(stage, name) for stage, moves in counts for name in moves}
    known = {(stage, one.name) for stage in s3().stages for one in s3().moves_from(stage)}
    assert {one for one in known - made if one[1] not in NAMED_FIRST} == set()
    assert {name for _, name in known} == {name for _, name in made}
    costly = [(stage, name, cost) for stage, moves in counts for name, cost in moves.items() if cost > _most(name)]
    assert costly == []


def _most(name: str) -> int:
    """A merger writes in two collaborations."""
    return 2 * MOST if name == "merge" else MOST


def _costs(key: str) -> dict[str, int]:
    """Return how many statements each open move takes, by its name; all of them are taken back."""
    with begin() as session:
        while plan_reminders(session)["deadlines"]:
            pass
        row, world = session.get_one(Collaboration, key), world_of(session)
        moves = [(one.name, world.actor(one.by[0])) for one in s3().moves_from(row.stage)]
    found = {}
    for name, actor in moves:
        with counted() as statements, suppress(Refused, _Undone), begin() as session:
            move(session, key, name, actor=actor, reason="So.")
            write_records(session)  # as the commit does
            tie_seals(session)
            found[name] = 0
            raise _Undone
        if name in found:
            found[name] = sum(not one.startswith("BEGIN") for one in statements) + _ENDS
    return found
