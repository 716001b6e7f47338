"""Our own files keep the conventions."""

from collections.abc import Callable

import pytest
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from states import schema  # every table of the house
from states.machine_catalogue import MACHINES, NO_LIFE
from tests.conventions import checks
from tests.conventions.sources import ROOT, Source, python_files, text_files

assert schema
PYTHON_CHECKS = [
    checks.opens_with_docstring,
    checks.stage_has_one_door,
    checks.tables_keep_annotations,
    checks.time_has_one_source,
    checks.edges_commit,
    checks.asks_either_engine,
    checks.catches_by_name,
]


@pytest.fixture(scope="module")
def faults() -> dict[str, list[str]]:
    """What each check found; every file is parsed once for all of them."""
    found: dict[str, list[str]] = {check.__name__: [] for check in PYTHON_CHECKS}
    for source in python_files():
        for check in PYTHON_CHECKS:
            found[check.__name__] += check(source)
    return found


@pytest.mark.parametrize("check", PYTHON_CHECKS, ids=lambda check: check.__name__)
def test_python_files_keep(check: Callable[[Source], list[str]], faults: dict[str, list[str]]) -> None:
    assert faults[check.__name__] == []


# Attributes of the same name that keep no state: what a solver found, an answer to a question, how an answer went.
NO_STATE = {
    ("api/http/idempotency.py", "status"),
    ("states/funding/solutions.py", "answer"),
    ("states/matchmaking/timetable/service.py", "answer"),
    ("states/funding/service.py", "status"),
}
LIKE_A_STATE = frozenset({"state", "status", "phase", "ruling", "answer"})


def state_columns() -> checks.StateColumns:
    """Return which attributes keep a state, by the machines."""
    classes = {mapper.local_table.name: mapper.class_.__name__ for mapper in SQLModel._sa_registry.mappers}  # type: ignore[attr-defined]
    tables: dict[str, frozenset[str]] = {}
    doors: dict[str, frozenset[str]] = {}
    for machine in MACHINES.values():
        if machine.column:
            table, _, column = machine.column.partition(".")
            tables[column] = tables.get(column, frozenset()) | {classes[table]}
        for written in machine.written:
            column = written.partition(".")[2]
            doors[column] = doors.get(column, frozenset()) | set(machine.doors)
    return checks.StateColumns(tables, doors)


def test_states_are_written_by_steps() -> None:
    columns = state_columns()

    assert [fault for source in python_files() for fault in checks.states_take_steps(source, columns, NO_STATE)] == []


def test_every_state_is_kept_by_a_machine() -> None:
    known = {machine.column for machine in MACHINES.values() if machine.column}
    known |= {column for machine in MACHINES.values() for column in machine.written}
    columns = [column for table in SQLModel.metadata.tables.values() for column in table.columns]
    states = {str(column) for column in columns if column.name in LIKE_A_STATE}

    assert states - known == set(NO_LIFE)
    assert known - {str(column) for column in columns} == set()


def test_no_file_names_a_machine() -> None:
    assert [fault for source in text_files() for fault in checks.names_no_machine(source)] == []


@pytest.mark.parametrize("package", checks.STAGE_PACKAGES)
def test_stage_packages_hold_the_same_files(package: str) -> None:
    folder = ROOT / "states" / package

    assert checks.stage_package_is_complete(package, {path.name for path in folder.iterdir()}) == []


def test_migrations_follow_one_another() -> None:
    script = ScriptDirectory.from_config(schema._config())
    revisions = [(one.revision, one.down_revision) for one in script.walk_revisions()]
    numbers = sorted(path.name[:4] for path in (ROOT / "states/storage/migrations/versions").glob("0*.py"))

    assert revisions == [*zip(numbers[::-1], [*numbers[-2::-1], None], strict=True)]
