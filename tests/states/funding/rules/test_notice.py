"""An office is asked in time for the rules that follow, and a second person for what a first one added."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from states import clock
from states.funding.rules.service import Signatory, put_in_force, verify_document
from states.rights.access import Actor, Role
from states.tasks.queries import tasks_of
from tests.factories import World, a_world
from tests.rule_documents import a_rule_document, successor

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.at(datetime(2026, 12, 10, 12, tzinfo=UTC)):
        yield a_world(session)


def _asked(world: World, role: Role, who: str) -> list[tuple[str, str]]:
    actor = Actor(role, world.partnership.id, person_id=world.people[who].id)
    kinds = ("add_rules", "verify_rules", "put_rules_in_force")
    return [(task.kind.value, task.path) for task in tasks_of(world.session, actor) if task.kind.value in kinds]


def test_the_office_is_asked_until_a_set_follows(world: World) -> None:
    manager, secretary = (Role.PROJECT_MANAGER, "project_manager"), (Role.IAG_SECRETARY, "iag_secretary")
    before = _asked(world, *manager), _asked(world, *secretary)
    document = a_rule_document(world, successor(), by="project_manager")
    drafted = _asked(world, *manager), _asked(world, *secretary)
    verify_document(world.session, document, by=Signatory(world.people["iag_secretary"].id, "iag_secretary"))
    verified = _asked(world, *manager), _asked(world, *secretary)
    put_in_force(world.session, document)

    ending, where = ("add_rules", "/rules"), "/rules/eu-2027@1"
    assert before == ([ending], [])
    assert drafted == ([ending], [("verify_rules", where)])
    assert sorted(verified[0]) == [ending, ("put_rules_in_force", where)]
    assert verified[1] == []
    assert (_asked(world, *manager), _asked(world, *secretary)) == ([], [])


def test_nobody_is_asked_long_before(world: World) -> None:
    with clock.at(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        assert _asked(world, Role.PROJECT_MANAGER, "project_manager") == []
