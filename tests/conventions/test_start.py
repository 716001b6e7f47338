"""What starts the program loads no more than it uses: each import is watched in a fresh interpreter."""

import json
import subprocess
import sys

import pytest

from api.cli import COMMANDS
from tests.conventions.sources import ROOT

SLOW = {"docx", "ortools", "pandas", "pikepdf", "prefect", "pyhanko", "scipy", "weasyprint", "webauthn"}
# What the list of commands and its help must not wait for, either.
UNUSED = {
    "alembic",
    "babel",
    "fastapi",
    "holidays",
    "icalendar",
    "jinja2",
    "numpy",
    "openpyxl",
    "pydantic",
    "sqlalchemy",
}
# These use no row: they draw, read files, or start processes.
WITHOUT_DATABASE = {
    "api.commands.diagrams",
    "api.commands.playbooks",
    "api.commands.processes",
    "api.commands.settings",
}

# Print, for each module in a process of its own, what its import loads, and each column that refers to a table which
# is not there. What nearly all of them need is loaded before, once.
_LOOK = """
import importlib, json, os, sys
for name in sys.argv[2].split():
    importlib.import_module(name)
for module in sys.argv[1].split():
    if os.fork() == 0:
        importlib.import_module(module)
        loaded = sorted({name.partition(".")[0] for name in sys.modules})
        lost = []
        if "sqlmodel" in sys.modules:
            tables = sys.modules["sqlmodel"].SQLModel.metadata.tables
            keys = [key for table in tables.values() for key in table.foreign_keys]
            lost = [str(key.parent) for key in keys if key.target_fullname.partition(".")[0] not in tables]
        print(json.dumps([module, loaded, lost]))
        sys.stdout.flush()
        os._exit(0)
    os.wait()
"""


def look(*modules: str, after: str = "") -> dict[str, tuple[set[str], list[str]]]:
    command = [sys.executable, "-c", _LOOK, " ".join(modules), after]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    seen = {module: (set(loaded), lost) for module, loaded, lost in map(json.loads, done.stdout.splitlines())}
    assert seen.keys() == set(modules), done.stderr
    return seen


def test_the_application_waits_for_nothing_slow() -> None:
    loaded, lost = look("api.app")["api.app"]

    assert (loaded & SLOW, lost) == (set(), [])


def test_the_list_of_commands_waits_for_nothing() -> None:
    loaded, _ = look("api.cli")["api.cli"]

    assert loaded & (SLOW | UNUSED) == set()


@pytest.mark.long
def test_a_command_waits_for_nothing_slow_and_knows_every_table_that_its_rows_refer_to() -> None:
    modules = {place.partition(":")[0] for place, _ in COMMANDS.values()}

    seen = look(*modules, after="sqlmodel typer rich.table")

    assert {module for module, (loaded, _) in seen.items() if loaded & SLOW} == set()
    assert {module for module, (_, lost) in seen.items() if lost} - WITHOUT_DATABASE == set()
