"""A stage that is brought back is the stage that was made: the same rows, on either engine, and no other's."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

from states import clock
from states.collaborations.tables import Collaboration
from states.lifecycle.move import move
from states.schema import METADATA
from states.seals.sealing import tie_seals
from states.settings import settings
from states.storage import begin
from tests import replay
from tests.factories import World, a_collaboration_at, a_world, submit_to_lender
from tests.replay import Tape, replayed


@pytest.fixture
def tape(installation: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tape]:
    """A tape of its own that knows nothing yet, on an empty installation."""
    fresh = Tape()
    fresh.rewind()
    monkeypatch.setattr(replay, "TAPE", fresh)
    yield fresh
    fresh.end()


def contents(session: Session) -> object:
    return {table.name: sorted(map(repr, rows)) for table, rows in replay._rows(session).items()}


def emptied(session: Session) -> None:
    """Leave the installation as the next test finds it."""
    tie_seals(session)
    cursor = replay._cursor(session)
    for table in reversed(METADATA.sorted_tables):
        cursor.execute(f'DELETE FROM "{table.name}"')


def made(session: Session) -> tuple[World, Collaboration]:
    world = a_world(session)
    return world, a_collaboration_at(world, "bankable")


def test_the_second_time_the_same_rows_are_there_and_can_be_moved_on(tape: Tape) -> None:
    with begin() as session:
        world, row = made(session)
        first = contents(session)
        emptied(session)
    tape.rewind()

    with begin() as session:
        again, back = made(session)
        assert contents(session) == first
        assert (again.partnership.id, back.id, back.stage) == (world.partnership.id, row.id, "bankable")
        assert again.session is session
        submit_to_lender(again, back)
        assert move(session, back.id, "submit", actor=again.manager).to_stage == "submitted"


def test_rows_that_a_session_has_already_are_read_anew(tape: Tape) -> None:
    for _ in range(2):
        with begin() as session:
            world = a_world(session)
            row = a_collaboration_at(world, "outline")
            version = row.version
            step = replayed(_summarised)(world, row)
            assert (row.summary, row.version, step.id) == ("A shared centre.", version + 1, row.id)
            emptied(session)
        tape.rewind()


def _summarised(world: World, row: Collaboration) -> Collaboration:
    row.summary, row.version = "A shared centre.", row.version + 1
    world.session.flush()
    return row


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_what_is_written_besides_is_never_taken_for_what_was_made(tape: Tape) -> None:
    ids = set()
    for title in ("", "Another"):
        with begin() as session:
            world = a_world(session)
            if title:
                world.partnership.name = title
            ids.add(a_collaboration_at(world, "outline").id)
            assert session.exec(select(Collaboration)).one().partnership_id == world.partnership.id
            emptied(session)
        tape.rewind()

    assert len(ids) == 2


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_another_time_or_another_setting_is_another_call(tape: Tape, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = []

    def once_more() -> None:
        with begin() as session:
            ids.append(a_world(session).partnership.id)
            emptied(session)
        tape.rewind()

    once_more()
    once_more()
    with clock.at(datetime(2026, 3, 2, 9, tzinfo=UTC)):
        once_more()
    monkeypatch.setenv("BANKABLE_MAIL_FROM", "somebody@example.org")
    settings.cache_clear()
    once_more()

    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
