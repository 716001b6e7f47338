"""Our own files keep the conventions."""

from collections.abc import Callable

import pytest

from tests.conventions import checks
from tests.conventions.sources import ROOT, Source, python_files, text_files

PYTHON_CHECKS = [
    checks.opens_with_docstring,
    checks.stage_has_one_door,
    checks.tables_keep_annotations,
    checks.time_has_one_source,
    checks.edges_commit,
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


def test_no_file_names_a_machine() -> None:
    assert [fault for source in text_files() for fault in checks.names_no_machine(source)] == []


@pytest.mark.parametrize("package", checks.STAGE_PACKAGES)
def test_stage_packages_hold_the_same_files(package: str) -> None:
    folder = ROOT / "states" / package

    assert checks.stage_package_is_complete(package, {path.name for path in folder.iterdir()}) == []
