"""Two who move one collaboration at one instant: one wins, the other is told, nothing is half done."""

import pytest
from sqlmodel import Session, select

from states.collaborations.service import edit_collaboration
from states.collaborations.tables import Collaboration, HistoryLine
from states.crossings.deadlines.sync import STAGE_DEADLINE
from states.deadlines.queries import open_deadlines_of
from states.errors import BankableError, Refused, Stale
from states.lifecycle.move import move
from states.outbox.tables import OutboxMessage
from states.storage import begin
from tests.expect import race
from tests.factories import a_collaboration, a_world
from tests.sealed import breaches

pytestmark = pytest.mark.usefixtures("installation")


def _events(session: Session, name: str) -> list[str | None]:
    return list(session.exec(select(OutboxMessage.cause_id).where(OutboxMessage.name == name)))


@pytest.mark.parametrize("knowing", [True, False], ids=["with the version read", "without"])
def test_of_two_moves_one_is_made(knowing: bool) -> None:
    with begin() as session:
        world = a_world(session)
        key, read = (row := a_collaboration(world)).id, row.version
        manager = world.manager

    def go(name: str) -> str:
        with begin() as session:
            line = move(session, key, name, actor=manager, reason="So.", expected_version=read if knowing else None)
            return line.id

    outcomes = race(lambda: go("draft_outline"), lambda: go("draft_outline"))
    made = [one for one in outcomes if isinstance(one, str)]
    told = [one for one in outcomes if isinstance(one, BankableError)]
    with begin() as session:
        row = session.get_one(Collaboration, key)
        lines = session.exec(select(HistoryLine)).all()
        assert (row.stage, row.version) == ("outline", read + 1)
        assert [line.id for line in lines] == made
        assert _events(session, "collaboration.moved") == made
        assert len(open_deadlines_of(session, kind=STAGE_DEADLINE, subject_id=key)) == 1
        assert "\n".join(breaches(session)) == ""
    assert len(told) == 1
    assert isinstance(told[0], Stale if knowing else Stale | Refused)


def test_a_move_and_an_edit_do_not_overwrite_each_other() -> None:
    with begin() as session:
        world = a_world(session)
        key, read = (row := a_collaboration(world)).id, row.version
        manager = world.manager

    def go() -> str:
        with begin() as session:
            return move(session, key, "draft_outline", actor=manager, expected_version=read).to_stage

    def rename() -> str:
        with begin() as session:
            row = session.get_one(Collaboration, key)
            return edit_collaboration(session, row, title="Renamed", expected_version=read).title

    outcomes = race(go, rename)
    with begin() as session:
        row = session.get_one(Collaboration, key)
        found = (row.stage, row.title, row.version)
    moved = isinstance(outcomes[1], Stale)
    assert sum(isinstance(one, Stale) for one in outcomes) == 1
    assert found == (
        ("outline", "Centre for Biocompatibility", read + 1) if moved else ("matchmaking", "Renamed", read + 1)
    )
