"""The pipeline: every collaboration of one partnership, in a number of queries that does not grow with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlmodel import Session

from states.clock import at, now
from states.collaborations.queries import collaborations_of
from states.lifecycle.pipeline import pipeline
from states.rights.access import Role
from tests.factories import World, a_collaboration, a_collaboration_at, a_world
from tests.statements import counted


@contextmanager
def _counted(session: Session) -> Iterator[list[str]]:
    """Collect the statements that are sent within the block, from a session that remembers no row."""
    session.flush()
    session.expunge_all()
    with counted() as statements:
        yield statements


def _grow(world: World, *, to: int) -> None:
    for number in range(2, to):
        a_collaboration(world, slug=f"c{number}")


def test_the_number_of_queries_does_not_grow(session: Session) -> None:
    world = a_world(session)
    a_collaboration(world, slug="c0")
    a_collaboration_at(world, "bankable", slug="c1")
    key, manager = world.partnership.id, world.manager
    with _counted(session) as few:
        assert len(pipeline(session, collaborations_of(session, key), actor=manager)) == 2
    _grow(world, to=20)
    with _counted(session) as many:
        assert len(pipeline(session, collaborations_of(session, key), actor=manager)) == 20
    assert len(few) == len(many)
    assert 0 < len(many) < 20


def test_each_entry(session: Session) -> None:
    world = a_world(session)
    a_collaboration(a_world(session, slug="energy"))
    a_collaboration(world)
    row = a_collaboration_at(world, "outline", slug="second")
    with at(now() + timedelta(days=3, hours=23)):
        found = pipeline(session, collaborations_of(session, world.partnership.id), actor=world.actor(Role.OBSERVER))
    second = found[1]
    assert [(one.collaboration.slug, one.stage_title, one.days_in_stage) for one in found] == [
        ("centre", "Matchmaking", 3),
        ("second", "Outline", 3),
    ]
    assert second.collaboration.id == row.id
    assert {refusal.code for offer in second.moves for refusal in offer.refusals} == {
        "role",
        "no_working_area",
        "no_summary",
        "no_merge_target",
    }
