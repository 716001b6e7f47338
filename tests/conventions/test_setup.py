"""The set-up explains itself, and says in one line what a machine lacks."""

import ensurepip
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conventions.sources import ROOT

SHELL = shutil.which("sh") or ""


# What the script itself runs.
SCRIPT = ("sh", "id", "grep", "ldconfig")
TOOLS = ("python3", "pdftotext", "pdftoppm", "curl", "jq", "chromium")
LIBRARIES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 libfontconfig1"


def a_machine(folder: Path, *tools: str) -> dict[str, str]:
    """Give the environment of a machine that has these tools and no package manager."""
    for tool in (*SCRIPT, *tools):
        found = shutil.which(tool, path=f"{os.environ['PATH']}:/sbin") or tool
        (folder / tool).symlink_to(Path(sys.executable).resolve() if tool == "python3" else found)
    return {"PATH": str(folder)}


def need(*arguments: str, env: dict[str, str], within: Sequence[str] = ()) -> tuple[int, str, str]:
    """Run the script; return its exit code and what it printed on either stream."""
    command = [*within, SHELL, str(ROOT / "scripts/need"), *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_help_lists_every_target_with_a_sentence() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[0].split()

    shown = subprocess.run(["make", "-C", str(ROOT)], capture_output=True, text=True, check=True).stdout

    assert re.findall(r"^  make (\w+) +[A-Z].*\.$", shown, re.MULTILINE) == targets


def test_what_is_there_needs_nothing(tmp_path: Path) -> None:
    assert need("python3", "tests", env=a_machine(tmp_path, *TOOLS)) == (0, "", "")


def test_all_that_is_missing_is_one_line_with_one_command(tmp_path: Path) -> None:
    env = a_machine(tmp_path)

    assert need("python3", "tests", env=env) == (
        1,
        "",
        "Missing: Python 3.11 or newer, Poppler (for the tests), curl (for the tests), jq (for the tests). "
        "On Debian or Ubuntu: sudo apt-get install -y python3 python3-venv poppler-utils curl jq; "
        "then run make again\n",
    )


def test_without_a_browser_what_needs_one_is_skipped(tmp_path: Path) -> None:
    env = a_machine(tmp_path, *(tool for tool in TOOLS if tool != "chromium"))

    assert need("python3", "tests", env=env) == (
        0,
        "Without Chromium the tests in a browser are skipped; on Debian: sudo apt-get install -y chromium\n",
        "",
    )


def test_who_runs_no_tests_needs_none_of_their_tools(tmp_path: Path) -> None:
    assert need("python3", env=a_machine(tmp_path, "python3")) == (0, "", "")


@pytest.mark.skipif(os.geteuid() != 0, reason="takes libraries away in a mount namespace of its own")
def test_libraries_and_the_module_for_venvs_are_looked_for_before_anything_is_downloaded(tmp_path: Path) -> None:
    env = a_machine(tmp_path, *TOOLS)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    names = ("pango-1.0", "pangoft2-1.0", "harfbuzz", "harfbuzz-subset", "fontconfig")
    lost = [path for name in names for path in Path("/usr/lib").glob(f"*/lib{name}.so.?")]
    hide = " && ".join(
        [
            f"{shutil.which('mount')} --bind {tmp_path} {Path(ensurepip.__file__).parent}",
            *(f"{shutil.which('mount')} --bind /dev/null {path.resolve()}" for path in lost),
            'exec "$@"',
        ]
    )
    unshare = [shutil.which("unshare") or "", "--mount", SHELL, "-c", hide, "sh"]

    assert need("python3", env=env, within=unshare) == (
        1,
        "",
        "Missing: Python's venv module, Pango, PangoFT2, HarfBuzz, HarfBuzz-subset, fontconfig. "
        f"On Debian or Ubuntu: sudo apt-get install -y {version}-venv {LIBRARIES}; then run make again\n",
    )


def test_make_asks_for_all_of_it_before_it_makes_an_environment(tmp_path: Path) -> None:
    copied = tmp_path / "checkout"
    (copied / "scripts").mkdir(parents=True)
    for name in ("Makefile", "scripts/need", "requirements-setup.lock"):
        shutil.copy(ROOT / name, copied / name)
    machine = tmp_path / "machine"
    machine.mkdir()

    command = [shutil.which("make") or "", "-C", str(copied), "--no-print-directory", ".venv/.uv", "PYTHON=python3.1"]
    done = subprocess.run(command, env=a_machine(machine), capture_output=True, text=True, check=False)

    assert done.stderr.startswith("Missing: Python 3.11 or newer. On Debian or Ubuntu: sudo apt-get install -y python3")
    assert not (copied / ".venv").exists()


def test_continuous_integration_checks_tests_and_takes_pictures() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")

    assert re.findall(r"^make \w+$", script, re.MULTILINE) == [
        "make check",
        "make test",
        "make long",
    ]
    assert "\ntimeout $left make screenshots ||" in script
