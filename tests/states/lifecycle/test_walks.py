"""The law of the lifecycle: whoever tries whatever from wherever, a move is made whole or refused without a trace.

On SQLite alone: what is random here are the ways, and both engines take the same ones (`test_move.py`).
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlmodel import Session, select

from states.collaborations.queries import history_of
from states.collaborations.service import edit_collaboration
from states.collaborations.tables import Collaboration
from states.crossings.deadlines.sync import STAGE_DEADLINE
from states.deadlines.queries import open_deadlines_of
from states.errors import BankableError, Refused, Stale
from states.funding.service import choose_scenario
from states.lifecycle.available_moves import LifecycleView, lifecycle_view
from states.lifecycle.move import move
from states.partners.tables import Organisation, Partnership, Person, Region, WorkingArea
from states.playbooks.editions import playbook_of
from states.protocol.queries import latest_versions
from states.protocol.service import freeze_version
from states.rights.access import Actor, Role
from states.schema import METADATA
from states.settings import settings
from states.storage import begin, engine, new_id
from tests.expect import by_name
from tests.factories import (
    STAGES,
    World,
    a_collaboration_at,
    a_lawful_scenario,
    a_world,
    answer_iag,
    answer_wgra,
    decide,
    fill_protocol,
)
from tests.laws import often
from tests.sealed import breaches


@dataclass(frozen=True)
class Start:
    """A database with a collaboration at each stage of the main way, and everybody who may try something."""

    file: Path
    keys: Mapping[str, str]
    actors: tuple[Actor, ...]


@dataclass(frozen=True)
class Try:
    """What is tried next: after which preparation, by whom, which of the offered moves (or none of them), and how."""

    preparation: str
    actor: int
    choice: int
    reason: str
    outdated: bool


@contextmanager
def _installed(file: Path) -> Iterator[None]:
    """Make a copy of the database the present installation."""
    with tempfile.TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
        shutil.copy(file, Path(home) / "bankable.db")
        patch.setenv("BANKABLE_HOME", home)
        patch.setenv("BANKABLE_DATABASE_URL", "")
        patch.setenv("BANKABLE_SECRET", "the same for every copy")
        settings.cache_clear()
        yield
        engine().dispose()
    settings.cache_clear()


@pytest.fixture(scope="module")
def start(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Start:
    file = tmp_path_factory.mktemp("walks") / "start.db"
    with _installed(migrated_sqlite):
        with begin() as session:
            world = a_world(session)
            keys = {stage: a_collaboration_at(world, stage, slug=stage.replace("_", "-")).id for stage in STAGES}
            partner = world.actor(Role.PARTNER, organisation_id=world.organisations["gliwice"].id)
            actors = (*(world.actor(role) for role in Role), partner, Actor(Role.PROJECT_MANAGER, "another"))
            managers = (world.manager,) * 6  # so that the half of all tries get somewhere
        engine().dispose()  # the last connection to close folds the write-ahead log into the file
        shutil.copy(settings().home / "bankable.db", file)
    return Start(file, keys, actors + managers)


def _world(session: Session) -> World:
    partnership = session.exec(select(Partnership)).one()
    return World(
        session,
        partnership,
        regions={row.slug: row for row in session.exec(select(Region))},
        organisations={row.name: row for row in session.exec(select(Organisation))},
        people={row.label: row for row in session.exec(select(Person))},
        area=session.exec(select(WorkingArea)).one(),
    )


def _write(world: World, row: Collaboration) -> None:
    edit_collaboration(world.session, row, summary="A shared centre.", working_area=world.area)
    fill_protocol(world, row)
    freeze_version(world.session, row)


def _review(world: World, row: Collaboration) -> None:
    decide(world, row, answer_iag(world, row))


def _position(world: World, row: Collaboration) -> None:
    decide(world, row, answer_wgra(world, row))


def _cost(world: World, row: Collaboration) -> None:
    for version in latest_versions(world.session, [row.id]).values():
        choose_scenario(world.session, a_lawful_scenario(world, row, version, name=new_id()))


PREPARATIONS: dict[str, Callable[[World, Collaboration], None]] = {
    "write": _write,
    "review": _review,
    "position": _position,
    "cost": _cost,
}

TRIES = st.builds(
    Try,
    preparation=st.sampled_from(["", "", "", *PREPARATIONS]),
    actor=st.integers(0, 17),
    choice=st.integers(0, 7),
    reason=st.sampled_from(["So.", "So.", "So.", "So.", " "]),
    outdated=st.integers(0, 9).map(lambda n: n == 9),
)


def _prepare(name: str, key: str) -> None:
    if not name:
        return
    try:
        with begin() as session:
            PREPARATIONS[name](_world(session), session.get_one(Collaboration, key))
    except BankableError:
        return  # there was nothing to prepare: the round is decided, nothing changed since the last version


def _rows() -> dict[str, list[tuple[object, ...]]]:
    with engine().connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key))]
            for table in METADATA.sorted_tables
        }


def _make(key: str, actor: Actor, one: Try) -> None:
    """Try a move; hold it to what the dry run said, and a refused one to having changed nothing."""
    with begin(read_only=True) as session:
        row = session.get_one(Collaboration, key)
        where, version = lifecycle_view(session, row, actor=actor), row.version
    names = [offer.move.name for offer in where.moves] + ["no_such_move"]
    name = names[one.choice % len(names)]
    before = _rows()
    open_to_it = name != "no_such_move" and not one.outdated and not _refused(where, name, one.reason)
    told = _tried(key, name, actor, reason=one.reason, expected=version - 1 if one.outdated else version)
    with begin(read_only=True) as session:
        now_at = session.get_one(Collaboration, key).version
    assert (told is None, isinstance(told, Stale)) == (open_to_it, one.outdated)
    assert now_at == version + (told is None)
    assert told is None or _rows() == before


def _refused(where: LifecycleView, name: str, reason: str) -> bool:
    found = by_name(where)[name]
    return bool(found.refusals) or (found.move.needs_reason and not reason.strip())


def _tried(key: str, name: str, actor: Actor, *, reason: str, expected: int) -> Refused | Stale | None:
    try:
        with begin() as session:
            move(session, key, name, actor=actor, reason=reason, expected_version=expected)
    except (Refused, Stale) as error:
        return error
    return None


def _hold(key: str) -> None:
    """Hold a collaboration to what is always true of it."""
    with begin(read_only=True) as session:
        row = session.get_one(Collaboration, key)
        playbook = playbook_of(session, row)
        stage = playbook.initial
        for number, line in enumerate(history_of(session, [key])[key], start=1):
            assert (line.number, line.from_stage) == (number, stage)
            stage = line.to_stage
        due = [one.owner_role for one in open_deadlines_of(session, kind=STAGE_DEADLINE, subject_id=key)]
        here = playbook.stages[row.stage]
        assert (row.stage, breaches(session)) == (stage, [])
        assert due == ([here.owner] if here.due else [])


@given(stage=st.sampled_from(STAGES), tries=st.lists(TRIES, min_size=1, max_size=10))
@examples(max_examples=often(25), deadline=None, database=None, derandomize=True)
def test_any_walk(start: Start, stage: str, tries: list[Try]) -> None:
    with _installed(start.file):
        for one in tries:
            _prepare(one.preparation, start.keys[stage])
            _make(start.keys[stage], start.actors[one.actor % len(start.actors)], one)
            _hold(start.keys[stage])
