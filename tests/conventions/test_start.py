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
# These use no row: the one reads files, the other starts processes.
WITHOUT_DATABASE = {"api.commands.playbooks", "api.commands.processes"}

# Print what is loaded after the import, and each column that refers to a table which is not.
_LOOK = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
loaded = sorted({name.partition(".")[0] for name in sys.modules})
lost = []
if "sqlmodel" in sys.modules:
    tables = sys.modules["sqlmodel"].SQLModel.metadata.tables
    keys = [key for table in tables.values() for key in table.foreign_keys]
    lost = [str(key.parent) for key in keys if key.target_fullname.partition(".")[0] not in tables]
print(json.dumps([loaded, lost]))
"""


def look(module: str) -> tuple[set[str], list[str]]:
    command = [sys.executable, "-c", _LOOK, module]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded, lost = json.loads(done.stdout)
    return set(loaded), lost


def test_the_application_waits_for_nothing_slow() -> None:
    loaded, lost = look("api.app")

    assert (loaded & SLOW, lost) == (set(), [])


def test_the_list_of_commands_waits_for_nothing() -> None:
    loaded, _ = look("api.cli")

    assert loaded & (SLOW | UNUSED) == set()


@pytest.mark.parametrize("module", sorted({place.partition(":")[0] for place, _ in COMMANDS.values()}))
def test_a_command_waits_for_nothing_slow_and_knows_every_table_that_its_rows_refer_to(module: str) -> None:
    loaded, lost = look(module)

    assert loaded & SLOW == set()
    assert module in WITHOUT_DATABASE or lost == []
