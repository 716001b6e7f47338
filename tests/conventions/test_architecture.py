"""`docs/architecture.md` leads a newcomer to the right file: each file of its table exists and defines the name."""

import ast
import re

import pytest

from tests.conventions.sources import ROOT

GUIDE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([^|]+?) \| `([^`|]+)` \| `([^`|]+)` \|$", GUIDE, flags=re.MULTILINE)
ROOMS = sorted(
    path.parent.relative_to(ROOT).as_posix()
    for top in ("states", "api", "flows", "documents")
    for path in (ROOT / top).glob("**/__init__.py")
)
# A document is a folder like the others: documents/README.md says what each holds. So are routes, a folder a noun.
TOLD_ABOVE = ("documents/", "api/routes/", "states/storage/migrations", "states/crossings/")


def _defined(file: str) -> set[str]:
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
    assert len(ROWS) == GUIDE.count("\n| ") - 1
    assert len(ROWS) >= 20


@pytest.mark.parametrize(("question", "file", "name"), ROWS, ids=[row[0] for row in ROWS])
def test_the_file_defines_what_is_looked_for(question: str, file: str, name: str) -> None:
    assert name in _defined(file), f"{question}: docs/architecture.md names a place that does not hold it"


@pytest.mark.parametrize("room", [room for room in ROOMS if not room.startswith(TOLD_ABOVE)])
def test_every_room_says_what_lives_there(room: str) -> None:
    readme = ROOT / room / "README.md"

    assert readme.is_file(), f"{room} has no README.md"
    assert 4 <= len(readme.read_text(encoding="utf-8").splitlines()) <= 60
