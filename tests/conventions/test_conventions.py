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


@pytest.mark.parametrize("check", PYTHON_CHECKS, ids=lambda check: check.__name__)
def test_python_files_keep(check: Callable[[Source], list[str]]) -> None:
    assert [fault for source in python_files() for fault in check(source)] == []


def test_no_file_names_a_machine() -> None:
    assert [fault for source in text_files() for fault in checks.names_no_machine(source)] == []


@pytest.mark.parametrize("package", checks.STAGE_PACKAGES)
def test_stage_packages_hold_the_same_files(package: str) -> None:
    folder = ROOT / "states" / package

    assert checks.stage_package_is_complete(package, {path.name for path in folder.iterdir()}) == []
