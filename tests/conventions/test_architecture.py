"""`docs/background/architecture.md` leads to the right file: each one of its table exists and defines the name."""

import ast
import re
from pathlib import Path

import pytest

from tests.conventions.sources import ROOT

GUIDE = (ROOT / "docs" / "background" / "architecture.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([^|]+?) \| `([^`|]+)` \| `([^`|]+)` \|$", GUIDE, flags=re.MULTILINE)
ROOMS = sorted(
    path.parent.relative_to(ROOT).as_posix()
    for top in ("states", "api", "flows", "documents")
    for path in (ROOT / top).glob("**/__init__.py")
)
# A document is a folder like the others: documents/README.md says what each holds. So are routes, a folder a noun.
TOLD_ABOVE = ("documents/", "api/routes/", "states/storage/migrations")
READMES = sorted(
    path.relative_to(ROOT).as_posix()
    for top in ("states", "api", "flows", "documents")
    for path in (ROOT / top).rglob("README.md")
)
# What every area, document or machine has: the name stands for all of them.
OTHER_FILES = {"html", "md", "py", "txt", "yaml"}
OF_EACH = {"tables.py", "facts.py", "guards.py", "service.py", "queries.py", "states.py", "context.py"}


def _defined(file: str | Path) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    names = set[str]()
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.Assign():
                names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
    return names


def test_the_table_answers_at_least_twenty_questions() -> None:
    assert len(ROWS) == GUIDE.count("\n| ") - GUIDE.count("\n| ... |")
    assert len(ROWS) >= 20


@pytest.mark.parametrize(("question", "file", "name"), ROWS, ids=[row[0] for row in ROWS])
def test_the_file_defines_what_is_looked_for(question: str, file: str, name: str) -> None:
    assert name in _defined(file), f"{question}: docs/background/architecture.md names a place that does not hold it"


@pytest.mark.parametrize("room", [room for room in ROOMS if not room.startswith(TOLD_ABOVE)])
def test_every_room_says_what_lives_there(room: str) -> None:
    readme = ROOT / room / "README.md"

    assert readme.is_file(), f"{room} has no README.md"
    assert 4 <= len(readme.read_text(encoding="utf-8").splitlines()) <= 60


def _place(readme: str, name: str) -> list[Path]:
    """Return the files that a README may mean: beside it, in its room, in the domain, in the project."""
    room = (ROOT / readme).parent
    return [base / name for base in (room, room.parent, ROOT / "states", ROOT) if (base / name).is_file()]


@pytest.mark.parametrize("readme", READMES)
def test_a_readme_names_no_module_that_is_not_there(readme: str) -> None:
    named = re.findall(r"`((?:\.\./)*[\w/]+\.py)`", (ROOT / readme).read_text(encoding="utf-8"))

    assert [name for name in named if name not in OF_EACH and not _place(readme, name)] == []


@pytest.mark.parametrize("readme", READMES)
def test_a_readme_names_no_function_that_is_not_there(readme: str) -> None:
    """A name with dots is a module and what it defines: `limits.stacks`."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    named = [one.rpartition(".") for one in re.findall(r"`([a-z_]+(?:\.[a-z_]+)*\.[a-z_]+)`", text)]
    modules = [
        (module, name, _place(readme, f"{module.replace('.', '/')}.py"))
        for module, _, name in named
        if name not in OTHER_FILES
    ]

    assert [f"{module}.{name}" for module, name, files in modules if files and name not in _defined(files[0])] == []
