"""Ours: the one door, as a function in a transaction of its own."""

from collections.abc import Callable

from sqlmodel import select

import states.schema  # noqa: F401 - the rows refer to tables of other modules
from states.lifecycle.move import move as make
from states.partners.tables import Partnership
from states.rights import authors
from states.rights.access import Actor, Role
from states.storage import begin
from tests.bench.moving.work import MOVE, Task


def mover(_: str) -> Callable[[Task], None]:
    """Return what makes a move on the installation of the settings."""
    with begin(read_only=True) as session:
        actor = Actor(Role.PROJECT_MANAGER, session.exec(select(Partnership.id)).one())
    author = authors.by_command("bench")

    def move(task: Task) -> None:
        with authors.acting(author), begin() as session:
            make(session, task.key, MOVE, actor=actor, expected_version=task.version)

    return move
